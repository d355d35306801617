"""The content of a report, which becomes a page, a workbook, a picture or a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Dict, List, Tuple

from formlabs_web_api.reports.definitions import DEFINITIONS
from formlabs_web_api.reports.sections.section import Section
from formlabs_web_api.reports.window import ReportWindow, micros_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Chapter:
    """The sections of one kind."""

    kind: str
    sections: List[Section]


@dataclass(frozen=True, repr=False)
class ReportContent:
    """What a report of a fleet contains."""

    kind: str
    window: ReportWindow
    as_of: datetime
    chapters: Tuple[Chapter, ...]
    printers: int
    prints: int
    """Prints that the source knew, in the window or not."""
    currency: str = ""

    @property
    def title(self) -> str:
        """What the report is about."""
        return "Report of the fleet" if self.kind == "all" else f"{self.kind.capitalize()} report"

    @property
    def sections(self) -> List[Section]:
        """All sections, in order."""
        return [section for chapter in self.chapters for section in chapter.sections]

    @property
    def definitions(self) -> List[Tuple[str, str]]:
        """Each term and what it means."""
        return [pair for chapter in self.chapters for pair in DEFINITIONS[chapter.kind]]

    def frames(self) -> Dict[str, pd.DataFrame]:
        """Return the tables as data frames, by their names."""
        return {section.table.name: section.table.frame() for section in self.sections}

    @property
    def local_time(self) -> datetime:
        """The time of the data in the report's zone, without a zone, as Excel has times."""
        return self.window.local(micros_of(self.as_of)).replace(tzinfo=None, microsecond=0)
