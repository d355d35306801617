"""``events``: what happened, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Sequence

import typer

from formlabs_web_api.cli import cells, options
from formlabs_web_api.cli.session import Session, session_of

if TYPE_CHECKING:
    from formlabs_web_api import UserEventReadOnly


def events(
    context: typer.Context,
    printer: options.Printer = None,
    since: options.Since = None,
    until: options.Until = None,
    type_: options.Type = None,
    print_run: options.PrintRun = None,
    tank: options.Tank = None,
    cartridge: options.Cartridge = None,
    limit: options.Limit = 20,
    all_: options.All = False,
) -> None:
    """List events: prints that started or ended, low resin.

    Account events, an invitation for example, have no printer.
    """
    from formlabs_web_api import EventsApi
    from formlabs_web_api.cli.listing import listed
    from formlabs_web_api.cli.tables import Column

    session = session_of(context)
    now = session.now()
    columns: Sequence[Column[UserEventReadOnly]] = (
        Column("When", lambda event: cells.moment(event.created_at, now)),
        Column("Event", lambda event: event.type),
        Column("Printer", lambda event: event.printer or ""),
        Column("Print", lambda event: _name(event), narrowest=10, dispensable=1),
        Column("Message", lambda event: event.message, narrowest=10, dispensable=2),
    )
    filters = event_filters(session, printer, since, until, type_, print_run, tank, cartridge)
    listed(session, EventsApi(session.client).events_list_iter, filters, columns, limit, all_)


def _name(event: UserEventReadOnly) -> str:
    return event.print_run.name if event.print_run is not None else ""


def event_filters(
    session: Session,
    printer: options.Printer,
    since: options.Since,
    until: options.Until,
    type_: options.Type,
    print_run: options.PrintRun,
    tank: options.Tank,
    cartridge: options.Cartridge,
) -> Dict[str, Any]:
    """The API's own filters for events."""
    from formlabs_web_api.cli import lookup

    after, before = session.period(since, until)
    return {
        "date__gt": after,
        "date__lt": before,
        "type": type_.upper() if type_ else None,
        "print_run": print_run,
        "tank": tank,
        "cartridge": cartridge,
        "printer": lookup.serial(session, printer),
    }
