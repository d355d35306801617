"""Clocks that move only when a test, or the code under test by waiting, moves them."""

from __future__ import annotations

import threading
from typing import List, Tuple

from formlabs_web_api.rate_limit import RateLimiter


class FakeClock:
    """A clock that is called for the time; a wait moves it and returns at once."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self.waits: List[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0.0
        self.waits.append(seconds)
        self.now += seconds

    def wait(self, woken: threading.Event, seconds: float) -> None:
        """Stand in for the wait of a :class:`RateLimiter`."""
        self.sleep(seconds)

    def limiter(self, *windows: Tuple[int, float]) -> RateLimiter:
        return RateLimiter(windows, clock=self, wait=self.wait, margin=0.0)
