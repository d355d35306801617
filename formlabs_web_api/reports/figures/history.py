"""History: prints by period, lanes of printers, and durations against estimates."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Sequence, Tuple

from formlabs_web_api.models.derived import PrintOutcome
from formlabs_web_api.reports.figures.success import (
    OUTCOME_COLUMNS,
    closed_groups,
    counts_of,
)
from formlabs_web_api.reports.runs import FleetData, Run
from formlabs_web_api.reports.statistics import MINIMUM, quantile
from formlabs_web_api.reports.tables import FigureTable, ValueKind, measures
from formlabs_web_api.reports.window import ReportWindow, Span


class LaneSpan(NamedTuple):
    """A print on the lane of its printer."""

    span: Span
    outcome: str
    name: str


def lanes_of(fleet: FleetData, window: ReportWindow) -> Dict[str, List[LaneSpan]]:
    """Return the prints of each printer by the printer's serial, cut at the window, in order."""
    lanes: Dict[str, List[LaneSpan]] = {printer.serial: [] for printer in fleet.printers}
    for run, span in fleet.spans:
        if span[1] <= window.start or span[0] >= window.end:
            continue
        cut = max(span[0], window.start), min(span[1], window.end)
        lanes.setdefault(run.printer, []).append(LaneSpan(cut, run.outcome, run.name))
    for lane in lanes.values():
        lane.sort()
    return lanes


def throughput_table(fleet: FleetData, window: ReportWindow, by: str = "day") -> FigureTable:
    """Return the number of prints that ended in each local day, week or month."""
    groups = closed_groups(fleet, window, by)
    table = FigureTable(
        "prints_by_" + by,
        f"Prints that ended, by {by}",
        measures(
            (by, by.capitalize(), ValueKind.DAY if by == "day" else ValueKind.TEXT),
            ("is_whole", "Whole or cut by the window"),
            *OUTCOME_COLUMNS,
        ),
    )
    for period in window.periods(by):
        runs = groups.get(period.label, [])
        whole = "whole" if period.is_whole else "part"
        table.rows.append((period.label, whole, len(runs), *counts_of(runs)))
    return table


def durations_of(runs: List[Run]) -> List[Tuple[int, int]]:
    """Return the duration and the estimate of finished prints that have both, in microseconds."""
    return [
        (run.ended - run.started, run.estimated_ms * 1000)
        for run in runs
        if run.status == "FINISHED"
        and run.started is not None
        and run.ended is not None
        and run.ended > run.started
        and run.estimated_ms
        and run.estimated_ms > 0
    ]


def estimate_table(fleet: FleetData, window: ReportWindow, by: str = "printer") -> FigureTable:
    """Return how long finished prints took against their estimates.

    The ratio is that of the sums; quantiles are of single prints.
    """
    groups = closed_groups(fleet, window, by)
    table = FigureTable(
        "estimates_by_" + by,
        f"Duration against estimate by {by}, finished prints",
        measures(
            (by, by.capitalize()),
            ("prints", "Prints", ValueKind.COUNT),
            ("duration", "Duration", ValueKind.HOURS, "h"),
            ("estimate", "Estimate", ValueKind.HOURS, "h"),
            ("ratio", "Duration of estimate", ValueKind.SHARE, "%"),
            ("ratio_low", "A tenth is below", ValueKind.SHARE, "%"),
            ("ratio_median", "Half is below", ValueKind.SHARE, "%"),
            ("ratio_high", "A tenth is above", ValueKind.SHARE, "%"),
        ),
    )
    for name in sorted(groups, key=str.lower):
        pairs = durations_of(groups[name])
        if not pairs:
            continue
        taken, estimated = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
        ratios = sorted(pair[0] / pair[1] for pair in pairs)
        few = len(pairs) < MINIMUM
        quantiles = [None if few else quantile(ratios, share) for share in (0.1, 0.5, 0.9)]
        table.rows.append((name, len(pairs), taken, estimated, taken / estimated, *quantiles))
    return table


def runs_within(fleet: FleetData, window: ReportWindow) -> List[Tuple[Run, Span]]:
    """Return the prints that ran in the window with their spans, newest first."""
    found = [one for one in fleet.spans if one[1][0] < window.end and one[1][1] > window.start]
    return sorted(found, key=lambda one: (-one[1][0], one[0].guid))


def job_table(fleet: FleetData, runs: Sequence[Tuple[Run, Span]]) -> FigureTable:
    """Return a row for each print of :func:`runs_within`."""
    labels = fleet.labels()
    table = FigureTable(
        "prints",
        "Prints, newest first",
        measures(
            ("print", "Print"),
            ("printer", "Printer"),
            ("material", "Material"),
            ("started", "Started", ValueKind.MOMENT),
            ("ended", "Ended", ValueKind.MOMENT),
            ("duration", "Duration", ValueKind.HOURS, "h"),
            ("outcome", "Outcome"),
            ("volume_ml", "Volume", ValueKind.NUMBER, "ml"),
        ),
    )
    for run, span in runs:
        outcome = PrintOutcome(run.outcome).value.replace("_", " ") if run.outcome else ""
        table.rows.append(
            (
                run.name,
                labels.get(run.printer, run.printer),
                run.material_name or run.material,
                span[0],
                run.ended,
                span[1] - span[0],
                outcome,
                run.volume_ml,
            )
        )
    return table
