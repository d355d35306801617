"""Validate response bodies: exactly where they fit their description, tolerantly elsewhere.

pydantic validates a body from the bytes. A row that does not fit is read again, value by value:
a value that fits is typed, any other value is kept as it was received, and each such field is
reported once. ``to_dict`` therefore returns everything that was received.
"""

from __future__ import annotations

import logging
import os
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from math import isinf
from typing import (
    Any,
    Dict,
    FrozenSet,
    Iterator,
    List,
    Optional,
    Set,
    Tuple,
    Type,
    TypeVar,
    Union,
    cast,
)

from pydantic import (
    BaseModel,
    ConfigDict,
    GetPydanticSchema,
    TypeAdapter,
    ValidationError,
    create_model,
)
from pydantic.fields import FieldInfo
from pydantic_core import core_schema, from_json
from typing_extensions import Annotated, get_args, get_origin

from formlabs_web_api._util.garbage import garbage_collection_pause
from formlabs_web_api._util.json import is_array, is_object, json_type, parse_json, repair_json
from formlabs_web_api._util.signed_urls import redact_signed_urls_in
from formlabs_web_api._util.text import one_line

T = TypeVar("T")

STRICT_VARIABLE = "FORMLABS_WEB_API_STRICT"
"""Environment variable; with ``1``, a response that does not fit its description is an error."""

_LARGE = 65536
"""Bytes of a body from which on the garbage collector pauses while the body is read."""
_LONGEST_NAME = 80
"""Characters of an undescribed field's name that are reported."""

_logger = logging.getLogger("formlabs_web_api")


@dataclass(frozen=True)
class Deviation:
    """One way in which the service's responses differ from their description."""

    model: str
    """Name of the model or enum, ``Tank`` for example."""
    field: str
    """Name of the field as the service spells it; empty for an enum."""
    kind: str
    """``undescribed field``, ``unknown value``, ``unexpected type``, ``invalid text`` or
    ``missing``."""
    seen: str
    """An unknown enum value, sanitized; otherwise only the JSON type."""

    def __str__(self) -> str:
        where = f"{self.model}.{self.field}" if self.field else self.model
        return f"{where}: {self.kind} ({self.seen})"


class Drift:
    """The deviations that one client has seen, each kept and logged once. Thread-safe."""

    def __init__(self) -> None:
        self._seen: Dict[Deviation, object] = {}

    def report(self, model: str, field: str, kind: str, seen: str) -> None:
        """Record and log a deviation, unless it was seen before."""
        # A field's name is text from outside and must not be able to forge a log line.
        field = one_line(redact_signed_urls_in(field))[:_LONGEST_NAME]
        deviation = Deviation(model, field, kind, seen)
        # No lock is used: a process forked while it is held could never acquire it.
        first = object()
        if len(self._seen) >= 1000:  # a limit for hostile responses
            return
        if self._seen.setdefault(deviation, first) is not first:
            return
        _logger.warning("The service's response differs from its description: %s", deviation)

    def __iter__(self) -> Iterator[Deviation]:
        return iter(list(self._seen))

    def __len__(self) -> int:
        return len(self._seen)

    def __repr__(self) -> str:
        return f"<Drift: {'; '.join(map(str, self)) or 'none seen'}>"


class Reading:
    """The way in which one body is read: strictly or not, and where deviations are reported.

    It applies to everything that is read within its ``with`` block.
    """

    def __init__(self, strict: Optional[bool] = None, drift: Optional[Drift] = None) -> None:
        self.strict = strict_by_environment() if strict is None else strict
        self.drift = _unattended if drift is None else drift
        self.met_undescribed_field = False

    def __enter__(self) -> Reading:
        self._token = _current.set(self)
        return self

    def __exit__(self, *exception: object) -> None:
        _current.reset(self._token)


_unattended = Drift()
_current: ContextVar[Optional[Reading]] = ContextVar("formlabs_web_api_reading", default=None)


def strict_by_environment() -> bool:
    return os.environ.get(STRICT_VARIABLE, "") not in ("", "0")


def current_reading() -> Optional[Reading]:
    """Return the reading in progress; None while a user builds a model."""
    return _current.get()


def read_json(
    expected: Any,
    text: Union[str, bytes],
    strict: Optional[bool] = None,
    drift: Optional[Drift] = None,
) -> Any:
    """Parse JSON text into ``expected``, a model or a list of models.

    Raises:
        pydantic.ValidationError: In strict mode, a value does not fit; in tolerant mode, the whole
            is not of the expected kind (a number where an object belongs).
        ValueError: ``text`` is not JSON.
    """
    with Reading(strict, drift) as reading:
        adapter = adapter_of(expected) if reading.strict else _tolerant_adapter_of(expected)
        try:
            value = _validate(adapter, text)
        except ValidationError as error:
            if _is_invalid_json(error):
                value = _read_invalid_json(expected, adapter, text, reading)
            elif reading.strict:
                raise
            else:
                value = _read_tolerantly(expected, from_json(text), error, reading)
        _report_undescribed_fields(value, reading)
        return _as_documented(value)


