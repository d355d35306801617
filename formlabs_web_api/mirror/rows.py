"""Rows of the tables, made from models."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timezone
from typing import Any, Dict

from formlabs_web_api._util.signed_urls import redact_signed_urls
from formlabs_web_api.models.derived import PrintRunDerived
from formlabs_web_api.models.derived.raw import moment, text
from formlabs_web_api.tables.private import blank_private

_COPIED = (
    "guid",
    "name",
    "printer",
    "layer_count",
    "currently_printing_layer",
    "layer_thickness_mm",
    "estimated_duration_ms",
    "elapsed_duration_ms",
    "volume_ml",
    "material",
    "material_name",
    "cartridge",
    "front_cartridge",
    "back_cartridge",
    "tank",
    "cylinder",
)


def print_row(run: Any, now: datetime) -> Dict[str, Any]:
    """Return the row of a print run as judged at a time, with its content hash."""
    derived: PrintRunDerived = run
    ended, duration = derived.end_at(now), derived.duration_at(now)
    volume = run.volume_ml
    row: Dict[str, Any] = {name: getattr(run, name) for name in _COPIED}
    row.update(
        status=text(run, "status"),
        outcome=derived.outcome_at(now).value,
        created_at=moment(run, "created_at"),
        print_started_at=derived.started_at,
        ended_at=ended,
        ended_at_source=derived.ended_at_source.value,
        duration_s=None if duration is None else duration.total_seconds(),
        progress=derived.progress,
        used_ml=None if ended is None or volume is None else float(volume) * derived.progress,
        rating=text(run, "print_run_success", "print_run_success") or None,
        rated_at=derived.rated_at,
        raw=redact_signed_urls(blank_private(json.loads(run.to_json()))),
        is_open=derived.is_open(now),
    )
    row["content_hash"] = _hash(row)
    return row


def _hash(row: Dict[str, Any]) -> str:
    canonical = json.dumps(row, sort_keys=True, default=_iso, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _iso(value: datetime) -> str:
    return value.astimezone(timezone.utc).isoformat()
