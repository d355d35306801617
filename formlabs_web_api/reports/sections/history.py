"""Prints over time: throughput, a lane for each printer, and durations against estimates."""

from __future__ import annotations

from typing import Any, List, Sequence, Tuple

from formlabs_web_api.reports import charts
from formlabs_web_api.reports.charts import Series
from formlabs_web_api.reports.drawn import select_drawn
from formlabs_web_api.reports.figures.history import (
    estimate_table,
    job_table,
    lanes_of,
    runs_within,
    throughput_table,
)
from formlabs_web_api.reports.runs import FleetData
from formlabs_web_api.reports.scene import Scene
from formlabs_web_api.reports.sections.section import (
    OUTCOMES,
    Choices,
    Section,
    counted,
    outcome_bars,
    percent,
    period_for,
    span_text,
)
from formlabs_web_api.reports.window import DAY, PERIODS, ReportWindow

MAX_JOBS = 2000
"""Prints that the table lists."""


def history(fleet: FleetData, window: ReportWindow, choices: Choices) -> List[Section]:
    """Return the sections about prints over time."""
    by = choices.by if choices.by in PERIODS else period_for(window)
    table = throughput_table(fleet, window, by)
    ended = sum(table.column("prints"))
    drawn, note = select_drawn(table.records(), by, lambda row: row["prints"], "the most prints")
    rows = outcome_bars(drawn, by)
    text = f"Prints that ended {span_text(window)}"
    bars = charts.stacked_bars(f"Prints by {by}", text, OUTCOMES, rows, "")
    estimates = estimate_table(fleet, window, "printer")
    taken, expected = sum(estimates.column("duration")), sum(estimates.column("estimate"))
    accuracy = (
        f"Prints took {percent(taken / expected)} of their estimates"
        if expected
        else "No finished print has an estimate"
    )
    runs = runs_within(fleet, window)
    lanes, lanes_note = _lanes(fleet, window)
    listed = f" Listed: the newest {MAX_JOBS:,}." if len(runs) > MAX_JOBS else ""
    return [
        Section(_ended(ended, window), table, bars if ended else None, f"{text}.{note}"),
        Section(
            f"{counted(len(runs), 'print')} in the window",
            job_table(fleet, runs[:MAX_JOBS]),
            lanes,
            f"A lane for each printer; {span_text(window)}.{lanes_note}{listed}",
        ),
        Section(accuracy, estimates, None, text),
    ]


def _ended(number: int, window: ReportWindow) -> str:
    if not number:
        return "No prints ended"
    rate = number / (window.length / DAY)
    shown = f"{rate:.1f}" if rate >= 1 else f"{rate:.2g}"
    return f"{counted(number, 'print')} ended, {shown} per day"


def _lanes(fleet: FleetData, window: ReportWindow) -> Tuple[Scene, str]:
    found = lanes_of(fleet, window)
    printers, note = select_drawn(
        fleet.printers, "printer", lambda one: len(found[one.serial]), "the most prints"
    )
    rows: List[Tuple[str, Sequence[Any]]] = [
        (one.label, [(lane.span, lane.outcome) for lane in found[one.serial]]) for one in printers
    ]
    series = (*OUTCOMES, Series("in_progress", "In progress"))
    by = period_for(window)
    ticks = [
        (period.start, period.label[5:] if by == "day" else period.label)
        for period in window.periods(by)
    ]
    text = f"A lane for each printer, {span_text(window)}"
    whole = window.start, window.end
    return charts.lanes("Prints by printer", text, series, rows, whole, ticks), note
