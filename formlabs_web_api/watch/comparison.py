"""What the comparison of a poll with the records collects: new records, and the changes found."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Dict, List, NamedTuple, Optional, Set, Tuple

from formlabs_web_api.models.derived.raw import moment
from formlabs_web_api.watch.changes import (
    AtSource,
    Change,
    ChangeKind,
    Facts,
    RunSummary,
    change_key,
)
from formlabs_web_api.watch.records import FleetRecord, FleetUpdate, Repeats, RunRecord


class Rules(NamedTuple):
    """What a caller may decide about changes."""

    steps: Tuple[float, ...] = ()
    """Steps of progress to report, in percent, ascending."""
    low_ml: float = 100.0
    """Volume at and below which a cartridge is low."""


class Subject(NamedTuple):
    """The printer that a change is about."""

    serial: str
    name: str = ""
    machine_type_id: str = ""


class When(NamedTuple):
    """The time of a change, if more is known than when it was seen."""

    at: datetime
    source: AtSource = AtSource.REPORTED


class Comparison:
    """The result of comparing one poll with what was remembered; it changes no record itself.

    Args:
        fleet: What is remembered.
        now: The service's time of the poll.
        rules: What the caller decided.
        since: Start of the watcher's time, in seconds since the epoch; what happened earlier is not
            reported.
        is_silent: True to create records only and no changes, for the first poll.
    """

    def __init__(
        self,
        fleet: FleetRecord,
        now: datetime,
        rules: Rules,
        since: float,
        is_silent: bool = False,
    ) -> None:
        self.fleet = fleet
        self.now = now
        self.seconds = now.timestamp()
        self.rules = rules
        self.since = since
        self.update = FleetUpdate()
        self.subjects: Dict[str, Subject] = {}
        """The printers of the list, by serial."""
        self.shown: Set[str] = set()
        """The guids of the current prints."""
        self._is_silent = is_silent
        self._found: List[Change] = []

    @property
    def changes(self) -> List[Change]:
        """The changes found, oldest first; those of one print in the order in which they came."""
        return sorted(self._found, key=lambda change: change.at)

    def run(self, guid: str) -> Optional[RunRecord]:
        """Return the record of a print as far as this comparison has come."""
        found = self.update.runs.get(guid)
        return self.fleet.runs.get(guid) if found is None else found

    def subject(self, serial: str) -> Subject:
        """Return the printer of a serial, which may no longer be in the account."""
        return self.subjects.get(serial) or Subject(serial, serial)

    def report(
        self,
        kind: ChangeKind,
        subject: Subject,
        *parts: str,
        when: Optional[When] = None,
        run: Optional[RunSummary] = None,
        before: Optional[Facts] = None,
        after: Optional[Facts] = None,
        recurs: bool = False,
    ) -> None:
        """Add a change.

        Args:
            kind: What changed.
            subject: The printer.
            parts: What identifies the change on the service, besides its kind.
            when: When it happened; None means the time of the poll.
            run: The print.
            before, after: The values that changed.
            recurs: True if the same parts may occur again; the key then contains their number.
        """
        if self._is_silent:
            return
        key = change_key(kind, *parts)
        if recurs:
            known = self.update.repeats.get(key) or self.fleet.repeats.get(key)
            count = 1 if known is None else known.found + 1
            self.update.repeats[key] = Repeats(count, self.seconds)
            if count > 1:
                key = change_key(kind, *parts, str(count))
        at, source = (self.now, AtSource.SEEN) if when is None else when
        self._found.append(
            Change(
                kind=kind,
                printer=subject.serial,
                printer_name=subject.name,
                machine_type_id=subject.machine_type_id,
                at=min(at, self.now),
                at_source=source,
                seen_at=self.now,
                key=key,
                run=run,
                before=before or {},
                after=after or {},
            )
        )


def seconds_of(value: object) -> float:
    """Return a date-time of the service as seconds since the epoch; 0 if it is not one."""
    found = moment(value)
    return 0.0 if found is None else found.timestamp()


def time_of(seconds: float) -> datetime:
    """Return seconds since the epoch as a date-time in UTC."""
    return datetime.fromtimestamp(seconds, timezone.utc)
