"""A discrete-event scheduler; a process is a generator of wake-up times."""

from __future__ import annotations

import heapq
from typing import Generator, List, Tuple

from formlabs_web_api.sandbox.instants import Instant

Process = Generator[Instant, None, None]
"""Yields the instant at which to resume it; an instant in the past means now."""


class Scheduler:
    """Resume processes at their own instants, in order, however far time jumps.

    Args:
        now: the first instant.
    """

    def __init__(self, now: Instant) -> None:
        self.now = now
        """The instant of the running step, or of the last one."""
        self._due: List[Tuple[Instant, int, Process]] = []
        self._started = 0

    def time(self) -> Instant:
        """Return :attr:`now`, for callers that need a function."""
        return self.now

    def start(self, process: Process) -> None:
        """Run a process until its first wake-up time, and schedule it."""
        # The number decides which of two steps at the same instant comes first.
        self._started += 1
        self._resume(process, self._started)

    def run_until(self, now: Instant) -> bool:
        """Resume all processes that are due by ``now``; return True if there was one."""
        has_run = False
        while self._due and self._due[0][0] <= now:
            at, number, process = heapq.heappop(self._due)
            self.now = max(self.now, at)
            self._resume(process, number)
            has_run = True
        self.now = max(self.now, now)
        return has_run

    def _resume(self, process: Process, number: int) -> None:
        at = next(process, None)
        if at is not None:
            heapq.heappush(self._due, (at, number, process))
