"""Counts and durations of requests, for metrics."""

from __future__ import annotations

import threading
from bisect import bisect_left
from typing import Dict, List, Tuple

from formlabs_web_api.hooks import RequestEvent

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""Upper bounds in seconds: those of OpenTelemetry's durations of HTTP requests."""
NO_RESPONSE = "none"
"""The code of an attempt that got no response."""


class RequestCounts:
    """Counts each attempt, by its status code and its duration; a hook of ``on_response``."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._codes: Dict[str, int] = {}
        self._buckets = [0] * (len(BUCKETS) + 1)
        self._seconds = 0.0

    def __call__(self, event: RequestEvent) -> None:
        """Count an attempt."""
        code = NO_RESPONSE if event.status is None else str(event.status)
        with self._lock:
            self._codes[code] = self._codes.get(code, 0) + 1
            self._buckets[bisect_left(BUCKETS, event.seconds)] += 1
            self._seconds += event.seconds

    @property
    def codes(self) -> Dict[str, int]:
        """How many attempts ended with each code."""
        with self._lock:
            return dict(self._codes)

    @property
    def durations(self) -> Tuple[List[Tuple[str, float]], float]:
        """The cumulated counts by upper bound, and the sum of all durations, in seconds."""
        with self._lock:
            counts, seconds = list(self._buckets), self._seconds
        total = 0
        found: List[Tuple[str, float]] = []
        for bound, count in zip((*map(str, BUCKETS), "+Inf"), counts):
            total += count
            found.append((bound, float(total)))
        return found, seconds
