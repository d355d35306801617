"""``events``: what happened, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Sequence

import typer

from formlabs_web_api.cli import cells, options
from formlabs_web_api.cli.session import Session, session_of

if TYPE_CHECKING:
    from datetime import datetime

    from formlabs_web_api import UserEventReadOnly
    from formlabs_web_api.cli.tables import Column


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

    session = session_of(context)
    filters = event_filters(session, printer, since, until, type_, print_run, tank, cartridge)
    listed(session, EventsApi(session.client).events_list_iter, filters, _columns, limit, all_)


def _columns(now: datetime) -> Sequence[Column[UserEventReadOnly]]:
    from formlabs_web_api.cli.tables import Column

    return (
        Column("When", lambda event: cells.moment(event.created_at, now)),
        Column("Event", lambda event: event.type, narrowest_at_last=14),
        Column("Printer", lambda event: event.printer or "", narrowest_at_last=10),
        Column("Print", lambda event: cells.named(event.print_run), narrowest=10),
        Column("Message", lambda event: event.message, narrowest=10, dispensable=2),
    )


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
        "type": lookup.event_type(session, type_),
        "print_run": print_run,
        "tank": tank,
        "cartridge": cartridge,
        "printer": lookup.serial(session, printer),
    }
