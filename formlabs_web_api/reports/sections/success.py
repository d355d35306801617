"""Outcomes: success rates with their intervals, and counts."""

from __future__ import annotations

from typing import List, Optional

from formlabs_web_api.reports import charts
from formlabs_web_api.reports.drawn import select_drawn
from formlabs_web_api.reports.figures.success import closed_within, rates_of, success_table
from formlabs_web_api.reports.runs import FleetData
from formlabs_web_api.reports.sections.section import (
    OUTCOMES,
    Choices,
    Section,
    counted,
    outcome_bars,
    percent,
    span_text,
)
from formlabs_web_api.reports.tables import FigureTable, Record
from formlabs_web_api.reports.window import ReportWindow


def success(fleet: FleetData, window: ReportWindow, choices: Choices) -> List[Section]:
    """Return the sections about outcomes."""
    runs = closed_within(fleet, window)
    rated, completion = rates_of(runs)
    if rated.value is None:
        title = f"{counted(rated.whole, 'rated print')}: too few for a rate"
    else:
        title = (
            f"{percent(rated.value)} of {rated.whole:,} rated prints succeeded"
            f" (95 %: {percent(rated.low)} to {percent(rated.high)})"
        )
        if completion.whole > rated.whole:
            title += f"; {percent(completion.value)} with aborted ones"
    sections: List[Section] = []
    dimensions = [choices.by] if choices.by else ["printer", "material", "hour"]
    for number, by in enumerate(dimensions):
        table = success_table(fleet, window, by)
        heading = title if number == 0 else _lowest(table, by)
        sections.append(_rates(table, by, heading, window))
    sections.insert(1, _outcome_bars(success_table(fleet, window, dimensions[0]), dimensions[0]))
    return sections


def _lowest(table: FigureTable, by: str) -> str:
    known = [row for row in table.records() if row["rated_rate"] is not None]
    if len(known) < 2:
        return f"Too few rated prints to compare by {by}"
    worst = min(known, key=lambda row: row["rated_rate"])
    if all(row is worst or row["rated_low"] <= worst["rated_high"] for row in known):
        return f"No clear difference by {by}: the intervals overlap"
    rate = percent(worst["rated_rate"])
    return f"Lowest by {by}: {worst[by]}, {rate} of {_rated(worst)} rated prints"


def _rated(row: Record) -> int:
    """Return the number of rated prints of a row."""
    return int(row["success"] + row["failure"])


def _rates(table: FigureTable, by: str, title: str, window: ReportWindow) -> Section:
    def rank(row: Record) -> Optional[float]:
        return None if row["rated_rate"] is None else -row["rated_rate"]

    drawn, note = select_drawn(table.records(), by, rank, "the lowest rates")
    rows = [
        (
            *(str(row[by]), row["rated_rate"], row["rated_low"], row["rated_high"]),
            f"n = {_rated(row):,}",
        )
        for row in drawn
    ]
    text = (
        f"Success of rated prints with 95 % intervals, prints that ended {span_text(window)}."
        " Hatched: fewer than five rated prints."
    )
    return Section(title, table, charts.intervals(f"Success by {by}", text, rows), text + note)


def _outcome_bars(table: FigureTable, by: str) -> Section:
    drawn, note = select_drawn(table.records(), by, lambda row: row["prints"], "the most prints")
    rows = outcome_bars(drawn, by)
    unrated, total = sum(table.column("unrated")), sum(table.column("prints"))
    title = f"{unrated:,} of {counted(total, 'print')} not rated" if total else "No prints to rate"
    text = f"Outcomes of {counted(total, 'print')}"
    chart = charts.stacked_bars(f"Outcomes by {by}", text, OUTCOMES, rows, "")
    shown = table.first_columns("outcomes_by_" + by, f"Outcomes by {by}", OUTCOMES[-1].role)
    return Section(title, shown, chart, f"{text}.{note}")
