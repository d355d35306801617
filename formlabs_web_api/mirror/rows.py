"""Rows of the tables, made from models.

The service does not always keep to its description, and databases are stricter than Python: a value
that does not fit its column is stored as null there, and stays in ``raw``.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, FrozenSet, List, Optional, Sequence, Tuple

import sqlalchemy as sa

from formlabs_web_api._util.checks import is_finite_number
from formlabs_web_api._util.fields import value_at
from formlabs_web_api._util.json import is_array, is_object
from formlabs_web_api._util.signed_urls import redact_signed_urls
from formlabs_web_api.hooks import logger
from formlabs_web_api.mirror import schema
from formlabs_web_api.models.derived import PrintRunDerived
from formlabs_web_api.models.derived.raw import moment, number, text
from formlabs_web_api.tables.columns import remaining_ml
from formlabs_web_api.tables.private import blank_private

Row = Dict[str, Any]
Key = Tuple[Any, ...]

_PEOPLE: Dict[str, List[Any]] = {"memberships": [], "invitations": []}
"""People of a group, who have tables of their own."""
PASSING = frozenset(
    (
        "last_pinged_at",
        "last_modified",
        "temperature_c",
        "current_temperature",
        "elapsed_duration_ms",
        "estimated_time_remaining_ms",
        "currently_printing_layer",
    )
)
"""Values of a printer that differ at each poll: by themselves they are no change of it."""
SAMPLED = ("status", "state", "is_online", "print_run")
"""Columns of a printer that a sample of it has; a change of one begins another sample."""
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""Characters that PostgreSQL refuses in texts."""
_REPLACEMENT = "\ufffd"


def print_row(run: Any, now: datetime) -> Row:
    """Return the row of a print run as judged at a time."""
    derived: PrintRunDerived = run
    ended = derived.end_at(now)
    volume = number(run, "volume_ml")
    return _row(
        schema.PRINT_RUNS,
        run,
        status=text(run, "status"),
        outcome=derived.outcome_at(now).value,
        created_at=moment(run, "created_at"),
        print_started_at=derived.started_at,
        ended_at=ended,
        ended_at_source=derived.ended_at_source.value,
        duration_s=_seconds(derived.duration_at(now)),
        progress=derived.progress,
        used_ml=None if ended is None or volume is None else volume * derived.progress,
        rating=text(run, "print_run_success", "print_run_success") or None,
        rated_at=derived.rated_at,
        is_open=derived.is_open(now),
    )


def part_rows(run: object) -> List[Row]:
    """Return a row for each part of a print run."""
    return [
        _fitted(schema.PARTS, part, print_run=text(run, "guid"), position=position)
        for position, part in enumerate(_items(run, "parts"))
    ]


def event_row(event: object, now: datetime) -> Row:
    """Return the row of an event."""
    return _row(
        schema.EVENTS,
        event,
        print_run=text(event, "print_run", "guid") or None,
        group_id=text(event, "group", "id") or None,
    )


def printer_row(printer: Any, now: datetime) -> Row:
    """Return the row of a printer as judged at a time."""
    return _row(
        schema.PRINTERS,
        printer,
        PASSING,
        model_name=printer.model_name,
        group_id=text(printer, "group", "id") or None,
        status=text(printer, "printer_status", "status"),
        state=printer.state(now).value,
        is_online=printer.is_online(now),
        last_pinged_at=moment(printer, "printer_status", "last_pinged_at"),
        print_run=text(printer, "printer_status", "current_print_run", "guid") or None,
        ready_to_print=value_at(printer, "printer_status", "ready_to_print"),
        build_platform_contents=value_at(printer, "printer_status", "build_platform_contents"),
        temperature_c=number(printer, "printer_status", "current_temperature"),
        tank=text(printer.tank, "serial") or None,
        remaining_ml=remaining_ml(printer),
    )


def tank_row(tank: Any) -> Row:
    """Return the row of a tank."""
    return _row(
        schema.TANKS,
        tank,
        material_name=tank.material_name,
        group_id=text(tank, "connected_group") or None,
        layers=tank.layers,
        print_time_s=_seconds(tank.print_time),
    )


def cartridge_row(cartridge: Any) -> Row:
    """Return the row of a cartridge."""
    return _row(
        schema.CARTRIDGES,
        cartridge,
        material_name=cartridge.material_name,
        group_id=text(cartridge, "connected_group") or None,
        remaining_ml=cartridge.remaining_ml,
        remaining_fraction=cartridge.remaining_fraction,
    )


