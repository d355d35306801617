"""The formats of an export: CSV, JSON Lines and Parquet.

Rows are written page by page. A Parquet file cannot be continued after its writer has ended, so its
rows are first stored as JSON Lines and converted to Parquet at the end.
"""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import datetime, timedelta, tzinfo
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator, List, Optional, Tuple

from formlabs_web_api.cli.exporter import parquet

if TYPE_CHECKING:
    from formlabs_web_api.tables.columns import Field


_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")


class Format(str, Enum):
    """The format of a file of rows."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


class ExportTable:
    """Renders models as rows of text to append to a file.

    Args:
        columns: The columns.
        key: Name of the column that identifies a row.
        format: The format of the file.
        raw: True to keep texts in CSV that a spreadsheet would run as formulas.
        excel: True to write CSV for Excel.
        tz: The zone of times for Excel; None means the local one.

    Raises:
        Failure: A package that the format needs is not installed.
    """

    def __init__(
        self,
        columns: Tuple[Field, ...],
        key: str,
        format: Format,
        raw: bool = False,
        excel: bool = False,
        tz: Optional[tzinfo] = None,
    ) -> None:
        self.columns = columns
        self._raw = raw
        self._excel = excel
        self._tz = tz
        self.key = key
        self.format = format
        if format is Format.PARQUET:
            parquet.expect_library()

    @property
    def names(self) -> List[str]:
        return [column.name for column in self.columns]

    @property
    def head(self) -> str:
        """The text before the rows."""
        if self.format is not Format.CSV:
            return ""
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self._delimiter).writerow(self.names)
        return f"{_BOM}{text.getvalue()}" if self._excel else text.getvalue()

    @property
    def _delimiter(self) -> str:
        return ";" if self._excel else ","

    def rows(self, models: List[object], now: datetime) -> str:
        """Return the rows of models; ``now`` is the reference time of states and outcomes."""
        from formlabs_web_api.frames import to_csv, to_records

        if not models:
            return ""
        if self.format is Format.CSV:
            text = io.StringIO(newline="")
            to_csv(models, text, now=now, excel=self._excel, tz=self._tz)
            rows = text.getvalue().partition("\r\n")[2]  # without the header row
            return rows if self._raw or self._excel else _without_formulas(rows)
        records = to_records(models, now=now)
        written = (json.dumps(record, default=_plain, ensure_ascii=False) for record in records)
        return "".join(f"{line}\n" for line in written)

    def keys(self, path: Path, end: int) -> Iterator[str]:
        """Yield the keys of the rows in the first ``end`` bytes of a file."""
        with path.open("rb") as file:
            lines = (line.decode("utf-8") for line in _up_to(file, end))
            if self.format is Format.CSV:
                text = (line.lstrip(_BOM) for line in lines)
                for row in csv.DictReader(text, delimiter=self._delimiter):
                    yield row[self.key]
            else:
                for line in lines:
                    yield str(json.loads(line)[self.key])

    @property
    def converter(self) -> Optional[Callable[[Path, Path], None]]:
        """The function that makes the file from the rows; None if the rows are the file."""
        if self.format is not Format.PARQUET:
            return None
        return lambda rows, made: parquet.write(self.columns, rows, made)


def _without_formulas(rows: str) -> str:
    """Return CSV rows with an apostrophe before each text that begins like a formula.

    A negative number keeps its sign.
    """
    from formlabs_web_api.tables.csv_files import neutralize_formula

    made = io.StringIO(newline="")
    writer = csv.writer(made)
    for row in csv.reader(io.StringIO(rows, newline="")):
        writer.writerow(
            [cell if _NUMBER.fullmatch(cell) else neutralize_formula(cell) for cell in row]
        )
    return made.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _up_to(lines: Iterable[bytes], end: int) -> Iterator[bytes]:
    read = 0
    for line in lines:
        read += len(line)
        if read > end:
            return
        yield line
