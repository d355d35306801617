"""Rows of models as plain records."""

from __future__ import annotations

from datetime import datetime, timezone
from itertools import chain
from typing import (
    Any,
    Callable,
    Dict,
    Iterable,
    Iterator,
    List,
    Optional,
    Sequence,
    Type,
    Union,
    cast,
)

from formlabs_web_api._util.json import is_array
from formlabs_web_api.models._base import Model
from formlabs_web_api.models.derived.clock import resolve_now, response_time_of
from formlabs_web_api.tables.columns import Field, FieldBatch, FieldKind, kind_of_rows, table_of
from formlabs_web_api.tables.texts import redact_all

Models = Union[Iterable[Any], Model]
"""Models of one class: a list, an iterator, a page of a listing, or a single model."""
RowKind = Union[Type[Model], str]
"""The class of the rows, or the name of a listing: ``prints``, for example."""
Now = Union[datetime, Callable[[], datetime], None]
"""The time to judge at; a function of it is called once the first row was read."""

LISTINGS = {
    "printers": "DeveloperAPIMyPrinter",
    "prints": "PrintRunWithFleetControlData",
    "events": "UserEventReadOnly",
    "tanks": "Tank",
    "cartridges": "Cartridge",
    "groups": "Workgroup",
}
"""Names that ``kind=`` takes, with the class of the rows of that listing."""

QUEUE_COLUMNS = ("name", "material_name", "volume_ml", "created_at", "estimated_duration_ms")
"""Columns of a table of queue items, beside those of their group."""


class RowSource:
    """The rows of a table: models of one class and its columns.

    Args:
        models: Models of one class.
        kind: Their class or listing; None means that of the first model, of the page, or of the
            iterator of a listing.
        derived: True to add columns of derived values.
        secrets: True to add columns of signed addresses.
        now: The time to judge states, outcomes and ends at; None means the present.

    Raises:
        TypeError: ``models`` has rows, and the first ones are not models.
        ValueError: ``kind`` names no listing.
    """

    def __init__(
        self,
        models: Models,
        kind: Optional[RowKind] = None,
        derived: bool = True,
        secrets: bool = False,
        now: Now = None,
    ) -> None:
        known = class_named(kind) if isinstance(kind, str) else kind
        rest = iter(_each(models))
        begun: List[Any] = []
        for one in rest:
            begun.append(one)
            if isinstance(one, Model):
                break
        judged_at = now() if callable(now) else now
        if judged_at is None and begun:
            judged_at = response_time_of(begun[-1])  # as the models themselves are judged
        self.now = resolve_now(judged_at)
        self._models = chain(begun, rest)
        self.table = table_of(known or _class_of(begun, models), derived, secrets)

    def batches(self) -> Iterator[FieldBatch]:
        """Yield the models in batches of a thousand."""
        return self.table.batches(self._models, self.now)


def to_records(
    models: Models,
    *,
    kind: Optional[RowKind] = None,
    derived: bool = True,
    secrets: bool = False,
    now: Optional[datetime] = None,
) -> List[Dict[str, Any]]:
    """Return a dict of plain values for each row; pandas is not needed.

    Date-times are aware and in UTC, durations are ``timedelta``, words are text. A value that does
    not fit its column is kept as received, and so is a lone surrogate. Arguments and errors are
    those of :func:`formlabs_web_api.frames.to_frame`.
    """
    return list(records_of(RowSource(models, kind, derived, secrets, now)))


def _each(models: Models) -> Iterable[Any]:
    if isinstance(models, Model):
        results = getattr(models, "results", None)
        return results if is_array(results) else [models]
    return models


def class_named(name: str) -> Type[Model]:
    """Return the class of the rows of a listing.

    Raises:
        ValueError: The name is not that of a listing.
    """
    from formlabs_web_api import models

    if name not in LISTINGS:
        raise ValueError(f"kind is {name!r}; it can be {', '.join(LISTINGS)}, or a class of models")
    return cast("Type[Model]", getattr(models, LISTINGS[name]))


def _class_of(begun: List[object], models: Models) -> Type[Model]:
    """Return the class of the first model, or else that of the rows of the page or listing."""
    if begun and isinstance(begun[-1], Model):
        return type(begun[-1])
    found = getattr(models, "item_type", None)  # the iterator of a listing
    if isinstance(models, Model):
        found = kind_of_rows(type(models))
    if found is None and begun:
        raise TypeError(f"the rows of a table are models, not {type(begun[0]).__name__}")
    return found or Model


def records_of(rows: RowSource) -> Iterator[Dict[str, Any]]:
    """Yield a dict of plain values for each row."""
    names = [column.name for column in rows.table.columns]
    for batch in rows.batches():
        columns = [(column, batch.values(column)) for column in rows.table.columns]
        if not rows.table.secrets:
            columns = [(column, redact_all(values)) for column, values in columns]
        plain = [_plain(column, values) for column, values in columns]
        for row in zip(*plain):
            yield dict(zip(names, row))


def _plain(column: Field, values: Sequence[object]) -> Sequence[Any]:
    if column.kind is FieldKind.WORD:
        return [str(value) if isinstance(value, str) else value for value in values]
    if column.kind is FieldKind.MOMENT:
        return [_in_utc(value) if isinstance(value, datetime) else value for value in values]
    return values


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=timezone.utc)
    try:
        return moment.astimezone(timezone.utc)
    except OverflowError:  # outside of Python's range of dates
        return moment
