"""The data of a fleet that a watcher keeps from one poll to the next.

Only what later polls are compared with, so that a poll that finds nothing writes nothing of it: a
printer's ping and a print's layer change with every poll and are not remembered.
Records are plain tuples. Times are seconds since the epoch, by the service's clock.
"""

from __future__ import annotations

from typing import Dict, List, Mapping, NamedTuple, Set


class PrinterRecord(NamedTuple):
    """What is remembered of a printer."""

    serial: str
    firmware: str
    is_online: bool
    """True if the printer was last reported as on line."""
    doubts: int = 0
    """Polls in a row in which it looked off line while :attr:`is_online` is True."""
    last_ping: float = 0.0
    """The ping that was frozen when the printer was last reported as off line."""
    back_at: float = 0.0
    """When it was last reported as on line again."""
    missed_lists: int = 0
    """Complete lists in a row in which it was missing."""
    is_removed: bool = False
    slots: Mapping[str, str] = {}
    """The serial of the last cartridge in each slot, by the slot's name."""
    tank: str = ""
    """The serial of the last tank."""


class RunRecord(NamedTuple):
    """What is remembered of a print."""

    guid: str
    printer: str
    status: str
    created_at: float
    last_event_at: float
    """The newest of its creation, its end and its rating."""
    has_ended: bool = False
    """True if its end was reported, or was before the watcher's start."""
    rating: str = ""
    condition: str = "running"
    """``running``, ``paused`` or ``attention``."""
    interruptions: int = 0
    """How often the condition changed; a part of the keys of such changes."""
    step: float = 0.0
    """The highest step of progress that was passed, in percent."""
    frozen_ms: float = -1.0
    """The elapsed time at which the print's progress seems to stand still."""
    frozen_since: float = 0.0
    """When :attr:`frozen_ms` was first seen."""
    is_stalled: bool = False
    """True if it was reported that progress does not change at :attr:`frozen_ms`."""
    was_sought: bool = False
    """True if history was read because no printer shows the print any more."""


class CartridgeRecord(NamedTuple):
    """What is remembered of a cartridge that was reported as low or empty."""

    serial: str
    is_low: bool
    is_empty: bool
    seen_at: float
    """When it was reported or last found full again."""


class Repeats(NamedTuple):
    """How often changes that recur were found."""

    found: int
    seen_at: float
    """When the last one was found."""


class FleetRecord:
    """All that is remembered of a fleet; each attribute maps a serial, guid or name."""

    def __init__(self) -> None:
        self.printers: Dict[str, PrinterRecord] = {}
        self.runs: Dict[str, RunRecord] = {}
        self.cartridges: Dict[str, CartridgeRecord] = {}
        self.repeats: Dict[str, Repeats] = {}
        """How often a change with the same parts of its key was found, by the key of the first."""
        self.times: Dict[str, float] = {}
        """What happened when: the properties below, and ``deep`` and ``forgot``: when history was
        last read as far back as ratings may change, and when records were last dropped."""
        self.open_runs: Set[str] = set()
        """The guids of prints whose end was not reported yet."""

    @property
    def is_new(self) -> bool:
        """True if no poll was recorded yet."""
        return "polled" not in self.times

    @property
    def since(self) -> float:
        """The start of the watcher's time: earlier events are never reported."""
        return self.times.get("since", 0.0)

    @property
    def polled_at(self) -> float:
        """The time of the last poll."""
        return self.times.get("polled", 0.0)

    @property
    def swept_at(self) -> float:
        """When history was last read for all printers."""
        return self.times.get("swept", 0.0)

    @property
    def owed_since(self) -> float:
        """How far back history must be read because reading it failed; 0 if it did not fail."""
        return self.times.get("owed", 0.0)

    @property
    def failed_at(self) -> float:
        """When reading history last failed."""
        return self.times.get("failed", 0.0)

    def apply(self, update: FleetUpdate) -> None:
        """Take over what a poll found, after it was stored."""
        self.printers.update(update.printers)
        self.cartridges.update(update.cartridges)
        self.repeats.update(update.repeats)
        self.times.update(update.times)
        for guid, run in update.runs.items():
            self.runs[guid] = run
            (self.open_runs.discard if run.has_ended else self.open_runs.add)(guid)
        for guid in update.forgotten_runs:
            self.runs.pop(guid, None)
            self.open_runs.discard(guid)
        for serial in update.forgotten_cartridges:
            self.cartridges.pop(serial, None)
        for key in update.forgotten_repeats:
            self.repeats.pop(key, None)


class FleetUpdate:
    """The records that a poll changes; the others stay as they are."""

    def __init__(self) -> None:
        self.printers: Dict[str, PrinterRecord] = {}
        self.runs: Dict[str, RunRecord] = {}
        self.cartridges: Dict[str, CartridgeRecord] = {}
        self.repeats: Dict[str, Repeats] = {}
        self.times: Dict[str, float] = {}
        self.forgotten_runs: List[str] = []
        self.forgotten_cartridges: List[str] = []
        self.forgotten_repeats: List[str] = []
