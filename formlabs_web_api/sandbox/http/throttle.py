"""A limit on requests within a sliding window of time."""

from __future__ import annotations

from collections import deque
from typing import Deque, Optional

from formlabs_web_api.sandbox.clock import Now, seconds_until
from formlabs_web_api.sandbox.errors import detail
from formlabs_web_api.sandbox.instants import Instant


class Throttle:
    """Admit ``limit`` requests within every ``window``; all of them if the limit is None.

    A refused request does not count against the limit.

    Raises:
        ValueError: a limit below 1.
    """

    def __init__(self, limit: Optional[int], window: Instant, clock: Now) -> None:
        self.limit = limit
        self._window = window
        self._clock = clock
        self._admitted: Deque[Instant] = deque()

    @property
    def limit(self) -> Optional[int]:
        """Number of requests; None without a limit."""
        return self._limit

    @limit.setter
    def limit(self, limit: Optional[int]) -> None:
        if limit is not None and (type(limit) is not int or limit < 1):
            raise ValueError(f"a limit must be at least 1 request, not {limit}")
        self._limit = limit

    def clear(self) -> None:
        """Forget the requests up to now."""
        self._admitted.clear()

    def admit(self) -> None:
        """Count one request.

        Raises:
            Refusal: 429 if the limit is reached, with the seconds to wait in ``Retry-After``.
        """
        if self.limit is None:
            return
        now = self._clock()
        while self._admitted and self._admitted[0] <= now - self._window:
            self._admitted.popleft()
        if len(self._admitted) >= self.limit:
            wait = seconds_until(self._admitted[0] + self._window, now)
            raise detail(
                429,
                f"Request was throttled. Expected available in {wait} seconds.",
                {"Retry-After": str(wait)},
            )
        self._admitted.append(now)
