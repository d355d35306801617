"""Dates as people write them: ``2026-05-01``, ``7d``, ``yesterday``, ``last monday``, ``1 may``."""

from __future__ import annotations

import re
import warnings
from datetime import datetime, timedelta, timezone
from typing import Dict, List, Match, Optional, Tuple

Span = Tuple[datetime, datetime]
"""Start (inclusive) and end (exclusive): of a day or month; both are equal for a moment."""

EXAMPLES = '2026-05-01, "2026-05-01 14:30", 7d, 12h, yesterday or "last monday"'

_AGO = re.compile(r"(\d{1,6}(?:\.\d{1,3})?|an?(?=\s))\s*([a-z]+)(\s+ago)?")
_MINUTES_OR_MONTHS = re.compile(r"(\d+)\s*M")
_AT = re.compile(r"(.*?)\s+(?:at\s+)?(\d{1,2}):(\d\d)")
_CLOCK = re.compile(r"\d:\d\d|\d\s*[ap]\.?m\b")
_FRACTION = re.compile(r"\d+\s*[.,]\s*\d+\s*[a-z]*|\d{1,2}\s+\d{1,2}")
"""2.5 and 12.30 may mean days, hours or times of day; so may two numbers."""
_ISO = re.compile(r"\d{4}-?\d\d-?\d\d(?:[ t].*)?")
_YEAR_FIRST = re.compile(r"(\d{4})([/.-])(\d\d?)\2(\d\d?)\b")
_SHORT_HOUR = re.compile(r"^(\d{4}-\d\d-\d\d[ Tt])(?=\d:)")
_OFFSET = re.compile(r"\s+(?=[+-]\d\d:?\d\d$)")
_NUMBER = re.compile(r"\d+")
_YEAR = re.compile(r"(?:19|20)\d\d")
_YEAR_AND_MONTH = re.compile(r"((?:19|20)\d\d)-(\d\d)")
_NAMED = re.compile(r"(?:(this|last)\s+)?([a-z]+)")

_UNITS: Dict[str, str] = {
    **dict.fromkeys(("min", "mins", "minute", "minutes", "m"), "minutes"),
    **dict.fromkeys(("h", "hour", "hours"), "hours"),
    **dict.fromkeys(("d", "day", "days"), "days"),
    **dict.fromkeys(("w", "week", "weeks"), "weeks"),
    **dict.fromkeys(("mo", "month", "months"), "months"),
    **dict.fromkeys(("y", "year", "years"), "years"),
}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def span(text: str, now: datetime, utc: bool = False) -> Span:
    """Parse a date as people write it.

    A weekday is the latest one, including today; ``last monday`` is before today. A day and month
    without a year are the latest ones. Days, weeks, months and years ago keep the time of day.

    Args:
        text: The date.
        now: The present, with its zone.
        utc: True to use UTC instead of the local zone for a date that does not name a zone.

    Raises:
        ValueError: The text is invalid or ambiguous; the message suggests what to write.
    """
    written = " ".join(text.lower().split())
    local = now.astimezone(timezone.utc) if utc else now.astimezone()
    try:
        _expect_one_unit(text)
        found = _in_words(written, local.replace(tzinfo=None), now) or _in_figures(text, local)
    except (OverflowError, ValueError) as error:
        if isinstance(error, _Ambiguous):
            raise
        found = None
    if found is None:
        raise ValueError(f'"{text}" is not a date; write {EXAMPLES}')
    return _zoned(found[0], utc), _zoned(found[1], utc)


class _Ambiguous(ValueError):
    """The text has two meanings."""


def _zoned(moment: datetime, utc: bool) -> datetime:
    if moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=timezone.utc) if utc else moment.astimezone()


def _in_words(text: str, wall: datetime, now: datetime) -> Optional[Span]:
    """Parse words and amounts; ``wall`` is the local time of the present."""
    from dateutil.relativedelta import relativedelta

    today = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    moment = _ago(text, wall, now)
    if moment is not None:
        return moment, moment
    if text == "now":
        return now, now
    timed = _AT.fullmatch(text)
    if timed:
        day = _in_words(timed.group(1), wall, now)
        if day is None or day[1] - day[0] != timedelta(days=1):
            return None
        at = day[0].replace(hour=int(timed.group(2)), minute=int(timed.group(3)))
        return at, at
    if text == "today":
        return _days(today, 1)
    if text == "yesterday":
        return _days(today - timedelta(days=1), 1)
    named = _NAMED.fullmatch(text)
    if named is None:
        return None
    which, name = named.groups()
    weekday = [day for day in _WEEKDAYS if name in (day, day[:3])]
    if weekday and which != "this":
        back = (today.weekday() - _WEEKDAYS.index(weekday[0])) % 7
        if which == "last" and back == 0:
            back = 7
        return _days(today - timedelta(days=back), 1)
    periods = {
        "week": (today - timedelta(days=today.weekday()), relativedelta(weeks=1)),
        "month": (today.replace(day=1), relativedelta(months=1)),
        "year": (today.replace(month=1, day=1), relativedelta(years=1)),
    }
    if which is None or name not in periods:
        return None
    start, length = periods[name]
    if which == "last":
        start -= length
    return start, start + length


