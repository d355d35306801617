"""A cache of the rules of ``PrintRunDerived``: the same derived values for whole columns, in numpy.

The rules are those of :mod:`formlabs_web_api.models.derived.print_run`, where they are explained.
Change them there first: the property test ``test_print_columns_equal_print_run_derived`` compares
every value with that module.
A batch with unusual values is not computed here at all, but by that module, row by row.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Dict, Mapping, cast

import numpy

from formlabs_web_api.frames.arrays import NO_TIME, Array, Words
from formlabs_web_api.models.derived.print_run import (
    ABANDONED_AFTER,
    ENDED,
    MOVING,
    STALE_AFTER,
)
from formlabs_web_api.models.derived.states import EndedAtSource, PrintOutcome

np = cast(Any, numpy)  # numpy's types are too vague for arrays whose shape is not known

_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FIRST = (datetime(1971, 1, 1, tzinfo=timezone.utc) - _EPOCH) // _MICROSECOND
_LAST = (datetime(9000, 1, 1, tzinfo=timezone.utc) - _EPOCH) // _MICROSECOND
_LONGEST_MS = 10**13
"""Three centuries: sums of such and of moments before the year 9000 are moments."""

_INTEGERS = (
    "layer_count",
    "currently_printing_layer",
    "elapsed_duration_ms",
    "estimated_time_remaining_ms",
)
_MOMENTS = (
    "print_started_at",
    "print_finished_at",
    "created_at",
    "print_run_success_created_at",
)
DERIVED_FROM = (*_INTEGERS, *_MOMENTS, "status", "print_run_success_print_run_success")
"""The columns that others are derived from."""
_SOURCES = {word: at for at, word in enumerate(EndedAtSource)}
_OUTCOMES = {word: at for at, word in enumerate(PrintOutcome)}


def derived_chunks(arrays: Mapping[str, Array], now: datetime) -> Dict[str, Any]:
    """Return the chunks of the derived columns, from the last chunks of the others.

    Args:
        arrays: The arrays of a table of prints, by the names of their columns.
        now: The moment to judge from.

    Returns:
        The chunks by the names of their columns; none where something is out of the ordinary.
    """
    last = {name: arrays[name].chunks[-1] for name in (*_INTEGERS, *_MOMENTS)}
    if not all(getattr(arrays[name], "is_ordinary", False) for name in _INTEGERS):
        return {}
    if any(np.abs(last[name][0::2]).max() > _LONGEST_MS for name in _INTEGERS):
        return {}
    moment = (now - _EPOCH) // _MICROSECOND
    if moment > _LAST or any(last[name].max() > _LAST for name in _MOMENTS):
        return {}

    started, reported, created, rated = [_moments(last[name]) for name in _MOMENTS]
    layers, layer, elapsed, remaining = (_Maybe(last[name]) for name in _INTEGERS)
    is_ended = _is_any(arrays["status"], ENDED)
    is_finished = _is_any(arrays["status"], ("FINISHED",))

    progressed = _later(started, elapsed)
    expected = _later(progressed, remaining)

    known = (layer.value > 0) & (layers.value > 0)
    share = np.divide(layer.value, layers.value, out=np.zeros(len(known)), where=known)
    progress = np.where(is_finished, 1.0, np.minimum(share, 1.0))

    reported = np.where((started != NO_TIME) & (reported < started), NO_TIME, reported)
    rated = np.where((started != NO_TIME) & (rated < started), NO_TIME, rated)
    estimated = np.where(is_finished, expected, progressed)
    holds = (estimated != NO_TIME) & ((rated == NO_TIME) | (estimated <= rated))
    ways = [
        ~is_ended,
        reported != NO_TIME,
        holds,
        rated != NO_TIME,
    ]
    estimated = np.where(estimated > moment, progressed, estimated)
    ended = np.select(ways, [np.full_like(started, NO_TIME), reported, estimated, rated], NO_TIME)
    sources = (
        EndedAtSource.UNKNOWN,
        EndedAtSource.REPORTED,
        EndedAtSource.ESTIMATED,
        EndedAtSource.RATED,
    )
    source = np.select(ways, [_SOURCES[word] for word in sources], _SOURCES[EndedAtSource.UNKNOWN])

    is_moving = _is_any(arrays["status"], MOVING) & (layer.value >= 0)
    earliest = _later(np.full_like(started, moment), remaining)
    moves_away = ~is_moving & (expected != NO_TIME)
    eta = np.where(moves_away, np.maximum(expected, earliest), expected)
    eta = np.where(is_ended, NO_TIME, eta)

    is_old = moment - progressed > STALE_AFTER // _MICROSECOND
    is_stale = is_moving & (progressed != NO_TIME) & is_old
    due = np.select(
        [one != NO_TIME for one in (expected, progressed, started)],
        [expected, progressed, started],
        created,
    )
    is_overdue = (due != NO_TIME) & (moment - due > ABANDONED_AFTER // _MICROSECOND)
    is_open = ~is_ended & ~is_overdue
    rating = arrays["print_run_success_print_run_success"]
    outcome = np.select(
        [
            _is_any(arrays["status"], ("ABORTED",)),
            _is_any(arrays["status"], ("ERROR",)),
            is_finished & _is_any(rating, ("SUCCESS",)),
            is_finished & _is_any(rating, ("FAILURE",)),
            is_finished,
            is_open,
        ],
        [
            _OUTCOMES[word]
            for word in (
                PrintOutcome.ABORTED,
                PrintOutcome.FAILURE,
                PrintOutcome.SUCCESS,
                PrintOutcome.FAILURE,
                PrintOutcome.UNRATED,
                PrintOutcome.IN_PROGRESS,
            )
        ],
        _OUTCOMES[PrintOutcome.ABANDONED],
    )
    lasted = np.where((started == NO_TIME) | (ended == NO_TIME), NO_TIME, ended - started)
    return {
        "progress": progress,
        "last_progress_at": progressed,
        "is_stale": is_stale.astype(np.int8),
        "eta": eta,
        "ended_at": ended,
        "ended_at_source": source.astype(np.int32),
        "duration": lasted,
        "outcome": outcome.astype(np.int32),
        "is_open": is_open.astype(np.int8),
    }


class _Maybe:
    """Whole numbers, some of which are missing; those are 0."""

    def __init__(self, pairs: Any) -> None:
        self.value = pairs[0::2]
        self.is_known = pairs[1::2] == 1


def _moments(since: Any) -> Any:
    """Moments of which those in 1970 and before are missing."""
    return np.where(since < _FIRST, NO_TIME, since)


def _later(moments: Any, duration: _Maybe) -> Any:
    is_known = (moments != NO_TIME) & duration.is_known
    return np.where(is_known, moments + 1000 * np.maximum(duration.value, 0), NO_TIME)


def _is_any(words: Array, wanted: Any) -> Any:
    """Where the last chunk of a column of words has one of those that are wanted."""
    numbers = words.numbers if isinstance(words, Words) else {}
    return np.isin(words.chunks[-1], [numbers[word] for word in wanted if word in numbers])
