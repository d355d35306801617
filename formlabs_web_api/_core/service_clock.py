"""The time by the service's clock, from the ``Date`` header of its responses."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Callable, Mapping, Tuple

from formlabs_web_api._util.dates import parse_http_date


class ServiceClock:
    """Keep the headers of the last response and when it came; thread-safe.

    Args:
        clock: Monotonic clock in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: Tuple[Mapping[str, str], float] = ({}, 0.0)

    def update(self, headers: Mapping[str, str]) -> None:
        """Keep the response's ``Date`` header; it is parsed when :meth:`now` needs it."""
        self._last = (headers, self._clock())

    def now(self) -> datetime:
        """Return the time in UTC; by this computer's clock before the first response."""
        headers, received_at = self._last
        then = parse_http_date(headers.get("Date"))
        try:
            if then is not None:
                return then + timedelta(seconds=self._clock() - received_at)
        except OverflowError:  # the last second of the year 9999
            pass
        return datetime.now(timezone.utc)
