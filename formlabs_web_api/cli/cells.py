"""Cells of tables, tolerant of values of any type; formats are those of ``display.formats``.

The service may put any value into any field. A value of an unexpected type is written as received,
or as a dash if it is empty, so that it never ends a listing.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any, List, Optional

from formlabs_web_api._util.json import Json
from formlabs_web_api._util.text import MISSING, one_line


def text(value: object) -> str:
    """Return any value as text: a text unchanged, None as empty text, other values as JSON."""
    if isinstance(value, str):
        return str(value)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return json.dumps(value, default=_content, ensure_ascii=False)


def json_value(value: object) -> Json:
    """Convert a value of a record for JSON: ISO times, durations in seconds."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, (bool, int, float)) else text(value)


def plain(value: object) -> str:
    """Return any value as one line that cannot control a terminal."""
    return one_line(text(value))


def name_of(value: object) -> str:
    """Return the name of a model; a value without a name as text."""
    return text(getattr(value, "name", value))


def items_of(value: object) -> List[Any]:
    """Return the items of a list except null; a value that is not a list as the only item."""
    from formlabs_web_api._util.json import is_array

    found: List[Any] = value if is_array(value) else [value]
    return [item for item in found if item is not None]


def material(code: object) -> str:
    """Return the name of a material by its code."""
    from formlabs_web_api import catalogue

    return catalogue.material_name(text(code))


def machine(code: object) -> str:
    """Return the name of a printer type by its code."""
    from formlabs_web_api import catalogue

    return catalogue.machine_name(text(code))


def moment(at: object, now: datetime) -> str:
    """Format a date and time in the zone of ``now``."""
    local = _local(at, now)
    return _as_received(at) if local is None else f"{local:%Y-%m-%d %H:%M}"


def clock(at: object, now: datetime) -> str:
    """Format a time, the shorter the closer: ``23:19``, ``Tue 04:10``, ``2026-05-01``."""
    local = _local(at, now)
    if local is None:
        return _as_received(at)
    if local.date() == now.date():
        return f"{local:%H:%M}"
    is_near = abs(local - now) < timedelta(days=6)
    return f"{local:%a %H:%M}" if is_near else f"{local:%Y-%m-%d}"


def duration(length: object) -> str:
    """Format a duration as :func:`display.formats.duration` does."""
    from formlabs_web_api.display import formats

    return formats.duration(length) if isinstance(length, timedelta) else _as_received(length)


def ago(at: object, now: datetime) -> str:
    """Format how long ago a time was, in its largest unit: ``3 d``; empty for None."""
    local = _local(at, now)
    if local is None:
        return text(at)
    minutes = max(0, round((now - local).total_seconds() / 60))
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440:,} d"


def volume(millilitres: object) -> str:
    """Format a volume as :func:`display.formats.volume` does."""
    from formlabs_web_api.display import formats
    from formlabs_web_api.models.derived.raw import number

    found = number(millilitres)
    return _as_received(millilitres) if found is None else formats.volume(found)


def degrees(temperature: object) -> str:
    """Format a temperature in °C."""
    from formlabs_web_api.models.derived.raw import number

    found = number(temperature)
    return _as_received(temperature) if found is None else f"{found:g} °C"


def percent(share: Optional[float]) -> str:
    """Format a share as :func:`display.formats.percent` does; a dash for None."""
    from formlabs_web_api.display import formats

    return formats.percent(share) or MISSING


def number(value: object) -> str:
    """Format a count with separators of thousands."""
    is_count = isinstance(value, int) and not isinstance(value, bool)
    return f"{value:,}" if is_count else _as_received(value)


def _local(at: object, now: datetime) -> Optional[datetime]:
    """Return a time in the zone of ``now``; None if it is not a time or cannot be converted."""
    if not isinstance(at, datetime):
        return None
    aware: datetime = at if at.tzinfo is not None else at.replace(tzinfo=timezone.utc)
    try:
        return aware.astimezone(now.tzinfo)
    except (OverflowError, ValueError):
        return None


def _as_received(value: object) -> str:
    return text(value) or MISSING


def _content(value: Any) -> object:
    """Convert a value of a type that JSON does not have."""
    return value.to_dict() if hasattr(value, "to_dict") else str(value)


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: ``1 printer``, ``12 printers``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def bar(share: float, width: int, ascii_only: bool = False) -> str:
    """Draw a bar as :func:`display.formats.bar` does."""
    from formlabs_web_api.display import formats

    return formats.bar(share, width, ascii_only)
