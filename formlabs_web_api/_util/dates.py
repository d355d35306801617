"""Parse dates of HTTP headers and of ISO 8601."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_tz
from typing import Optional

_ISO = re.compile(r"\d{4}-\d\d-\d\d([Tt ]|$)", re.ASCII)


def parse_http_date(text: Optional[str]) -> Optional[datetime]:
    """Parse the date of an HTTP header, such as ``Date``; return it in UTC.

    All forms that HTTP has had are accepted. A date without a zone is in UTC. None for a missing
    header, for any other text and for a date that does not exist.
    """
    try:
        parts = parsedate_tz(text or "")
        if parts is None:
            return None
        offset = timedelta(seconds=parts[9] or 0)
        second = min(parts[5], 59)  # a leap second, which Python has not
        return datetime(*parts[:5], second, tzinfo=timezone.utc) - offset
    except (TypeError, ValueError, IndexError, OverflowError):  # as old versions refuse a date
        return None


def parse_iso(text: str) -> datetime:
    """Parse a date or date-time of ISO 8601, as JSON APIs write it.

    Digits alone are not a date: the text ``5`` is not five seconds after 1970, and ``2026`` is not
    the first of January.

    Raises:
        ValueError: The text is not such a date, or the date does not exist.
    """
    if _ISO.match(text) is None:
        raise ValueError(f"{text[:40]!r} is not a date of ISO 8601, such as 2026-05-31T12:00:00Z")
    from dateutil.parser import isoparse  # slow to import, and most programs do not need it

    return isoparse(text)
