"""The fleet as time passes: what is due happens, and lists are searched."""

from __future__ import annotations

import threading
from typing import Dict, List

from formlabs_web_api.sandbox.clock import Clock
from formlabs_web_api.sandbox.errors import not_found
from formlabs_web_api.sandbox.fleet.groups import Groups
from formlabs_web_api.sandbox.fleet.index import Selection, Timeline
from formlabs_web_api.sandbox.fleet.queries import (
    EventFilter,
    PrintFilter,
    timeline_of_events,
    timeline_of_prints,
)
from formlabs_web_api.sandbox.fleet.records import Cartridge, Event, Fleet, Print, Printer, Tank
from formlabs_web_api.sandbox.fleet.simulation import Simulation

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
        self.begin(fleet)

    def begin(self, fleet: Fleet) -> None:
        """Begin with a fleet, in place of the one there is."""
        self.account = fleet.account
        self.groups = Groups(fleet, self.clock)
        self.printers: Dict[str, Printer] = {item.serial: item for item in fleet.printers}
        self.tanks: List[Tank] = fleet.tanks
        self.cartridges: List[Cartridge] = fleet.cartridges
        self.prints: Timeline[Print] = timeline_of_prints(fleet.prints)
        self.events: Timeline[Event] = timeline_of_events(fleet.events)
        self.simulation = Simulation(fleet, self.prints, self.events, self.clock())
        self._found_prints: Dict[PrintFilter, Selection[Print]] = {}
        self._found_events: Dict[EventFilter, Selection[Event]] = {}

    def settle(self) -> None:
        """Let everything happen that is due by now."""
        if self.simulation.scheduler.run_until(self.clock()):
            self._forget_found()

    def ended_print(self, guid: str) -> Print:
        """Return a print run in the list that has ended.

        Raises:
            KeyError: there is none.
            ValueError: it has not ended.
        """
        run = next((run for run in self.prints if run.guid == guid), None)
        if run is None:
            raise KeyError(f"there is no print run {guid}")
        if run.outcome is None:
            raise ValueError(f"print run {guid} has not ended")
        return run

    def rate_print(self, run: Print, rating: str) -> None:
        """Rate a print run now."""
        self.simulation.rate(run, rating)

    def delete_print(self, run: Print) -> None:
        """Delete a print run now.

        Raises:
            ValueError: its printer still shows it.
        """
        if run in (run.printer.current, run.printer.previous):
            raise ValueError(f"{run.printer.serial} still shows print run {run.guid}")
        self.simulation.delete_print(run)
        self._forget_found()

    def _forget_found(self) -> None:
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
