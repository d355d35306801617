"""A limit on requests within any stretch of time of a given length."""

from __future__ import annotations

from collections import deque
from typing import Deque, Optional

from formlabs_web_api.sandbox.clock import Now, seconds_until
from formlabs_web_api.sandbox.errors import detail
from formlabs_web_api.sandbox.instants import Instant


class Throttle:
    """Lets ``limit`` requests pass within every ``window``; without a limit, all.

    A refused request does not count against the limit.

    Raises:
        ValueError: a limit below 1.
    """

    def __init__(self, limit: Optional[int], window: Instant, clock: Now) -> None:
        self.limit = limit
        self._window = window
        self._clock = clock
        self._passed: Deque[Instant] = deque()

    @property
    def limit(self) -> Optional[int]:
        """How many requests; None where there is no limit."""
        return self._limit

    @limit.setter
    def limit(self, limit: Optional[int]) -> None:
        if limit is not None and (type(limit) is not int or limit < 1):
            raise ValueError(f"a limit must be at least 1 request, not {limit}")
        self._limit = limit

    def forget(self) -> None:
        """Let the requests until now not count."""
        self._passed.clear()

    def admit(self) -> None:
        """Count one request.

        Raises:
            Refusal: 429, the limit is reached; ``Retry-After`` says for how many seconds.
        """
        if self.limit is None:
            return
        now = self._clock()
        while self._passed and self._passed[0] <= now - self._window:
            self._passed.popleft()
        if len(self._passed) >= self.limit:
            wait = seconds_until(self._passed[0] + self._window, now)
            raise detail(
                429,
                f"Request was throttled. Expected available in {wait} seconds.",
                {"Retry-After": str(wait)},
            )
        self._passed.append(now)
