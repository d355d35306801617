"""Fit the columns of a table into the width of a terminal."""

from __future__ import annotations

from typing import Any, List, Sequence

from formlabs_web_api.display.cells import Column

GAP = 2
"""Cells between two columns."""


def fit_columns(columns: Sequence[Column[Any]], widths: List[int], room: int) -> List[int]:
    """Return the indices of the columns to keep, and reduce ``widths`` in place where needed.

    First columns are truncated down to ``min_width``, then dropped by ``drop_priority``, then
    truncated down to ``min_width_last_resort``. A column with priority 0 is never dropped, so the
    result may be wider than ``room``.
    """
    least = [
        width if column.min_width is None else min(width, column.min_width)
        for column, width in zip(columns, widths)
    ]
    kept = list(range(len(columns)))
    while _total(least, kept) > room:
        worst = max(kept, key=lambda index: columns[index].drop_priority)
        if columns[worst].drop_priority == 0:
            break
        kept.remove(worst)
    if _total(least, kept) > room:
        for index in kept:
            last_resort = columns[index].min_width_last_resort
            least[index] = min(least[index], last_resort or least[index])
    while _total(widths, kept) > room:
        widest = max(kept, key=lambda index: widths[index] - least[index])
        if widths[widest] <= least[widest]:
            break
        widths[widest] -= 1
    return kept


def _total(widths: Sequence[int], kept: Sequence[int]) -> int:
    return sum(widths[index] + GAP for index in kept) - GAP
