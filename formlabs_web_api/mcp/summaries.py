"""Models of the API as the small results of the tools."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, List, Optional

from formlabs_web_api._util.fields import value_at
from formlabs_web_api._util.json import is_array
from formlabs_web_api.mcp.outside_text import outside_text, text_at
from formlabs_web_api.mcp.results import (
    CartridgeSummary,
    GroupSummary,
    PrinterDetails,
    PrinterSummary,
    PrintSummary,
    QueuedPrint,
    TankSummary,
)
from formlabs_web_api.models.derived import PrinterDerived, PrintRunDerived
from formlabs_web_api.models.derived.raw import milliseconds, moment, number
from formlabs_web_api.tables.columns import remaining_ml


def print_summary(run: PrintRunDerived, now: datetime) -> PrintSummary:
    """Return a print as judged at a time."""
    return PrintSummary(
        guid=text_at(run, "guid"),
        name_from_fleet=text_at(run, "name"),
        printer_serial=text_at(run, "printer"),
        status=text_at(run, "status"),
        outcome=run.outcome_at(now).value,
        started_at=run.started_at,
        ended_at=run.end_at(now),
        expected_end_at=run.eta_at(now),
        progress_percent=round(run.progress * 100, 1),
        duration_s=_seconds(run.duration_at(now)),
        material=text_at(run, "material_name") or text_at(run, "material"),
        volume_ml=_rounded(number(run, "volume_ml")),
    )


def printer_summary(printer: PrinterDerived, now: datetime) -> PrinterSummary:
    """Return a printer and its present print."""
    run = printer.current_run
    return PrinterSummary(
        serial=text_at(printer, "serial"),
        alias_from_fleet=text_at(printer, "alias"),
        model=outside_text(printer.model_name) or None,
        state=printer.state(now).value,
        group_name_from_fleet=text_at(printer, "group", "name"),
        resin_left_ml=_rounded(remaining_ml(printer)),
        current_print=None if run is None else print_summary(run, now),
    )


def printer_details(printer: PrinterDerived, now: datetime) -> PrinterDetails:
    """Return a printer with its consumables and its last print."""
    tank, previous = printer.tank, printer.previous_run
    summary = printer_summary(printer, now)
    return PrinterDetails(
        **{name: getattr(summary, name) for name in PrinterSummary.model_fields},
        state_reason=outside_text(printer.state_reason(now)),
        last_seen_at=printer.last_seen_at,
        firmware_version=text_at(printer, "firmware_version"),
        location_from_fleet=text_at(printer, "location"),
        cartridges=[
            CartridgeSummary(
                serial=text_at(one, "serial"),
                material=outside_text(one.material_name) or None,
                remaining_ml=_rounded(one.remaining_ml),
            )
            for one in printer.cartridges
        ],
        tank=None
        if tank is None
        else TankSummary(
            serial=text_at(tank, "serial"),
            material=outside_text(tank.material_name) or None,
            layers_printed=tank.layers,
        ),
        previous_print=None if previous is None else print_summary(previous, now),
    )


def group_summary(group: object) -> GroupSummary:
    """Return a printer group, with numbers in place of the names and e-mails of its members."""
    has_queue = value_at(group, "has_fleet_control")
    return GroupSummary(
        id=text_at(group, "id"),
        name_from_fleet=text_at(group, "name"),
        printer_serials=[
            outside_text(serial) for serial in _list(group, "printers") if isinstance(serial, str)
        ],
        members=len(_list(group, "memberships")),
        invitations=len(_list(group, "invitations")),
        has_queue=has_queue if isinstance(has_queue, bool) else None,
    )


def queued_print(item: object, now: datetime) -> QueuedPrint:
    """Return an item of a queue, without the user who queued it."""
    queued = moment(item, "created_at")
    return QueuedPrint(
        id=text_at(item, "id"),
        name_from_fleet=text_at(item, "name"),
        material=text_at(item, "material_name"),
        volume_ml=_rounded(number(item, "volume_ml")),
        estimated_duration_s=_seconds(milliseconds(item, "estimated_duration_ms")),
        queued_at=queued,
        waiting_s=None if queued is None else _seconds(max(now - queued, timedelta(0))),
    )


def _list(owner: Any, name: str) -> List[Any]:
    value = value_at(owner, name)
    return value if is_array(value) else []


def _seconds(duration: Optional[timedelta]) -> Optional[float]:
    return None if duration is None else _rounded(duration.total_seconds())


def _rounded(value: Optional[float]) -> Optional[float]:
    return None if value is None else round(value, 1)
