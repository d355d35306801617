"""What a section of a report is, and the phrases that sections share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional, Sequence, Tuple

from formlabs_web_api.reports.charts import Series
from formlabs_web_api.reports.prices import PriceList
from formlabs_web_api.reports.runs import FleetData
from formlabs_web_api.reports.scene import Scene
from formlabs_web_api.reports.tables import FigureTable, Record
from formlabs_web_api.reports.window import DAY, ReportWindow, WorkingHours

OUTCOMES = (
    Series("success", "Success"),
    Series("failure", "Failure"),
    Series("aborted", "Aborted"),
    Series("unrated", "Not rated"),
    Series("abandoned", "End not reported"),
)
"""The series of a chart of outcomes."""


@dataclass(frozen=True)
class Section:
    """A part of a report."""

    title: str
    """The finding, as a sentence."""
    table: FigureTable
    chart: Optional[Scene] = None
    text: str = ""


@dataclass(frozen=True)
class Choices:
    """What a caller may choose besides the window."""

    by: Optional[str] = None
    prices: Optional[PriceList] = None
    hours: Optional[WorkingHours] = None
    days: int = 30
    """For how many days to order."""
    tank_life_layers: Optional[int] = None


def counted(number: int, noun: str) -> str:
    """Return ``1 print``, ``2 prints``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def percent(share: Optional[float]) -> str:
    """Return a share in percent, rounded; a small one is not rounded to 0."""
    if share is None:
        return "unknown"
    return f"{share * 100:.1g} %" if 0 < share < 0.01 else f"{share * 100:.0f} %"


def span_text(window: ReportWindow) -> str:
    """Return the window for a caption."""
    first, last = window.local(window.start), window.local(window.end)
    return f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}, {window.zone_name}"


def period_for(window: ReportWindow) -> str:
    """Return the period that cuts a window into a readable number of columns."""
    days = window.length / DAY
    return "day" if days <= 35 else "week" if days <= 245 else "month"


def present(fleet: FleetData, window: ReportWindow) -> str:
    """Return the time of the data for a caption."""
    return f"{window.local(fleet.now):%Y-%m-%d %H:%M}, {window.zone_name}"


def outcome_bars(rows: Sequence[Record], by: str) -> List[Tuple[str, List[float], str]]:
    """Return the bars of a chart of outcomes: label, prints of each outcome, and their number."""
    return [
        (str(row[by]), [float(row[series.role]) for series in OUTCOMES], f"{row['prints']:,}")
        for row in rows
    ]
