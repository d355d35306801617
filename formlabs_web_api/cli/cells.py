"""How values are written for people: times, durations, volumes, shares, and names made harmless.

The service may put anything into any field. What is not of the kind that is expected is written as
it came, or as a dash where it says nothing; it never ends a listing.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any, List, Optional

from formlabs_web_api._util.text import one_line

MISSING = "\N{EN DASH}"


def text(value: Any) -> str:
    """Any value as text: a text as it is, None as nothing, all else as JSON."""
    if isinstance(value, str):
        return str(value)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return json.dumps(value, default=_content, ensure_ascii=False)


def json_value(value: Any) -> Any:
    """Return a value of a record as JSON has it: ISO times, durations in seconds."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, (bool, int, float)) else text(value)


def plain(value: Any) -> str:
    """Return any value as one line that cannot control a terminal."""
    return one_line(text(value))


def field(thing: Any, *names: str) -> Any:
    """What is at the end of a way through fields; None where the way does not lead that far."""
    for name in names:
        thing = getattr(thing, name, None)
    return thing


def named(thing: Any) -> str:
    """What to call a thing that has a name; what is no such thing is written itself."""
    return text(getattr(thing, "name", thing))


def each(things: Any) -> List[Any]:
    """The things of a list, without those that are null; what is no list is one thing."""
    from formlabs_web_api._util.json import is_array

    found: List[Any] = things if is_array(things) else [things]
    return [thing for thing in found if thing is not None]


def material(code: Any) -> str:
    """The name of a material by its code."""
    from formlabs_web_api import catalogue

    return catalogue.material_name(text(code))


def machine(code: Any) -> str:
    """The name of a type of printer by its code."""
    from formlabs_web_api import catalogue

    return catalogue.machine_name(text(code))


def moment(at: Any, now: datetime) -> str:
    """A date and a time of day, in the zone of ``now``."""
    local = _local(at, now)
    return _as_it_came(at) if local is None else f"{local:%Y-%m-%d %H:%M}"


def clock(at: Any, now: datetime) -> str:
    """A time within days of ``now`` and in its zone: ``23:19``, ``Tue 04:10``, ``2026-05-01``."""
    local = _local(at, now)
    if local is None:
        return _as_it_came(at)
    if local.date() == now.date():
        return f"{local:%H:%M}"
    is_near = abs(local - now) < timedelta(days=6)
    return f"{local:%a %H:%M}" if is_near else f"{local:%Y-%m-%d}"


def duration(length: Any) -> str:
    """``45 min``, ``1 h 05 min``, ``3 d 4 h``; nothing below zero."""
    if not isinstance(length, timedelta):
        return _as_it_came(length)
    minutes = max(0, round(length.total_seconds() / 60))
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours < 48 else f"{hours // 24:,} d {hours % 24} h"


def ago(at: Any, now: datetime) -> str:
    """How long ago something was, in its largest unit: ``3 d``; empty where not known."""
    local = _local(at, now)
    if local is None:
        return text(at)
    minutes = max(0, round((now - local).total_seconds() / 60))
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440:,} d"


def millilitres(volume: Any) -> str:
    """A volume in ml; a small one with one digit more."""
    from formlabs_web_api.models.derived.raw import number

    found = number(volume)
    if found is None:
        return _as_it_came(volume)
    return f"{found:.1f} ml" if 0 < found < 9.95 else f"{found:,.0f} ml"


def degrees(temperature: Any) -> str:
    """A temperature in °C."""
    from formlabs_web_api.models.derived.raw import number

    found = number(temperature)
    return _as_it_came(temperature) if found is None else f"{found:g} °C"


def percent(share: Optional[float]) -> str:
    """A share as a whole per cent, rounded down, so that 100 % is whole."""
    return MISSING if share is None else f"{int(share * 100)} %"


def number(value: Any) -> str:
    """A count with its thousands apart."""
    is_count = isinstance(value, int) and not isinstance(value, bool)
    return f"{value:,}" if is_count else _as_it_came(value)


def _local(at: Any, now: datetime) -> Optional[datetime]:
    """A moment in the zone of ``now``; None for what is no moment, or out of reach of calendars."""
    if not isinstance(at, datetime):
        return None
    aware: datetime = at if at.tzinfo is not None else at.replace(tzinfo=timezone.utc)
    try:
        return aware.astimezone(now.tzinfo)
    except (OverflowError, ValueError):
        return None


def _as_it_came(value: Any) -> str:
    return text(value) or MISSING


def _content(thing: Any) -> Any:
    """What is written for a thing that JSON does not have itself."""
    return thing.to_dict() if hasattr(thing, "to_dict") else str(thing)


def counted(count: int, thing: str) -> str:
    """``1 printer``, ``12 printers``."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def bar(share: float, width: int, ascii_only: bool = False) -> str:
    """A bar that shows a share without colours."""
    full, empty = "#." if ascii_only else "█░"
    filled = int(share * width + 0.5)
    return full * filled + empty * (width - filled)
