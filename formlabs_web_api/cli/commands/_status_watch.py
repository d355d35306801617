"""``status --watch``: the fleet again and again, from one request a look.

On a terminal the table is drawn in place; elsewhere one follows the other. That the service cannot
be reached ends nothing: the last table stays, and the next look is the next attempt.
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
"""Lines of a screen that the rows of the table do not get."""

pause: Callable[[float], None] = time.sleep


def watch_fleet(session: Session, every: float) -> None:
    """Show the fleet at an interval, until Ctrl-C."""
    # What is missed now is seen at the next look.
    session.client.configuration.retries = False
    session.client.configuration.max_wait = 0.0
    with suppress(KeyboardInterrupt):
        if session.on_terminal and not session.json and not session.out.is_dumb_terminal:
            _in_place(session, every)
        else:
            _one_by_one(session, every)


def _one_by_one(session: Session, every: float) -> None:
    while True:
        printers = _look(session)
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

    # A terminal must be given back as it was, also when somebody ends this from elsewhere.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    view = _View(session)
    with Live(console=session.out, screen=True, auto_refresh=False) as live:
        live.update(view.drawn(None), refresh=True)
        while True:
            view.look()
            left = every
            while left > 0:
                live.update(view.drawn(left), refresh=True)
                pause(min(1.0, left))
                left -= 1.0


class _View:
    """What is on the screen."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._printers: Optional[List[DeveloperAPIMyPrinter]] = None
        self._looked = session.now()
        self._trouble = ""

    def look(self) -> None:
        printers = _look(self._session, self._report)
        if printers is not None:
            self._printers, self._looked, self._trouble = printers, self._session.now(), ""

    def _report(self, trouble: str) -> None:
        self._trouble = trouble

    def drawn(self, left: Optional[float]) -> RenderableType:
        """Return the screen, with the seconds until the next poll; None before the first one."""
        from rich.console import Group
        from rich.text import Text

        if left is None:
            return Text("asking ...", "dim")
        console = self._session.out
        again = f"again in {left:.0f} s, Ctrl-C ends"
        if self._trouble:
            foot = Text(f"{self._trouble}; {again}", "yellow")
        else:
            foot = Text(f"seen at {self._looked:%H:%M:%S}, {again}", "dim")
        if self._printers is None:
            return foot
        rows = by_urgency(self._session, self._printers)
        return Group(*_cut(console, rows), "", foot)


def _cut(console: Console, rows: List[Row]) -> List[RenderableType]:
    """As many rows as the screen has room for; those left out are the least urgent."""
    from rich.text import Text

    room = max(1, console.height - _LINES_AROUND)
    if len(rows) <= room:
        return [fleet(console, rows)]
    hidden = len(rows) - room
    return [fleet(console, rows, room), Text(f"and {hidden} more, less urgent ones", "dim")]


def _look(
    session: Session, report: Optional[Callable[[str], None]] = None
) -> Optional[List[DeveloperAPIMyPrinter]]:
    """The printers; None where the service did not answer, which is reported."""
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
        is_away = isinstance(error, ApiConnectionException)
        trouble = f"not reached: {reason_of(error)}" if is_away else str(error)
        (report or session.note)(plain(f"{session.now():%H:%M:%S} {trouble}"))
        return None
