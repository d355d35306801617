"""The sandbox's own time: it runs like the real one, or faster, or stands still until advanced."""

from __future__ import annotations

import math
import time
from datetime import datetime, timedelta
from typing import Any, Callable, Optional, cast

from formlabs_web_api.sandbox.instants import SECOND, Instant, from_datetime

Now = Callable[[], Instant]
"""Tells the present instant."""


class Clock:
    """Call it for the present instant.

    Args:
        now: where time begins; without it, at the real present.
        speed: how many times as fast as real time it runs; 0 stands still until :meth:`advance`.
            Without it time stands still from ``now`` on, or runs like the real one.

    Raises:
        ValueError: ``now`` has no time zone, or the speed is no number from 0 up.
    """

    def __init__(self, now: Optional[datetime] = None, speed: Optional[float] = None) -> None:
        self._given = None if now is None else from_datetime(now)
        self._given_speed = (1.0 if now is None else 0.0) if speed is None else _checked(speed)
        self.restart()

    def restart(self) -> None:
        """Begin again as when it was made."""
        self._changed = _real()
        self._fleet = self._caller = self._changed if self._given is None else self._given
        self._speed = self._given_speed

    def __call__(self) -> Instant:
        return self._fleet + int(self._since() * self._speed)

    def unhurried(self) -> Instant:
        """The present instant for whoever calls the sandbox: its speed does not count.

        A token lasts as long, and a limit is refilled as slowly, as a client with a clock of its
        own expects. What was advanced counts, and where time stands still, this does too.
        """
        return self._caller + (self._since() if self._speed else 0)

    @property
    def speed(self) -> float:
        """How many times as fast as real time it runs."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        speed = _checked(speed)
        self._fleet, self._caller, self._changed = self(), self.unhurried(), _real()
        self._speed = speed

    def advance(self, by: timedelta) -> None:
        """Let ``by`` pass at once; time does not go back (``ValueError``)."""
        if by < timedelta(0):
            raise ValueError(f"time in the sandbox only goes forward, not by {by}")
        microseconds = by // timedelta(microseconds=1)
        self._fleet += microseconds
        self._caller += microseconds

    def _since(self) -> Instant:
        return _real() - self._changed


def seconds_until(later: Instant, now: Instant) -> int:
    """Whole seconds from ``now`` to ``later``, rounded up and never negative."""
    return max(0, -((now - later) // SECOND))


def _real() -> Instant:
    return time.time_ns() // 1000


def _checked(speed: float) -> float:
    if not isinstance(cast(Any, speed), (int, float)) or not 0 <= speed < math.inf:
        raise ValueError(f"speed must be 0 (time stands still) or more, not {speed}")
    return float(speed)
