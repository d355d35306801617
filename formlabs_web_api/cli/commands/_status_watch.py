"""``status --watch``: the fleet table at an interval, from one request each time.

On a terminal the table is redrawn in place; in a pipe or file, tables follow each other. If the
service cannot be reached, the last table stays until the next poll.
"""

from __future__ import annotations

import signal
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Callable, List, Optional

from formlabs_web_api.cli.cells import plain
from formlabs_web_api.cli.commands._status_table import Row, by_urgency, fleet, printers_of
from formlabs_web_api.cli.failures import reason_of

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from formlabs_web_api import DeveloperAPIMyPrinter
    from formlabs_web_api.cli.session import Session

_LINES_AROUND = 8
"""Lines of the screen that are not available for rows of the table."""

pause: Callable[[float], None] = time.sleep


def watch_fleet(session: Session, every: float) -> None:
    """Show the fleet at an interval, until Ctrl-C."""
    # The next poll replaces retries and long waits.
    session.client.configuration.retries = False
    session.client.configuration.max_wait = 0.0
    with suppress(KeyboardInterrupt):
        if session.on_terminal and not session.json and not session.out.is_dumb_terminal:
            _in_place(session, every)
        else:
            _one_by_one(session, every)


def _one_by_one(session: Session, every: float) -> None:
    while True:
        printers = _poll(session)
        if printers is not None and session.json:
            session.say_json_line(printers)
        elif printers is not None:
            session.say(f"{session.now():%Y-%m-%d %H:%M:%S}")
            session.write(fleet(session.out, by_urgency(session, printers)))
            session.say("")
        sys.stdout.flush()
        pause(every)


def _in_place(session: Session, every: float) -> None:
    from rich.live import Live

    # The terminal must be restored, also if another process ends this one.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    view = _View(session)
    with Live(console=session.out, screen=True, auto_refresh=False) as live:
        live.update(view.render(None), refresh=True)
        while True:
            view.poll()
            left = every
            while left > 0:
                live.update(view.render(left), refresh=True)
                pause(min(1.0, left))
                left -= 1.0


class _View:
    """The content of the screen."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._printers: Optional[List[DeveloperAPIMyPrinter]] = None
        self._polled_at = session.now()
        self._problem = ""

    def poll(self) -> None:
        printers = _poll(self._session, self._report)
        if printers is not None:
            self._printers, self._polled_at, self._problem = printers, self._session.now(), ""

    def _report(self, problem: str) -> None:
        self._problem = problem

    def render(self, left: Optional[float]) -> RenderableType:
        """Return the screen, with the seconds until the next poll; None before the first one."""
        from rich.console import Group
        from rich.text import Text

        if left is None:
            return Text("loading ...", "dim")
        console = self._session.out
        again = f"next update in {left:.0f} s, Ctrl-C ends"
        if self._problem:
            foot = Text(f"{self._problem}; {again}", "yellow")
        else:
            foot = Text(f"updated at {self._polled_at:%H:%M:%S}, {again}", "dim")
        if self._printers is None:
            return foot
        rows = by_urgency(self._session, self._printers)
        return Group(*_cut(console, rows), "", foot)


def _cut(console: Console, rows: List[Row]) -> List[RenderableType]:
    """Return the rows that fit the screen; the least urgent ones are left out."""
    from rich.text import Text

    room = max(1, console.height - _LINES_AROUND)
    if len(rows) <= room:
        return [fleet(console, rows)]
    hidden = len(rows) - room
    return [fleet(console, rows, room), Text(f"and {hidden} more, less urgent", "dim")]


def _poll(
    session: Session, report: Optional[Callable[[str], None]] = None
) -> Optional[List[DeveloperAPIMyPrinter]]:
    """Fetch the printers; report a failure and return None."""
    from formlabs_web_api.exceptions import (
        ApiConnectionException,
        ApiException,
        ForbiddenException,
        UnauthorizedException,
    )

    try:
        return printers_of(session)
    except (UnauthorizedException, ForbiddenException):
        raise
    except ApiException as error:
        is_unreachable = isinstance(error, ApiConnectionException)
        problem = f"not reached: {reason_of(error)}" if is_unreachable else str(error)
        (report or session.note)(plain(f"{session.now():%H:%M:%S} {problem}"))
        return None
