"""The queue: how many prints wait."""

from __future__ import annotations

from typing import List

from formlabs_web_api.reports import charts
from formlabs_web_api.reports.charts import Series
from formlabs_web_api.reports.figures.queue import queue_table
from formlabs_web_api.reports.runs import FleetData
from formlabs_web_api.reports.sections.section import Choices, Section, counted, present
from formlabs_web_api.reports.window import HOUR, ReportWindow


def queue(fleet: FleetData, window: ReportWindow, choices: Choices) -> List[Section]:
    """Return the section about prints that wait."""
    by = choices.by or "material"
    table = queue_table(fleet, by)
    depth = sum(table.column("prints"))
    waits = [wait for wait in table.column("wait_longest") if wait is not None]
    title = f"{counted(depth, 'print')} in the queue"
    if waits:
        title += f", the longest for {max(waits) / HOUR:,.1f} h"
    rows = [(str(row[by]), [float(row["prints"])], f"{row['prints']:,}") for row in table.records()]
    text = f"As of {present(fleet, window)}"
    series = (Series("printing", "Prints"),)
    chart = charts.stacked_bars(f"Prints that wait, by {by}", text, series, rows, "")
    return [Section(title, table, chart, text)]
