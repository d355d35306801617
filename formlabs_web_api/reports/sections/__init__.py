"""The sections of each kind of report: a finding as title, a chart, and its table."""

from __future__ import annotations

from typing import Callable, Dict, List, Tuple

from formlabs_web_api.reports.figures.queue import COLUMNS as QUEUE_GROUPS
from formlabs_web_api.reports.runs import FleetData
from formlabs_web_api.reports.sections import (
    consumables,
    history,
    material,
    queue,
    quota,
    success,
    usage,
)
from formlabs_web_api.reports.sections.section import Choices, Section
from formlabs_web_api.reports.window import PERIODS, ReportWindow

SECTIONS: Dict[str, Callable[[FleetData, ReportWindow, Choices], List[Section]]] = {
    "usage": usage.usage,
    "history": history.history,
    "success": success.success,
    "material": material.material,
    "consumables": consumables.consumables,
    "queue": queue.queue,
    "quota": quota.quota,
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
