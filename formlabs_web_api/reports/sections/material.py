"""Resin: millilitres and cost, and the prices that are missing."""

from __future__ import annotations

from typing import List, Optional

from formlabs_web_api.reports import charts
from formlabs_web_api.reports.charts import Series
from formlabs_web_api.reports.drawn import select_drawn
from formlabs_web_api.reports.figures.material import consumption_of, material_table, missing_prices
from formlabs_web_api.reports.prices import PriceList
from formlabs_web_api.reports.runs import FleetData
from formlabs_web_api.reports.sections.section import Choices, Section, counted, percent, span_text
from formlabs_web_api.reports.tables import FigureTable
from formlabs_web_api.reports.window import ReportWindow


def material(fleet: FleetData, window: ReportWindow, choices: Choices) -> List[Section]:
    """Return the sections about resin and its cost."""
    prices = choices.prices
    consumption = consumption_of(fleet, window, prices)
    sections: List[Section] = []
    for by in [choices.by] if choices.by else ["material", "printer", "user", "month"]:
        table = material_table(fleet, window, by, prices, consumption)
        title = _title(table, prices) if not sections else f"Material by {by}"
        drawn, note = select_drawn(
            table.records(), by, lambda row: row["used_ml"], "the most resin"
        )
        rows = [
            (
                str(row[by]),
                [row["used_ml"] - row["wasted_ml"], row["wasted_ml"]],
                f"{row['used_ml']:,.0f} ml",
            )
            for row in drawn
        ]
        prints = sum(table.column("prints"))
        text = f"{counted(prints, 'print')} that ended {span_text(window)}"
        parts = (Series("success", "Used"), Series("failure", "Failed or aborted"))
        chart = charts.stacked_bars(f"Millilitres by {by}", text, parts, rows, "ml")
        sections.append(Section(title, table, chart, f"{text}.{note}"))
    if prices is not None:
        missing = missing_prices(fleet, consumption)
        if missing.rows:
            title = f"No price for {counted(len(missing.rows), 'material')}"
            sections.append(Section(title, missing, None, "The costs above lack these."))
    return sections


def _title(table: FigureTable, prices: Optional[PriceList]) -> str:
    if not table.rows:
        return "No material used"
    used, wasted = sum(table.column("used_ml")), sum(table.column("wasted_ml"))
    title = f"{used / 1000:,.1f} litres used"
    if used:
        title += f", {percent(wasted / used)} of it in failed or aborted prints"
    if prices is not None:
        costs = [cost for cost in table.column("cost") if cost is not None]
        missing = sum(table.column("without_price"))
        title += f"; cost {sum(costs):,.2f} {prices.currency}" if costs else "; no price applies"
        if missing:
            title += f", incomplete: {counted(missing, 'print')} without a price"
    return title
