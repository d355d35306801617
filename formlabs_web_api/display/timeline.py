"""Models by time: how many of each state there were on each day, for a chart above their table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Counter as Counts
from typing import Dict, List, Optional, Sequence, Tuple

from formlabs_web_api.display.formats import Tone, label_of, tone_of

_MOST_BARS = 60
_FEWEST_MODELS = 3


@dataclass(frozen=True)
class TimeBar:
    """The models of one day, or of as many days as a bar stands for."""

    first: date
    last: date
    states: str
    """The count of each state, ``3 success, 1 failure``."""
    parts: Sequence[Tuple[Tone, int]]
    """The counts by tone, from the bottom."""

    @property
    def label(self) -> str:
        """The days and the states, for a tooltip."""
        days = f"{self.first}" if self.last == self.first else f"{self.first} to {self.last}"
        return f"{days}: {self.states}"

    @property
    def total(self) -> int:
        """Number of models."""
        return sum(count for _, count in self.parts)


def time_bars(states: Sequence[Tuple[datetime, str]], tz: Optional[tzinfo]) -> List[TimeBar]:
    """Return a bar for each day from the first model to the last, days without models included.

    Longer periods have bars of several days. Few models, or models of one day, have no chart.

    Args:
        states: The time and the state of each model.
        tz: The zone whose days count; None means the local one.
    """
    dated = [(day, state) for day, state in ((_day(at, tz), state) for at, state in states) if day]
    if len(dated) < _FEWEST_MODELS:
        return []
    first, last = min(dated)[0], max(dated)[0]
    days = (last - first).days + 1
    if days < 2:
        return []
    width = -(-days // _MOST_BARS)
    counts: Dict[int, Counts[str]] = {}
    for day, state in dated:
        counts.setdefault((day - first).days // width, Counter())[state] += 1
    return [
        _bar(first + timedelta(days=at * width), width, last, counts.get(at, Counter()))
        for at in range(-(-days // width))
    ]


def _bar(first: date, width: int, last: date, states: Counts[str]) -> TimeBar:
    end = min(first + timedelta(days=width - 1), last)
    listed = [f"{count:,} {label_of(state)}" for state, count in states.most_common()]
    tones: Counts[Tone] = Counter()
    for state, count in states.items():
        tones[tone_of(state)] += count
    parts = [(tone, tones[tone]) for tone in Tone if tones[tone]]
    return TimeBar(first, end, ", ".join(listed) or "none", parts)


def _day(moment: datetime, tz: Optional[tzinfo]) -> Optional[date]:
    try:
        return moment.astimezone(tz).date()
    except (OverflowError, ValueError, OSError):  # outside of the zone's range
        return None