def _validate(adapter: TypeAdapter[Any], text: Union[str, bytes]) -> Any:
    if len(text) < _LARGE:
        return adapter.validator.validate_json(text)
    # A large body becomes many objects but no cycles, so running the collector would free nothing.
    with garbage_collection_pause:
        return adapter.validate_json(text)


def _read_invalid_json(
    expected: Any, adapter: TypeAdapter[Any], text: Union[str, bytes], reading: Reading
) -> Any:
    """Read a body that pydantic's parser refuses; in tolerant mode, repair its strings first."""
    repaired: FrozenSet[str] = frozenset()
    if not reading.strict:
        text, repaired = repair_json(text)
    if repaired:
        try:
            value = _validate(adapter, text)
            _report_repaired_strings(value, repaired, reading)
            return value
        except ValidationError:
            pass
    data = parse_json(text)
    try:
        value = adapter.validate_python(data)
    except ValidationError as error:
        if reading.strict:
            raise
        value = _read_tolerantly(expected, data, error, reading)
    _report_repaired_strings(value, repaired, reading)
    _report_infinite_numbers(value, reading)
    return value


def read_python(expected: Type[T], data: Any) -> T:
    """Convert parsed JSON into ``expected``, as :func:`read_json` does."""
    with Reading() as reading:
        try:
            value = adapter_of(cast(Any, expected)).validate_python(data)
        except ValidationError as misfit:
            if reading.strict:
                raise
            value = _read_tolerantly(expected, data, misfit, reading)
        return cast(T, value)


def note_undescribed_field(value: Any) -> Any:
    """Record that a model has an undescribed field; return its value unchanged.

    pydantic calls this for each such field, so it costs nothing while responses fit their
    description; searching every model for undescribed fields would always cost time.
    """
    reading = _current.get()
    if reading is not None:
        reading.met_undescribed_field = True
    return value


@lru_cache(maxsize=None)
def adapter_of(expected: Any) -> TypeAdapter[Any]:
    """Return pydantic's validator of a type, built once."""
    if get_origin(expected) is list:
        return TypeAdapter(expected, config=ConfigDict(hide_input_in_errors=True))
    if hasattr(expected, "model_rebuild"):
        expected.model_rebuild()  # so that the adapter uses the model's own validator and settings
    return TypeAdapter(expected)


_documented_pages: Dict[Type[BaseModel], Type[BaseModel]] = {}


@lru_cache(maxsize=None)
def _tolerant_adapter_of(expected: Any) -> TypeAdapter[Any]:
    """Return a validator that reads the rows that do not fit tolerantly.

    Rows that fit are still validated from the bytes, so the extra cost is proportional to the
    number of rows that do not fit. A single model is validated as a whole.
    """
    if get_origin(expected) is list:
        return adapter_of(_with_tolerant_rows(expected))
    if "results" in getattr(expected, "model_fields", ()):
        return adapter_of(_tolerant_page_of(expected))
    return adapter_of(expected)


def _tolerant_page_of(page: Type[BaseModel]) -> Type[BaseModel]:
    """Return a subclass of a page; :func:`_as_documented` turns its instances into the page."""
    fields: Dict[str, Any] = {}
    for name, info in page.model_fields.items():
        annotation = _type_of(info)
        if name == "results":
            annotation = _with_tolerant_rows(annotation)
        place = (page.__name__, info.alias or name)
        # A copy: before pydantic 2.11, create_model changes the field that it is given.
        own = copy(info)
        own.metadata = list(info.metadata)
        fields[name] = (_tolerant(annotation, _type_of(info), place), own)
    subclass = create_model(page.__name__, __base__=page, __module__=page.__module__, **fields)
    _documented_pages[subclass] = page
    return subclass


def _as_documented(value: Any) -> Any:
    page = _documented_pages.get(cast(Any, type(value)))
    if page is not None:
        object.__setattr__(value, "__class__", page)  # pydantic's own would look for a field
    return value


def _with_tolerant_rows(annotation: Any) -> Any:
    """Return a type with the items of the lists in it read tolerantly."""
    arguments = get_args(annotation)
    if get_origin(annotation) is Union:
        return Union[tuple(map(_with_tolerant_rows, arguments))]
    if not _is_list_type(annotation):
        return annotation
    (row,) = arguments
    return cast(Any, List)[_tolerant(row, row, (getattr(row, "__name__", str(row)), ""))]


def _tolerant(annotation: Any, expected: Any, place: Tuple[str, str]) -> Any:
    """Return a variant of ``annotation`` that keeps the parts of a value that do not fit."""

    def read_misfit(data: Any) -> Any:
        reading = _current.get()
        return data if reading is None else _fit_parts(expected, data, reading, place)

    def schema_of(source: Any, handler: Any) -> core_schema.CoreSchema:
        fallback = core_schema.no_info_after_validator_function(
            read_misfit, core_schema.any_schema()
        )
        return core_schema.union_schema([handler(source), fallback], mode="left_to_right")

    return Annotated[annotation, GetPydanticSchema(schema_of)]


