"""``prints``: what was printed, newest first."""

from __future__ import annotations

import typer

from formlabs_web_api.cli import options
from formlabs_web_api.cli.session import session_of


def prints(
    context: typer.Context,
    printer: options.Printer = None,
    since: options.Since = None,
    until: options.Until = None,
    ended: options.Ended = None,
    ended_since: options.EndedSince = None,
    ended_until: options.EndedUntil = None,
    status: options.Status = None,
    outcome: options.Outcome = None,
    material: options.Material = None,
    group: options.InGroup = None,
    name: options.Name = None,
    model: options.Model = None,
    limit: options.Limit = None,
    all_: options.All = False,
    sort: options.Sort = None,
    columns: options.Columns = None,
) -> None:
    """List prints: when, where, what became of them.

    A finished print counts as a success once somebody has rated it so. --since and --until compare
    a time that the service chooses, not the time of the end; --ended compares the end, and reads
    every print for it.
    """
    from formlabs_web_api import PrintRunWithFleetControlData, PrintsApi
    from formlabs_web_api.cli.commands._print_columns import print_columns
    from formlabs_web_api.cli.filters import print_filters
    from formlabs_web_api.cli.listing import ListingView, limit_of, list_pages

    session = session_of(context)
    view = ListingView(
        PrintRunWithFleetControlData, print_columns, columns, sort, limit_of(limit, all_)
    )
    selection = print_filters(
        session,
        printer or (),
        since,
        until,
        ended,
        ended_since,
        ended_until,
        status or (),
        outcome or (),
        material or (),
        group or (),
        name or (),
        model or (),
    )
    list_pages(session, PrintsApi(session.client).prints_list_iter, selection, view)
