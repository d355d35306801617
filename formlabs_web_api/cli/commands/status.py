"""``status``: the state of every printer, once or at an interval."""

from __future__ import annotations

import typer
from typing_extensions import Annotated

from formlabs_web_api.cli.session import session_of, usage

FASTEST = 3.0
"""Seconds. An interval of 2.4 would use all of the service's 1,500 requests per hour."""

Watch = Annotated[bool, typer.Option("--watch", "-w", help="Update the table until Ctrl-C.")]
Every = Annotated[
    float,
    typer.Option(
        metavar="SECONDS", help="Interval of --watch; each update is one of 1,500 requests an hour."
    ),
]


def status(context: typer.Context, watch: Watch = False, every: Every = 15.0) -> None:
    """Show the state of every printer, the most urgent first.

    A question mark marks stale progress: the printer stopped reporting. The end time is still a
    good estimate. An exclamation mark marks low resin: 100 ml or less.
    """
    from formlabs_web_api.cli.commands._status_table import by_urgency, fleet, printers_of

    session = session_of(context)
    if every < FASTEST:
        raise usage("--every", f"{every:g} is too short: at least {FASTEST:g} seconds")
    if watch:
        from formlabs_web_api.cli.commands._status_watch import watch_fleet

        watch_fleet(session, every)
    elif session.json:
        session.say_json_list(printers_of(session))
    else:
        session.write(fleet(session.out, by_urgency(session, printers_of(session))))
