"""The window of a report: a period of time, in a named zone, with the local days in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import FrozenSet, List, Optional, Tuple

from dateutil import tz

from formlabs_web_api.models.derived.clock import check_zone

Micros = int
"""Microseconds since the epoch: exact, fast to compare, and free of daylight saving time."""
Span = Tuple[Micros, Micros]
"""From, and until but without."""

PERIODS = ("day", "week", "month")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
HOUR: Micros = 3_600_000_000
DAY: Micros = 24 * HOUR

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SHIFT = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?\s+(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)")


def micros_of(moment: datetime) -> Micros:
    """Return a time with a zone in microseconds since the epoch."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(micros: Micros) -> datetime:
    """Return microseconds since the epoch as a time in UTC."""
    return _EPOCH + micros * _MICROSECOND


def zone_of(name: str) -> tzinfo:
    """Return the time zone of a name such as ``Europe/Berlin``.

    Raises:
        ValueError: The name is not known.
    """
    if name == "UTC":
        return timezone.utc
    found: Optional[tzinfo] = None
    if re.fullmatch(r"[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+)*", name):
        try:
            from zoneinfo import ZoneInfo
        except ImportError:  # Python 3.8
            found = tz.gettz(name)
        else:
            try:
                found = ZoneInfo(name)
            except (OSError, ValueError, LookupError):
                found = None
    if found is None:
        raise ValueError(f'"{name}" is not a known time zone; write Europe/Berlin or UTC')
    return found


@dataclass(frozen=True)
class Period:
    """A local day, week or month, as far as it lies in the window."""

    label: str
    start: Micros
    end: Micros
    is_whole: bool
    """False for the first or last one if the window cuts it."""

    @property
    def length(self) -> Micros:
        """The part in the window; 23 or 25 hours for a day of a change of the clocks."""
        return self.end - self.start


@dataclass(frozen=True)
class ReportWindow:
    """A period of time and the zone in which its days are counted.

    Raises:
        ValueError: The period is empty, or a time has no zone.
    """

    since: datetime
    until: datetime
    """The first moment that is not part of the window."""
    zone: tzinfo = timezone.utc
    zone_name: str = "UTC"
    start: Micros = field(init=False)
    end: Micros = field(init=False)

    def __post_init__(self) -> None:
        for name, moment in (("since", self.since), ("until", self.until)):
            check_zone(name, moment)
        # Computed once: figures compare each print with them.
        object.__setattr__(self, "start", micros_of(self.since))
        object.__setattr__(self, "end", micros_of(self.until))
        if self.start >= self.end:
            raise ValueError(
                f"the window is empty: {self.local(self.start):%Y-%m-%d %H:%M} is not before"
                f" {self.local(self.end):%Y-%m-%d %H:%M}"
            )

    @classmethod
    def of(cls, since: datetime, until: datetime, zone: str = "UTC") -> ReportWindow:
        """Return the window between two times, in a zone given by its name.

        Raises:
            ValueError: The period is empty, a time has no zone, or the zone is not known.
        """
        return cls(since, until, zone_of(zone), zone)

    @property
    def length(self) -> Micros:
        return self.end - self.start

    def before(self) -> ReportWindow:
        """Return the window of the same length that ends where this one starts."""
        length = timedelta(microseconds=self.length)
        since = self.since.astimezone(timezone.utc)
        return ReportWindow(since - length, since, self.zone, self.zone_name)

    def until_at_most(self, moment: datetime) -> ReportWindow:
        """Return the window cut at a moment: there are no data of the future.

        Raises:
            ValueError: The whole window is later.
        """
        if self.start >= micros_of(moment):
            raise ValueError(
                f"the window starts in the future: {self.local(self.start):%Y-%m-%d %H:%M}"
            )
        if self.until <= moment:
            return self
        return ReportWindow(self.since, moment, self.zone, self.zone_name)

    def local(self, micros: Micros) -> datetime:
        """Return the local time of a moment."""
        return moment_of(micros).astimezone(self.zone)

    def midnight(self, day: date) -> Micros:
        """Return the first moment of a local day, which need not be 00:00 if clocks change then."""
        naive = datetime.combine(day, time())
        start = micros_of(naive.replace(tzinfo=self.zone).astimezone(timezone.utc))
        if self.local(start).date() < day:  # 00:00 is in the hour that is skipped
            start = micros_of(tz.resolve_imaginary(naive.replace(tzinfo=self.zone)))
        return start

    def periods(self, by: str) -> List[Period]:
        """Return the local days, weeks (from Monday) or months that the window touches, in order.

        Raises:
            ValueError: ``by`` is not day, week or month.
        """
        if by not in PERIODS:
            raise ValueError(f'"{by}" is not a period; write day, week or month')
        found: List[Period] = []
        first = _first_of(self.local(self.start).date(), by)
        start = self.midnight(first)
        while start < self.end:
            following = _after(first, by)
            end = self.midnight(following)
            if end > max(self.start, start):  # a date that a zone skipped is empty
                clipped = max(start, self.start), min(end, self.end)
                found.append(Period(_label(first, by), *clipped, clipped == (start, end)))
            first, start = following, end
        return found


