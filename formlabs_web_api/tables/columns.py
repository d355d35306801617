"""Flat columns of a model: one for each field, nested models flattened, derived values beside.

A column is named by the path to its field, joined with ``_``, as ``pandas.json_normalize(sep="_")``
would name it. What the columns of a kind of model are follows from its fields alone, so that every
table of it has the same ones, whatever is in its rows.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from functools import lru_cache
from operator import itemgetter
from typing import (
    Any,
    Callable,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    Optional,
    Sequence,
    Tuple,
    Type,
    Union,
    cast,
)

from typing_extensions import Annotated, get_args, get_origin

from formlabs_web_api._util.json import is_array
from formlabs_web_api._util.signed_urls import redact_signed_urls
from formlabs_web_api.models._base import Model, OpenEnum
from formlabs_web_api.models.derived import (
    CartridgeDerived,
    EndedAtSource,
    PrinterDerived,
    PrinterState,
    PrintOutcome,
    PrintRunDerived,
    TankDerived,
)

BATCH = 1_000
"""Models that are flattened together: enough to be quick, few enough to stay in the cache."""

Path = Tuple[str, ...]

_logger = logging.getLogger("formlabs_web_api")


class FieldKind(Enum):
    """The type of the values of a column."""

    TEXT = "text"
    WORD = "one of a few texts"
    INTEGER = "whole number"
    NUMBER = "number"
    FLAG = "yes or no"
    MOMENT = "date and time"
    DURATION = "duration"


@dataclass(frozen=True)
class Field:
    """A column of a flat table, and its source: a field, or a function of the model and of now."""

    name: str
    kind: FieldKind
    field: str = ""
    read: Optional[Callable[[Any], object]] = None
    """Convert the value of the field to the value of the column."""
    derive: Optional[Callable[[Any, datetime], object]] = None
    words: Tuple[str, ...] = ()
    """The known words of a column of words."""
    parent: Path = ()
    """The fields that lead to the nested model that has the value."""


class FieldTable:
    """The columns of a kind of model.

    Args:
        kind: The class of the models.
        derived: True to add columns of derived values.
        secrets: True to add columns of signed addresses.
    """

    def __init__(self, kind: Type[Model], derived: bool, secrets: bool) -> None:
        self.kind = kind
        self.secrets = secrets
        self.columns = tuple(_flattened(kind, derived, secrets, within=()))
        self.is_of_prints = derived and issubclass(kind, PrintRunDerived)
        """True if the model has the derived columns of prints."""
        self._fields: Dict[Path, Dict[str, None]] = {(): {}}
        for column in self.columns:
            for depth, name in enumerate(column.parent):
                self._fields.setdefault(column.parent[:depth], {})[name] = None
            fields = self._fields.setdefault(column.parent, {})
            fields.update({column.field: None} if column.field else {})

    def batches(self, models: Iterable[object], now: datetime) -> Iterator[FieldBatch]:
        """Yield batches of a thousand models; rows that are not models are dropped and logged.

        Raises:
            TypeError: A model is of another class.
        """
        batch: List[object] = []
        dropped = 0
        for model in models:
            if type(model) is self.kind:
                batch.append(model)
            elif isinstance(model, Model):
                names = f"{self.kind.__name__} and {type(model).__name__}"
                raise TypeError(f"the rows of a table are models of one class, not {names}")
            else:
                dropped += 1
            if len(batch) == BATCH:
                yield FieldBatch(batch, self._fields, now)
                batch = []
        if batch:
            yield FieldBatch(batch, self._fields, now)
        if dropped:
            name = self.kind.__name__
            _logger.warning("Rows that are not %s models, left out: %d", name, dropped)


class FieldBatch:
    """A batch of models that gives the values of each column."""

    def __init__(
        self, models: Sequence[object], fields: Mapping[Path, Iterable[str]], now: datetime
    ) -> None:
        self._models = models
        self._names = fields
        self._now = now
        self._found: Dict[Path, Dict[str, Sequence[Any]]] = {}

    def values(self, column: Field) -> Sequence[Any]:
        """Return the values of a column; None where a parent is missing."""
        if column.derive is not None:
            derive, now = column.derive, self._now
            models = self._parents(column.parent)
            return [None if one is None else derive(one, now) for one in models]
        values = self._fields(column.parent)[column.field]
        return values if column.read is None else list(map(column.read, values))

    def _parents(self, path: Path) -> Sequence[Any]:
        if not path:
            return self._models
        found = self._fields(path[:-1])[path[-1]]
        return [one if isinstance(one, Model) else None for one in found]

    def _fields(self, path: Path) -> Dict[str, Sequence[Any]]:
        """Return the values of the wanted fields of the models at a path."""
        if path not in self._found:
            nothing: Dict[str, Any] = dict.fromkeys(self._names[path])
            models = self._parents(path)
            if any(models):
                rows = [nothing if one is None else one.__dict__ for one in models]
                self._found[path] = {name: _column_of(name, rows) for name in nothing}
            else:
                self._found[path] = dict.fromkeys(nothing, [None] * len(models))
        return self._found[path]


def _column_of(name: str, rows: List[Dict[str, Any]]) -> List[Any]:
    try:
        return list(map(itemgetter(name), rows))
    except KeyError:  # a model made by hand, without some of its fields
        return [row.get(name) for row in rows]


def columns_of(kind: Type[Model], derived: bool, secrets: bool) -> Tuple[Field, ...]:
    """Return the columns of a class of models, with derived ones and signed addresses if wanted."""
    return table_of(kind, derived, secrets).columns


def kind_of_rows(page: Type[Model]) -> Optional[Type[Model]]:
    """Return the class of the rows of a page class; None if it is not a page class."""
    results = page.model_fields.get("results")
    for many in () if results is None else _choices(results.annotation):
        for one in _choices(*get_args(many)):
            if _is_class(one, Model):
                return cast(Type[Model], one)
    return None


@lru_cache(maxsize=None)
def table_of(kind: Type[Model], derived: bool, secrets: bool) -> FieldTable:
    """Return the table of a class of models; it is cached."""
    return FieldTable(kind, derived, secrets)


def _flattened(
    kind: Type[Model], derived: bool, secrets: bool, within: Tuple[Type[Model], ...]
) -> Iterator[Field]:
    """Yield the columns of the fields of a model, and of its derived values."""
    is_brief = bool(within) and issubclass(kind, PrintRunDerived)
    for name, info in kind.model_fields.items():
        is_hidden = (name in kind.secret_fields or name in _ADDRESSES) and not secrets
        if is_hidden or name in _LEFT_OUT or (is_brief and name not in _BRIEF):
            continue
        choices = list(_choices(info.annotation))
        nested = [one for one in choices if _is_class(one, Model)]
        if not nested:
            yield _column(name, choices)
        elif len(choices) == 1 and nested[0] not in within:
            for column in _flattened(nested[0], derived, secrets, (*within, kind)):
                path = (name, *column.parent)
                yield replace(column, name=f"{name}_{column.name}", parent=path)
    for mixin, columns in _DERIVED.items():
        if derived and issubclass(kind, mixin):
            yield from columns


def _column(name: str, choices: List[Any]) -> Field:
    """Return the column of a field that is not a model."""
    first = choices[0]
    if get_origin(first) is list:
        if any(_is_class(one, Model) for one in _choices(*get_args(first))):
            return Field(f"{name}_count", FieldKind.INTEGER, name, _length)
        return Field(name, FieldKind.TEXT, name, _joined)
    if _is_class(first, OpenEnum):
        return Field(name, FieldKind.WORD, name, words=tuple(map(str, first)))
    if first not in _KINDS:
        return Field(name, FieldKind.TEXT, name, _as_text)
    return Field(name, FieldKind.WORD if name in _WORDS else _KINDS[first], name)


def _choices(*annotations: Any) -> Iterator[Any]:
    """Yield the types that a value may have, except None."""
    for annotation in annotations:
        origin = get_origin(annotation)
        if origin is Annotated:
            yield from _choices(get_args(annotation)[0])
        elif origin is Union:
            yield from _choices(*get_args(annotation))
        elif annotation is not type(None):
            yield annotation


def _is_class(value: object, of: type) -> bool:
    return isinstance(value, type) and issubclass(value, of)


_KINDS: Dict[Any, FieldKind] = {
    str: FieldKind.TEXT,
    int: FieldKind.INTEGER,
    float: FieldKind.NUMBER,
    bool: FieldKind.FLAG,
    datetime: FieldKind.MOMENT,
}
_WORDS = frozenset(
    (
        "status",
        "material",
        "material_name",
        "machine_type_id",
        "firmware_version",
        "consumable_type",
        "tank_type",
        "type",
        "type_label",
        "action",
        "manufacturer",
        "print_settings_name",
        "print_settings_code",
    )
)
"""Fields of text that hold one of few words, though their description does not list them."""
_ADDRESSES = frozenset(("heatmap", "heatmap_gif"))
"""Addresses of pictures, which may be signed, though no signed one was seen."""
_LEFT_OUT = frozenset(("previous_print_run",))
"""A row of the table of prints, and free in its form."""
_BRIEF = frozenset(
    ("guid", "name", "status", "material", "material_name", "volume_ml", "print_started_at")
)
"""Fields of a print inside another model; the table of prints has the rest."""


# Values of columns


def _length(value: object) -> object:
    return len(value) if is_array(value) else value


def _joined(value: object) -> object:
    return ", ".join(map(str, value)) if is_array(value) else value


def _as_text(value: object) -> Optional[str]:
    """Return a value of undocumented shape as JSON; a text as it is."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(redact_signed_urls(value), default=str)


