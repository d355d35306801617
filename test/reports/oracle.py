"""An independent, slow computation of the figures: it looks at each minute of the window.

It shares nothing with the package: prints are judged by their JSON fields alone.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any, Dict, List, Optional, Tuple

MINUTE = timedelta(minutes=1)


def moment(text: Optional[str]) -> Optional[datetime]:
    return None if text is None else datetime.fromisoformat(text)


def minutes(since: datetime, until: datetime) -> List[datetime]:
    found = []
    while since < until:
        found.append(since)
        since += MINUTE
    return found


def printing_minutes_by_day(
    prints: List[Dict[str, Any]], printer: str, since: datetime, until: datetime, zone: tzinfo
) -> Dict[str, int]:
    """Count the minutes in which a printer worked, by local day."""
    spans: List[Tuple[datetime, datetime]] = []
    for one in prints:
        start, end = moment(one["print_started_at"]), moment(one["print_finished_at"])
        if one["printer"] == printer and start is not None and end is not None:
            spans.append((start, end))
    counted: Dict[str, int] = defaultdict(int)
    for minute in minutes(since, until):
        if any(start <= minute < end for start, end in spans):
            counted[minute.astimezone(zone).date().isoformat()] += 1
    return dict(counted)


def outcomes(
    prints: List[Dict[str, Any]], since: datetime, until: datetime
) -> Dict[str, Dict[str, int]]:
    """Count the outcomes of prints that ended within, by printer."""
    counted: Dict[str, Dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in prints:
        end = moment(one["print_finished_at"])
        if end is None or not since <= end < until:
            continue
        rating = one["print_run_success"]
        if one["status"] == "ABORTED":
            word = "aborted"
        elif one["status"] == "ERROR":
            word = "failure"
        elif rating is None:
            word = "unrated"
        else:
            word = rating["print_run_success"].lower()
        counted[one["printer"]][word] += 1
    return {printer: dict(words) for printer, words in counted.items()}


def used_ml(prints: List[Dict[str, Any]], since: datetime, until: datetime) -> Dict[str, float]:
    """Sum what prints that ended within can have used, by material code."""
    total: Dict[str, float] = defaultdict(float)
    for one in prints:
        end = moment(one["print_finished_at"])
        if end is None or not since <= end < until:
            continue
        volume = one["volume_ml"]
        if one["status"] != "FINISHED":
            volume = volume * one["currently_printing_layer"] / one["layer_count"]
        total[one["material"]] += volume
    return dict(total)


UTC = timezone.utc
