"""Models as data frames, as plain records, and as CSV."""

from __future__ import annotations

import csv
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from itertools import chain
from os import PathLike
from typing import (
    TYPE_CHECKING,
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

from formlabs_web_api._json import is_array
from formlabs_web_api.frames.columns import Batch, Column, Kind, table_of
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
        first = next(rest, None)
        self._models = rest if first is None else chain([first], rest)
        self.table = table_of(kind or (Model if first is None else _kind(first)), derived, secrets)

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

    Args:
        models: Models of one kind.
        kind: Which kind; needed only for the columns of a table that may be empty.
        derived: Whether to derive values as well, from what the fields mean.
        secrets: Whether to give signed addresses as well.
        now: The moment states and outcomes are judged from; None means the present.

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

    arrays = {column.name: array_of(column) for column in rows.table.columns}
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
    derived: bool = True,
    secrets: bool = False,
    now: Optional[datetime] = None,
) -> List[Dict[str, Any]]:
    """The same rows as dicts of plain values, without pandas.

    Date-times are aware and in UTC, durations are ``timedelta``, words are text. A value that does
    not fit its column is as it came. Arguments and errors as of :func:`to_frame`.
    """
    return list(_records(_Rows(models, None, derived, secrets, now)))


def to_csv(
    models: Models,
    target: Union[str, PathLike[str], TextIO],
    *,
    derived: bool = True,
    secrets: bool = False,
    now: Optional[datetime] = None,
) -> None:
    """Write the same rows as CSV, with a head, as they come.

    Date-times are ISO 8601 in UTC, durations are seconds, yes and no are ``true`` and ``false``;
    what is missing is empty.

    Args:
        models: Models of one kind.
        target: Path of a file, which is written anew in UTF-8, or a text file that is open.
        derived, secrets, now: As of :func:`to_frame`.

    Raises:
        TypeError: The models are of several kinds, or are none.
        OSError: The file cannot be written.
    """
    rows = _Rows(models, None, derived, secrets, now)
    with ExitStack() as stack:
        file: TextIO
        if isinstance(target, (str, PathLike)):
            file = stack.enter_context(open(target, "w", encoding="utf-8", newline=""))
        else:
            file = target
        writer = csv.writer(file)
        writer.writerow([column.name for column in rows.table.columns])
        for record in _records(rows):
            writer.writerow([_written(value) for value in record.values()])


def _each(models: Models) -> Iterable[Any]:
    if isinstance(models, Model):
        results = getattr(models, "results", None)
        return results if is_array(results) else [models]
    return models


def _kind(model: Any) -> Type[Model]:
    if not isinstance(model, Model):
        raise TypeError(f"the rows of a table are models, not {type(model).__name__}")
    return type(model)


def _records(rows: _Rows) -> Iterator[Dict[str, Any]]:
    names = [column.name for column in rows.table.columns]
    for batch in rows.batches():
        plain = [_plain(column, batch.values(column)) for column in rows.table.columns]
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
    return value.total_seconds() if isinstance(value, timedelta) else value
