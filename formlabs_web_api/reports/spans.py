"""Periods of time as sets: their union, intersection and length."""

from __future__ import annotations

from typing import Iterable, List, Sequence

from formlabs_web_api.reports.window import Micros, Span


def union(spans: Iterable[Span]) -> List[Span]:
    """Return the same time as separate periods in order; empty and reversed ones are dropped."""
    merged: List[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged


def clip(spans: Iterable[Span], start: Micros, end: Micros) -> List[Span]:
    """Return the parts of periods that lie between two moments."""
    cut = [(max(first, start), min(last, end)) for first, last in spans]
    return [span for span in cut if span[0] < span[1]]


def intersection(these: Sequence[Span], those: Sequence[Span]) -> List[Span]:
    """Return the time that two unions have in common."""
    common: List[Span] = []
    mine, other = 0, 0
    while mine < len(these) and other < len(those):
        start = max(these[mine][0], those[other][0])
        end = min(these[mine][1], those[other][1])
        if start < end:
            common.append((start, end))
        if these[mine][1] <= those[other][1]:
            mine += 1
        else:
            other += 1
    return common


def difference(these: Sequence[Span], those: Sequence[Span]) -> List[Span]:
    """Return the time of one union that is not in the other."""
    left: List[Span] = []
    for start, end in these:
        for first, last in clip(those, start, end):
            if start < first:
                left.append((start, first))
            start = last
        if start < end:
            left.append((start, end))
    return left


def total(spans: Iterable[Span]) -> Micros:
    """Return the length of periods that do not overlap."""
    return sum(end - start for start, end in spans)
