"""Read raw fields as typed values; a value of another type counts as missing.

A response that does not fit its description is kept as it was received, so a field may hold a value
of any type. Each reader takes a value, or an object and the names that lead to the value in it:
``moment(run, "print_run_success", "created_at")``.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Optional

from formlabs_web_api._util.checks import is_finite_number
from formlabs_web_api._util.fields import value_at

_MILLISECOND = timedelta(milliseconds=1)


def text(owner: object, *path: str) -> str:
    """Return a text; empty if the value is not one."""
    value = value_at(owner, *path)
    return value if isinstance(value, str) else ""


def number(owner: object, *path: str) -> Optional[float]:
    """Return a number; None if it is not finite."""
    value = value_at(owner, *path)
    return float(value) if is_finite_number(value) else None


def count(owner: object, *path: str) -> Optional[int]:
    """Return a whole number; None if it is negative."""
    found = number(owner, *path)
    return None if found is None or found < 0 else int(found)


def milliseconds(owner: object, *path: str) -> Optional[timedelta]:
    """Return a duration given in ms; a negative one counts as 0."""
    found = number(owner, *path)
    if found is None:
        return None
    try:
        return max(found, 0.0) * _MILLISECOND
    except OverflowError:
        return None


def moment(owner: object, *path: str) -> Optional[datetime]:
    """Return a moment in UTC.

    Years up to 1970 count as missing: one millisecond after the epoch is how the service writes
    "not known" (observation 1.3). A moment without an offset, which was never observed, is in UTC.
    """
    value = value_at(owner, *path)
    if not isinstance(value, datetime):
        return None
    try:
        if value.tzinfo is None:
            value = value.replace(tzinfo=timezone.utc)
        found = value.astimezone(timezone.utc)
    except (OverflowError, ValueError):
        return None
    return found if found.year > 1970 else None


def add_durations(start: Optional[datetime], *durations: Optional[timedelta]) -> Optional[datetime]:
    """Return ``start`` plus the durations; None if one of them is not known."""
    for duration in durations:
        if start is None or duration is None:
            return None
        try:
            start = start + duration
        except OverflowError:
            return None
    return start
