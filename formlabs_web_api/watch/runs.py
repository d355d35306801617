"""How the changes of one print are found: its start, what happens on the way, its end, its rating.

A print is recognized by its guid wherever it is shown: as the current or the previous print of its
printer, or in the history. An end is final: whatever shows the print as running later is old.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Dict, Optional

from formlabs_web_api.models.derived.raw import count, moment, number, text
from formlabs_web_api.models.derived.states import EndedAtSource
from formlabs_web_api.watch.changes import AtSource, ChangeKind, RunSummary
from formlabs_web_api.watch.comparison import Comparison, When, seconds_of
from formlabs_web_api.watch.records import RunRecord
from formlabs_web_api.watch.shown import as_model, guid_of, rating_of

ENDINGS: Dict[str, ChangeKind] = {
    "FINISHED": ChangeKind.PRINT_FINISHED,
    "ERROR": ChangeKind.PRINT_FAILED,
    "ABORTED": ChangeKind.PRINT_ABORTED,
}
"""The statuses that are final."""

RUNNING, PAUSED, ATTENTION = "running", "paused", "attention"
_CONDITIONS: Dict[str, str] = {
    "PAUSING": PAUSED,
    "PAUSED": PAUSED,
    "CHECK_PRINTER": ATTENTION,
    "WAITING_FOR_RESOLUTION": ATTENTION,
    "QUEUED": RUNNING,
    "PREPRINT": RUNNING,
    "PREHEAT": RUNNING,
    "PRECOAT": RUNNING,
    "PRINTING": RUNNING,
    "POSTCOAT": RUNNING,
    "ABORTING": RUNNING,
}
"""What statuses of prints, and of printers with a print, mean; another one changes nothing."""
_KINDS_OF_CONDITIONS: Dict[str, ChangeKind] = {
    PAUSED: ChangeKind.PRINT_PAUSED,
    ATTENTION: ChangeKind.PRINT_NEEDS_ATTENTION,
    RUNNING: ChangeKind.PRINT_RESUMED,
}

STALLED_AFTER = timedelta(minutes=15).total_seconds()
"""How long progress has to stand still until that is reported."""
_LOOK_AGAIN = timedelta(minutes=5).total_seconds()
"""How often the elapsed time of a print is noted whose reports are late, so that one which goes on
after a long pause does not change its record with every poll."""
_SOURCES: Dict[EndedAtSource, AtSource] = {
    EndedAtSource.REPORTED: AtSource.REPORTED,
    EndedAtSource.ESTIMATED: AtSource.ESTIMATED,
    EndedAtSource.RATED: AtSource.RATED,
}


def compare_past_run(comparison: Comparison, run: object) -> None:
    """Compare a row of the history, or the previous print of a printer, with its record."""
    _compare(comparison, run, "", is_current=False)


def compare_current_run(comparison: Comparison, run: object, printer_status: str) -> None:
    """Compare the current print of a printer that is on line with its record."""
    _compare(comparison, run, printer_status, is_current=True)


def _compare(comparison: Comparison, run: object, printer_status: str, is_current: bool) -> None:
    guid = guid_of(run)
    if not guid:
        return
    known = comparison.run(guid)
    rating = rating_of(run)
    if known is not None and known.has_ended and rating in ("", known.rating):
        return
    run = as_model(run)
    record = known or _met(comparison, run, guid)
    if known is None and not is_current and _is_abandoned(comparison, run, record):
        return
    status = text(getattr(run, "status", None))
    if not record.has_ended:
        if status in ENDINGS:
            record = _end(comparison, run, record)
        else:
            record = _progress(comparison, run, record)
            if is_current:
                record = _condition(comparison, run, record, printer_status)
                record = _stall(comparison, run, record)
                record = record._replace(was_sought=False)
    if rating not in ("", record.rating):
        record = _rate(comparison, run, record, rating)
    if record != known:
        comparison.update.runs[guid] = record


def _met(comparison: Comparison, run: Any, guid: str) -> RunRecord:
    """Return the record of a print that was not known; report its start if that is news.

    What happened before the watcher's time is not reported, such as the end of a print that is now
    read from the history.
    """
    since = comparison.since
    created = seconds_of(getattr(run, "created_at", None))
    created = created or seconds_of(getattr(run, "print_started_at", None)) or comparison.seconds
    status = text(getattr(run, "status", None))
    record = RunRecord(
        guid=guid,
        printer=text(getattr(run, "printer", None)),
        status=str(status),
        created_at=created,
        last_event_at=created,
    )
    if created > since:
        when = _when(getattr(run, "print_started_at", None)) or _when(
            getattr(run, "created_at", None)
        )
        _report(comparison, ChangeKind.PRINT_STARTED, run, record, when=when)
        return record
    ended = run.end_at(comparison.now)
    rated = seconds_of(getattr(getattr(run, "print_run_success", None), "created_at", None))
    return record._replace(
        has_ended=status in ENDINGS and (ended is None or ended.timestamp() <= since),
        rating="" if rated > since else rating_of(run),
        condition=_CONDITIONS.get(status, RUNNING),
        step=_step(comparison, run),
    )


def _is_abandoned(comparison: Comparison, run: Any, record: RunRecord) -> bool:
    """Return True if the service will not report an old print's end any more (observation 1.6)."""
    is_old = record.created_at <= comparison.since and not record.has_ended
    return is_old and record.status not in ENDINGS and not run.is_open(comparison.now)