def remaining_ml(printer: PrinterDerived) -> Optional[float]:
    """Return the resin in all cartridges of a printer in ml; None if no level is known."""
    known = [one.remaining_ml for one in printer.cartridges if one.remaining_ml is not None]
    return sum(known) if known else None


def _derived(
    name: str,
    kind: FieldKind,
    value: Callable[[Any, datetime], object],
    words: Type[Enum] = Enum,
) -> Field:
    return Field(name, kind, derive=value, words=tuple(str(word) for word in words))


_DERIVED: Dict[type, Tuple[Field, ...]] = {
    PrinterDerived: (
        _derived("label", FieldKind.TEXT, lambda printer, _: printer.label),
        _derived("model_name", FieldKind.WORD, lambda printer, _: printer.model_name),
        _derived("state", FieldKind.WORD, lambda printer, now: printer.state(now), PrinterState),
        _derived("state_reason", FieldKind.TEXT, lambda printer, now: printer.state_reason(now)),
        _derived("is_online", FieldKind.FLAG, lambda printer, now: printer.is_online(now)),
        _derived("cartridge_count", FieldKind.INTEGER, lambda printer, _: len(printer.cartridges)),
        _derived("remaining_ml", FieldKind.NUMBER, lambda printer, _: remaining_ml(printer)),
    ),
    PrintRunDerived: (
        _derived("progress", FieldKind.NUMBER, lambda run, _: run.progress),
        _derived("last_progress_at", FieldKind.MOMENT, lambda run, _: run.last_progress_at),
        _derived("is_stale", FieldKind.FLAG, lambda run, now: run.is_stale(now)),
        _derived("eta", FieldKind.MOMENT, lambda run, now: run.eta_at(now)),
        _derived("ended_at", FieldKind.MOMENT, lambda run, now: run.end_at(now)),
        _derived(
            "ended_at_source", FieldKind.WORD, lambda run, _: run.ended_at_source, EndedAtSource
        ),
        _derived("duration", FieldKind.DURATION, lambda run, now: run.duration_at(now)),
        _derived("outcome", FieldKind.WORD, lambda run, now: run.outcome_at(now), PrintOutcome),
        _derived("is_open", FieldKind.FLAG, lambda run, now: run.is_open(now)),
    ),
    CartridgeDerived: (
        _derived("material_name", FieldKind.WORD, lambda cartridge, _: cartridge.material_name),
        _derived("remaining_ml", FieldKind.NUMBER, lambda cartridge, _: cartridge.remaining_ml),
        _derived("remaining_fraction", FieldKind.NUMBER, lambda one, _: one.remaining_fraction),
        _derived("resolution_ml", FieldKind.NUMBER, lambda cartridge, _: cartridge.resolution_ml),
    ),
    TankDerived: (
        _derived("material_name", FieldKind.WORD, lambda tank, _: tank.material_name),
        _derived("layers", FieldKind.INTEGER, lambda tank, _: tank.layers),
        _derived("print_time", FieldKind.DURATION, lambda tank, _: tank.print_time),
        _derived("age", FieldKind.DURATION, lambda tank, now: tank.age(now)),
    ),
}
