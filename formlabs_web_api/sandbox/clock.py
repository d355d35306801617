"""The sandbox's own time: it runs like the real one, or stands still until it is advanced."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Optional

from .instants import SECOND, Instant, from_datetime


class Clock:
    """Call it for the present instant.

    Args:
        now: where time stands until :meth:`advance`; without it, time runs from the real present.
            It must have a time zone (``ValueError``).
    """

    def __init__(self, now: Optional[datetime] = None) -> None:
        self._stands_at = None if now is None else from_datetime(now)
        self._ahead: Instant = 0

    def __call__(self) -> Instant:
        started = self._stands_at
        if started is None:
            started = time.time_ns() // 1000
        return started + self._ahead

    def advance(self, by: timedelta) -> None:
        """Let ``by`` pass at once; time does not go back (``ValueError``)."""
        if by < timedelta(0):
            raise ValueError(f"time in the sandbox only goes forward, not by {by}")
        self._ahead += by // timedelta(microseconds=1)


def seconds_until(later: Instant, now: Instant) -> int:
    """Whole seconds from ``now`` to ``later``, rounded up and never negative."""
    return max(0, -((now - later) // SECOND))
