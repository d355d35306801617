"""Rows of printers and prints as the service sends them, with the fields a watcher reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Dict, Optional

from formlabs_web_api.models import DeveloperAPIMyPrinter, MyPrintRunReadOnly


@dataclass
class Job:
    """A print of a test."""

    guid: str
    printer: str
    created: datetime
    status: str = "PRINTING"
    elapsed: timedelta = timedelta()
    duration: timedelta = timedelta(hours=4)
    ended: Optional[datetime] = None
    rating: Optional[str] = None
    rated: Optional[datetime] = None

    def row(self) -> Dict[str, Any]:
        rating = None
        if self.rating is not None and self.rated is not None:
            rating = {
                "print_run": self.guid,
                "print_run_success": self.rating,
                "created_at": self.rated.isoformat(),
            }
        milliseconds = timedelta(milliseconds=1)
        return {
            "guid": self.guid,
            "name": f"job {self.guid}",
            "printer": self.printer,
            "status": self.status,
            "created_at": self.created.isoformat(),
            "print_started_at": self.created.isoformat(),
            "print_finished_at": None if self.ended is None else self.ended.isoformat(),
            "layer_count": 100,
            "currently_printing_layer": int(100 * (self.elapsed / self.duration)),
            "estimated_duration_ms": self.duration // milliseconds,
            "elapsed_duration_ms": self.elapsed // milliseconds,
            "estimated_time_remaining_ms": (self.duration - self.elapsed) // milliseconds,
            "print_run_success": rating,
            "print_thumbnail": {"thumbnail": "https://storage.example.com/a?Signature=secret"},
        }

    def model(self) -> Any:
        return MyPrintRunReadOnly.from_dict(self.row())


def printer_model(
    serial: str,
    pinged: Optional[datetime],
    status: str = "IDLE",
    current: Optional[Job] = None,
    previous: Optional[Job] = None,
    firmware: str = "1.0",
    cartridge: Optional[Dict[str, Any]] = None,
    tank: Optional[Dict[str, Any]] = None,
) -> Any:
    return DeveloperAPIMyPrinter.from_dict(
        {
            "serial": serial,
            "alias": None,
            "machine_type_id": "FORM-4-0",
            "printer_status": {
                "status": status,
                "last_pinged_at": None if pinged is None else pinged.isoformat(),
                "current_print_run": None if current is None else current.row(),
            },
            "cartridge_status": {
                "cartridge": cartridge,
                "last_modified": "2020-01-01T00:00:00-05:00",
                "cartridge_slot": "",
            },
            "tank_status": {"tank": tank, "last_modified": "2020-01-01T00:00:00-05:00"},
            "previous_print_run": None if previous is None else previous.row(),
            "firmware_version": firmware,
        }
    )


def cartridge_row(serial: str, dispensed_ml: float, is_empty: bool = False) -> Dict[str, Any]:
    return {
        "serial": serial,
        "material": "FLGPCL05",
        "initial_volume_ml": 1000.0,
        "volume_dispensed_ml": dispensed_ml,
        "is_empty": is_empty,
        "machine_type_id": "FORM-3-2",
    }
