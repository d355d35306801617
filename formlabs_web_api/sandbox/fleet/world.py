"""A fleet and its simulation, with cached queries."""

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

_MAX_CACHED_FILTERS = 32


class World:
    """The fleet of one account.

    Hold ``lock`` and call :meth:`settle` before use: between two requests, or in a test.

    Args:
        fleet: the fleet at the clock's present; the simulation changes it.
        clock: returns the present instant.
    """

    def __init__(self, fleet: Fleet, clock: Clock) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.begin(fleet)

    def begin(self, fleet: Fleet) -> None:
        """Replace the fleet, and start a new simulation."""
        self.account = fleet.account
        self.groups = Groups(fleet, self.clock)
        self.printers: Dict[str, Printer] = {item.serial: item for item in fleet.printers}
        self.tanks: List[Tank] = fleet.tanks
        self.cartridges: List[Cartridge] = fleet.cartridges
        self.prints: Timeline[Print] = timeline_of_prints(fleet.prints)
        self.events: Timeline[Event] = timeline_of_events(fleet.events)
        self.simulation = Simulation(fleet, self.prints, self.events, self.clock())
        self._cached_prints: Dict[PrintFilter, Selection[Print]] = {}
        self._cached_events: Dict[EventFilter, Selection[Event]] = {}

    def settle(self) -> None:
        """Run the simulation up to now."""
        if self.simulation.scheduler.run_until(self.clock()):
            self._clear_cache()

    def ended_print(self, guid: str) -> Print:
        """Return a print run in the list that has ended.

        Raises:
            KeyError: it does not exist.
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
        self._clear_cache()

    def _clear_cache(self) -> None:
        self._cached_prints.clear()
        self._cached_events.clear()

    def printer(self, serial: str) -> Printer:
        """Return a printer by its serial.

        Raises:
            Refusal: 404 if it does not exist.
        """
        if serial not in self.printers:
            raise not_found()
        return self.printers[serial]

    def find_prints(self, wanted: PrintFilter) -> Selection[Print]:
        """Select prints by a filter; cached for the next page."""
        found = self._cached_prints.get(wanted)
        if found is None:
            found = wanted.apply(self.prints)
            if len(self._cached_prints) >= _MAX_CACHED_FILTERS:
                self._cached_prints.clear()
            self._cached_prints[wanted] = found
        return found

    def find_events(self, wanted: EventFilter) -> Selection[Event]:
        """Select events by a filter; cached for the next page."""
        found = self._cached_events.get(wanted)
        if found is None:
            found = wanted.apply(self.events)
            if len(self._cached_events) >= _MAX_CACHED_FILTERS:
                self._cached_events.clear()
            self._cached_events[wanted] = found
        return found