def group_row(group: object) -> Row:
    """Return the row of a group."""
    return _row(schema.GROUPS, group, printer_count=len(_items(group, "printers")))


def member_rows(group: object) -> List[Row]:
    """Return a row for each member of a group."""
    return [
        _row(
            schema.GROUP_MEMBERS,
            member,
            group_id=text(group, "id"),
            user_id=text(member, "user"),
            raw=None,
        )
        for member in _items(group, "memberships")
    ]


def invitation_rows(group: object) -> List[Row]:
    """Return a row for each open invitation to a group."""
    return [
        _row(schema.GROUP_INVITATIONS, invitation, group_id=text(group, "id"), raw=None)
        for invitation in _items(group, "invitations")
    ]


def queue_row(item: object, group_id: str) -> Row:
    """Return the row of a queue item."""
    return _row(schema.QUEUE_ITEMS, item, group_id=group_id)


def sample_row(printer: Row, now: datetime) -> Row:
    """Return what the row of a printer tells of the printer at a time."""
    return {
        "printer": printer["serial"],
        "at": now,
        "seen_until": now,
        **{name: printer[name] for name in SAMPLED},
    }


def key_of(table: sa.Table, row: Row) -> Optional[Key]:
    """Return the values of the primary key; None if one is missing."""
    key = tuple(row[column.name] for column in table.primary_key)
    return None if any(value in (None, "") for value in key) else key


def by_key(table: sa.Table, rows: Sequence[Row]) -> Dict[Key, Row]:
    """Return rows by key: of those with one key the last one, and none without a key."""
    found: Dict[Key, Row] = {}
    for row in rows:
        key = key_of(table, row)
        if key is None:
            logger.warning("A row of %s without a key is left out", table.name)
        else:
            found[key] = row
    return found


def _row(table: sa.Table, model: Any, passing: FrozenSet[str] = frozenset(), **derived: Any) -> Row:
    """Return a row with its content hash; values that are not given are those of the fields."""
    if "raw" not in derived:
        derived["raw"] = redact_signed_urls(_storable(blank_private(json.loads(model.to_json()))))
    row = _fitted(table, model, **derived)
    hashed = _without(row, passing) if passing else row
    row["content_hash"] = _hash(hashed)
    return row


_KEPT_BY_MIRROR = frozenset(
    ("content_hash", "first_seen_at", "changed_at", "deleted_at", "seen_in")
)


def _fitted(table: sa.Table, model: object, **given: Any) -> Row:
    return {
        column.name: _fit(
            column,
            given[column.name] if column.name in given else getattr(model, column.name, None),
        )
        for column in table.columns
        if column.name not in _KEPT_BY_MIRROR
    }


def _fit(column: sa.Column[Any], value: object) -> Any:
    """Return a value as its column can store it; None if it cannot."""
    if value is None or column.name == "raw":
        return value
    kind = column.type
    if isinstance(kind, sa.Text):
        return _clean(str(value))
    if isinstance(kind, sa.Boolean):
        return value if isinstance(value, bool) else None
    if isinstance(kind, schema.UtcDateTime):
        return moment(value)
    if not is_finite_number(value):
        return None
    if isinstance(kind, sa.Float):
        return float(value)
    bits = 63 if isinstance(kind, sa.BigInteger) else 31
    whole = int(value)
    return whole if value == whole and abs(whole) < 2**bits else None


def _storable(value: Any) -> Any:
    """Return JSON without the people of a group, and without what a database refuses."""
    if is_object(value):
        return {
            _clean(key): _PEOPLE[key] if key in _PEOPLE else _storable(item)
            for key, item in value.items()
        }
    if is_array(value):
        return [_storable(item) for item in value]
    if isinstance(value, str):
        return _clean(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _clean(value: str) -> str:
    return _UNSTORABLE.sub(_REPLACEMENT, value)


def _without(value: Any, names: FrozenSet[str]) -> Any:
    if is_object(value):
        return {k: _without(item, names) for k, item in value.items() if k not in names}
    return [_without(item, names) for item in value] if is_array(value) else value


def _hash(row: Row) -> str:
    canonical = json.dumps(row, sort_keys=True, default=_iso, separators=(",", ":"))
    encoded = canonical.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(encoded, digest_size=16).hexdigest()


def _iso(value: datetime) -> str:
    return value.astimezone(timezone.utc).isoformat()


def _seconds(duration: Optional[timedelta]) -> Optional[float]:
    return None if duration is None else duration.total_seconds()


def _items(owner: object, name: str) -> List[Any]:
    """Return a list of a model; empty if the service sent something else."""
    found = getattr(owner, name, None)
    return found if is_array(found) else []
