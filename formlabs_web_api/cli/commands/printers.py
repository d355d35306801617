"""``printers`` and ``printer``: what the fleet consists of, and all about one of it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, List, Sequence

import typer

from formlabs_web_api.cli import answers, cells
from formlabs_web_api.cli.options import Serial
from formlabs_web_api.cli.session import session_of

if TYPE_CHECKING:
    from formlabs_web_api import DeveloperAPIMyPrinter, MyPrintRunReadOnly
    from formlabs_web_api.cli.tables import Facts, Section


def printers(context: typer.Context) -> None:
    """List the printers: type, group, firmware, last sign of life."""
    from formlabs_web_api import PrintersApi
    from formlabs_web_api.cli.tables import Column, show

    session = session_of(context)
    fleet = answers.given(PrintersApi(session.client).printers_list())
    if session.json:
        session.say_json_list(fleet)
        return
    now = session.now()
    columns: Sequence[Column[DeveloperAPIMyPrinter]] = (
        Column("Serial", lambda one: one.serial),
        Column("Type", lambda one: one.model_name, narrowest_at_last=8),
        Column("State", lambda one: str(one.state(now)).replace("_", " ")),
        Column("Group", lambda one: cells.named(one.group), narrowest=8, dispensable=2),
        Column("Firmware", lambda one: one.firmware_version, narrowest=8, dispensable=3),
        Column("Last heard of", lambda one: cells.moment(one.last_seen_at, now), dispensable=1),
    )
    show(session, columns, fleet, "No printers are registered to this account.")


def printer(context: typer.Context, serial: Serial) -> None:
    """Show all about one printer: state, job, resin, tank."""
    from formlabs_web_api.cli import lookup
    from formlabs_web_api.cli.tables import write_facts

    session = session_of(context)
    found = lookup.printer(session, serial)
    if session.json:
        session.say_json(found)
    else:
        write_facts(session, _about(found, session.now()))


def _about(printer: DeveloperAPIMyPrinter, now: datetime) -> List[Section]:
    sections = [(printer.label or cells.MISSING, _itself(printer, now))]
    run = printer.current_run
    if run is not None:
        sections.append(("Job", _job(run, now)))
    for number, cartridge in enumerate(printer.cartridges, start=1):
        title = f"Cartridge {number}" if len(printer.cartridges) > 1 else "Cartridge"
        left, share = cartridge.remaining_ml, cartridge.remaining_fraction
        low = ", low" if cartridge.is_low() else ""
        steps = cartridge.resolution_ml
        coarse = f", known to {steps:.0f} ml" if steps else ""
        sections.append(
            (
                title,
                [
                    ("Material", _with_code(cartridge.material_name, cartridge.material)),
                    ("Left", f"{cells.millilitres(left)}, {cells.percent(share)}{low}{coarse}"),
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
                    ("Filled", f"{since} ago" if since else cells.MISSING),
                    ("Serial", tank.serial),
                ],
            )
        )
    return sections


def _itself(printer: DeveloperAPIMyPrinter, now: datetime) -> Facts:
    state = str(printer.state(now)).replace("_", " ")
    facts = [
        ("State", f"{state}: {_in_local_time(printer.state_reason(now), now)}"),
        ("Serial", printer.serial),
        ("Type", _with_code(printer.model_name, printer.machine_type_id)),
        ("Group", cells.named(printer.group) or cells.MISSING),
        ("Firmware", printer.firmware_version),
        ("Last heard of", cells.moment(printer.last_seen_at, now)),
    ]
    temperature = cells.field(printer, "printer_status", "current_temperature")
    if temperature is not None:
        facts.append(("Temperature", cells.degrees(temperature)))
    facts.append(("Powder", cells.field(printer, "printer_status", "hopper_material")))
    return facts


_UTC = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d) UTC")


def _in_local_time(reason: str, now: datetime) -> str:
    """The reason of a state with its times as all others are written, in the zone of ``now``."""
    return _UTC.sub(
        lambda found: cells.moment(datetime.fromisoformat(f"{found.group(1)}+00:00"), now), reason
    )


def _with_code(name: str, code: Any) -> str:
    """A name from the catalogue with the code that it stands for."""
    written = cells.text(code)
    return f"{name} ({written})" if name and written else name or written or cells.MISSING


def _job(run: MyPrintRunReadOnly, now: datetime) -> Facts:
    facts = [
        ("Name", run.name),
        ("Material", f"{_or_dash(run.material_name)}, {cells.millilitres(run.volume_ml)}"),
        ("Started", cells.moment(run.started_at, now)),
    ]
    if run.is_open(now):
        told = cells.moment(run.last_progress_at, now)
        doubt = f", as of {told}: not heard of since" if run.is_stale(now) else ""
        layers = f"layer {_or_dash(run.currently_printing_layer)} of {_or_dash(run.layer_count)}"
        eta = run.eta_at(now)
        left = f", in {cells.duration(eta - now)}" if eta is not None and eta > now else ""
        facts.append(("Progress", f"{cells.percent(run.progress)}, {layers}{doubt}"))
        facts.append(("Ends", f"{cells.moment(eta, now)}{left}"))
    else:
        source = "" if run.ended_at_source == "reported" else f" ({run.ended_at_source})"
        facts.append(("Ended", f"{cells.moment(run.end_at(now), now)}{source}"))
        facts.append(("Outcome", str(run.outcome_at(now)).replace("_", " ")))
    return facts


def _or_dash(value: Any) -> str:
    return cells.text(value) or cells.MISSING
