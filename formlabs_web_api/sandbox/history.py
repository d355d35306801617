"""The print runs of a made-up fleet, and the events they left behind."""

from __future__ import annotations

import random
from typing import List, NamedTuple, Optional, Sequence, Tuple

from . import words
from .identity import made_up_uuid
from .instants import DAY, EPOCH_SENTINEL, HOUR, MILLISECOND, MINUTE, SECOND, Instant
from .jobs import end, freeze
from .kinds import Kind
from .records import Event, Load, Print, Printer, User

SPAN: Instant = 90 * DAY
"""How far back the history goes."""

_OUTCOMES: Tuple[Tuple[float, str, Optional[str]], ...] = (
    (952 / 1474, "FINISHED", "SUCCESS"),
    (1172 / 1474, "FINISHED", None),
    (1347 / 1474, "ABORTED", None),
    (1418 / 1474, "ERROR", "FAILURE"),
    (1.0, "FINISHED", "FAILURE"),
)
"""Cumulated share, status and rating of ended prints (observation 1.6)."""

_END_EVENTS = {"FINISHED": "PRINT_FINISHED", "ABORTED": "PRINT_ABORTED", "ERROR": "PRINT_ERROR"}


class Size(NamedTuple):
    """How big a job is."""

    layers: int
    estimated_ms: int
    duration: Instant


class History:
    """Makes print runs one after the other and collects them, with their events.

    Args:
        seed: makes the ids.
        chance: the source of all that is left to chance.
        now: the instant after which nothing has happened yet.
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
        """``count`` ended prints in a row, oldest first, the last one over before ``until``."""
        begin = self._now - SPAN
        width = (until - begin) // count
        made: List[Print] = []
        for turn in range(count):
            size = self._size(printer.kind, 0, width * 17 // 20)
            spare = max(1, width * 19 // 20 - size.duration)
            started = begin + turn * width + self._chance.randrange(spare)
            run = self._run(printer, loads[turn * len(loads) // count], members, size, started)
            self._end(run)
            made.append(run)
        return made

    def running(self, printer: Printer, load: Load, members: Sequence[User]) -> Print:
        """A job of hours, between a third and three quarters through, that goes well."""
        size = self._size(printer.kind, 3 * HOUR, 14 * HOUR)
        begun = int(size.duration * self._chance.uniform(0.33, 0.75))
        return self._run(printer, load, members, size, self._now - begun)

    def preheating(self, printer: Printer, load: Load, members: Sequence[User]) -> Print:
        """A job that began less than a minute ago and has no layer yet."""
        size = self._size(printer.kind, 3 * HOUR, 14 * HOUR)
        run = self._run(printer, load, members, size, self._now - 45 * SECOND)
        run.status = "PREHEAT"
        return run

    def event(self, type_: str, created: Instant, run: Optional[Print] = None) -> Event:
        """Note that something happened; its number comes when all are known."""
        event = Event(id=0, type=type_, created=created, print_run=run)
        if run is not None:
            event.printer, event.group = run.printer, run.group
        self.events.append(event)
        return event

    def _size(self, kind: Kind, shortest: Instant, longest: Instant) -> Size:
        layer_ms = self._chance.randrange(*kind.layer_ms)
        most = longest // (layer_ms * MILLISECOND * 108 // 100)
        least = shortest // (layer_ms * MILLISECOND * 95 // 100)
        layers = max(min(self._chance.randrange(*kind.layers), most), least + 1, 10)
        estimated_ms = layers * layer_ms
        duration = int(estimated_ms * self._chance.uniform(0.96, 1.07)) // 1000 * SECOND
        return Size(layers, estimated_ms // 1000 * 1000, duration)

    def _run(
        self,
        printer: Printer,
        load: Load,
        members: Sequence[User],
        size: Size,
        started: Instant,
    ) -> Print:
        kind, chance = printer.kind, self._chance
        number = len(self.prints) + 1
        grain = MILLISECOND if kind.is_form_4 else SECOND
        started = started // grain * grain
        user = chance.choice(members) if chance.random() < 0.92 else None
        run = Print(
            number=number,
            guid=made_up_uuid(self._seed, "print", number),
            printer=printer,
            load=load,
            name=chance.choice(words.JOBS) if number % 40 else words.LONG_JOB,
            status="PRINTING",
            started=started,
            created=started + chance.randrange(3 * SECOND, 25 * SECOND),
            ends=started + size.duration,
            layer_count=size.layers,
            layer_mm=chance.choice(kind.layer_mm),
            volume_ml=chance.uniform(*kind.volume_ml),
            estimated_ms=size.estimated_ms,
            firmware=kind.firmware if chance.random() < 0.7 else kind.former_firmware,
            settings=chance.choice(kind.settings),
            user=user,
            group=printer.group,
            note=chance.choice(words.NOTES) if user is not None and number % 25 == 3 else None,
            queue_item=made_up_uuid(self._seed, "queue item", number) if number % 10 == 7 else None,
            live=True,
        )
        self.prints.append(run)
        self.event("PRINT_START", run.created, run)
        return run

    def _end(self, run: Print) -> None:
        chance = self._chance
        lot = chance.random()
        _, status, rating = next(outcome for outcome in _OUTCOMES if lot < outcome[0])
        duration = run.ends - run.started
        at = run.ends
        if status != "FINISHED":
            at = run.started + duration * chance.randrange(2, 99) // 100 // SECOND * SECOND
        elif run.printer.kind.is_form_4 and chance.random() < 4 / 7:
            freeze(run, run.started + duration * chance.randrange(6, 94) // 100)
        end(run, status, at)
        if rating is None and lot % 0.01 < 0.001:
            run.finished = None
        rated = run.ends + int(43 * SECOND * chance.uniform(1, 6) ** 5)
        if rating == "FAILURE" or (rating and rated < self._now):
            run.rating, run.rated = rating, min(rated, self._now - 1)
        told = min(run.ends + 2 * SECOND + run.number % 997, self._now)
        self.event(_END_EVENTS[status], told, run)
        if status == "ERROR":
            self.event("PRINT_PAUSED", run.ends - 3 * MINUTE, run)
        if chance.random() < 0.06 and run.load.cartridges:
            low = self.event("RESIN_LOW", run.created + (run.ends - run.created) // 2, run)
            low.print_run, low.cartridge = None, run.load.cartridges[0].serial

    def never_close(self, run: Print) -> None:
        """Make an ended print one the service forgot about: it reads as printing for ever."""
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
        """Make an ended print one called finished after a few layers, by nobody, unrated."""
        run.status = "FINISHED"
        run.user = run.rating = run.rated = None
        run.finished = EPOCH_SENTINEL
        run.layer = run.layer_count * 7 // 100
        run.elapsed_ms = run.estimated_ms * 14 // 100
        run.remaining_ms = run.estimated_ms * 87 // 100

    def upload_late(self, run: Print) -> None:
        """Make a print one that the service only heard of 41 days later."""
        run.created += 41 * DAY
        for event in self.events:
            if event.print_run is run:
                event.created += 41 * DAY
