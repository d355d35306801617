"""The sandbox's own clock: real time, faster, or standing still until advanced.

A test that freezes time (freezegun, time-machine) freezes the program under test, not the sandbox:
of the computer's clock only the first instant is taken.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any, Callable, Optional, cast

from formlabs_web_api._util.real_time import elapsed_ns
from formlabs_web_api.sandbox.instants import DAY, SECOND, Instant, from_datetime

Now = Callable[[], Instant]
"""Returns the present instant."""

MAX_SPEED = 1_000_000.0
"""About a month in 2.6 seconds; a faster fleet would outrun the simulation."""

LAST_INSTANT: Instant = 2_900_000 * DAY
"""In the year 9909: every later instant might not fit into a date-time with an offset."""


class Clock:
    """A clock for the fleet and one for its clients; call it for the fleet's present instant.

    Args:
        now: the first instant; the real present if omitted.
        speed: factor of real time; 0 stands still until :meth:`advance`. If omitted, time stands
            still at ``now``, or runs like real time without ``now``.

    Raises:
        ValueError: ``now`` has no time zone, or the speed is not a number from 0 to a million.
    """

    def __init__(self, now: Optional[datetime] = None, speed: Optional[float] = None) -> None:
        self._given = None if now is None else from_datetime(now)
        self._given_speed = (1.0 if now is None else 0.0) if speed is None else _checked(speed)
        self.restart()

    def restart(self) -> None:
        """Return to the first instant and the first speed."""
        self._changed = _real_elapsed()
        self._fleet = self._client = time.time_ns() // 1000 if self._given is None else self._given
        self._speed = self._given_speed

    def __call__(self) -> Instant:
        return min(LAST_INSTANT, self._fleet + int(self._elapsed() * self._speed))

    def client_time(self) -> Instant:
        """Return the present instant for tokens, limits and signed addresses: without ``speed``.

        A token lasts as long, and a limit is refilled as slowly, as a client with a clock of its
        own expects. :meth:`advance` counts, and where the fleet stands still, this does too.
        """
        return self._client + (self._elapsed() if self._speed else 0)

    @property
    def speed(self) -> float:
        """Factor of real time; 0 stands still."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        speed = _checked(speed)
        self._fleet, self._client, self._changed = self(), self.client_time(), _real_elapsed()
        self._speed = speed

    def advance(self, by: timedelta) -> None:
        """Move both clocks forward at once.

        Raises:
            ValueError: ``by`` is negative, or leads out of the calendar.
        """
        if by < timedelta(0):
            raise ValueError(f"time in the sandbox only goes forward, not by {by}")
        microseconds = by // timedelta(microseconds=1)
        if self() + microseconds > LAST_INSTANT:
            raise ValueError(f"{by} from now is beyond the end of the calendar")
        self._fleet += microseconds
        self._client += microseconds

    def _elapsed(self) -> Instant:
        return _real_elapsed() - self._changed


def seconds_until(later: Instant, now: Instant) -> int:
    """Return whole seconds from ``now`` to ``later``, rounded up and never negative."""
    return max(0, -((now - later) // SECOND))


def _real_elapsed() -> Instant:
    return elapsed_ns() // 1000


def _checked(speed: float) -> float:
    is_number = isinstance(cast(Any, speed), (int, float)) and not isinstance(speed, bool)
    if not is_number or not 0 <= speed <= MAX_SPEED:  # NaN is not, either
        raise ValueError(
            f"speed must be a number from 0 (time stands still) to {MAX_SPEED:,.0f}, not {speed!r}"
        )
    return float(speed)
