"""``events``: events of printers and prints, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Sequence

import typer

from formlabs_web_api.cli import cells, options
from formlabs_web_api.cli.command import with_options_of
from formlabs_web_api.cli.filters import event_filters
from formlabs_web_api.cli.session import session_of

if TYPE_CHECKING:
    from datetime import datetime

    from formlabs_web_api import UserEventReadOnly
    from formlabs_web_api.cli.tables import TerminalColumn


@with_options_of(event_filters, before="limit")
def events(
    context: typer.Context,
    limit: options.Limit = None,
    all_: options.All = False,
    sort: options.Sort = None,
    columns: options.Columns = None,
    **filters: Any,
) -> None:
    """List events: prints that started or ended, low resin.

    Account events, such as an invitation, have no printer.
    """
    from formlabs_web_api import EventsApi, UserEventReadOnly
    from formlabs_web_api.cli.listing import ListingView, limit_of, list_pages

    session = session_of(context)
    view = ListingView(UserEventReadOnly, _columns, columns, sort, limit_of(limit, all_))
    selection = event_filters(session, **filters)
    list_pages(session, EventsApi(session.client).events_list_iter, selection, view)


def _columns(now: datetime) -> Sequence[TerminalColumn[UserEventReadOnly]]:
    from formlabs_web_api.display.cells import Column

    return (
        Column("When", lambda event: cells.moment(event.created_at, now)),
        Column("Event", lambda event: event.type, min_width_last_resort=14),
        Column("Printer", lambda event: event.printer or "", min_width_last_resort=10),
        Column("Print", lambda event: cells.name_of(event.print_run), min_width=10),
        Column("Message", lambda event: event.message, min_width=10, drop_priority=2),
    )
