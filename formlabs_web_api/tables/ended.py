"""The rule for "this print ended within this period", for every place that filters by the end."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Optional


def has_ended_within(
    run: Any, since: Optional[datetime], until: Optional[datetime], now: datetime
) -> bool:
    """Return whether a print ended at ``since`` or later, and before ``until``.

    The service filters by another time than the end, so this is judged from the row itself.
    A print that has not ended, or whose end is unknown, never matches.
    """
    ended = run.end_at(now)
    if ended is None:
        return False
    return (since is None or since <= ended) and (until is None or ended < until)
