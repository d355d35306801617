"""What an answer's bytes mean: the documented type, in whichever of its shapes it came."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Dict, List, Optional, Set, Tuple, Type

from pydantic import BaseModel, ValidationError, create_model
from typing_extensions import get_args, get_origin

from formlabs_web_api._util.json import is_array, is_object, json_type
from formlabs_web_api.exceptions import ApiAttributeError
from formlabs_web_api.models._base import Model
from formlabs_web_api.models._reading import Drift, read_json, read_python
from formlabs_web_api.paging import Rows


class NotUnderstood(ValueError):
    """The bytes are no answer of the expected kind; the message says what they are."""


def understand(raw: bytes, expected: Any, strict: bool, drift: Optional[Drift] = None) -> Any:
    """``raw`` as ``expected``: a model, a list of models, or plain data.

    A listing may come as a bare array or in an envelope (observed: ``/printers/`` does both, by
    whether it is asked for a page); either is understood where the other is documented.

    Raises:
        NotUnderstood: the body is no JSON, or another thing altogether.
        pydantic.ValidationError: in strict mode, a value does not fit.
    """
    start = raw.lstrip()[:1]
    if not start:
        raise NotUnderstood("the body is empty")
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
        raise NotUnderstood(_what(raw, expected)) from None
    except (ValueError, RecursionError):
        raise NotUnderstood(_what(raw, expected)) from None


def _expect_own_fields(value: Model, is_page: bool) -> None:
    """An object that has nothing of the model, such as ``{"detail": ...}``, is no such model.

    Nor is an empty one, where something is required.
    """
    given = value.model_fields_set
    if value.model_extra:
        given = given - set(value.model_extra)
    if not given and (value.model_extra or _requires_something(type(value))):
        raise NotUnderstood("none of the fields is there")
    if is_page:
        _expect_rows(value, given)


@lru_cache(maxsize=None)
def _requires_something(kind: Type[Model]) -> bool:
    return any(info.is_required() for info in kind.model_fields.values())


def _expect_rows(page: Any, given: Set[str]) -> None:
    """A page has rows; null for none at all, though not where the service says why."""
    if "results" not in given or not (is_array(page.results) or page.results is None):
        raise NotUnderstood("there are no results")
    if page.results is None and "detail" in (page.model_extra or ()):
        raise NotUnderstood("there are no results")


@lru_cache(maxsize=None)
def _shape_of(expected: Any) -> Tuple[bool, bool]:
    """Whether it is a list of models, and whether it is a page of them."""
    fields = getattr(expected, "model_fields", ())
    return get_origin(expected) is list, "results" in fields


def _rows_type(page: Type[BaseModel]) -> Any:
    annotation = page.model_fields["results"].annotation
    return next(one for one in (annotation, *get_args(annotation)) if get_origin(one) is list)


@lru_cache(maxsize=None)
def _envelope_of(rows: Any) -> Type[Model]:
    """The envelope in which a list may come."""
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


def _page_of(expected: Type[BaseModel], rows: List[Any]) -> BaseModel:
    return expected.model_construct({"results"}, count=len(rows), results=rows)


def _what(raw: bytes, expected: Any) -> str:
    wanted = getattr(expected, "__name__", None) or str(expected)
    if get_origin(expected) is list:
        wanted = f"list of {get_args(expected)[0].__name__}"
    try:
        found = f"a JSON {json_type(json.loads(raw))}"
    except (ValueError, RecursionError):
        text = raw[:200].lstrip().lower()
        found = "an HTML page" if text.startswith((b"<!doctype", b"<html")) else "no whole JSON"
    return f"the body is {found} and not the {wanted} that was asked for"


# Types that are given as text, as scripts that call ApiClient.deserialize do.

_NAMED: Dict[str, Any] = {
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


def type_of(name: Any) -> Any:
    """The type a text like ``List[Workgroup]`` or ``Dict[str, int]`` names; a type is itself.

    Raises:
        ApiAttributeError: there is no such type.
    """
    if not isinstance(name, str):
        return name
    outer, bracket, inner = name.strip().partition("[")
    if bracket and outer == "List":
        return List[type_of(inner[:-1])]  # type: ignore[misc]
    if bracket and outer == "Dict":
        return Dict[str, type_of(inner[:-1].partition(",")[2])]  # type: ignore[misc]
    if outer in _NAMED:
        return _NAMED[outer]
    from formlabs_web_api import models

    try:
        return getattr(models, outer)
    except AttributeError:
        raise ApiAttributeError(f"there is no type {name!r}") from None


def plain_as(data: Any, expected: Any) -> Any:
    """Parsed JSON as ``expected``, which may be a plain type; what does not fit stays as it is.

    Raises:
        ValueError: text is no date.
    """
    if data is None or expected is object or expected is None:
        return data
    if get_origin(expected) is list:
        (item,) = get_args(expected)
        return [plain_as(one, item) for one in data] if is_array(data) else data
    if get_origin(expected) is dict:
        (_, item) = get_args(expected)
        return {k: plain_as(v, item) for k, v in data.items()} if is_object(data) else data
    if expected in (date, datetime):
        from dateutil.parser import isoparse

        moment = isoparse(str(data))
        return moment if expected is datetime else moment.date()
    if expected in (int, float, str, bool, bytes, Decimal):
        try:
            return expected(data)
        except (TypeError, ValueError, ArithmeticError):
            return data
    if isinstance(expected, type) and issubclass(expected, BaseModel):
        return read_python(expected, data)
    return expected(data)
