"""Tables of figures: rows with a unit for each column, ready for a page, a sheet or a frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Dict, List, Sequence, Tuple

if TYPE_CHECKING:
    import pandas as pd


Row = Tuple[Any, ...]
Record = Dict[str, Any]


def _no_rows() -> List[Row]:
    return []


class ValueKind(Enum):
    """What the values of a column are; None is a missing value in each."""

    TEXT = "text"
    COUNT = "count"
    HOURS = "hours"
    """Microseconds, shown in hours."""
    SHARE = "share"
    """0 to 1, shown in percent."""
    NUMBER = "number"
    MONEY = "money"
    """Decimal, in the currency of the price list."""
    MOMENT = "moment"
    """Microseconds since the epoch, shown in the zone of the report."""
    DAY = "day"


@dataclass(frozen=True)
class Measure:
    """A column of a table of figures."""

    name: str
    """For programs: ``printing_hours``."""
    label: str
    kind: ValueKind = ValueKind.TEXT
    unit: str = ""

    @property
    def heading(self) -> str:
        """The label with its unit."""
        return f"{self.label}, {self.unit}" if self.unit else self.label


@dataclass(frozen=True)
class FigureTable:
    """A table of figures."""

    name: str
    """For programs, and the name of its sheet."""
    caption: str
    measures: Tuple[Measure, ...]
    rows: List[Row] = field(default_factory=_no_rows)

    def column(self, name: str) -> List[Any]:
        """Return the values of a column."""
        at = self._position(name)
        return [row[at] for row in self.rows]

    def records(self) -> List[Record]:
        """Return the rows as mappings from the names of columns to values."""
        names = [measure.name for measure in self.measures]
        return [dict(zip(names, row)) for row in self.rows]

    def first_columns(self, name: str, caption: str, last: str) -> FigureTable:
        """Return a table of the columns up to and including ``last``."""
        end = self._position(last) + 1
        return FigureTable(name, caption, self.measures[:end], [row[:end] for row in self.rows])

    def frame(self) -> pd.DataFrame:
        """Return the table as a data frame: hours and shares as numbers, times in UTC."""
        import pandas as pd

        data = {
            measure.name: [plain_value(measure.kind, row[at]) for row in self.rows]
            for at, measure in enumerate(self.measures)
        }
        return pd.DataFrame(data)

    def _position(self, name: str) -> int:
        return [measure.name for measure in self.measures].index(name)


def plain_value(kind: ValueKind, value: Any) -> Any:
    """Return a value in the unit of its column."""
    from formlabs_web_api.reports.window import HOUR, moment_of

    if value is None:
        return None
    if kind is ValueKind.HOURS:
        return value / HOUR
    return moment_of(value) if kind is ValueKind.MOMENT else value


def measures(*columns: Sequence[Any]) -> Tuple[Measure, ...]:
    """Return measures from their fields."""
    return tuple(Measure(*column) for column in columns)
