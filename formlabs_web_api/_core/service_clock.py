"""The present by the service's clock, as far as its answers tell it."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Callable, Mapping, Tuple

from formlabs_web_api._util.dates import parse_http_date


class ServiceTime:
    """Keeps the headers of the last answer and when that came. Safe under many threads.

    Args:
        clock: Seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard: Tuple[Mapping[str, str], float] = ({}, 0.0)

    def hear(self, headers: Mapping[str, str]) -> None:
        """An answer has come with these headers; its ``Date`` is read when it is asked for."""
        self._heard = (headers, self._clock())

    def now(self) -> datetime:
        """The present in UTC, to the second; by this computer's clock where nothing was heard."""
        headers, heard_at = self._heard
        then = parse_http_date(headers.get("Date"))
        try:
            if then is not None:
                return then + timedelta(seconds=self._clock() - heard_at)
        except OverflowError:  # the last second of the year 9999
            pass
        return datetime.now(timezone.utc)
