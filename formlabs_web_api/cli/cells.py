"""How values are written for people: times, durations, volumes, shares, and names made harmless."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, Optional

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
"""What could move a terminal's cursor, change its colours, or turn the direction of writing."""

MISSING = "\N{EN DASH}"


def plain(text: Any) -> str:
    """A text of the service as one line that cannot steer a terminal."""
    return _CONTROL.sub(" ", "" if text is None else str(text)).strip()


def moment(at: Optional[datetime], now: datetime) -> str:
    """A date and a time of day, in the zone of ``now``."""
    return MISSING if at is None else f"{at.astimezone(now.tzinfo):%Y-%m-%d %H:%M}"


def clock(at: Optional[datetime], now: datetime) -> str:
    """A time within days of ``now`` and in its zone: ``23:19``, ``Tue 04:10``, ``2026-05-01``."""
    if at is None:
        return MISSING
    at = at.astimezone(now.tzinfo)
    if at.date() == now.date():
        return f"{at:%H:%M}"
    return f"{at:%a %H:%M}" if abs(at - now) < timedelta(days=6) else f"{at:%Y-%m-%d}"


def duration(length: Optional[timedelta]) -> str:
    """``45 min``, ``1 h 05 min``, ``3 d 4 h``; nothing below zero."""
    if length is None:
        return MISSING
    minutes = max(0, round(length.total_seconds() / 60))
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"


def ago(at: Optional[datetime], now: datetime) -> str:
    """How long ago something was, in its largest unit: ``3 d``; empty where not known."""
    if at is None:
        return ""
    minutes = max(0, round((now - at).total_seconds() / 60))
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"


def millilitres(volume: Any) -> str:
    """A volume in ml; a small one with one digit more."""
    if isinstance(volume, bool) or not isinstance(volume, (int, float)):
        return MISSING
    return f"{volume:.1f} ml" if 0 < volume < 9.95 else f"{volume:,.0f} ml"


def percent(share: Optional[float]) -> str:
    """A share as a whole per cent, rounded down, so that 100 % is whole."""
    return MISSING if share is None else f"{int(share * 100)} %"


def number(value: Any) -> str:
    """A count with its thousands apart."""
    return MISSING if not isinstance(value, int) else f"{value:,}"


def counted(count: int, thing: str) -> str:
    """``1 printer``, ``12 printers``."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def bar(share: float, width: int, ascii_only: bool = False) -> str:
    """A bar that shows a share without colours."""
    full, empty = "#." if ascii_only else "█░"
    filled = int(share * width + 0.5)
    return full * filled + empty * (width - filled)
