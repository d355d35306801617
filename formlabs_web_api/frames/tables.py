"""Models as data frames, as plain records, and as CSV."""

from __future__ import annotations

import csv
import os
import shutil
import uuid
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, timezone
from itertools import chain
from os import PathLike
from typing import (
    TYPE_CHECKING,
    Any,
    Dict,
    Generator,
    Iterable,
    Iterator,
    List,
    Optional,
    Sequence,
    TextIO,
    Type,
    Union,
)

from formlabs_web_api._json import is_array
from formlabs_web_api.frames.columns import Batch, Column, Kind, kind_of_rows, table_of
from formlabs_web_api.frames.texts import all_unsigned, whole
from formlabs_web_api.models._base import Model
from formlabs_web_api.models._derived.raw import as_now

if TYPE_CHECKING:
    import pandas as pd

    from formlabs_web_api.frames.arrays import Array

Models = Union[Iterable[Any], Model]
"""Models of one kind, however they come: a list, an iterator, a page of a listing, or one alone."""


class _Rows:
    """Models, and the table to be made of them."""

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


def to_frame(
    models: Models,
    *,
    kind: Optional[Type[Model]] = None,
    derived: bool = True,
    secrets: bool = False,
    now: Optional[datetime] = None,
) -> pd.DataFrame:
    """A data frame with a row for each model; see the package for its columns and their types.

    Models of an iterator are not kept, so that a frame of many needs little more memory than
    itself. A value that does not fit the type of its column is missing; :func:`to_records` has it.
    A row that is no model, a null in a page for example, is left out, which is logged.

    Args:
        models: Models of one kind.
        kind: Which kind; needed only for the columns of a table that may be empty, unless it is
            of a page.
        derived: Whether to derive values as well, from what the fields mean.
        secrets: Whether to give signed addresses as well.
        now: The moment states, outcomes and ends are judged from; None means the present.

    Raises:
        ImportError: pandas is not installed.
        TypeError: The models are of several kinds, or are none.
    """
    try:
        import pandas as pd
    except ImportError as error:
        hint = f'a data frame needs {error.name}: pip install "formlabs_web_api[pandas]"'
        raise ImportError(hint) from error
    rows = _Rows(models, kind, derived, secrets, now)
    arrays = _filled(rows)
    return pd.DataFrame({name: array.finished() for name, array in arrays.items()}, copy=False)


def _filled(rows: _Rows) -> Dict[str, Array]:
    """The columns of a data frame by their names."""
    from formlabs_web_api.frames.arrays import array_of
    from formlabs_web_api.frames.columns_of_runs import derived_chunks

    arrays = {column.name: array_of(column, rows.table.secrets) for column in rows.table.columns}
    for batch in rows.batches():
        for array in arrays.values():
            if array.column.derive is None:
                array.add(batch.values(array.column))
        quickly = derived_chunks(arrays, rows.now) if rows.table.is_of_prints else {}
        for name, array in arrays.items():
            if name in quickly:
                array.chunks.append(quickly[name])
            elif array.column.derive is not None:
                array.add(batch.values(array.column))
    return arrays


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
    :func:`to_frame`.
    """
    return list(_records(_Rows(models, kind, derived, secrets, now)))


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
        kind, derived, secrets, now: As of :func:`to_frame`.

    Raises:
        TypeError: The models are of several kinds, or are none.
        OSError: The file cannot be written.
    """
    rows = _Rows(models, kind, derived, secrets, now)
    if isinstance(target, (str, PathLike)):
        with _whole_file(target) as file:
            _write_csv(rows, file)
    else:
        _write_csv(rows, target)


def _write_csv(rows: _Rows, file: TextIO) -> None:
    writer = csv.writer(file)
    writer.writerow([column.name for column in rows.table.columns])
    for record in _records(rows):
        writer.writerow([_written(value) for value in record.values()])


@contextmanager
def _whole_file(path: Union[str, PathLike[str]]) -> Generator[TextIO, None, None]:
    """A new file, which takes its place under ``path`` once all is written, and goes if not."""
    if os.path.exists(path) and not os.path.isfile(path):  # a pipe or a terminal
        with open(path, "w", encoding="utf-8", newline="") as file:
            yield file
        return
    target = os.path.realpath(path)
    draft = os.path.join(os.path.dirname(target), f"{uuid.uuid4().hex}.part")
    try:
        with open(draft, "x", encoding="utf-8", newline="") as file:
            yield file
        with suppress(FileNotFoundError):
            shutil.copymode(target, draft)  # whoever could not read the old one cannot now
        os.replace(draft, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)
        raise


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


def _records(rows: _Rows) -> Iterator[Dict[str, Any]]:
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
        return whole(value)
    return value.total_seconds() if isinstance(value, timedelta) else value
