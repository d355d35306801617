"""What makes the value of a setting wrong, and how that is said."""

from __future__ import annotations

import math
from typing import Any

from typing_extensions import TypeGuard


def is_finite_number(value: object) -> TypeGuard[float]:
    """Return True for a number that is finite as a float, and False for a bool."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer of more than 308 digits
        return False


def check_count(name: str, value: Any, least: int) -> None:
    """Raise ValueError unless ``value`` is a whole number, ``least`` or more."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"{name}: a whole number, {least} or more, is needed, not {value!r}")


def check_seconds(name: str, value: Any, zero: bool = True) -> None:
    """Raise ValueError unless ``value`` is a finite number, 0 (if ``zero``) or more."""
    if not is_finite_number(value) or value < 0 or (value == 0 and not zero):
        least = "0 or more" if zero else "more than 0"
        raise ValueError(f"{name}: a finite number of seconds, {least}, is needed, not {value!r}")
