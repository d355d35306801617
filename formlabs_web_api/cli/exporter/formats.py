"""The formats of an export: the same table as CSV, as JSON Lines, and as Parquet.

Rows are written page by page. A Parquet file cannot be continued once its writer is gone, so its
rows are first kept as JSON Lines and turned into Parquet at the end.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator, List, Optional, Tuple

from formlabs_web_api.cli.exporter import parquet

if TYPE_CHECKING:
    from formlabs_web_api.tables.columns import Field


class Format(str, Enum):
    """How a file of rows is written."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


class Table:
    """The rows of a kind of thing, as text to append to a file.

    Args:
        columns: Its columns.
        key: The column that tells a row from others.
        format: What becomes of it.

    Raises:
        Failure: what the format needs is not installed.
    """

    def __init__(self, columns: Tuple[Field, ...], key: str, format: Format) -> None:
        self.columns = columns
        self.key = key
        self.format = format
        if format is Format.PARQUET:
            parquet.expect_library()

    @property
    def names(self) -> List[str]:
        return [column.name for column in self.columns]

    @property
    def head(self) -> str:
        """What stands before the rows."""
        if self.format is not Format.CSV:
            return ""
        text = io.StringIO(newline="")
        csv.writer(text).writerow(self.names)
        return text.getvalue()

    def rows(self, models: List[Any], now: datetime) -> str:
        """The rows of models; states and outcomes are judged from ``now``."""
        from formlabs_web_api.frames import to_csv, to_records

        if not models:
            return ""
        if self.format is Format.CSV:
            text = io.StringIO(newline="")
            to_csv(models, text, now=now)
            return text.getvalue().partition("\r\n")[2]  # each file has one head
        records = to_records(models, now=now)
        written = (json.dumps(record, default=_plain, ensure_ascii=False) for record in records)
        return "".join(f"{line}\n" for line in written)

    def keys(self, path: Path, end: int) -> Iterator[str]:
        """The keys of the rows in the first ``end`` bytes of a file of them."""
        with path.open("rb") as file:
            lines = (line.decode("utf-8") for line in _up_to(file, end))
            if self.format is Format.CSV:
                for row in csv.DictReader(lines):
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
