"""Show waits to a person who would otherwise look at a program that seems to hang.

The log has each wait, but in a notebook or a command it is not visible. In an interactive session
a line goes to standard error; a program with another place for it, such as the command line, sets
:func:`show_waits`. Scripts and services are silent.
"""

from __future__ import annotations

import logging
import math
import sys
from contextlib import contextmanager
from typing import Callable, Generator, List, Optional, TextIO

from formlabs_web_api._util.real_time import monotonic

Writer = Callable[[str], object]

SHORTEST = 1.0
"""Seconds; a shorter wait is not shown."""
_PAUSE = 30.0
"""Seconds without another notice: at the limit, each of a thousand requests waits."""

_logger = logging.getLogger("formlabs_web_api")
_writers: List[Writer] = []


class WaitNotices:
    """Shows waits, unless one was shown lately.

    Args:
        clock: Monotonic clock in seconds.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._silent_until = -math.inf

    def show(self, text: str, seconds: float) -> None:
        """Show a wait that is about to begin."""
        if not SHORTEST < seconds < math.inf:
            return
        write = _writers[-1] if _writers else _interactive_writer()
        ends_at = self._clock() + seconds
        if write is not None and ends_at >= self._silent_until:
            self._silent_until = ends_at + _PAUSE
            write(text)

    def reset(self) -> None:
        """Show the next wait, whatever was shown before."""
        self._silent_until = -math.inf


_notices = WaitNotices()
show_wait = _notices.show


@contextmanager
def show_waits(write: Writer) -> Generator[None, None, None]:
    """Write waits with ``write`` for as long as the context lasts."""
    _writers.append(write)
    _notices.reset()
    try:
        yield
    finally:
        _writers.remove(write)


def watched_stream() -> Optional[TextIO]:
    """Return standard error if a person watches it there: in a terminal, notebook, interpreter.

    None if the log shows what happens, or if the program has its own place for notices.
    """
    stderr = sys.stderr
    if stderr is None or _writers or _logger.isEnabledFor(logging.INFO):
        return None
    return stderr if _is_interactive() or _is_terminal(stderr) else None


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except (AttributeError, ValueError):  # something of the program's own, or closed
        return False


def _is_interactive() -> bool:
    return hasattr(sys, "ps1")  # set by IPython and notebooks as well


def _interactive_writer() -> Optional[Writer]:
    """Return what writes to standard error in a notebook or interpreter, whose log is silent."""
    is_silent = not _is_interactive() or _logger.isEnabledFor(logging.INFO)
    return None if is_silent else _write_line


def _write_line(text: str) -> None:
    stderr = sys.stderr
    if stderr is not None:
        stderr.write(f"{text}\n")
