"""What is going to happen, and when: many courses of events, told one step after the other."""

from __future__ import annotations

import heapq
from typing import Generator, List, Tuple

from formlabs_web_api.sandbox.instants import Instant

Course = Generator[Instant, None, None]
"""Does something, and gives the instant at which it wants to go on; one in the past means now."""


class Diary:
    """Lets every step happen at its own instant, in order, however far time jumps.

    Args:
        now: the instant at which it is opened.
    """

    def __init__(self, now: Instant) -> None:
        self.now = now
        """The instant of the step that is happening, or of the last one."""
        self._due: List[Tuple[Instant, int, Course]] = []
        self._begun = 0

    def time(self) -> Instant:
        """The same, as a clock tells it."""
        return self.now

    def begin(self, course: Course) -> None:
        """Take up a course of events: its first step happens now."""
        # The number settles which of two steps at the same instant comes first.
        self._begun += 1
        self._go_on(course, self._begun)

    def until(self, now: Instant) -> bool:
        """Let happen what is due by ``now``; gives whether anything was."""
        anything = False
        while self._due and self._due[0][0] <= now:
            at, number, course = heapq.heappop(self._due)
            self.now = max(self.now, at)
            self._go_on(course, number)
            anything = True
        self.now = max(self.now, now)
        return anything

    def _go_on(self, course: Course, number: int) -> None:
        at = next(course, None)
        if at is not None:
            heapq.heappush(self._due, (at, number, course))
