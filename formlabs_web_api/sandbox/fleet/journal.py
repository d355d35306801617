"""The journal of a simulation: what truly happened, whatever the service reports about it."""

from __future__ import annotations

from typing import List, NamedTuple, Optional

from formlabs_web_api.sandbox.instants import Instant


class PrinterStatusEntry(NamedTuple):
    """A printer's status changed, as the service shows it."""

    at: Instant
    printer: str
    before: str
    after: str


class ConnectionEntry(NamedTuple):
    """A printer began or ceased to ping; at the start of the simulation, one entry each."""

    at: Instant
    printer: str
    is_online: bool


class PrintStatusEntry(NamedTuple):
    """A print run began (without ``before``), or its status changed."""

    at: Instant
    print_run: str
    printer: str
    before: Optional[str]
    after: str


class RatingEntry(NamedTuple):
    """Somebody rated a print run, or rated it differently."""

    at: Instant
    print_run: str
    rating: str


class DeletionEntry(NamedTuple):
    """Somebody deleted a print run."""

    at: Instant
    print_run: str


class ConsumableEntry(NamedTuple):
    """A cartridge or tank was put in, taken out, or exchanged."""

    at: Instant
    printer: str
    kind: str
    slot: str
    before: Optional[str]
    after: Optional[str]


class Journal:
    """Entries of each kind, in the order in which they happened.

    Args:
        started: the instant at which the simulation began.
    """

    def __init__(self, started: Instant) -> None:
        self.started = started
        self.printer_statuses: List[PrinterStatusEntry] = []
        self.connections: List[ConnectionEntry] = []
        self.print_statuses: List[PrintStatusEntry] = []
        self.ratings: List[RatingEntry] = []
        self.deletions: List[DeletionEntry] = []
        self.consumables: List[ConsumableEntry] = []
