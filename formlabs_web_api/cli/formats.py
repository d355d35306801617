"""The formats of an export: the same table as CSV, as JSON Lines, and as Parquet.

Rows are written page by page. A Parquet file cannot be continued once its writer is gone, so its
rows are first kept as JSON Lines and turned into Parquet at the end, some thousand at a time.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Tuple

from formlabs_web_api.cli.failures import Failure

if TYPE_CHECKING:
    from formlabs_web_api.frames.columns import Column

_ROWS_OF_A_GROUP = 1_000


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

    def __init__(self, columns: Tuple[Column, ...], key: str, format: Format) -> None:
        self.columns = columns
        self.key = key
        self.format = format
        if format is Format.PARQUET:
            _pyarrow()  # better missed before an hour of reading than after it

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

    def finish(self, rows: Path, made: Path) -> None:
        """Make of a file of rows the file that is wanted."""
        if self.format is not Format.PARQUET:
            rows.replace(made)
            return
        _, parquet = _pyarrow()
        schema = self._schema()
        with rows.open(encoding="utf-8") as file, parquet.ParquetWriter(made, schema) as writer:
            while True:
                records = [json.loads(line) for line in islice(file, _ROWS_OF_A_GROUP)]
                if not records:
                    break
                writer.write_table(self._arrow(records, schema))

    def _schema(self) -> Any:
        from formlabs_web_api.frames.columns import Kind

        arrow, _ = _pyarrow()
        types: Dict[Kind, Any] = {
            Kind.TEXT: arrow.string(),
            Kind.WORD: arrow.string(),
            Kind.INTEGER: arrow.int64(),
            Kind.NUMBER: arrow.float64(),
            Kind.FLAG: arrow.bool_(),
            Kind.MOMENT: arrow.timestamp("us", tz="UTC"),
            Kind.DURATION: arrow.float64(),
        }
        return arrow.schema([(column.name, types[column.kind]) for column in self.columns])

    def _arrow(self, records: List[Dict[str, Any]], schema: Any) -> Any:
        arrow, _ = _pyarrow()
        return arrow.table(
            {
                column.name: arrow.array(
                    [_fitting(column, record[column.name]) for record in records],
                    schema.field(column.name).type,
                )
                for column in self.columns
            },
            schema=schema,
        )


def _fitting(column: Column, value: Any) -> Any:
    """A value as its column's type; None where it does not fit, or is missing."""
    from formlabs_web_api.frames.columns import Kind

    kind, is_flag = column.kind, isinstance(value, bool)
    if kind in (Kind.TEXT, Kind.WORD):
        return value if isinstance(value, str) else None
    if kind is Kind.FLAG:
        return value if is_flag else None
    if kind is Kind.INTEGER:
        fits = isinstance(value, int) and not is_flag and abs(value) < 2**63
        return value if fits else None
    if kind is Kind.MOMENT:
        return _moment(value)
    return float(value) if isinstance(value, (int, float)) and not is_flag else None


def _moment(value: Any) -> Any:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None


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


def _pyarrow() -> Tuple[Any, Any]:
    import importlib

    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise Failure(
            'Parquet needs pyarrow: pip install "formlabs_web_api[parquet]"; csv and jsonl do not'
        ) from None
