"""Which part of the print history a poll has to read, and how far back.

A poll reads the list of printers only, as long as each print that ends is shown as the current or
the previous print of its printer. The history is read where that is not enough: a print that is no
longer shown, one that began and ended between two polls, a printer that was off line, a time
without polls, and ratings that come days after the end.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Dict, FrozenSet, List, NamedTuple, Optional, Sequence, Set, Tuple

from formlabs_web_api.models.derived.raw import text
from formlabs_web_api.watch.comparison import seconds_of, time_of
from formlabs_web_api.watch.records import FleetRecord, PrinterRecord, RunRecord
from formlabs_web_api.watch.shown import as_model, current_run_of, guid_of, previous_run_of

OVERLAP = timedelta(hours=1).total_seconds()
"""How far behind the last poll reading goes; the service may show a new print late."""
_HOUR = timedelta(hours=1).total_seconds()
_DAY = timedelta(days=1).total_seconds()
RATED_WITHIN = 7 * _DAY
"""How long after its end a print's rating is waited for; seen were up to 3 days (observation
1.3)."""
RATED_AGAIN_WITHIN = 30 * _DAY
"""How far back a daily look for ratings that were changed goes."""
TRIED_AGAIN_AFTER = 300.0
"""Seconds after which the history is read again that could not be read: each try takes requests."""
_MOST_RUNS = 20_000
"""The most prints that such a look reads, 200 requests; a big fleet makes it less far."""
SOUGHT_FOR = 5 * _DAY
"""How long after its start the end of a print is sought that no printer shows any more."""
LONGEST_PRINT = 3 * _DAY
"""How far behind its start a watcher that starts in the past reads, for prints that ran then."""
_MOST_PRINTERS = 8
"""Printers read one by one; more are read as one list of all printers."""
_SECONDS_PER_PAGE = 60.0
"""The least time between two reads of the whole list, for each of its pages: one request per
minute, 4 % of the documented allowance."""


class HistoryReading(NamedTuple):
    """A part of the history to read."""

    since: datetime
    printer: Optional[str] = None
    """Serial of the printer; None means all of them."""


class Lookback(NamedTuple):
    """What a poll has to read of the history."""

    readings: Tuple[HistoryReading, ...] = ()
    sought: FrozenSet[str] = frozenset()
    """Guids of prints that no printer shows any more and that are sought for the first time."""
    is_sweep: bool = False
    """True if all printers are read."""
    is_deep: bool = False
    """True if they are read as far back as ratings may change."""

    def covers(self, since: float) -> bool:
        """Return True if all printers are read back to a time."""
        return any(
            reading.printer is None and reading.since.timestamp() <= since
            for reading in self.readings
        )


def lookback(
    fleet: FleetRecord,
    printers: Sequence[object],
    now: datetime,
    longest_gap: float,
    since: Optional[datetime] = None,
) -> Lookback:
    """Return what has to be read before a list of printers is compared with the records.

    Args:
        fleet: What is remembered.
        printers: The complete list of printers.
        now: The service's time of the list.
        longest_gap: Seconds since the last poll up to which the list alone shows what happened.
        since: Where a baseline starts; None means now.
    """
    if fleet.is_new:
        if since is None:
            return Lookback()
        return Lookback(
            (HistoryReading(time_of(since.timestamp() - LONGEST_PRINT)),), is_sweep=True
        )
    wanted, shown, back = _printers_to_read(fleet, printers, now)
    missing = [fleet.runs[guid] for guid in fleet.open_runs - shown]
    sought = {run.guid for run in missing if _is_to_be_sought(fleet, run, back)}
    for guid in sought:
        run = fleet.runs[guid]
        _want(wanted, run.printer, run.created_at)
    back_to = _sweep(fleet, missing, shown, now.timestamp(), longest_gap)
    is_deep = now.timestamp() - fleet.times.get("deep", fleet.since) >= _DAY
    if is_deep:
        back_to = min(back_to or now.timestamp(), _deep_since(fleet))
    elif back_to is None and len(wanted) > _MOST_PRINTERS:
        back_to = fleet.polled_at - OVERLAP
    return Lookback(_readings(wanted, back_to), frozenset(sought), back_to is not None, is_deep)


def _want(wanted: Dict[str, float], serial: str, since: float) -> None:
    wanted[serial] = min(wanted.get(serial, since), since)


def _printers_to_read(
    fleet: FleetRecord, printers: Sequence[Any], now: datetime
) -> Tuple[Dict[str, float], Set[str], Set[str]]:
    """Return how far back to read of which printers, the prints shown, and printers come back."""
    wanted: Dict[str, float] = {}
    shown: Set[str] = set()
    back: Set[str] = set()
    for printer in printers:
        current, previous = guid_of(current_run_of(printer)), guid_of(previous_run_of(printer))
        shown.update((current, previous))
        record = fleet.printers.get(text(getattr(printer, "serial", None)))
        if record is None:
            continue
        is_news = (
            previous != ""
            and previous not in fleet.runs
            and previous != current
            and _created_at(previous_run_of(printer)) > fleet.since
        )
        if not record.is_online and printer.is_online(now):
            back.add(record.serial)
        if is_news or record.serial in back:
            _want(wanted, record.serial, _silent_since(fleet, record, now.timestamp()))
    return wanted, shown, back


def _created_at(run: object) -> float:
    return seconds_of(getattr(as_model(run), "created_at", None))


def _silent_since(fleet: FleetRecord, record: PrinterRecord, seconds: float) -> float:
    """Return since when prints of a printer may have been made that the service did not know.

    A printer that comes back hands in the prints it made meanwhile, not all in the same moment.
    """
    since = fleet.polled_at - OVERLAP
    is_just_back = not record.is_online or seconds - record.back_at < _DAY
    return min(since, record.last_ping - OVERLAP) if is_just_back and record.last_ping else since


def _is_to_be_sought(fleet: FleetRecord, run: RunRecord, back: Set[str]) -> bool:
    """Return True if no printer shows a print as expected; its outcome is in the history."""
    if run.printer in back:
        return True
    printer = fleet.printers.get(run.printer)
    return not run.was_sought and (printer is None or printer.is_online or printer.is_removed)


def _sweep(
    fleet: FleetRecord, missing: List[RunRecord], shown: Set[str], seconds: float, gap: float
) -> Optional[float]:
    """Return how far back to read of all printers; None if that is not due."""
    open_since = [
        run.created_at for run in missing if fleet.polled_at - run.created_at < SOUGHT_FOR
    ]
    is_owed = bool(fleet.owed_since) and seconds - fleet.failed_at >= TRIED_AGAIN_AFTER
    is_due = seconds - fleet.polled_at > gap or is_owed
    if not is_due and seconds - fleet.swept_at < max(
        _HOUR, fleet.times.get("pages", 0.0) * _SECONDS_PER_PAGE
    ):
        return None
    unrated = [
        run.created_at
        for run in fleet.runs.values()
        if run.has_ended
        and not run.rating
        and run.status == "FINISHED"
        and run.guid not in shown
        and fleet.polled_at - run.last_event_at < RATED_WITHIN
    ]
    if not (is_due or open_since or unrated):
        return None
    owed = [fleet.owed_since] if fleet.owed_since else []
    return min([fleet.polled_at - OVERLAP, *owed, *open_since, *unrated])


def _deep_since(fleet: FleetRecord) -> float:
    """Return how far back to look for changed ratings."""
    back_to = fleet.polled_at - RATED_AGAIN_WITHIN
    created = sorted(run.created_at for run in fleet.runs.values() if run.created_at > back_to)
    return created[-_MOST_RUNS] if len(created) > _MOST_RUNS else back_to


def _readings(wanted: Dict[str, float], back_to: Optional[float]) -> Tuple[HistoryReading, ...]:
    """Return one reading of all printers, if due, and those of printers it does not cover.

    A printer that was off line for months is read by itself, so that the others are not.
    """
    if back_to is None:
        return tuple(
            HistoryReading(time_of(since), serial) for serial, since in sorted(wanted.items())
        )
    near = [since for since in wanted.values() if since >= back_to - _DAY]
    back_to = min([back_to, *near])
    far = [
        HistoryReading(time_of(since), serial)
        for serial, since in sorted(wanted.items())
        if since < back_to
    ]
    return (HistoryReading(time_of(back_to)), *far)
