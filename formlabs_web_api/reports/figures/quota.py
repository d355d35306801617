"""The account's own use of the service: requests by limit and by program."""

from __future__ import annotations

from formlabs_web_api.rate_limit import Quota
from formlabs_web_api.reports.tables import FigureTable, ValueKind, measures


def limits_table(quota: Quota) -> FigureTable:
    """Return how much of each limit is used at present, the longest window first."""
    table = FigureTable(
        "limits",
        "Requests of each limit, at present",
        measures(
            ("window", "Window"),
            ("limit", "Limit", ValueKind.COUNT),
            ("used", "Used", ValueKind.COUNT),
            ("left", "Left", ValueKind.COUNT),
            ("used_share", "Used", ValueKind.SHARE, "%"),
        ),
    )
    for one in sorted(quota.windows, key=lambda window: -window.period):
        share = one.used / one.limit if one.limit else None
        table.rows.append((_length(one.period), one.limit, one.used, one.left, share))
    return table


def programs_table(quota: Quota) -> FigureTable:
    """Return the requests of the longest window by program, if programs share the limits."""
    table = FigureTable(
        "requests_by_program",
        "Requests of the longest window, by program",
        measures(
            ("program", "Program"),
            ("requests", "Requests", ValueKind.COUNT),
            ("share", "Of all", ValueKind.SHARE, "%"),
        ),
    )
    total = sum(quota.by_program.values())
    for program, requests in sorted(quota.by_program.items(), key=lambda pair: (-pair[1], pair[0])):
        table.rows.append((program, requests, requests / total if total else None))
    return table


def _length(seconds: float) -> str:
    if seconds % 3600 == 0:
        return "1 hour" if seconds == 3600 else f"{seconds / 3600:.0f} hours"
    return "1 second" if seconds == 1 else f"{seconds:g} seconds"
