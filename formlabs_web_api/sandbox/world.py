"""The fleet as time passes: what is due happens, and lists are searched."""

from __future__ import annotations

import heapq
import threading
from typing import Callable, Dict, List, Optional, Tuple

from .clock import Clock
from .filters import EventFilter, PrintFilter
from .groups import Groups
from .instants import SECOND, Instant
from .jobs import end, warm_at
from .records import Cartridge, Event, Fleet, Print, Printer, Tank
from .refusals import not_found
from .timeline import Selection, Timeline

_REMEMBERED_FILTERS = 32


class World:
    """One account's fleet.

    Use it while holding ``lock``, after :meth:`settle`: between two requests, or from a test.

    Args:
        fleet: what there is at first; it is changed as time passes.
        clock: tells the time.
    """

    def __init__(self, fleet: Fleet, clock: Clock) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.groups = Groups(fleet, clock)
        self.printers: Dict[str, Printer] = {item.serial: item for item in fleet.printers}
        self.tanks: List[Tank] = fleet.tanks
        self.cartridges: List[Cartridge] = fleet.cartridges
        self.prints: Timeline[Print] = Timeline(fleet.prints)
        self.events: Timeline[Event] = Timeline(fleet.events)
        self._last_event = max((event.id for event in fleet.events), default=0)
        self._due: List[Tuple[Instant, int, Callable[[Print], None], Print]] = []
        self._found_prints: Dict[PrintFilter, Selection[Print]] = {}
        self._found_events: Dict[EventFilter, Selection[Event]] = {}
        for printer in fleet.printers:
            self._expect(printer.current)

    def settle(self) -> None:
        """Let everything happen that is due by now."""
        now = self.clock()
        while self._due and self._due[0][0] <= now:
            _, _, happen, run = heapq.heappop(self._due)
            happen(run)
            self._found_prints.clear()
            self._found_events.clear()

    def printer(self, serial: str) -> Printer:
        """A printer by its serial.

        Raises:
            Refusal: 404, there is none.
        """
        if serial not in self.printers:
            raise not_found()
        return self.printers[serial]

    def find_prints(self, wanted: PrintFilter) -> Selection[Print]:
        """The prints that fit a filter; asking again, for the next page, costs nothing."""
        found = self._found_prints.get(wanted)
        if found is None:
            found = wanted.apply(self.prints)
            if len(self._found_prints) >= _REMEMBERED_FILTERS:
                self._found_prints.clear()
            self._found_prints[wanted] = found
        return found

    def find_events(self, wanted: EventFilter) -> Selection[Event]:
        """The events that fit a filter; asking again, for the next page, costs nothing."""
        found = self._found_events.get(wanted)
        if found is None:
            found = wanted.apply(self.events)
            if len(self._found_events) >= _REMEMBERED_FILTERS:
                self._found_events.clear()
            self._found_events[wanted] = found
        return found

    def _expect(self, run: Optional[Print]) -> None:
        """Put what comes next for a print into the diary."""
        if run is None:
            return
        if run.status == "PREHEAT":
            heapq.heappush(self._due, (warm_at(run), run.number, self._begin, run))
        elif run.status == "PRINTING":
            heapq.heappush(self._due, (run.ends, run.number, self._finish, run))

    def _begin(self, run: Print) -> None:
        run.status = run.printer.status = "PRINTING"
        self._expect(run)

    def _finish(self, run: Print) -> None:
        printer = run.printer
        end(run, "FINISHED", run.ends)
        printer.status = "IDLE"
        printer.previous = run
        # The Form 4 family goes on showing the job that is over; the others forget it at once.
        printer.current = run if printer.kind.is_form_4 else None
        for slot in printer.slots[:1]:
            if slot.cartridge is not None:
                slot.cartridge.used_ml += run.volume_ml
        self._last_event += 1
        event = Event(self._last_event, "PRINT_FINISHED", run.ends + 2 * SECOND)
        event.printer, event.print_run, event.group = printer, run, printer.group
        self.events.add(event)
