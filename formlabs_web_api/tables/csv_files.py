"""Rows of models as CSV, raw for programs or prepared for Excel."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from os import PathLike
from typing import Any, Callable, Optional, TextIO, Union

from formlabs_web_api._util.files import atomic_write_text
from formlabs_web_api._util.text import replace_surrogates
from formlabs_web_api.tables.records import Models, Now, RowKind, RowSource, records_of

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters of a text that a spreadsheet may run as a formula, as listed by OWASP."""
_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


def neutralize_formula(text: str) -> str:
    """Prefix a text that a spreadsheet could run as a formula with an apostrophe.

    For text cells only: before a negative number it would make a text of it.
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def to_csv(
    models: Models,
    target: Union[str, PathLike[str], TextIO],
    *,
    kind: Optional[RowKind] = None,
    derived: bool = True,
    secrets: bool = False,
    now: Now = None,
    excel: bool = False,
    delimiter: Optional[str] = None,
    tz: Optional[tzinfo] = None,
) -> None:
    """Write models as CSV with a header, row by row.

    Raw, for programs: date-times are ISO 8601 in UTC, durations are seconds, flags are ``true`` and
    ``false``; a missing value is empty. U+FFFD replaces lone surrogates, which UTF-8 cannot encode,
    and NUL, which many readers of CSV refuse.

    With ``excel=True``, for people: a byte order mark, so that Excel reads UTF-8; ``;`` between the
    columns and a comma in numbers; local times that Excel recognizes; and texts that begin like a
    formula are prefixed with an apostrophe. Where Excel expects a comma between the columns, as in
    the US, pass ``delimiter=","``: numbers then have a point.

    Args:
        models: Models of one class.
        target: A path, which is written completely or not at all, in UTF-8; or an open text file.
        kind, derived, secrets, now: As of :func:`formlabs_web_api.frames.to_frame`.
        excel: True to write for Excel.
        delimiter: The character between columns; by default ``,``, or ``;`` for Excel.
        tz: The zone of times for Excel; by default the local one.

    Raises:
        TypeError: The models are of several classes, or are not models.
        ValueError: There are no rows, and ``kind`` is needed to name the columns.
        OSError: The file cannot be written.
    """
    rows = RowSource(models, kind, derived, secrets, now)
    if not rows.table.columns:
        raise ValueError('there are no rows, so that the columns are unknown: pass kind="prints"')
    separator = delimiter or (";" if excel else ",")
    written = excel_cell(separator == ";", tz) if excel else _raw
    if isinstance(target, (str, PathLike)):
        with atomic_write_text(target) as file:
            _write(rows, file, separator, written, excel)
    else:
        _write(rows, target, separator, written, excel)


def _write(
    rows: RowSource,
    file: TextIO,
    delimiter: str,
    written: Callable[[object], object],
    has_bom: bool,
) -> None:
    if has_bom:
        file.write(_BOM)
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow([column.name for column in rows.table.columns])
    for record in records_of(rows):
        writer.writerow([written(value) for value in record.values()])


def _raw(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        return _text(value)
    return value.total_seconds() if isinstance(value, timedelta) else value


def _text(value: str) -> str:
    return replace_surrogates(value).replace("\0", "\ufffd")


def excel_cell(has_decimal_comma: bool, tz: Optional[tzinfo]) -> Callable[[Any], Any]:
    """Return a function that writes a value as Excel reads it; ``tz`` is the zone of its times."""

    def written(value: object) -> Any:
        if isinstance(value, datetime):
            return f"{local_time(value, tz):%Y-%m-%d %H:%M:%S}"
        if isinstance(value, str):
            return neutralize_formula(_text(value))
        value = _raw(value)
        is_fraction = isinstance(value, (float, Decimal)) and has_decimal_comma
        return str(value).replace(".", ",") if is_fraction else value

    return written


def local_time(moment: datetime, tz: Optional[tzinfo]) -> datetime:
    """Return a time in a zone, without that zone, as spreadsheets have it."""
    try:
        return moment.astimezone(tz).replace(tzinfo=None)
    except (OverflowError, ValueError, OSError):  # a day before the first or after the last
        return moment.replace(tzinfo=None)
