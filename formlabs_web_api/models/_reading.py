"""Reading what the service sent: exactly where it fits, tolerantly where it does not.

A body that fits is validated by pydantic straight from the bytes. One that does not is read again,
value by value: what fits is typed, what does not fit stays as it came, and each such field is
reported once. The way back (``to_dict``) therefore gives everything that was received.
"""

import json
import logging
import os
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import (
    Any,
    Dict,
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

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from typing_extensions import Annotated, get_args, get_origin

from formlabs_web_api._util.json import is_array, is_object, json_type
from formlabs_web_api._util.signed_urls import redact_signed_urls_in
from formlabs_web_api._util.text import one_line

T = TypeVar("T")

STRICT_VARIABLE = "FORMLABS_WEB_API_STRICT"
"""Environment variable; ``1`` makes an answer that does not fit its description an error."""

_logger = logging.getLogger("formlabs_web_api")


@dataclass(frozen=True)
class Deviation:
    """One way in which the service's answers differ from their description."""

    model: str
    """Name of the model or enum, ``Tank`` for example."""
    field: str
    """Name of the field as the service spells it; empty for an enum."""
    kind: str
    """``undescribed field``, ``unknown value``, ``unexpected type`` or ``missing``."""
    seen: str
    """What was seen: an unknown enum value, in one line, otherwise only the JSON type."""

    def __str__(self) -> str:
        where = f"{self.model}.{self.field}" if self.field else self.model
        return f"{where}: {self.kind} ({self.seen})"


class Drift:
    """The deviations one client has met, each kept and logged once. Safe under many threads."""

    def __init__(self) -> None:
        self._seen: Dict[Deviation, object] = {}

    def report(self, model: str, field: str, kind: str, seen: str) -> None:
        field = one_line(redact_signed_urls_in(field))[:80]  # whatever the service names its fields
        deviation = Deviation(model, field, kind, seen)
        # No lock, which a process forked meanwhile would find closed for ever.
        first = object()
        if len(self._seen) >= 1000:  # a bound for hostile answers
            return
        if self._seen.setdefault(deviation, first) is not first:
            return
        _logger.warning("The service's answer differs from its description: %s", deviation)

    def __iter__(self) -> Iterator[Deviation]:
        return iter(list(self._seen))

    def __len__(self) -> int:
        return len(self._seen)

    def __repr__(self) -> str:
        return f"<Drift: {'; '.join(map(str, self)) or 'none seen'}>"


class Reading:
    """How one body is read: strictly or not, and to whom deviations are reported.

    What is read inside of ``with`` is read this way.
    """

    def __init__(self, strict: Optional[bool] = None, drift: Optional[Drift] = None) -> None:
        self.strict = strict_by_environment() if strict is None else strict
        self.drift = _unattended if drift is None else drift
        self.met_undescribed_field = False

    def __enter__(self) -> "Reading":
        self._token = _current.set(self)
        return self

    def __exit__(self, *exception: object) -> None:
        _current.reset(self._token)


_unattended = Drift()
_current: "ContextVar[Optional[Reading]]" = ContextVar("formlabs_web_api_reading", default=None)


def strict_by_environment() -> bool:
    return os.environ.get(STRICT_VARIABLE, "") not in ("", "0")


def current_reading() -> Optional[Reading]:
    """The reading under way; None while a user builds a model by hand."""
    return _current.get()


def read_json(
    expected: Any,
    text: Union[str, bytes],
    strict: Optional[bool] = None,
    drift: Optional[Drift] = None,
) -> Any:
    """``text`` as ``expected``, a model or a list of models.

    Raises:
        pydantic.ValidationError: in strict mode, for whatever does not fit; in tolerant mode only
            where the whole is not of the expected kind (a number where an object belongs).
        ValueError: ``text`` is not JSON.
    """
    with Reading(strict, drift) as now:
        try:
            value = adapter_of(expected).validate_json(text)
        except ValidationError as misfit:
            if now.strict and not _is_no_json(misfit):
                raise
            # json, not pydantic's own parser: it also reads half of a surrogate pair, which is
            # what is left of an emoji where a name was cut short.
            data = json.loads(text)
            if now.strict:
                value = adapter_of(expected).validate_python(data)
            else:
                value = _read_tolerantly(expected, data, misfit, now)
        _report_undescribed_fields(value, now)
        return value


def read_python(expected: Type[T], data: Any) -> T:
    """Like :func:`read_json`, of data that is parsed already."""
    with Reading() as now:
        try:
            value = adapter_of(cast(Any, expected)).validate_python(data)
        except ValidationError as misfit:
            if now.strict:
                raise
            value = _read_tolerantly(expected, data, misfit, now)
        return cast(T, value)


def note_undescribed_field(value: Any) -> Any:
    """Called by pydantic with the value of each field no model describes; gives it back as it is.

    This costs nothing while the service keeps to its description, which a look into every model
    after it was read would not.
    """
    now = _current.get()
    if now is not None:
        now.met_undescribed_field = True
    return value


@lru_cache(maxsize=None)
def adapter_of(expected: Any) -> "TypeAdapter[Any]":
    """pydantic's validator of a type, built once."""
    if get_origin(expected) is list:
        return TypeAdapter(expected, config=ConfigDict(hide_input_in_errors=True))
    if hasattr(expected, "model_rebuild"):
        expected.model_rebuild()  # so that it is the model's own, with the model's settings
    return TypeAdapter(expected)


def _is_no_json(misfit: ValidationError) -> bool:
    """Whether pydantic could not even parse it."""
    return misfit.errors(include_url=False)[0]["type"] == "json_invalid"


def _read_tolerantly(expected: Any, data: Any, misfit: ValidationError, now: Reading) -> Any:
    value = _fit(expected, data, now, ("", ""))
    if value is data:
        raise misfit  # not even the outermost shape fits: this is another thing altogether
    return value


def _fit(expected: Any, data: Any, now: Reading, place: Tuple[str, str]) -> Any:
    """``data`` as ``expected`` as far as it fits, and as it came where it does not."""
    try:
        return adapter_of(expected).validate_python(data)
    except ValidationError:
        pass
    bare: Any = get_args(expected)[0] if get_origin(expected) is Annotated else expected
    for choice in get_args(bare) if get_origin(bare) is Union else (bare,):
        if is_object(data) and isinstance(choice, type) and issubclass(choice, BaseModel):
            return _fit_model(choice, data, now)
        if is_array(data) and _is_list_type(choice):
            (item,) = get_args(choice)
            within = place if place[0] else (getattr(item, "__name__", str(item)), "")
            return [_fit(item, one, now, within) for one in data]
        if is_object(data) and get_origin(cast(Any, choice)) is dict:
            (_, item) = get_args(choice)
            return {name: _fit(item, one, now, place) for name, one in data.items()}
    if place[0]:
        now.drift.report(*place, "unexpected type", json_type(data))
    return data


def _fit_model(expected: Type[BaseModel], data: Dict[str, Any], now: Reading) -> BaseModel:
    values: Dict[str, Any] = {}
    given: Set[str] = set()
    rest = dict(data)
    for name, info in expected.model_fields.items():
        key = info.alias or name
        if key in rest:
            values[name] = _fit(_type_of(info), rest.pop(key), now, (expected.__name__, key))
            given.add(name)
        elif info.is_required():
            values[name] = None
            now.drift.report(expected.__name__, key, "missing", "nothing")
        else:
            values[name] = info.get_default(call_default_factory=True)
    now.met_undescribed_field = now.met_undescribed_field or bool(rest)
    model = expected.__new__(expected)
    # As pydantic's own model_construct does, which trips over fields named like its arguments.
    object.__setattr__(model, "__dict__", values)
    object.__setattr__(model, "__pydantic_fields_set__", given)
    object.__setattr__(model, "__pydantic_extra__", rest)
    object.__setattr__(model, "__pydantic_private__", None)
    return model


def _type_of(info: FieldInfo) -> Any:
    """A field's whole type; pydantic keeps the outermost ``Annotated`` apart."""
    whole = (info.annotation, *info.metadata)
    return cast(Any, Annotated)[whole] if info.metadata else info.annotation


def _is_list_type(expected: Any) -> bool:
    return get_origin(expected) is list


def _report_undescribed_fields(value: Any, now: Reading) -> None:
    if not now.met_undescribed_field:
        return
    todo: List[Any] = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, BaseModel):
            for field, content in (one.__pydantic_extra__ or {}).items():
                now.drift.report(type(one).__name__, field, "undescribed field", json_type(content))
            todo.extend(one.__dict__.values())
        elif is_array(one):
            todo.extend(one)
