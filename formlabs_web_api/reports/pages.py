"""The sections of each kind of report: a finding as title, a chart, and its table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from formlabs_web_api.rate_limit import Quota
from formlabs_web_api.reports import charts
from formlabs_web_api.reports.charts import Series
from formlabs_web_api.reports.drawn import select_drawn
from formlabs_web_api.reports.figures.consumables import stock_table, tank_table
from formlabs_web_api.reports.figures.history import (
    estimate_table,
    job_table,
    lanes_of,
    runs_within,
    throughput_table,
)
from formlabs_web_api.reports.figures.material import consumption_of, material_table, missing_prices
from formlabs_web_api.reports.figures.queue import COLUMNS as QUEUE_GROUPS
from formlabs_web_api.reports.figures.queue import queue_table
from formlabs_web_api.reports.figures.quota import limits_table, programs_table
from formlabs_web_api.reports.figures.success import closed_within, rates_of, success_table
from formlabs_web_api.reports.figures.usage import (
    not_counted,
    usage_of,
    usage_table,
    utilisation,
)
from formlabs_web_api.reports.prices import PriceList
from formlabs_web_api.reports.runs import FleetData
from formlabs_web_api.reports.scene import Scene
from formlabs_web_api.reports.tables import FigureTable, ValueKind, measures
from formlabs_web_api.reports.window import DAY, HOUR, PERIODS, ReportWindow, WorkingHours

MAX_JOBS = 2000
"""Prints listed in the report of history."""
SOON_DAYS = 14

OUTCOMES = (
    Series("success", "Success"),
    Series("failure", "Failure"),
    Series("aborted", "Aborted"),
    Series("unrated", "Not rated"),
    Series("abandoned", "End not reported"),
)
PARTS = (
    Series("printing", "Printing"),
    Series("idle", "Idle"),
    Series("offline", "Offline"),
    Series("unknown", "Not printing, state unknown"),
)


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
    """Return a share in percent, rounded."""
    return "unknown" if share is None else f"{share * 100:.0f} %"


def span_text(window: ReportWindow) -> str:
    """Return the window for a caption."""
    first, last = window.local(window.start), window.local(window.end)
    return f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}, {window.zone_name}"


def usage(fleet: FleetData, window: ReportWindow, choices: Choices) -> List[Section]:
    """Return the sections about printing time."""
    by = choices.by or "printer"
    table = usage_table(fleet, window, by, choices.hours)
    at = [measure.name for measure in table.measures].index("printing")
    drawn, note = select_drawn(table.rows, by, lambda row: row[at], "the most printing")
    rows = [
        (
            str(row[0]),
            [value / HOUR for value in row[at : at + 4]],
            percent(row[at + 4]),
        )
        for row in drawn
    ]
    prints = sum(table.column("prints")) if by in ("printer", "group") else None
    description = f"Hours of {span_text(window)}"
    if prints is not None:
        description += f"; {counted(prints, 'print')}"
    chart = charts.stacked_bars(f"Hours by {by}", description, PARTS, rows, "h")
    sections = [Section(_usage_title(fleet, window), table, chart, f"{description}.{note}")]
    if len(fleet.printers):
        sections.append(_heat_map(fleet, window))
    missing = not_counted(fleet, window)
    if missing.rows:
        text = "They have no start, or neither an end nor a report of progress."
        title = f"{counted(len(missing.rows), 'print')} not counted as printing time"
        sections.append(Section(title, missing, None, text))
    return sections


def _usage_title(fleet: FleetData, window: ReportWindow) -> str:
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
    by = _period_for(window)
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


def _period_for(window: ReportWindow) -> str:
    days = window.length / DAY
    return "day" if days <= 35 else "week" if days <= 245 else "month"


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
    known = [row for row in table.rows if row[7] is not None]
    if len(known) < 2:
        return f"Too few rated prints to compare by {by}"
    worst = min(known, key=lambda row: row[7])
    if all(row is worst or row[8] <= worst[9] for row in known):
        return f"No clear difference by {by}: the intervals overlap"
    return f"Lowest by {by}: {worst[0]}, {percent(worst[7])} of {worst[2] + worst[3]} rated prints"


def _rates(table: FigureTable, by: str, title: str, window: ReportWindow) -> Section:
    drawn, note = select_drawn(
        table.rows, by, lambda row: None if row[7] is None else -row[7], "the lowest rates"
    )
    rows = [(str(row[0]), row[7], row[8], row[9], f"n = {row[2] + row[3]:,}") for row in drawn]
    text = (
        f"Success of rated prints with 95 % intervals, prints that ended {span_text(window)}."
        " Hatched: fewer than five rated prints."
    )
    return Section(title, table, charts.intervals(f"Success by {by}", text, rows), text + note)


def _outcome_bars(table: FigureTable, by: str) -> Section:
    drawn, note = select_drawn(table.rows, by, lambda row: row[1], "the most prints")
    rows = [(str(row[0]), [float(value) for value in row[2:7]], f"{row[1]:,}") for row in drawn]
    unrated, total = sum(table.column("unrated")), sum(table.column("prints"))
    title = f"{unrated:,} of {counted(total, 'print')} not rated"
    text = f"Outcomes of {counted(total, 'print')}"
    chart = charts.stacked_bars(f"Outcomes by {by}", text, OUTCOMES, rows, "")
    shown = FigureTable("outcomes_by_" + by, f"Outcomes by {by}", table.measures[:7])
    shown.rows.extend(row[:7] for row in table.rows)
    return Section(title, shown, chart, f"{text}.{note}")


def material(fleet: FleetData, window: ReportWindow, choices: Choices) -> List[Section]:
    """Return the sections about resin and its cost."""
    prices = choices.prices
    consumption = consumption_of(fleet, window, prices)
    sections: List[Section] = []
    for by in [choices.by] if choices.by else ["material", "printer", "user", "month"]:
        table = material_table(fleet, window, by, prices, consumption)
        title = _material_title(table, prices) if not sections else f"Material by {by}"
        drawn, note = select_drawn(table.rows, by, lambda row: row[2], "the most resin")
        rows = [(str(row[0]), [row[2] - row[4], row[4]], f"{row[2]:,.0f} ml") for row in drawn]
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


def _material_title(table: FigureTable, prices: Optional[PriceList]) -> str:
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


def history(fleet: FleetData, window: ReportWindow, choices: Choices) -> List[Section]:
    """Return the sections about prints over time."""
    by = choices.by if choices.by in PERIODS else _period_for(window)
    table = throughput_table(fleet, window, by)
    ended = sum(table.column("prints"))
    title = f"{counted(ended, 'print')} ended, {ended / (window.length / DAY):.1f} per day"
    drawn, note = select_drawn(table.rows, by, lambda row: row[2], "the most prints")
    rows = [(str(row[0]), [float(value) for value in row[3:8]], f"{row[2]:,}") for row in drawn]
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
        Section(title, table, bars, f"{text}.{note}"),
        Section(
            f"{counted(len(runs), 'print')} in the window",
            job_table(fleet, runs[:MAX_JOBS]),
            lanes,
            f"A lane for each printer; {span_text(window)}.{lanes_note}{listed}",
        ),
        Section(accuracy, estimates, None, text),
    ]


def _lanes(fleet: FleetData, window: ReportWindow) -> Tuple[Scene, str]:
    found = lanes_of(fleet, window)
    printers, note = select_drawn(
        fleet.printers, "printer", lambda one: len(found[one.serial]), "the most prints"
    )
    rows: List[Tuple[str, Sequence[Any]]] = [
        (one.label, [(lane.span, lane.outcome) for lane in found[one.serial]]) for one in printers
    ]
    series = (*OUTCOMES, Series("in_progress", "In progress"))
    by = _period_for(window)
    ticks = [
        (period.start, period.label[5:] if by == "day" else period.label)
        for period in window.periods(by)
    ]
    text = f"A lane for each printer, {span_text(window)}"
    whole = window.start, window.end
    return charts.lanes("Prints by printer", text, series, rows, whole, ticks), note


def consumables(fleet: FleetData, window: ReportWindow, choices: Choices) -> List[Section]:
    """Return the sections about resin in stock and tanks."""
    table = stock_table(fleet, choices.days)
    soon = [str(row[0]) for row in table.rows if row[7] is not None and row[7] <= SOON_DAYS]
    forecast = any(row[5] is not None for row in table.rows)
    title = (
        f"May be empty within {SOON_DAYS} days: {', '.join(soon)}"
        if soon
        else f"Nothing is expected to be empty within {SOON_DAYS} days"
        if forecast
        else "Not enough data for a forecast"
    )
    rows = [(str(row[0]), [row[2]], f"{row[2]:,.0f} ml") for row in table.rows]
    text = f"All cartridges as of {window.local(fleet.now):%Y-%m-%d %H:%M}, {window.zone_name}"
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


def queue(fleet: FleetData, window: ReportWindow, choices: Choices) -> List[Section]:
    """Return the section about prints that wait."""
    by = choices.by or "material"
    table = queue_table(fleet, by)
    depth = sum(table.column("prints"))
    waits = [wait for wait in table.column("wait_longest") if wait is not None]
    title = f"{counted(depth, 'print')} in the queue"
    if waits:
        title += f", the longest for {max(waits) / HOUR:,.1f} h"
    rows = [(str(row[0]), [float(row[1])], f"{row[1]:,}") for row in table.rows]
    text = f"As of {window.local(fleet.now):%Y-%m-%d %H:%M}, {window.zone_name}"
    series = (Series("printing", "Prints"),)
    chart = charts.stacked_bars(f"Prints that wait, by {by}", text, series, rows, "")
    return [Section(title, table, chart, text)]


def quota(fleet: FleetData, window: ReportWindow, choices: Choices) -> List[Section]:
    """Return the sections about the requests of the account."""
    known = fleet.quota or Quota(())
    limits, programs = limits_table(known), programs_table(known)
    text = (
        f"As of {window.local(fleet.now):%Y-%m-%d %H:%M}, {window.zone_name}; the requests of this"
        " report are counted."
    )
    if fleet.quota is None:
        title = "The use of the limits is not known from this source"
    elif not limits.rows:
        title = "No limits are enforced for this host"
    else:
        length, limit, used, _, share = limits.rows[0]
        title = f"{used:,} of {limit:,} requests in {length} used, {percent(share)}"
    bars = [(str(row[0]), [float(row[2]), float(row[3])], percent(row[4])) for row in limits.rows]
    parts = (Series("printing", "Used"), Series("idle", "Left"))
    chart = charts.stacked_bars("Requests by limit", text, parts, bars, "")
    sections = [Section(title, limits, chart, text)]
    if programs.rows:
        most, requests, part = programs.rows[0]
        sections.append(
            Section(
                f"Most requests by {most}: {requests:,}, {percent(part)}",
                programs,
                charts.stacked_bars(
                    "Requests by program",
                    programs.caption,
                    (Series("printing", "Requests"),),
                    [(str(row[0]), [float(row[1])], f"{row[1]:,}") for row in programs.rows],
                    "",
                ),
                "Programs that share the limits of the account, by the names they give.",
            )
        )
    return sections


KINDS: Dict[str, Callable[[FleetData, ReportWindow, Choices], List[Section]]] = {
    "usage": usage,
    "history": history,
    "success": success,
    "material": material,
    "consumables": consumables,
    "queue": queue,
    "quota": quota,
}
"""The kinds of report; ``all`` is a book of them."""

BY: Dict[str, Tuple[str, ...]] = {
    "usage": ("printer", "group", *PERIODS),
    "history": PERIODS,
    "success": ("printer", "material", "group", "user", "hour", *PERIODS),
    "material": ("material", "printer", "group", "user", *PERIODS),
    "consumables": (),
    "queue": tuple(QUEUE_GROUPS),
    "quota": (),
    "all": (),
}
"""What each kind can be grouped by."""
