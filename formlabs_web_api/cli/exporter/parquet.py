"""Convert a file of JSON Lines to Parquet with limited memory.

``pyarrow.array`` would import pandas if it is installed, about 50 MB, so arrays are created from
their buffers. Rows are read in batches and written in row groups of a medium size: large groups
need memory for their rows, and many groups need memory for their metadata.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
from array import array
from datetime import datetime, timedelta, timezone
from itertools import accumulate, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Optional, Sequence

from formlabs_web_api._util.extras import install_hint
from formlabs_web_api.cli.failures import Failure

if TYPE_CHECKING:
    from formlabs_web_api.tables.columns import Field

_ROWS_AT_A_TIME = 250
_ROWS_OF_A_GROUP = 2_000
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)


def expect_library() -> None:
    """Check that Parquet files can be written, before rows are read for an hour.

    Raises:
        Failure: pyarrow is not installed.
    """
    if importlib.util.find_spec("pyarrow") is None:
        raise Failure(f"Parquet needs pyarrow: {install_hint('parquet')}; csv and jsonl do not")


def write(columns: Sequence[Field], rows: Path, made: Path) -> None:
    """Write a Parquet file from a file of rows, each a JSON object with the columns' names."""
    arrow, parquet = _library("pyarrow"), _library("pyarrow.parquet")
    types = {column.name: _type(arrow, column) for column in columns}
    schema = arrow.schema(list(types.items()))

    def batches(lines: Iterator[str]) -> Iterator[Any]:
        while True:
            records = [json.loads(line) for line in islice(lines, _ROWS_AT_A_TIME)]
            if not records:
                return
            arrays = [
                _array(arrow, types[column.name], [_fitting(column, one) for one in records])
                for column in columns
            ]
            yield arrow.RecordBatch.from_arrays(arrays, schema=schema)

    with rows.open(encoding="utf-8") as lines, parquet.ParquetWriter(made, schema) as writer:
        found = batches(lines)
        while True:
            group = list(islice(found, _ROWS_OF_A_GROUP // _ROWS_AT_A_TIME))
            if not group:
                break
            writer.write_table(arrow.Table.from_batches(group, schema))


def _library(name: str) -> Any:
    return importlib.import_module(name)  # it is optional and not typed


def _type(arrow: Any, column: Field) -> Any:
    from formlabs_web_api.tables.columns import FieldKind

    made: Dict[FieldKind, Callable[[], Any]] = {
        FieldKind.TEXT: arrow.string,
        FieldKind.WORD: arrow.string,
        FieldKind.INTEGER: arrow.int64,
        FieldKind.NUMBER: arrow.float64,
        FieldKind.FLAG: arrow.bool_,
        FieldKind.MOMENT: lambda: arrow.timestamp("us", tz="UTC"),
        FieldKind.DURATION: arrow.float64,
    }
    return made[column.kind]()


def _array(arrow: Any, kind: Any, values: List[Any]) -> Any:
    """Return values as an array of a type, in the layout of Arrow's columnar format."""
    is_valid = [value is not None for value in values]
    buffers: List[Optional[bytes]] = [None if all(is_valid) else _bits(is_valid)]
    if arrow.types.is_string(kind):
        texts = [(value or "").encode("utf-8", "replace") for value in values]
        ends = accumulate((len(text) for text in texts), initial=0)
        buffers += [array("i", ends).tobytes(), b"".join(texts)]
    elif arrow.types.is_boolean(kind):
        buffers.append(_bits([value is True for value in values]))
    else:
        code = "d" if arrow.types.is_floating(kind) else "q"
        buffers.append(array(code, [value or 0 for value in values]).tobytes())
    wrapped = [None if buffer is None else arrow.py_buffer(buffer) for buffer in buffers]
    return arrow.Array.from_buffers(kind, len(values), wrapped)


def _bits(flags: List[bool]) -> bytes:
    """Pack flags into bits, the lowest bit of each byte first."""
    packed = bytearray((len(flags) + 7) // 8)
    for number, flag in enumerate(flags):
        packed[number >> 3] |= flag << (number & 7)
    return bytes(packed)


def _fitting(column: Field, record: Dict[str, object]) -> Any:
    """Return a value in its column's type; None if it does not fit or is missing."""
    from formlabs_web_api.tables.columns import FieldKind

    kind, value = column.kind, record[column.name]
    is_flag = isinstance(value, bool)
    if kind in (FieldKind.TEXT, FieldKind.WORD):
        return value if isinstance(value, str) else None
    if kind is FieldKind.FLAG:
        return value if is_flag else None
    if kind is FieldKind.INTEGER:
        fits = isinstance(value, int) and not is_flag and -(2**63) <= value < 2**63
        return value if fits else None
    if kind is FieldKind.MOMENT:
        return _microseconds(value)
    return _number(value)


def _microseconds(value: Any) -> Optional[int]:
    """Convert a moment to Arrow's representation: microseconds since 1970, in UTC."""
    try:
        return (datetime.fromisoformat(value) - _EPOCH) // _MICROSECOND
    except (TypeError, ValueError):  # also a time without a zone, which is ambiguous
        return None


def _number(value: object) -> Optional[float]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value)
    except OverflowError:
        return None
