"""What a sync reports: during it its progress, after it its summary."""

from __future__ import annotations

from typing import Any, Callable, Dict, NamedTuple, Optional

from formlabs_web_api.mirror.writing import RowCounts


class SyncProgress(NamedTuple):
    """How far a sync is; given to ``progress`` after each page, and before a wait."""

    table: str
    """The table that is filled."""
    rows: int
    """Rows of it that were read."""
    total: Optional[int]
    """Rows that the service lists; None if unknown. A sync rarely reads all of them."""
    pages: int
    """Pages that the whole sync has read."""
    waiting: float = 0.0
    """Seconds that the sync waits for the rate limit from now on."""


Progress = Callable[[SyncProgress], object]


class SyncSummary:
    """What a sync did."""

    def __init__(self) -> None:
        self.tables: Dict[str, RowCounts] = {}
        """Counts of rows by the name of the table."""
        self.pages = 0
        """Pages that were read, each one request."""

    def __repr__(self) -> str:
        return f"<SyncSummary {self}>"

    def __getitem__(self, table: str) -> RowCounts:
        return self.tables.setdefault(table, RowCounts())

    @property
    def total(self) -> RowCounts:
        """The counts of all tables together."""
        total = RowCounts()
        for counts in self.tables.values():
            total.add(counts)
        return total

    def to_dict(self) -> Dict[str, Any]:
        """Return the summary as plain data."""
        return {
            "tables": {name: vars(counts).copy() for name, counts in sorted(self.tables.items())},
            "pages": self.pages,
        }

    def __str__(self) -> str:
        total = self.total
        return (
            f"{total.new} new, {total.changed} changed, {total.unchanged} unchanged, "
            f"{total.deleted} deleted; {self.pages} {'page' if self.pages == 1 else 'pages'}"
        )