def _is_invalid_json(error: ValidationError) -> bool:
    """Return True if pydantic's parser refused the text."""
    return error.errors(include_url=False, include_context=False)[0]["type"] == "json_invalid"


def _read_tolerantly(expected: Any, data: Any, misfit: ValidationError, reading: Reading) -> Any:
    value = _fit_parts(expected, data, reading, ("", ""))
    if value is data:
        raise misfit  # not even the outermost type fits
    return value


def _fit(expected: Any, data: Any, reading: Reading, place: Tuple[str, str]) -> Any:
    """Convert the parts of ``data`` that fit ``expected``; leave the others unchanged."""
    try:
        return adapter_of(expected).validate_python(data)
    except ValidationError:
        return _fit_parts(expected, data, reading, place)


def _fit_parts(expected: Any, data: Any, reading: Reading, place: Tuple[str, str]) -> Any:
    """Fit the parts of ``data``, which as a whole does not fit ``expected``."""
    bare: Any = get_args(expected)[0] if get_origin(expected) is Annotated else expected
    for choice in get_args(bare) if get_origin(bare) is Union else (bare,):
        if is_object(data) and isinstance(choice, type) and issubclass(choice, BaseModel):
            return _fit_model(choice, data, reading)
        if is_array(data) and _is_list_type(choice):
            (item,) = get_args(choice)
            within = place if place[0] else (getattr(item, "__name__", str(item)), "")
            return [_fit(item, one, reading, within) for one in data]
        if is_object(data) and get_origin(cast(Any, choice)) is dict:
            (_, item) = get_args(choice)
            return {name: _fit(item, one, reading, place) for name, one in data.items()}
    if place[0]:
        reading.drift.report(*place, "unexpected type", json_type(data))
    return data


def _fit_model(expected: Type[BaseModel], data: Dict[str, Any], reading: Reading) -> BaseModel:
    values: Dict[str, Any] = {}
    given: Set[str] = set()
    rest = dict(data)
    for name, info in expected.model_fields.items():
        key = info.alias or name
        if key in rest:
            values[name] = _fit(_type_of(info), rest.pop(key), reading, (expected.__name__, key))
            given.add(name)
        elif info.is_required():
            values[name] = None
            reading.drift.report(expected.__name__, key, "missing", "nothing")
        else:
            values[name] = info.get_default(call_default_factory=True)
    reading.met_undescribed_field = reading.met_undescribed_field or bool(rest)
    model = expected.__new__(expected)
    # As pydantic's model_construct does, which fails for fields named like its arguments.
    object.__setattr__(model, "__dict__", values)
    object.__setattr__(model, "__pydantic_fields_set__", given)
    object.__setattr__(model, "__pydantic_extra__", rest)
    object.__setattr__(model, "__pydantic_private__", None)
    return model


def _type_of(info: FieldInfo) -> Any:
    """Return a field's whole type; pydantic keeps the outermost ``Annotated`` apart."""
    whole = (info.annotation, *info.metadata)
    return cast(Any, Annotated)[whole] if info.metadata else info.annotation


def _is_list_type(expected: Any) -> bool:
    return get_origin(expected) is list


def _report_undescribed_fields(value: Any, reading: Reading) -> None:
    if not reading.met_undescribed_field:
        return
    for model in _models_in(value):
        for field, content in (model.__pydantic_extra__ or {}).items():
            reading.drift.report(
                type(model).__name__, field, "undescribed field", json_type(content)
            )


def _report_repaired_strings(value: Any, repaired: FrozenSet[str], reading: Reading) -> None:
    if not repaired:
        return
    for model, name, content in _values_in(value):
        if any(text in repaired for text in _texts_in(content)):
            reading.drift.report(model, name, "invalid text", "string")


def _report_infinite_numbers(value: Any, reading: Reading) -> None:
    """Report numbers too large for their type, which fields of fractional numbers accept."""
    for model, name, content in _values_in(value):
        if isinstance(content, float) and isinf(content):
            reading.drift.report(model, name, "unexpected type", "number")


def _values_in(value: Any) -> Iterator[Tuple[str, str, Any]]:
    """Yield the name of the model, the service's name of the field, and the value of each field."""
    for model in _models_in(value):
        fields = type(model).model_fields
        for name, content in (*model.__dict__.items(), *(model.__pydantic_extra__ or {}).items()):
            info = fields.get(name)
            wire_name = (info.alias if info is not None else None) or name
            yield type(model).__name__, wire_name, content


def _models_in(value: Any) -> Iterator[BaseModel]:
    remaining: List[Any] = [value]
    while remaining:
        one = remaining.pop()
        if isinstance(one, BaseModel):
            yield one
            remaining.extend(one.__dict__.values())
        elif is_array(one):
            remaining.extend(one)


def _texts_in(value: Any) -> Iterator[str]:
    """Yield the texts in a value of JSON, names included; not those in models."""
    remaining: List[Any] = [value]
    while remaining:
        one = remaining.pop()
        if isinstance(one, str):
            yield one
        elif is_array(one):
            remaining.extend(one)
        elif is_object(one):
            remaining.extend((*one, *one.values()))
