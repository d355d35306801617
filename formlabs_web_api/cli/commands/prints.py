"""``prints``: the history of prints, newest first."""

from __future__ import annotations

from typing import Any

import typer

from formlabs_web_api.cli import options
from formlabs_web_api.cli.command import with_options_of
from formlabs_web_api.cli.filters import print_filters
from formlabs_web_api.cli.session import session_of


@with_options_of(print_filters, before="limit")
def prints(
    context: typer.Context,
    limit: options.Limit = None,
    all_: options.All = False,
    sort: options.Sort = None,
    columns: options.Columns = None,
    **filters: Any,
) -> None:
    """List prints: start, printer, outcome, duration, volume.

    A finished print counts as a success if a person has rated it as one. --since and --until
    compare a time that the service chooses, not the end; --ended compares the end, and reads every
    print for it.
    """
    from formlabs_web_api import PrintRunWithFleetControlData, PrintsApi
    from formlabs_web_api.cli.commands._print_columns import print_columns
    from formlabs_web_api.cli.listing import ListingView, limit_of, list_pages

    session = session_of(context)
    view = ListingView(
        PrintRunWithFleetControlData, print_columns, columns, sort, limit_of(limit, all_)
    )
    selection = print_filters(session, **filters)
    list_pages(session, PrintsApi(session.client).prints_list_iter, selection, view)
