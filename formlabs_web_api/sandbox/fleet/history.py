"""The past print runs of a generated fleet, and their events."""

from __future__ import annotations

import random
from typing import List, Optional, Sequence

from formlabs_web_api.sandbox.fleet import draws
from formlabs_web_api.sandbox.fleet.jobs import end, freeze
from formlabs_web_api.sandbox.fleet.records import Event, Load, Print, Printer, User
from formlabs_web_api.sandbox.instants import DAY, EPOCH_SENTINEL, HOUR, MINUTE, SECOND, Instant

SPAN: Instant = 90 * DAY
"""The time that the history covers."""

END_EVENTS = {"FINISHED": "PRINT_FINISHED", "ABORTED": "PRINT_ABORTED", "ERROR": "PRINT_ERROR"}
"""The type of the event at the end of a print, by its status."""


class History:
    """Generates print runs one after the other, with their events.

    Args:
        seed: seed of the ids.
        chance: the random generator.
        now: the end of the history.
    """

    def __init__(self, seed: int, chance: random.Random, now: Instant) -> None:
        self._seed = seed
        self._chance = chance
        self._now = now
        self.prints: List[Print] = []
        self.events: List[Event] = []

    def past(
        self,
        printer: Printer,
        loads: Sequence[Load],
        members: Sequence[User],
        until: Instant,
        count: int,
    ) -> List[Print]:
        """Generate ``count`` ended prints in a row, oldest first, the last one before ``until``."""
        begin = self._now - SPAN
        width = (until - begin) // count
        made: List[Print] = []
        for turn in range(count):
            size = draws.size(self._chance, printer.kind, 0, width * 17 // 20)
            spare = max(1, width * 19 // 20 - size.duration)
            started = begin + turn * width + self._chance.randrange(spare)
            run = self._run(printer, loads[turn * len(loads) // count], members, size, started)
            self._end(run)
            made.append(run)
        return made

    def running(self, printer: Printer, load: Load, members: Sequence[User]) -> Print:
        """Generate a job of hours that is between a third and three quarters done."""
        size = draws.size(self._chance, printer.kind, 3 * HOUR, 14 * HOUR)
        begun = int(size.duration * self._chance.uniform(0.33, 0.75))
        return self._run(printer, load, members, size, self._now - begun)

    def preheating(self, printer: Printer, load: Load, members: Sequence[User]) -> Print:
        """Generate a job that started less than a minute ago and has no layer yet."""
        size = draws.size(self._chance, printer.kind, 3 * HOUR, 14 * HOUR)
        run = self._run(printer, load, members, size, self._now - 45 * SECOND)
        run.status = "PREHEAT"
        return run

    def event(self, type_: str, created: Instant, run: Optional[Print] = None) -> Event:
        """Add an event; events are numbered when all are known."""
        event = Event(id=0, type=type_, created=created, print_run=run)
        if run is not None:
            event.printer, event.group = run.printer, run.group
        self.events.append(event)
        return event

    def _run(
        self,
        printer: Printer,
        load: Load,
        members: Sequence[User],
        size: draws.Size,
        started: Instant,
    ) -> Print:
        number = len(self.prints) + 1
        run = draws.print_run(
            self._chance, self._seed, number, printer, load, members, size, started
        )
        self.prints.append(run)
        self.event("PRINT_START", run.created, run)
        return run

    def _end(self, run: Print) -> None:
        chance = self._chance
        fate = draws.fate(chance, run.printer.kind)
        duration = run.ends - run.started
        at = run.ends
        if fate.stops_at is not None:
            at = run.started + duration * fate.stops_at // 100 // SECOND * SECOND
        elif fate.freezes_at is not None:
            freeze(run, run.started + duration * fate.freezes_at // 100)
        end(run, fate.status, at)
        if fate.has_no_finish:
            run.finished = None
        rated = run.ends + fate.rated_after
        if fate.rating == "FAILURE" or (fate.rating and rated < self._now):
            run.rating, run.rated = fate.rating, min(rated, self._now - 1)
        told = min(run.ends + 2 * SECOND + run.number % 997, self._now)
        self.event(END_EVENTS[run.status], told, run)
        if run.status == "ERROR":
            self.event("PRINT_PAUSED", run.ends - 3 * MINUTE, run)
        if chance.random() < 0.06 and run.load.cartridges:
            low = self.event("RESIN_LOW", run.created + (run.ends - run.created) // 2, run)
            low.print_run, low.cartridge = None, run.load.cartridges[0].serial

    def never_close(self, run: Print) -> None:
        """Make the service miss the end of a print: it stays PRINTING."""
        run.status = "PRINTING"
        run.finished = run.rating = run.rated = None
        run.layer = run.layer_count * 53 // 100
        run.elapsed_ms = run.estimated_ms * 52 // 100
        run.remaining_ms = run.estimated_ms * 49 // 100
        self.events = [
            event
            for event in self.events
            if event.print_run is not run or event.type == "PRINT_START"
        ]

    def end_early(self, run: Print) -> None:
        """Make an ended print FINISHED after a few layers, without user and rating."""
        run.status = run.outcome = "FINISHED"
        run.user = run.rating = run.rated = None
        run.finished = EPOCH_SENTINEL
        run.layer = run.layer_count * 7 // 100
        run.elapsed_ms = run.estimated_ms * 14 // 100
        run.remaining_ms = run.estimated_ms * 87 // 100

    def upload_late(self, run: Print) -> None:
        """Make the service learn of a print 41 days late, or just now."""
        run.created = min(run.created + 41 * DAY, self._now)
        for event in self.events:
            if event.print_run is run:
                event.created = min(event.created + 41 * DAY, self._now)