def _end(comparison: Comparison, run: Any, record: RunRecord) -> RunRecord:
    status = text(getattr(run, "status", None))
    ended, source = run.end_at(comparison.now), run.ended_at_source
    when = None if ended is None else When(ended, _SOURCES.get(source, AtSource.SEEN))
    _report(
        *(comparison, ENDINGS[status], run, record),
        when=when,
        before={"status": record.status},
        after={"status": str(status)},
    )
    at = comparison.seconds if ended is None else min(ended.timestamp(), comparison.seconds)
    return record._replace(
        status=str(status),
        has_ended=True,
        condition=RUNNING,
        last_event_at=max(record.last_event_at, at),
    )


def _rate(comparison: Comparison, run: object, record: RunRecord, rating: str) -> RunRecord:
    success = getattr(run, "print_run_success", None)
    when = _when(getattr(success, "created_at", None))
    _report(
        *(comparison, ChangeKind.PRINT_RATED, run, record, rating),
        when=when,
        before={"rating": record.rating},
        after={"rating": rating},
    )
    at = comparison.seconds if when is None else min(when.at.timestamp(), comparison.seconds)
    return record._replace(rating=rating, last_event_at=max(record.last_event_at, at))


def _progress(comparison: Comparison, run: Any, record: RunRecord) -> RunRecord:
    step = _step(comparison, run)
    if step <= record.step:
        return record
    reported = run.last_progress_at
    _report(
        *(comparison, ChangeKind.PRINT_PROGRESSED, run, record, f"{step:g}"),
        when=None if reported is None else When(reported),
        before={"percent": record.step},
        after={"percent": step},
    )
    return record._replace(step=step)


def _step(comparison: Comparison, run: Any) -> float:
    """Return the highest step of progress that a print has passed."""
    if not comparison.rules.steps:
        return 0.0
    percent = 100.0 * run.progress
    return max((step for step in comparison.rules.steps if step <= percent), default=0.0)


def _condition(
    comparison: Comparison, run: object, record: RunRecord, printer_status: str
) -> RunRecord:
    status = text(getattr(run, "status", None))
    condition, of_printer = _CONDITIONS.get(status), _CONDITIONS.get(printer_status)
    if condition in (None, RUNNING) and of_printer in (PAUSED, ATTENTION):
        condition = of_printer
    if condition is None or condition == record.condition:
        return record if status == record.status else record._replace(status=str(status))
    interruptions = record.interruptions + 1
    _report(
        *(comparison, _KINDS_OF_CONDITIONS[condition], run, record, str(interruptions)),
        before={"status": record.status},
        after={"status": str(status), "printer_status": printer_status},
    )
    return record._replace(
        status=str(status), condition=condition, interruptions=interruptions, frozen_ms=-1.0
    )


def _stall(comparison: Comparison, run: Any, record: RunRecord) -> RunRecord:
    """Report once if the elapsed time stands still, which is watched from the first late report on.

    A late report alone does not prove it: the elapsed time of a print that was paused is behind
    from then on (observation 1.3).
    """
    if record.condition != RUNNING or not run.is_stale(comparison.now):
        return record
    elapsed = number(getattr(run, "elapsed_duration_ms", None))
    if elapsed is None:
        return record
    seen_for = comparison.seconds - record.frozen_since
    if elapsed != record.frozen_ms:
        if record.frozen_ms >= 0 and seen_for < _LOOK_AGAIN:
            return record
        return record._replace(frozen_ms=elapsed, frozen_since=comparison.seconds, is_stalled=False)
    if record.is_stalled or seen_for < STALLED_AFTER:
        return record
    reported = run.last_progress_at
    _report(
        *(comparison, ChangeKind.PRINT_STALLED, run, record, f"{elapsed:.0f}"),
        when=None if reported is None else When(reported, AtSource.ESTIMATED),
        after={"elapsed_duration_ms": elapsed, "progress": round(run.progress, 4)},
    )
    return record._replace(is_stalled=True)


def _report(
    comparison: Comparison,
    kind: ChangeKind,
    run: object,
    record: RunRecord,
    *parts: str,
    when: Optional[When] = None,
    before: Optional[Dict[str, object]] = None,
    after: Optional[Dict[str, object]] = None,
) -> None:
    comparison.report(
        kind,
        comparison.subject(record.printer),
        record.guid,
        *parts,
        when=when,
        run=summary_of(run, comparison),
        before=before,
        after=after,
    )


def _when(value: object) -> Optional[When]:
    found = moment(value)
    return None if found is None else When(found)


def summary_of(run: Any, comparison: Comparison) -> RunSummary:
    """Return what is kept of a print in a change: nothing secret, and nothing that expires."""
    now = comparison.now
    user = getattr(run, "user", None)
    names = (text(getattr(user, "first_name", None)), text(getattr(user, "last_name", None)))
    return RunSummary(
        guid=text(getattr(run, "guid", None)),
        name=text(getattr(run, "name", None)),
        printer=text(getattr(run, "printer", None)),
        status=str(text(getattr(run, "status", None))),
        outcome=str(run.outcome_at(now)),
        rating=rating_of(run),
        material=text(getattr(run, "material", None)),
        material_name=text(getattr(run, "material_name", None)),
        volume_ml=number(getattr(run, "volume_ml", None)),
        layer_count=count(getattr(run, "layer_count", None)),
        progress=run.progress,
        started_at=run.started_at,
        ended_at=run.end_at(now),
        ended_at_source=str(run.ended_at_source),
        expected_end_at=run.eta_at(now),
        user=" ".join(filter(None, names)),
    )
