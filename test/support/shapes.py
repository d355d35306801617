"""Invented rows in the shapes that the service sends, for tests to change."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Dict, Type, TypeVar

from formlabs_web_api.models import (
    CartridgeReadOnly,
    DeveloperAPIMyPrinter,
    MyPrintRunReadOnly,
    TankReadOnly,
)

Row = Dict[str, Any]
M = TypeVar("M")

EASTERN = timezone(timedelta(hours=-4))
NOW = datetime(2026, 6, 5, 12, 0, tzinfo=timezone.utc)
SENTINEL = "1969-12-31T19:00:00.001000-05:00"
"""What the service writes for a finish time it does not know."""
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


def written(moment: datetime) -> str:
    """Return a time in the format of the service."""
    return moment.astimezone(EASTERN).isoformat(timespec="microseconds")


def ago(**units: float) -> str:
    return written(NOW - timedelta(**units))


def print_run_row(**changes: Any) -> Row:
    """Return a print after one of its two hours; its last report is a minute old."""
    return {
        "guid": "00000000-0000-4000-8000-000000000001",
        "name": "bracket_v7",
        "printer": "Form4-QuietOtter",
        "status": "PRINTING",
        "using_open_mode": None,
        "z_height_offset_mm": 0.0,
        "print_started_at": ago(hours=1),
        "print_finished_at": None,
        "layer_count": 1200,
        "volume_ml": 42.5,
        "material": "FLGPCL05",
        "layer_thickness_mm": 0.05,
        "currently_printing_layer": 600,
        "estimated_duration_ms": 2 * HOUR_MS,
        "elapsed_duration_ms": 59 * MINUTE_MS,
        "estimated_time_remaining_ms": HOUR_MS,
        "created_at": ago(minutes=59),
        "print_run_success": None,
        "firmware_version": "1.15.2-2913",
        "cartridge": "04a1b2c3d4e501",
        "front_cartridge": None,
        "back_cartridge": None,
        "tank": "04f0e1d2c3b401",
        "cylinder": None,
        "note": None,
        "print_thumbnail": {"thumbnail": "https://pictures.example.com/1.png?Signature=EXAMPLE"},
        "post_print_photo_url": None,
        "user": None,
        "user_custom_label": "",
        "group": {"id": "00000000-0000-4000-8000-000000009001", "name": "Example Lab"},
        "adaptive_thickness": False,
        "message": None,
        "print_job": "00000000-0000-4000-8000-000000500001",
        "material_name": "Clear V5",
        "print_settings_name": "",
        "print_settings_code": "",
        "form_auto_serial": None,
        "form_auto_fw_version": None,
        "harvest_status": None,
        **changes,
    }


def frozen_row(**changes: Any) -> Row:
    """A print of eight hours that began ten hours ago and whose reports stopped after three."""
    frozen = {
        "print_started_at": ago(hours=10),
        "elapsed_duration_ms": 3 * HOUR_MS,
        "estimated_time_remaining_ms": 5 * HOUR_MS,
        "layer_count": 1000,
        "currently_printing_layer": 310,
    }
    return print_run_row(**{**frozen, **changes})


def rating(word: str, **units: float) -> Row:
    return {"print_run": "1", "print_run_success": word, "created_at": ago(**units)}


def cartridge_row(**changes: Any) -> Row:
    return {
        "serial": "04a1b2c3d4e501",
        "material": "FLGPCL05",
        "consumable_type": "CARTRIDGE_V2",
        "initial_volume_ml": 1000.0,
        "volume_dispensed_ml": 400.0,
        "display_name": None,
        "is_empty": False,
        "inside_printer": "Form4-QuietOtter",
        "connected_group": None,
        "created_at": ago(days=17),
        "last_print_date": None,
        "machine_type_id": "FORM-4-0",
        **changes,
    }


def tank_row(**changes: Any) -> Row:
    return {
        "serial": "04f0e1d2c3b401",
        "material": "FLGPCL05",
        "print_time_ms": 25 * HOUR_MS,
        "layers_printed": 30_000,
        "first_fill_date": ago(days=100),
        "heatmap": None,
        "heatmap_gif": None,
        "display_name": None,
        "layer_count": 30_000,
        "inside_printer": "Form4-QuietOtter",
        "tank_type": "TYPE_DIESEL",
        "connected_group": None,
        "created_at": ago(days=100, minutes=3),
        "last_print_date": None,
        **changes,
    }


def slot(cartridge: Any, where: str = "") -> Row:
    return {"cartridge": cartridge, "last_modified": ago(days=900), "cartridge_slot": where}


def status_row(status: str = "IDLE", **changes: Any) -> Row:
    """Return the status of a Form 4 without a job; its last ping is half a minute old."""
    return {
        "status": status,
        "last_pinged_at": ago(seconds=30),
        "hopper_level": None,
        "material_credit": None,
        "hopper_material": "",
        "last_modified": ago(seconds=30),
        "current_temperature": None,
        "current_print_run": None,
        "form_cell": None,
        "last_printer_cooldown_started": None,
        "outer_boundary_offset_corrections": None,
        "build_platform_contents": "BUILD_PLATFORM_CONTENTS_CONFIRMED_CLEAR",
        "tank_mixer_state": "TANK_MIXER_STATE_PRESENT",
        "ready_to_print": "READY_TO_PRINT_NOT_READY",
        "printer_capabilities": ["FleetControl"],
        "printernet_capabilities": ["PROTOCOL_METHOD_EXAMPLE_ONE"],
        "camera_status": "DISABLED",
        **changes,
    }


def printer_row(status: Any = None, **changes: Any) -> Row:
    return {
        "serial": "Form4-QuietOtter",
        "alias": "QuietOtter",
        "machine_type_id": "FORM-4-0",
        "printer_status": status_row() if status is None else status,
        "cartridge_status": slot(cartridge_row()),
        "tank_status": {"tank": tank_row(), "last_modified": ago(days=1)},
        "group": {"id": "00000000-0000-4000-8000-000000009001", "name": "Example Lab"},
        "previous_print_run": None,
        "firmware_version": "1.15.2-2913",
        "location": None,
        **changes,
    }


def model(kind: Type[M], row: Row) -> M:
    """Return ``row`` as parsed in tolerant mode."""
    read = kind.from_dict(row)  # type: ignore[attr-defined]
    assert isinstance(read, kind)
    return read


def print_run(**changes: Any) -> MyPrintRunReadOnly:
    return model(MyPrintRunReadOnly, print_run_row(**changes))


def frozen(**changes: Any) -> MyPrintRunReadOnly:
    return model(MyPrintRunReadOnly, frozen_row(**changes))


def cartridge(**changes: Any) -> CartridgeReadOnly:
    return model(CartridgeReadOnly, cartridge_row(**changes))


def tank(**changes: Any) -> TankReadOnly:
    return model(TankReadOnly, tank_row(**changes))


def printer(status: Any = None, **changes: Any) -> DeveloperAPIMyPrinter:
    return model(DeveloperAPIMyPrinter, printer_row(status, **changes))


def printer_with(status: str, **changes: Any) -> DeveloperAPIMyPrinter:
    """Return a printer of a status; other arguments are fields of its ``printer_status``."""
    return printer(status_row(status, **changes))
