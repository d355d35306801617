"""``status``: the fleet at a glance, once or again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, List, Optional

import typer
from typing_extensions import Annotated

from formlabs_web_api.cli.session import Session, session_of, usage

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from formlabs_web_api import DeveloperAPIMyPrinter
    from formlabs_web_api.cli.fleet import Row

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
    session = session_of(context)
    if every < FASTEST:
        raise usage("--every", f"{every:g} is too often: {FASTEST:g} seconds at least")
    if watch:
        from formlabs_web_api.cli.watching import watch_fleet

        watch_fleet(session, every)
    elif session.json:
        session.say_json_list(printers_of(session))
    else:
        session.write(fleet(session.out, by_urgency(session, printers_of(session))))


def printers_of(session: Session) -> List[DeveloperAPIMyPrinter]:
    """The printers as the service tells them: one request."""
    from formlabs_web_api import PrintersApi

    return PrintersApi(session.client).printers_list()


def by_urgency(session: Session, printers: List[DeveloperAPIMyPrinter]) -> List[Row]:
    """The printers with what they are doing now, what needs somebody first."""
    from formlabs_web_api.cli.fleet import Row

    now = session.now()
    return sorted((Row(printer, now) for printer in printers), key=lambda row: row.urgency)


def fleet(console: Console, rows: List[Row], at_most: Optional[int] = None) -> RenderableType:
    """The status table with its summary, which counts the rows that are left out too."""
    from rich.console import Group
    from rich.text import Text

    from formlabs_web_api.cli.fleet import columns, summary
    from formlabs_web_api.cli.tables import table

    if not rows:
        return Text("No printers are registered to this account.")
    lines = table(console, columns(console), rows[:at_most])
    return Group(summary(rows), "", *lines)
