"""``status``: the fleet at a glance, once or again and again."""

from __future__ import annotations

import typer
from typing_extensions import Annotated

from formlabs_web_api.cli.session import session_of, usage

FASTEST = 3.0
"""Seconds. Every 2.4 would use up the service's 1,500 requests an hour; others ask it too."""

Watch = Annotated[bool, typer.Option("--watch", "-w", help="Look again and again, until Ctrl-C.")]
Every = Annotated[
    float,
    typer.Option(
        metavar="SECONDS", help="How often to look; each look is one of 1,500 requests an hour."
    ),
]


def status(context: typer.Context, watch: Watch = False, every: Every = 15.0) -> None:
    """Show what every printer is doing, the urgent first.

    Progress with a question mark is old news: the printer has stopped reporting it, though the
    print goes on; the end is reckoned so that it holds all the same. Resin with an exclamation
    mark is low: 100 ml or less.
    """
    from formlabs_web_api.cli.commands._status_table import by_urgency, fleet, printers_of

    session = session_of(context)
    if every < FASTEST:
        raise usage("--every", f"{every:g} is too often: {FASTEST:g} seconds at least")
    if watch:
        from formlabs_web_api.cli.commands._status_watch import watch_fleet

        watch_fleet(session, every)
    elif session.json:
        session.say_json_list(printers_of(session))
    else:
        session.write(fleet(session.out, by_urgency(session, printers_of(session))))
