"""Fleets for the tests of reports: frames made of real models, as the service would send them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Dict, List, Optional, Sequence

import pandas as pd

from formlabs_web_api import Printer, PrintRun
from formlabs_web_api.frames import to_frame
from formlabs_web_api.reports.runs import FleetData

NOW = datetime(2026, 6, 5, 12, 0, tzinfo=timezone.utc)


def utc(text: str) -> datetime:
    """Return a time in UTC: ``2026-06-01 08:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def iso(text: Optional[str]) -> Optional[str]:
    """Return a time as the service writes it."""
    return None if text is None else utc(text).isoformat()


def print_run(guid: str, start: Optional[str], end: Optional[str], **fields: Any) -> Dict[str, Any]:
    """Return a print as JSON: finished, of 100 ml, not rated, unless fields differ."""
    rating = fields.pop("rating", None)
    return {
        "guid": guid,
        "name": f"part {guid}",
        "printer": "A",
        "status": "FINISHED",
        "print_started_at": iso(start),
        "print_finished_at": iso(end),
        "created_at": iso(start) or iso("2026-05-01 00:00"),
        "layer_count": 100,
        "currently_printing_layer": 100,
        "volume_ml": 100.0,
        "material": "FLGPCL05",
        "material_name": "Clear V5",
        "print_run_success": None
        if rating is None
        else {"print_run": guid, "print_run_success": rating, "created_at": iso(end)},
        **fields,
    }


def printer(serial: str, status: str = "IDLE", pinged: str = "2026-06-05 12:00") -> Dict[str, Any]:
    """Return a printer as JSON."""
    return {
        "serial": serial,
        "alias": f"printer {serial}",
        "machine_type_id": "FORM-4-0",
        "printer_status": {"status": status, "last_pinged_at": iso(pinged)},
        "tank_status": None,
        "cartridge_status": [],
    }


def frame_of(model: Any, rows: Sequence[Dict[str, Any]], now: datetime = NOW) -> pd.DataFrame:
    """Return JSON as the data frame of its model."""
    return to_frame([model.from_dict(row) for row in rows], kind=model, now=now)


def fleet_of(
    prints: Sequence[Dict[str, Any]],
    printers: Sequence[Dict[str, Any]] = (),
    now: datetime = NOW,
    **frames: Any,
) -> FleetData:
    """Return the data of a report."""
    shown: List[Dict[str, Any]] = list(printers) or [printer("A")]
    return FleetData(frame_of(PrintRun, prints, now), frame_of(Printer, shown, now), now, **frames)
