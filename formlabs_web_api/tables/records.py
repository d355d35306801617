"""Models as plain records and as CSV."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta, timezone
from itertools import chain
from os import PathLike
from typing import (
    Any,
    Dict,
    Iterable,
    Iterator,
    List,
    Optional,
    Sequence,
    TextIO,
    Type,
    Union,
)

from formlabs_web_api._util.files import atomic_write_text
from formlabs_web_api._util.json import is_array
from formlabs_web_api._util.text import replace_surrogates
from formlabs_web_api.models._base import Model
from formlabs_web_api.models.derived.raw import as_now
from formlabs_web_api.tables.columns import Batch, Column, Kind, kind_of_rows, table_of
from formlabs_web_api.tables.texts import all_unsigned

Models = Union[Iterable[Any], Model]
"""Models of one kind, however they come: a list, an iterator, a page of a listing, or one alone."""


class RowSource:
    """Models of one kind and the table that is built from them."""

    def __init__(
        self,
        models: Models,
        kind: Optional[Type[Model]],
        derived: bool,
        secrets: bool,
        now: Optional[datetime],
    ) -> None:
        self.now = as_now(now)
        rest = iter(_each(models))
        begun: List[Any] = []
        for one in rest:
            begun.append(one)
            if isinstance(one, Model):
                break
        self._models = chain(begun, rest)
        self.table = table_of(kind or _kind(begun, models), derived, secrets)

    def batches(self) -> Iterator[Batch]:
        """The models, a thousand at a time."""
        return self.table.batches(self._models, self.now)


def to_records(
    models: Models,
    *,
    kind: Optional[Type[Model]] = None,
    derived: bool = True,
    secrets: bool = False,
    now: Optional[datetime] = None,
) -> List[Dict[str, Any]]:
    """The same rows as dicts of plain values, without pandas.

    Date-times are aware and in UTC, durations are ``timedelta``, words are text. A value that does
    not fit its column is as it came, and so is half a character. Arguments and errors as of
    :func:`formlabs_web_api.frames.to_frame`.
    """
    return list(_records(RowSource(models, kind, derived, secrets, now)))


def to_csv(
    models: Models,
    target: Union[str, PathLike[str], TextIO],
    *,
    kind: Optional[Type[Model]] = None,
    derived: bool = True,
    secrets: bool = False,
    now: Optional[datetime] = None,
) -> None:
    """Write the same rows as CSV, with a head, as they come.

    Date-times are ISO 8601 in UTC, durations are seconds, yes and no are ``true`` and ``false``;
    what is missing is empty. Half a character, left where a name was cut short, is replaced.

    Args:
        models: Models of one kind.
        target: Path of a file, which is written in UTF-8, whole or not at all, and replaces one
            that is there; or a text file that is open.
        kind, derived, secrets, now: As of :func:`formlabs_web_api.frames.to_frame`.

    Raises:
        TypeError: The models are of several kinds, or are none.
        OSError: The file cannot be written.
    """
    rows = RowSource(models, kind, derived, secrets, now)
    if isinstance(target, (str, PathLike)):
        with atomic_write_text(target) as file:
            _write_csv(rows, file)
    else:
        _write_csv(rows, target)


def _write_csv(rows: RowSource, file: TextIO) -> None:
    writer = csv.writer(file)
    writer.writerow([column.name for column in rows.table.columns])
    for record in _records(rows):
        writer.writerow([_written(value) for value in record.values()])


def _each(models: Models) -> Iterable[Any]:
    if isinstance(models, Model):
        results = getattr(models, "results", None)
        return results if is_array(results) else [models]
    return models


def _kind(begun: List[Any], models: Models) -> Type[Model]:
    """The kind of the rows: that of the first model, or else what the page they are of is for."""
    if begun and isinstance(begun[-1], Model):
        return type(begun[-1])
    kind = kind_of_rows(type(models)) if isinstance(models, Model) else None
    if kind is None and begun:
        raise TypeError(f"the rows of a table are models, not {type(begun[0]).__name__}")
    return kind or Model


def _records(rows: RowSource) -> Iterator[Dict[str, Any]]:
    names = [column.name for column in rows.table.columns]
    for batch in rows.batches():
        columns = [(column, batch.values(column)) for column in rows.table.columns]
        if not rows.table.secrets:
            columns = [(column, all_unsigned(values)) for column, values in columns]
        plain = [_plain(column, values) for column, values in columns]
        for row in zip(*plain):
            yield dict(zip(names, row))


def _plain(column: Column, values: Sequence[Any]) -> Sequence[Any]:
    if column.kind is Kind.WORD:
        return [str(value) if isinstance(value, str) else value for value in values]
    if column.kind is Kind.MOMENT:
        return [_in_utc(value) if isinstance(value, datetime) else value for value in values]
    return values


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=timezone.utc)
    try:
        return moment.astimezone(timezone.utc)
    except OverflowError:  # a day before the first or after the last that Python knows
        return moment


def _written(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        return replace_surrogates(value)
    return value.total_seconds() if isinstance(value, timedelta) else value
