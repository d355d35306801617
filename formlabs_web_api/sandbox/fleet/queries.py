"""Filters of prints and events, and the indexes that answer them.

Which date the ``date`` filters of the live service apply to is unknown, besides that it is not the
finish time; here it is ``created_at``, for prints as for events.
"""

from __future__ import annotations

from typing import Collection, Dict, FrozenSet, Iterable, NamedTuple, Optional

from formlabs_web_api.sandbox.fleet.index import Selection, Timeline
from formlabs_web_api.sandbox.fleet.records import Event, Print
from formlabs_web_api.sandbox.instants import Instant


class PrintFilter(NamedTuple):
    """A filter of prints; None where every value matches."""

    after: Optional[Instant]
    before: Optional[Instant]
    at: Optional[Instant]
    machine_type_ids: FrozenSet[str]
    material: Optional[str]
    name: Optional[str]
    """A part of the name, case-folded."""
    printer: Optional[str]
    of_printer: Optional[str]
    """The printer in the path of a request."""
    status: Optional[str]

    def apply(self, prints: Timeline[Print]) -> Selection[Print]:
        """Select the prints that match."""
        wanted: Dict[str, Collection[str]] = {}
        for column, text in (
            ("printer", self.printer),
            ("printer", self.of_printer),
            ("material", self.material),
            ("status", self.status),
        ):
            if text is not None:
                wanted[column] = {text}.intersection(wanted.get(column, (text,)))
        if self.machine_type_ids:
            wanted["machine_type_id"] = self.machine_type_ids
        if self.name is not None:
            names = filter(None, prints.values("name"))
            wanted["name"] = {name for name in names if self.name in name}
        after, before = self.after, self.before
        if self.at is not None:
            after = self.at - 1 if after is None else max(after, self.at - 1)
            before = self.at + 1 if before is None else min(before, self.at + 1)
        return prints.select(wanted, after, before)


class EventFilter(NamedTuple):
    """A filter of events; None where every value matches."""

    after: Optional[Instant]
    before: Optional[Instant]
    printer: Optional[str]
    print_run: Optional[str]
    tank: Optional[str]
    cartridge: Optional[str]
    type: Optional[str]

    def apply(self, events: Timeline[Event]) -> Selection[Event]:
        """Select the events that match."""
        run = self.print_run
        texts = {
            "printer": self.printer,
            "print_run": None if run is None else run.lower(),
            "tank": self.tank,
            "cartridge": self.cartridge,
            "type": self.type,
        }
        wanted = {column: (text,) for column, text in texts.items() if text is not None}
        return events.select(wanted, self.after, self.before)


def timeline_of_prints(prints: Iterable[Print]) -> Timeline[Print]:
    """Build the index of prints, by every column that a filter has."""
    return Timeline(
        prints,
        {
            "machine_type_id": lambda run: run.printer.kind.machine_type_id,
            "material": lambda run: run.load.material,
            "name": lambda run: run.name.casefold(),
            "printer": lambda run: run.printer.serial,
            "status": lambda run: run.status,
        },
    )


def timeline_of_events(events: Iterable[Event]) -> Timeline[Event]:
    """Build the index of events, by every column that a filter has."""
    return Timeline(
        events,
        {
            "cartridge": lambda event: event.cartridge,
            "print_run": lambda event: None if event.print_run is None else event.print_run.guid,
            "printer": lambda event: None if event.printer is None else event.printer.serial,
            "tank": lambda event: event.tank,
            "type": lambda event: event.type,
        },
        # A posting list for each print would double the memory of a big fleet, for a rare filter.
        later=("print_run",),
    )
