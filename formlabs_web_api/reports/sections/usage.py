"""Printing time: hours by printer, and a map of printers and days."""

from __future__ import annotations

from typing import List, Optional, Tuple

from formlabs_web_api.reports import charts
from formlabs_web_api.reports.charts import Series
from formlabs_web_api.reports.drawn import select_drawn
from formlabs_web_api.reports.figures.usage import not_counted, usage_of, usage_table, utilisation
from formlabs_web_api.reports.runs import FleetData
from formlabs_web_api.reports.sections.section import (
    Choices,
    Section,
    counted,
    percent,
    period_for,
    span_text,
)
from formlabs_web_api.reports.tables import FigureTable, ValueKind, measures
from formlabs_web_api.reports.window import DAY, HOUR, ReportWindow

_PARTS = (
    Series("printing", "Printing"),
    Series("idle", "Idle"),
    Series("offline", "Offline"),
    Series("unknown", "Not printing, state unknown"),
)


def usage(fleet: FleetData, window: ReportWindow, choices: Choices) -> List[Section]:
    """Return the sections about printing time."""
    by = choices.by or "printer"
    table = usage_table(fleet, window, by, choices.hours)
    drawn, note = select_drawn(
        table.records(), by, lambda row: row["printing"], "the most printing"
    )
    rows = [
        (
            str(row[by]),
            [row[part.role] / HOUR for part in _PARTS],
            percent(row["utilisation"]),
        )
        for row in drawn
    ]
    prints = sum(table.column("prints")) if by in ("printer", "group") else None
    description = f"Hours of {span_text(window)}"
    if prints is not None:
        description += f"; {counted(prints, 'print')}"
    chart = charts.stacked_bars(f"Hours by {by}", description, _PARTS, rows, "h")
    sections = [Section(_title(fleet, window), table, chart, f"{description}.{note}")]
    if len(fleet.printers):
        sections.append(_heat_map(fleet, window))
    missing = not_counted(fleet, window)
    if missing.rows:
        text = "They have no start, or neither an end nor a report of progress."
        title = f"{counted(len(missing.rows), 'print')} not counted as printing time"
        sections.append(Section(title, missing, None, text))
    return sections


def _title(fleet: FleetData, window: ReportWindow) -> str:
    share = utilisation(fleet, window)
    if share is None:
        return "No printers, so no utilisation"
    title = f"Utilisation {percent(share)} of all hours"
    before = window.before()
    starts = [run.started for run in fleet.runs if run.started is not None]
    if not starts or min(starts) > before.start:
        return title
    former = utilisation(fleet, before) or 0.0
    points = round((share - former) * 100)
    length = f"{window.length / DAY:.0f} days" if window.length >= 2 * DAY else "period"
    if points == 0:
        return f"{title}, as in the {length} before"
    noun = "point" if abs(points) == 1 else "points"
    return f"{title}, {abs(points)} {noun} {'above' if points > 0 else 'below'} the {length} before"


def _heat_map(fleet: FleetData, window: ReportWindow) -> Section:
    by = period_for(window)
    periods = window.periods(by)
    used = usage_of(fleet, window)
    shares: List[Tuple[str, List[Optional[float]]]] = [
        (
            printer.label,
            [used[printer.serial].within(period)[0] / period.length for period in periods],
        )
        for printer in fleet.printers
    ]
    names = [period.label[5:] if by == "day" else period.label for period in periods]
    table = FigureTable(
        f"utilisation_by_printer_and_{by}",
        f"Utilisation by printer and {by}, in percent",
        measures(
            ("printer", "Printer"),
            *((period.label, name, ValueKind.SHARE) for period, name in zip(periods, names)),
        ),
        [(label, *values) for label, values in shares],
    )
    totals = [
        sum(values[at] or 0.0 for _, values in shares) / len(shares) for at in range(len(periods))
    ]
    best = totals.index(max(totals))
    if max(totals) == 0:
        title = "No printing in this window"
    else:
        title = f"Busiest {by}: {periods[best].label}, {percent(totals[best])} of all hours"
    text = f"Printing time as a share of each {by}, cut at the window; {span_text(window)}"
    drawn, note = select_drawn(
        shares, "printer", lambda row: sum(value or 0.0 for value in row[1]), "the most printing"
    )
    chart = charts.heat_map(f"Utilisation by printer and {by}", text, names, drawn)
    return Section(title, table, chart, f"{text}.{note}")
