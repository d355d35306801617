"""Success: outcomes of prints, with two rates whose denominators are named."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import Callable, Dict, List, Tuple

from formlabs_web_api.models.derived import PrintOutcome
from formlabs_web_api.reports.runs import NO_LABEL, FleetData, Run
from formlabs_web_api.reports.statistics import Share, share_of
from formlabs_web_api.reports.tables import FigureTable, ValueKind, measures
from formlabs_web_api.reports.window import PERIODS, ReportWindow

OUTCOME_COLUMNS = (
    ("prints", "Prints", ValueKind.COUNT),
    ("success", "Success", ValueKind.COUNT),
    ("failure", "Failure", ValueKind.COUNT),
    ("aborted", "Aborted", ValueKind.COUNT),
    ("unrated", "Not rated", ValueKind.COUNT),
    ("abandoned", "End not reported", ValueKind.COUNT),
)
"""A number of prints, and :func:`counts_of` them."""
DIMENSIONS = ("printer", "material", "group", "user", "hour", *PERIODS)


def closed_within(fleet: FleetData, window: ReportWindow) -> List[Run]:
    """Return the prints that ended in the window, abandoned ones at their last report."""
    start, end = window.start, window.end
    return [run for run, at in fleet.closed if start <= at < end]


def label_function(fleet: FleetData, window: ReportWindow, by: str) -> Callable[[Run], str]:
    """Return what a print is grouped by.

    Raises:
        ValueError: ``by`` is not one of :data:`DIMENSIONS`.
    """
    labels = fleet.labels()
    names = fleet.material_names
    simple: Dict[str, Callable[[Run], str]] = {
        "printer": lambda run: labels.get(run.printer, run.printer) or NO_LABEL,
        "material": lambda run: names.get(run.material, run.material) or NO_LABEL,
        "group": lambda run: run.group or NO_LABEL,
        "user": lambda run: run.user or NO_LABEL,
        "hour": lambda run: (
            NO_LABEL if run.started is None else f"{window.local(run.started).hour:02}:00"
        ),
    }
    if by in simple:
        return simple[by]
    if by not in PERIODS:
        raise ValueError(f'"{by}" is not one of {", ".join(DIMENSIONS)}')
    periods = window.periods(by)

    starts = [period.start for period in periods]

    def period_of(run: Run) -> str:
        at = run.closed_at()
        if at is None or not window.start <= at < window.end:
            return NO_LABEL
        return periods[bisect_right(starts, at) - 1].label

    return period_of


def closed_groups(fleet: FleetData, window: ReportWindow, by: str) -> Dict[str, List[Run]]:
    """Return the prints that ended in the window by what they are grouped by."""
    label = label_function(fleet, window, by)
    groups: Dict[str, List[Run]] = {}
    for run in closed_within(fleet, window):
        groups.setdefault(label(run), []).append(run)
    return groups


def counts_of(runs: List[Run]) -> Tuple[int, int, int, int, int]:
    """Return the numbers of successes, failures, aborted, unrated and abandoned prints."""
    found = Counter(run.outcome for run in runs)
    return (
        found[PrintOutcome.SUCCESS.value],
        found[PrintOutcome.FAILURE.value],
        found[PrintOutcome.ABORTED.value],
        found[PrintOutcome.UNRATED.value],
        found[PrintOutcome.ABANDONED.value],
    )


def rates_of(runs: List[Run]) -> Tuple[Share, Share]:
    """Return successes among rated prints, and among rated and aborted prints."""
    success, failure, aborted, _, _ = counts_of(runs)
    rated = success + failure
    return share_of(success, rated), share_of(success, rated + aborted)


def success_table(fleet: FleetData, window: ReportWindow, by: str) -> FigureTable:
    """Return the outcomes and both rates of the prints that ended in the window."""
    groups = closed_groups(fleet, window, by)
    table = FigureTable(
        "success_by_" + by,
        f"Outcomes by {by}",
        measures(
            (by, by.capitalize()),
            *OUTCOME_COLUMNS,
            ("rated_rate", "Success of rated", ValueKind.SHARE, "%"),
            ("rated_low", "95 % from", ValueKind.SHARE, "%"),
            ("rated_high", "to", ValueKind.SHARE, "%"),
            ("completion_rate", "Success of rated and aborted", ValueKind.SHARE, "%"),
            ("completion_low", "95 % from ", ValueKind.SHARE, "%"),
            ("completion_high", "to ", ValueKind.SHARE, "%"),
        ),
    )
    for name in sorted(groups, key=str.lower):
        runs = groups[name]
        rated, completion = rates_of(runs)
        table.rows.append(
            (
                name,
                len(runs),
                *counts_of(runs),
                *(rated.value, rated.low, rated.high),
                *(completion.value, completion.low, completion.high),
            )
        )
    return table
