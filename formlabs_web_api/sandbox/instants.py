"""Instants, and their text as the service writes and reads it.

An instant is a whole number of microseconds since 1970 (UTC): cheap to store, compare and search.
The service writes US Eastern time with the offset of the season, never ``Z``, and leaves out the
fraction where it is zero (observation 1.3). The rule of the offset is implemented here because
Python 3.8 has no ``zoneinfo`` and 200,000 rows need it fast.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Tuple

Instant = int

MILLISECOND: Instant = 1_000
SECOND: Instant = 1_000_000
MINUTE: Instant = 60 * SECOND
HOUR: Instant = 60 * MINUTE
DAY: Instant = 24 * HOUR

EPOCH_SENTINEL: Instant = 1 * MILLISECOND
"""The finish time of some Form 4 prints: one millisecond into 1970."""

_EPOCH = datetime(1970, 1, 1)
_AWARE_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_WINTER_SECONDS = -5 * 3600
_SUMMER_SECONDS = -4 * 3600
_DAY_SECONDS = 24 * 3600

_DATE_TIME = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6})\d*)?)?"
    r"(?:([Zz])|([+-])(\d{2}):?(\d{2})?)?)?",
    re.ASCII,
)


def from_datetime(moment: datetime) -> Instant:
    """Convert an aware date-time; raise ``ValueError`` for a naive one."""
    if moment.tzinfo is None:
        raise ValueError(f"the date-time {moment.isoformat()} needs a time zone")
    return (moment - _AWARE_EPOCH) // timedelta(microseconds=1)


def to_datetime(instant: Instant) -> datetime:
    """Convert an instant to an aware date-time in UTC."""
    return _AWARE_EPOCH + timedelta(microseconds=instant)


def written(instant: Instant) -> str:
    """Format an instant as the service does, like ``2026-06-01T20:57:04.053000-04:00``."""
    seconds, microseconds = divmod(instant, SECOND)
    offset = _eastern_seconds(seconds)
    day, second = divmod(seconds + offset, _DAY_SECONDS)
    time = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    fraction = f".{microseconds:06d}" if microseconds else ""
    return f"{_date(day)}T{time}{fraction}-0{-offset // 3600}:00"


def read(text: str) -> Instant:
    """Parse an ISO 8601 text: offset with or without colon, ``Z``, or no offset (US Eastern).

    A date alone means its midnight. Raise ``ValueError`` for every other text.
    """
    match = _DATE_TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError("not a date-time")
    year, month, day, hour, minute, second, fraction, zulu, sign, hours, minutes = match.groups()
    moment = datetime(
        int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0)
    )
    seconds = (moment - _EPOCH) // timedelta(seconds=1)
    if sign:
        offset = int(hours) * 3600 + int(minutes or 0) * 60
        if int(minutes or 0) > 59 or offset > 24 * 3600:
            raise ValueError("no such offset")
        seconds -= offset if sign == "+" else -offset
    elif not zulu:
        seconds -= _eastern_seconds(seconds - _WINTER_SECONDS)
    return seconds * SECOND + int((fraction or "0").ljust(6, "0"))


def _eastern_seconds(seconds: int) -> int:
    """Return the offset of US Eastern time at a second since 1970, by the rule of 2007."""
    begin, end = _summer(int(_date((seconds + _WINTER_SECONDS) // _DAY_SECONDS)[:4]))
    return _SUMMER_SECONDS if begin <= seconds < end else _WINTER_SECONDS


@lru_cache(maxsize=4096)
def _date(day: int) -> str:
    """Format a day since 1970, like ``2026-06-01``."""
    return (_EPOCH + timedelta(days=day)).date().isoformat()


@lru_cache(maxsize=None)
def _summer(year: int) -> Tuple[int, int]:
    """Return the first second of a year's summer time, and of the winter time after it (UTC)."""
    second_sunday_in_march = 14 - datetime(year, 3, 1).weekday()
    first_sunday_in_november = 7 - datetime(year, 11, 1).weekday()
    return (
        (datetime(year, 3, second_sunday_in_march, 7) - _EPOCH) // timedelta(seconds=1),
        (datetime(year, 11, first_sunday_in_november, 6) - _EPOCH) // timedelta(seconds=1),
    )