def _first_of(day: date, by: str) -> date:
    if by == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if by == "month" else day


def _after(day: date, by: str) -> date:
    if by == "month":
        return (day + timedelta(days=31)).replace(day=1)
    return day + timedelta(days=7 if by == "week" else 1)


def _label(day: date, by: str) -> str:
    if by == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    return f"{day:%Y-%m}" if by == "month" else day.isoformat()


@dataclass(frozen=True)
class WorkingHours:
    """Hours of weekdays at which printers are expected to work."""

    shifts: Tuple[Tuple[FrozenSet[int], int, int], ...]
    """Weekdays (Monday is 0), first minute and last minute of the local day."""
    text: str

    @classmethod
    def parse(cls, text: str) -> WorkingHours:
        """Parse ``mon-fri 08:00-18:00, sat 09:00-12:00``.

        Raises:
            ValueError: The text is not such a pattern.
        """
        shifts = tuple(_shift(part.strip().lower(), text) for part in text.split(","))
        return cls(shifts, text)

    def spans(self, window: ReportWindow) -> List[Span]:
        """Return the working hours in a window; those of one day may not overlap."""
        found: List[Span] = []
        day = window.local(window.start).date()
        while window.midnight(day) < window.end:
            for weekdays, first, last in self.shifts:
                if day.weekday() in weekdays:
                    start, end = _at(window, day, first), _at(window, day, last)
                    found.append((max(start, window.start), min(end, window.end)))
            day += timedelta(days=1)
        return [(start, end) for start, end in found if start < end]


def _at(window: ReportWindow, day: date, minute: int) -> Micros:
    if minute == 24 * 60:
        return window.midnight(day + timedelta(days=1))
    naive = datetime.combine(day, time(minute // 60, minute % 60)).replace(tzinfo=window.zone)
    return micros_of(tz.resolve_imaginary(naive).astimezone(timezone.utc))


def _shift(part: str, text: str) -> Tuple[FrozenSet[int], int, int]:
    found = _SHIFT.fullmatch(part)
    days = [one for one in found.groups()[:2] if one] if found else []
    if not found or not set(days) <= set(_WEEKDAYS):
        raise ValueError(f'"{text}" is not a pattern of hours; write "mon-fri 08:00-18:00"')
    first, last = _WEEKDAYS.index(days[0]), _WEEKDAYS.index(days[-1])
    weekdays = frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))
    hour, minute, end_hour, end_minute = map(int, found.groups()[2:])
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if not 0 <= start < end <= 24 * 60 or minute > 59 or end_minute > 59:
        raise ValueError(f'"{part}" does not end after it starts, within one day')
    return weekdays, start, end
