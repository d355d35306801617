"""Consumables: resin in stock with its forecast, and tanks in printers."""

from __future__ import annotations

from typing import List

from formlabs_web_api.reports import charts
from formlabs_web_api.reports.charts import Series
from formlabs_web_api.reports.figures.consumables import stock_table, tank_table
from formlabs_web_api.reports.runs import FleetData
from formlabs_web_api.reports.sections.section import Choices, Section, counted, present
from formlabs_web_api.reports.window import ReportWindow

_SOON_DAYS = 14


def consumables(fleet: FleetData, window: ReportWindow, choices: Choices) -> List[Section]:
    """Return the sections about resin in stock and tanks."""
    table = stock_table(fleet, choices.days)
    records = table.records()
    soon = [
        str(row["material"])
        for row in records
        if row["days_low"] is not None and row["days_low"] <= _SOON_DAYS
    ]
    forecast = any(row["ml_per_day"] is not None for row in records)
    title = (
        f"May be empty within {_SOON_DAYS} days: {', '.join(soon)}"
        if soon
        else f"Nothing is expected to be empty within {_SOON_DAYS} days"
        if forecast
        else "Not enough data for a forecast"
    )
    rows = [
        (str(row["material"]), [row["remaining_ml"]], f"{row['remaining_ml']:,.0f} ml")
        for row in records
    ]
    text = f"All cartridges as of {present(fleet, window)}"
    series = (Series("printing", "Left"),)
    sections = [
        Section(title, table, charts.stacked_bars("Resin left", text, series, rows, "ml"), text)
    ]
    tanks = tank_table(fleet, choices.tank_life_layers)
    if tanks.rows:
        sections.append(
            Section(f"{counted(len(tanks.rows), 'tank')} in printers", tanks, None, text)
        )
    return sections
