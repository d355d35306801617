"""The queue: how much waits for printers, and for how long."""

from __future__ import annotations

from typing import Dict, List, Optional, Tuple

from formlabs_web_api.reports.runs import NO_LABEL, FleetData, moments, numbers, texts
from formlabs_web_api.reports.statistics import quantile
from formlabs_web_api.reports.tables import FigureTable, ValueKind, measures
from formlabs_web_api.reports.window import Micros

COLUMNS = {"material": "material_name", "group": "group_name"}
"""What queued prints can be grouped by, and the column that has it."""


def queue_table(fleet: FleetData, by: str = "material") -> FigureTable:
    """Return the number, volume and wait of queued prints by material or group, at present."""
    table = FigureTable(
        "queue" if by == "material" else f"queue_by_{by}",
        f"Prints that wait, by {by}",
        measures(
            (by, by.capitalize()),
            ("prints", "Prints", ValueKind.COUNT),
            ("volume_ml", "Volume", ValueKind.NUMBER, "ml"),
            ("estimate", "Estimated duration", ValueKind.HOURS, "h"),
            ("wait_median", "Half has waited less than", ValueKind.HOURS, "h"),
            ("wait_longest", "Longest wait", ValueKind.HOURS, "h"),
        ),
    )
    if fleet.queue is None:
        return table
    groups: Dict[str, List[Tuple[float, Optional[Micros], Optional[float]]]] = {}
    for label, volume, created, estimate in zip(
        texts(fleet.queue, COLUMNS[by]),
        numbers(fleet.queue, "volume_ml"),
        moments(fleet.queue, "created_at"),
        numbers(fleet.queue, "estimated_duration_ms"),
    ):
        item = volume or 0.0, created, estimate
        groups.setdefault(label or NO_LABEL, []).append(item)
    for label in sorted(groups, key=str.lower):
        items = groups[label]
        estimates = [estimate for _, _, estimate in items if estimate is not None]
        waits = sorted(
            max(0, fleet.now - created) for _, created, _ in items if created is not None
        )
        table.rows.append(
            (
                label,
                len(items),
                sum(volume for volume, _, _ in items),
                int(sum(estimates) * 1000) if estimates else None,
                int(quantile(waits, 0.5)) if waits else None,
                waits[-1] if waits else None,
            )
        )
    return table
