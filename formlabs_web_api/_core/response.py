"""Decode a response body into its documented type (bare list or envelope)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Dict, List, Mapping, Optional, Set, Tuple, Type

from pydantic import BaseModel, ValidationError, create_model
from typing_extensions import get_args, get_origin

from formlabs_web_api._util.dates import parse_iso
from formlabs_web_api._util.json import (
    NestedTooDeeply,
    is_array,
    is_object,
    json_type,
    parse_json,
)
from formlabs_web_api.exceptions import ApiAttributeError
from formlabs_web_api.models._base import Model
from formlabs_web_api.models._reading import Drift, read_json, read_python
from formlabs_web_api.models.derived.clock import ResponseTime, set_response_time
from formlabs_web_api.paging import Rows


class UnexpectedBody(ValueError):
    """A body that is not of the expected type; the message describes it."""


def parse_body(
    raw: bytes,
    expected: object,
    strict: bool,
    drift: Optional[Drift] = None,
    date: Optional[str] = None,
) -> Any:
    """Parse a body into ``expected``: a model, a list of models, or plain data.

    A listing may come as a bare array or in an envelope (observed: ``/printers/`` does both,
    depending on whether a page is requested); both are accepted where either is documented.

    Args:
        raw: The body, in UTF-8.
        expected: The documented type.
        strict: True if a value that does not fit is an error.
        drift: Where deviations from the description are reported.
        date: The response's ``Date`` header; by it, the models judge their derived values.

    Raises:
        UnexpectedBody: The body is not JSON, or of another type.
        pydantic.ValidationError: In strict mode, a value does not fit.
    """
    value = _parse(raw, expected, strict, drift)
    if date:
        set_response_time(value, ResponseTime(date))
    return value


def _parse(raw: bytes, expected: Any, strict: bool, drift: Optional[Drift]) -> Any:
    start = raw.lstrip()[:1]
    if not start:
        raise UnexpectedBody("the body is empty")
    is_list, is_page = _shape_of(expected)
    try:
        if is_list and start == b"{":
            return _rows(read_json(_envelope_of(expected), raw, strict, drift))
        if is_list:
            return Rows[Any](read_json(expected, raw, strict, drift))
        if is_page and start == b"[":
            rows = read_json(_rows_type(expected), raw, strict, drift)
            return _page_of(expected, rows)
        value = read_json(expected, raw, strict, drift)
        if isinstance(value, Model):
            _expect_own_fields(value, is_page)
        return value
    except ValidationError:
        if strict:
            raise
        raise UnexpectedBody(_describe_mismatch(raw, expected)) from None
    except (ValueError, RecursionError):
        raise UnexpectedBody(_describe_mismatch(raw, expected)) from None


def _expect_own_fields(value: Model, is_page: bool) -> None:
    """Refuse an object without any field of the model, such as ``{"detail": ...}``.

    An empty object is refused too, if the model requires a field.
    """
    given = value.model_fields_set
    if value.model_extra:
        given = given - set(value.model_extra)
    if not given and (value.model_extra or _requires_something(type(value))):
        raise UnexpectedBody(f"the body has no field of {type(value).__name__}")
    if is_page:
        _expect_rows(value, given)


@lru_cache(maxsize=None)
def _requires_something(kind: Type[Model]) -> bool:
    return any(info.is_required() for info in kind.model_fields.values())


def _expect_rows(page: Any, given: Set[str]) -> None:
    """Refuse a page without rows; null means no rows, unless ``detail`` explains an error."""
    if "results" not in given or not (is_array(page.results) or page.results is None):
        raise UnexpectedBody("the body has no list of results")
    if page.results is None and "detail" in (page.model_extra or ()):
        raise UnexpectedBody("the body has no list of results")


@lru_cache(maxsize=None)
def _shape_of(expected: object) -> Tuple[bool, bool]:
    """Return whether a type is a list of models, and whether it is a page of them."""
    fields = getattr(expected, "model_fields", ())
    return get_origin(expected) is list, "results" in fields


def _rows_type(page: Type[BaseModel]) -> Any:
    annotation = page.model_fields["results"].annotation
    return next(one for one in (annotation, *get_args(annotation)) if get_origin(one) is list)


@lru_cache(maxsize=None)
def _envelope_of(rows: Any) -> Type[Model]:
    """Return the type of the envelope in which a list may come."""
    name = f"{get_args(rows)[0].__name__}Envelope"
    return create_model(
        name,
        __base__=Model,
        count=(Optional[int], None),
        next=(Optional[str], None),
        previous=(Optional[str], None),
        results=(rows, ...),
    )


def _rows(envelope: Any) -> Rows[Any]:
    _expect_rows(envelope, envelope.model_fields_set)
    rows: List[Any] = envelope.results or []
    return Rows[Any](
        rows, envelope.count, envelope.next, envelope.previous, dict(envelope.model_extra or {})
    )


def _page_of(expected: Type[BaseModel], rows: List[object]) -> BaseModel:
    return expected.model_construct({"results"}, count=len(rows), results=rows)


def _describe_mismatch(raw: bytes, expected: object) -> str:
    wanted = getattr(expected, "__name__", None) or str(expected)
    if get_origin(expected) is list:
        wanted = f"list of {get_args(expected)[0].__name__}"
    try:
        found = f"a JSON {json_type(parse_json(raw))}"
    except NestedTooDeeply as error:
        return f"the body is {error}"
    except ValueError:
        text = raw[:200].lstrip().lower()
        found = "an HTML page" if text.startswith((b"<!doctype", b"<html")) else "not complete JSON"
    return f"the body is {found}, not the expected {wanted}"


# Types named by text, as in calls of ApiClient.deserialize.

NAMED_TYPES: Dict[str, Any] = {
    "int": int,
    "long": int,
    "float": float,
    "str": str,
    "bool": bool,
    "date": date,
    "datetime": datetime,
    "decimal": Decimal,
    "object": object,
    "bytes": bytes,
    "None": None,
}


def resolve_type(name: Any) -> Any:
    """Return the type that a text names, such as ``List[Workgroup]`` or ``Dict[str, int]``.

    A type is returned unchanged.

    Raises:
        ApiAttributeError: There is no type of this name.
    """
    if not isinstance(name, str):
        return name
    outer, bracket, inner = name.strip().partition("[")
    if bracket and outer == "List":
        return List[resolve_type(inner[:-1])]  # type: ignore[misc]
    if bracket and outer == "Dict":
        return Dict[str, resolve_type(inner[:-1].partition(",")[2])]  # type: ignore[misc]
    if outer in NAMED_TYPES:
        return NAMED_TYPES[outer]
    from formlabs_web_api import models

    try:
        return getattr(models, outer)
    except AttributeError:
        raise ApiAttributeError(f"there is no type {name!r}") from None


def convert_json(data: Any, expected: Any) -> Any:
    """Convert parsed JSON to ``expected``, which may be a plain type.

    A value that does not fit is returned unchanged.

    Raises:
        ValueError: The text of a date is not of ISO 8601.
    """
    if data is None or expected is object or expected is None:
        return data
    if get_origin(expected) is list:
        (item,) = get_args(expected)
        return [convert_json(one, item) for one in data] if is_array(data) else data
    if get_origin(expected) is dict:
        (_, item) = get_args(expected)
        return {k: convert_json(v, item) for k, v in data.items()} if is_object(data) else data
    if expected in (date, datetime):
        moment = parse_iso(str(data))
        return moment if expected is datetime else moment.date()
    if expected in (int, float, str, bool, bytes, Decimal):
        try:
            return expected(data)
        except (TypeError, ValueError, ArithmeticError):
            return data
    if isinstance(expected, type) and issubclass(expected, BaseModel):
        return read_python(expected, data)
    return expected(data)


def type_for_status(status: int, types: Mapping[str, object]) -> Any:
    """Return the type documented for a status, else that of any success; None without one."""
    if str(status) in types:
        return types[str(status)]
    if "2XX" in types:
        return types["2XX"]
    return next((types[key] for key in types if key[:1] == "2"), None)
