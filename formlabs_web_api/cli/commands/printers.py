"""``printers`` and ``printer``: the printers of the fleet, and the details of one."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, List, Sequence

import typer

from formlabs_web_api._util.fields import value_at
from formlabs_web_api._util.text import MISSING
from formlabs_web_api.cli import answers, cells, options
from formlabs_web_api.cli.options import Serial
from formlabs_web_api.cli.session import Session, session_of

if TYPE_CHECKING:
    from formlabs_web_api import DeveloperAPIMyPrinter, MyPrintRunReadOnly
    from formlabs_web_api.cli.tables import Facts, Section, TerminalColumn

_RECENT = 5
"""Number of prints that ``printer`` shows."""


def printers(
    context: typer.Context,
    group: options.InGroup = None,
    model: options.Model = None,
    low: options.Low = False,
    sort: options.Sort = None,
    columns: options.Columns = None,
) -> None:
    """List the printers: type, group, firmware, last contact."""
    from formlabs_web_api import DeveloperAPIMyPrinter, PrintersApi
    from formlabs_web_api.cli.filters import printer_filters
    from formlabs_web_api.cli.listing import ListingView, list_rows

    session = session_of(context)
    nothing = "No printers are registered to this account."
    selection = printer_filters(session, group or (), model or (), low)
    if selection.is_partial:
        nothing = "No printers match."
    view = ListingView(DeveloperAPIMyPrinter, _columns, columns, sort, empty=nothing)
    fleet = answers.require(PrintersApi(session.client).printers_list())
    list_rows(session, fleet, selection, view)


def _columns(now: datetime) -> Sequence[TerminalColumn[DeveloperAPIMyPrinter]]:
    from formlabs_web_api.display.cells import Column
    from formlabs_web_api.display.formats import label_of

    return (
        Column("Serial", lambda one: one.serial),
        Column("Type", lambda one: one.model_name, min_width_last_resort=8),
        Column("State", lambda one: label_of(one.state(now))),
        Column("Group", lambda one: cells.name_of(one.group), min_width=8, drop_priority=2),
        Column("Firmware", lambda one: one.firmware_version, min_width=8, drop_priority=3),
        Column("Last seen", lambda one: cells.moment(one.last_seen_at, now), drop_priority=1),
    )


def printer(context: typer.Context, serial: Serial) -> None:
    """Show one printer: state, job, resin, tank, last prints."""
    from formlabs_web_api.cli import lookup
    from formlabs_web_api.cli.tables import write_facts

    session = session_of(context)
    found = lookup.printer(session, serial)
    if session.json:
        session.say_json(found)
    else:
        write_facts(session, _about(found, session.now()))
        _write_recent_prints(session, found)


def _write_recent_prints(session: Session, printer: DeveloperAPIMyPrinter) -> None:
    """Write the newest prints of a printer, from one more request.

    A failure is a note only, since the rest of the page was written.
    """
    from rich.text import Text

    from formlabs_web_api import ApiException, PrintsApi
    from formlabs_web_api.cli.commands._print_columns import print_columns
    from formlabs_web_api.cli.tables import show

    serial = cells.text(printer.serial)
    if not serial:
        return
    try:
        found = list(
            PrintsApi(session.client).printers_prints_list_iter(
                serial, limit=_RECENT, per_page=_RECENT
            )
        )
    except ApiException as error:
        session.note(f"recent prints: {error}")
        return
    if found:
        session.write("", Text("Recent prints", "bold"))
        columns = [one for one in print_columns(session.now()) if one.title != "Printer"]
        show(session, columns, found, "")


def _about(printer: DeveloperAPIMyPrinter, now: datetime) -> List[Section]:
    sections = [(printer.label or MISSING, _printer_facts(printer, now))]
    run = printer.current_run
    if run is not None:
        sections.append(("Job", _job_facts(run, now)))
    for number, cartridge in enumerate(printer.cartridges, start=1):
        title = f"Cartridge {number}" if len(printer.cartridges) > 1 else "Cartridge"
        left, share = cartridge.remaining_ml, cartridge.remaining_fraction
        low = ", low" if cartridge.is_low() else ""
        steps = cartridge.resolution_ml
        coarse = f", in steps of {steps:.0f} ml" if steps else ""
        sections.append(
            (
                title,
                [
                    ("Material", _with_code(cartridge.material_name, cartridge.material)),
                    ("Left", f"{cells.volume(left)}, {cells.percent(share)}{low}{coarse}"),
                    ("Serial", cartridge.serial),
                ],
            )
        )
    tank = printer.tank
    if tank is not None:
        since = cells.ago(tank.filled_at, now)
        sections.append(
            (
                "Tank",
                [
                    ("Material", _with_code(tank.material_name, tank.material)),
                    ("Layers", cells.number(tank.layers)),
                    ("Filled", f"{since} ago" if since else MISSING),
                    ("Serial", tank.serial),
                ],
            )
        )
    return sections


def _printer_facts(printer: DeveloperAPIMyPrinter, now: datetime) -> Facts:
    from formlabs_web_api.display.formats import label_of

    reason = _in_local_time(printer.state_reason(now), now)
    facts: Facts = [
        ("State", f"{label_of(printer.state(now))}: {reason}"),
        ("Serial", printer.serial),
        ("Type", _with_code(printer.model_name, printer.machine_type_id)),
        ("Group", cells.name_of(printer.group) or MISSING),
        ("Firmware", printer.firmware_version),
        ("Last seen", cells.moment(printer.last_seen_at, now)),
    ]
    temperature = value_at(printer, "printer_status", "current_temperature")
    if temperature is not None:
        facts.append(("Temperature", cells.degrees(temperature)))
    facts.append(("Powder", value_at(printer, "printer_status", "hopper_material")))
    return facts


_UTC = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d) UTC")


def _in_local_time(reason: str, now: datetime) -> str:
    """Convert the times in the reason of a state to the zone of ``now``."""
    return _UTC.sub(
        lambda found: cells.moment(datetime.fromisoformat(f"{found.group(1)}+00:00"), now), reason
    )


def _with_code(name: str, code: object) -> str:
    """Return a name from the catalogue with its code."""
    written = cells.text(code)
    return f"{name} ({written})" if name and written else name or written or MISSING


def _job_facts(run: MyPrintRunReadOnly, now: datetime) -> Facts:
    from formlabs_web_api.display.formats import label_of

    facts: Facts = [
        ("Name", run.name),
        ("Material", f"{_or_dash(run.material_name)}, {cells.volume(run.volume_ml)}"),
        ("Started", cells.moment(run.started_at, now)),
    ]
    if run.is_open(now):
        reported = cells.moment(run.last_progress_at, now)
        stale = f", as of {reported}: no report since" if run.is_stale(now) else ""
        layers = f"layer {_or_dash(run.currently_printing_layer)} of {_or_dash(run.layer_count)}"
        eta = run.eta_at(now)
        left = f", in {cells.duration(eta - now)}" if eta is not None and eta > now else ""
        facts.append(("Progress", f"{cells.percent(run.progress)}, {layers}{stale}"))
        facts.append(("Ends", f"{cells.moment(eta, now)}{left}"))
    else:
        source = "" if run.ended_at_source == "reported" else f" ({run.ended_at_source})"
        facts.append(("Ended", f"{cells.moment(run.end_at(now), now)}{source}"))
        facts.append(("Outcome", label_of(run.outcome_at(now))))
    return facts


def _or_dash(value: object) -> str:
    return cells.text(value) or MISSING