def _ago(text: str, wall: datetime, now: datetime) -> Optional[datetime]:
    """Parse an amount of time ago."""
    from dateutil.relativedelta import relativedelta

    found = _AGO.fullmatch(text)
    if found is None or found.group(2) not in _UNITS:
        return None
    amount, unit, ago = found.groups()
    unit = _UNITS[unit]
    if amount in ("a", "an"):
        if not ago:  # "a month" alone is not a date
            return None
        amount = "1"
    if unit in ("minutes", "hours"):
        return now - timedelta(**{unit: float(amount)})
    if "." in amount:
        raise ValueError(text)
    one = {
        "days": relativedelta(days=1),
        "weeks": relativedelta(weeks=1),
        "months": relativedelta(months=1),
        "years": relativedelta(years=1),
    }
    return wall - one[unit] * int(amount)


def _expect_one_unit(text: str) -> None:
    found = _MINUTES_OR_MONTHS.fullmatch(text.strip())
    if found:
        amount = found.group(1)
        raise _Ambiguous(
            f'"{text}" is {amount} minutes or {amount} months; write {amount}min or {amount}mo'
        )


def _in_figures(text: str, local: datetime) -> Optional[Span]:
    """Parse a date in figures, or with the name of a month."""
    from dateutil.parser import isoparse
    from dateutil.relativedelta import relativedelta

    text = _SHORT_HOUR.sub(r"\g<1>0", _YEAR_FIRST.sub(_dashed, text.strip()))
    text = _OFFSET.sub("", text)
    if _YEAR.fullmatch(text):
        return datetime(int(text), 1, 1), datetime(int(text) + 1, 1, 1)
    month = _YEAR_AND_MONTH.fullmatch(text)
    if month:
        start = datetime(int(month.group(1)), int(month.group(2)), 1)
        return start, start + relativedelta(months=1)
    if _ISO.fullmatch(text.lower()):
        moment = isoparse(text)
        return _days(moment, 1) if len(text) <= len("2026-05-01") else (moment, moment)
    if _NUMBER.fullmatch(text) or _FRACTION.fullmatch(text.lower()):
        return None
    return _free(text, local.replace(tzinfo=None))


def _dashed(found: Match[str]) -> str:
    """Return a date with its year first in ISO format."""
    return f"{found.group(1)}-{int(found.group(3)):02}-{int(found.group(4)):02}"


def _free(text: str, wall: datetime) -> Span:
    from dateutil.relativedelta import relativedelta

    found, given = _parsed(text, wall, dayfirst=True)
    other, _ = _parsed(text, wall, dayfirst=False)
    if other != found:
        raise _Ambiguous(f'"{text}" is {found:%Y-%m-%d} or {other:%Y-%m-%d}; write one of these')
    has_time = "hour" in given
    if has_time and not _CLOCK.search(text.lower()):
        raise ValueError(text)  # 1h30 may be a duration
    if "day" in given and "month" not in given:
        raise ValueError(text)
    if not {"month", "day"} & set(given):
        if not has_time or found.date() != wall.date():  # a weekday with a time
            raise ValueError(text)
        return found, found
    if "year" not in given and found.replace(tzinfo=None) > wall:
        found -= relativedelta(years=1)
    if "day" in given and _names_another_weekday(text, found):
        raise _Ambiguous(f'"{text}" does not exist: {found:%Y-%m-%d} was a {found:%A}')
    if "day" not in given:
        start = found.replace(day=1)
        return start, start + relativedelta(months=1)
    return (found, found) if has_time else _days(found, 1)


def _names_another_weekday(text: str, day: datetime) -> bool:
    named = [
        number
        for word in re.findall("[a-z]+", text.lower())
        for number, name in enumerate(_WEEKDAYS)
        if word in (name, name[:3])
    ]
    return any(number != day.weekday() for number in named)


def _parsed(text: str, wall: datetime, dayfirst: bool) -> Tuple[datetime, List[str]]:
    """Parse a moment; return it and the names of the parts that the text contains."""
    from dateutil.parser import parse

    today = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    # Missing parts are taken from the default; with two defaults, they differ.
    defaults = (datetime(2000, 1, 1, 0), datetime(2004, 2, 2, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # an unknown zone would be ignored
        try:
            found = parse(text, default=today, dayfirst=dayfirst)
            one, two = (parse(text, default=default, dayfirst=dayfirst) for default in defaults)
        except Warning as unknown:
            raise ValueError(str(unknown)) from None
    parts = ("year", "month", "day", "hour")
    return found, [part for part in parts if getattr(one, part) == getattr(two, part)]


def _days(start: datetime, days: int) -> Span:
    return start, start + timedelta(days=days)
