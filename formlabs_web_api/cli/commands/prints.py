"""``prints``: what was printed, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Sequence

import typer

from formlabs_web_api.cli import cells, options
from formlabs_web_api.cli.session import Session, session_of

if TYPE_CHECKING:
    from datetime import datetime

    from rich.text import Text

    from formlabs_web_api import PrintRunWithFleetControlData
    from formlabs_web_api.cli.tables import Column

_STYLES = {
    "success": "green",
    "failure": "red",
    "aborted": "yellow",
    "in_progress": "cyan",
    "abandoned": "dim",
}


def prints(
    context: typer.Context,
    printer: options.Printer = None,
    since: options.Since = None,
    until: options.Until = None,
    status: options.Status = None,
    material: options.Material = None,
    name: options.Name = None,
    model: options.Model = None,
    limit: options.Limit = 20,
    all_: options.All = False,
) -> None:
    """List prints: when, where, what became of them.

    Success takes more than to be finished: somebody has to have rated the print. The dates of the
    filters are compared with a time that the service chooses; it is not the time a print ended.
    """
    from formlabs_web_api import PrintsApi
    from formlabs_web_api.cli.listing import listed

    session = session_of(context)
    filters = print_filters(session, printer, since, until, status, material, name, model)
    listed(session, PrintsApi(session.client).prints_list_iter, filters, _columns, limit, all_)


def _columns(now: datetime) -> Sequence[Column[PrintRunWithFleetControlData]]:
    from formlabs_web_api.cli.tables import Column

    def outcome(run: PrintRunWithFleetControlData) -> Text:
        from rich.text import Text

        became = str(run.outcome_at(now))
        return Text(became.replace("_", " "), _STYLES.get(became, ""))

    def took(run: PrintRunWithFleetControlData) -> str:
        return (
            cells.percent(run.progress)
            if run.is_open(now)
            else cells.duration(run.duration_at(now))
        )

    return (
        Column("Started", lambda run: cells.moment(run.started_at, now)),
        Column("Printer", lambda run: run.printer, narrowest_at_last=10),
        Column("Print", lambda run: run.name, narrowest=10),
        Column("Outcome", outcome),
        Column("Took", took, right=True, dispensable=1),
        Column("Volume", lambda run: cells.millilitres(run.volume_ml), right=True, dispensable=2),
        Column("Material", lambda run: run.material_name, narrowest=10, dispensable=3),
    )


def print_filters(
    session: Session,
    printer: options.Printer,
    since: options.Since,
    until: options.Until,
    status: options.Status,
    material: options.Material,
    name: options.Name,
    model: options.Model,
) -> Dict[str, Any]:
    """The API's own filters for prints."""
    from formlabs_web_api.cli import lookup

    after, before = session.period(since, until)
    return {
        "date__gt": after,
        "date__lt": before,
        "status": lookup.status(session, status),
        "material": lookup.material(material),
        "name": name,
        "machine_type_id": lookup.machine_types(session, model),
        "printer": lookup.serial(session, printer),
    }
