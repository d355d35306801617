"""Raw fields read for what they mean; one that holds something else counts as not given.

An answer that does not fit its description is kept as it came, so any field may hold anything.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from typing import Any, Optional

_MILLISECOND = timedelta(milliseconds=1)


def text(value: Any) -> str:
    """A text; empty where there is none."""
    return value if isinstance(value, str) else ""


def number(value: Any) -> Optional[float]:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def count(value: Any) -> Optional[int]:
    """A whole number, 0 or more."""
    found = number(value)
    return None if found is None or found < 0 else int(found)


def milliseconds(value: Any) -> Optional[timedelta]:
    """A duration given in ms; a negative one counts as none at all."""
    found = number(value)
    if found is None:
        return None
    try:
        return max(found, 0.0) * _MILLISECOND
    except OverflowError:
        return None


def moment(value: Any) -> Optional[datetime]:
    """A moment, in UTC.

    1970 and what is before it is no moment: one millisecond after the epoch is how the service
    writes "not known" (observation 1.3). One without an offset, never seen, is taken for UTC.
    """
    if not isinstance(value, datetime):
        return None
    try:
        if value.tzinfo is None:
            value = value.replace(tzinfo=timezone.utc)
        found = value.astimezone(timezone.utc)
    except (OverflowError, ValueError):
        return None
    return found if found.year > 1970 else None


def later(start: Optional[datetime], *durations: Optional[timedelta]) -> Optional[datetime]:
    """``start`` and the durations added up; None as soon as one of them is not known."""
    for duration in durations:
        if start is None or duration is None:
            return None
        try:
            start = start + duration
        except OverflowError:
            return None
    return start


def as_now(now: Optional[datetime]) -> datetime:
    """The moment a caller calls now, in UTC: the present one for None, local time for a naive."""
    return datetime.now(timezone.utc) if now is None else now.astimezone(timezone.utc)
