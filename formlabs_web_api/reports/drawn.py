"""Which rows of a table its chart draws, since a chart of 500 rows shows nothing at a glance."""

from __future__ import annotations

from typing import Callable, List, Optional, Sequence, Tuple, TypeVar

from formlabs_web_api.reports.window import PERIODS

MAX_DRAWN = 44
"""Rows of a chart: as many as fit a sheet of A4 with title and legend."""
T = TypeVar("T")


def select_drawn(
    rows: Sequence[T], by: str, rank: Callable[[T], Optional[float]], ranked: str
) -> Tuple[List[T], str]:
    """Return the rows to draw, and a sentence if they are not all.

    Of periods, the last ones are drawn in their order. Of other rows, those that rank highest, in
    descending order.

    Args:
        rows: All rows.
        by: What the rows are: a period, or ``printer`` for example.
        rank: The number that rows are ranked by; None ranks last.
        ranked: What ranks high, as in "44 of 500 with ``the most printing``".
    """
    if len(rows) <= MAX_DRAWN:
        return list(rows), ""
    if by in PERIODS:
        return list(rows[-MAX_DRAWN:]), f" Drawn: the last {MAX_DRAWN} of {len(rows):,} {by}s."

    def order(row: T) -> float:
        value = rank(row)
        return float("inf") if value is None else -value

    drawn = sorted(rows, key=order)[:MAX_DRAWN]
    return drawn, f" Drawn: the {MAX_DRAWN} of {len(rows):,} with {ranked}."
