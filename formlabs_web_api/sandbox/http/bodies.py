"""Request bodies: parse JSON, forms and multipart, and validate their fields."""

from __future__ import annotations

import json
import logging
import re
from typing import (
    Any,
    Callable,
    Dict,
    Iterable,
    List,
    Mapping,
    NamedTuple,
    NoReturn,
    Optional,
    cast,
)
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from formlabs_web_api.sandbox.errors import detail, invalid

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

Check = Callable[[Any], Any]
"""Validates and converts a field's value; raises ``ValueError`` with the reason."""

_UUID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)
# Its warnings about broken bodies would reach stderr in a program without logging handlers.
logging.getLogger("python_multipart").addHandler(logging.NullHandler())

_YES = frozenset(("true", "t", "1", "yes", "y", "on"))
_NO = frozenset(("false", "f", "0", "no", "n", "off"))


class Body(NamedTuple):
    """A received body, not yet validated."""

    media_type: str
    content: bytes
    parts: Optional[Dict[str, List[Any]]]
    """The fields of a form; None if the body is not a form, or malformed."""

    def fields(
        self,
        required: Mapping[str, Check],
        optional: Optional[Mapping[str, Check]] = None,
    ) -> Dict[str, Any]:
        """Return the validated fields that were sent; unknown fields are ignored.

        Raises:
            Refusal: 415 for another media type; 400 if the body is malformed, or fields are
                missing or invalid, with a reason for each.
        """
        given = self._sent()
        values: Dict[str, Any] = {}
        errors: Dict[str, List[str]] = {}
        for name, check in {**required, **(optional or {})}.items():
            if name not in given:
                if name in required:
                    errors[name] = ["This field is required."]
                continue
            try:
                values[name] = check(given[name])
            except ValueError as error:
                errors[name] = [str(error)]
        if errors:
            raise invalid(errors)
        return values

    def form(self) -> Dict[str, str]:
        """Return the text fields of a form; empty if the body is not a form."""
        fields = (self.parts or {}).items()
        return {name: values[-1] for name, values in fields if isinstance(values[-1], str)}

    def _sent(self) -> Mapping[str, Any]:
        if not self.content:
            return {}
        if self.media_type not in (JSON, FORM, MULTIPART):
            raise detail(415, f'Unsupported media type "{self.media_type}" in request.')
        if self.media_type == JSON:
            return self._object()
        if self.parts is None:
            raise detail(400, "Multipart form parse error - the body is not in its own boundary.")
        return {name: Values(values) for name, values in self.parts.items()}

    def _object(self) -> Mapping[str, Any]:
        try:
            value = json.loads(self.content.decode("utf-8"), parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise detail(400, f"JSON parse error - {error}") from None
        if isinstance(value, dict):
            return cast("Dict[str, Any]", value)
        kind = type(value).__name__
        problem = f"Invalid data. Expected a dictionary, but got {kind}."
        raise invalid({"non_field_errors": [problem]})


class Values(List[Any]):
    """The values of one field of a form: texts only, never null, number or boolean."""


async def receive(request: Request) -> Body:
    """Receive a request's body."""
    content = await request.body()
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    parts: Optional[Dict[str, List[Any]]] = None
    if media_type == FORM:
        parts = {}
        for name, value in parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True):
            parts.setdefault(name, []).append(value)
    elif media_type == MULTIPART and content:
        try:
            async with request.form() as form:
                parts = {name: form.getlist(name) for name in form}
        except (HTTPException, ValueError, LookupError):
            # Which of them a bad boundary, header or charset gives differs between versions.
            parts = None
    return Body(media_type, content, parts)


def text(value: Any) -> str:
    """Validate a text that is not blank."""
    value = _single(value)
    if value is None:
        raise ValueError("This field may not be null.")
    if not isinstance(value, str) or not _can_be_sent(value):
        raise ValueError("Not a valid string.")
    if not value:
        raise ValueError("This field may not be blank.")
    return value


def text_or_null(value: object) -> Optional[str]:
    """Validate a text that is not blank, or null."""
    return None if value is None else text(value)


def boolean(value: Any) -> bool:
    """Validate a boolean; in a form, one of its spellings."""
    if isinstance(value, Values):
        return _truth(value[-1])
    if not isinstance(value, bool):
        raise ValueError("Must be a valid boolean.")
    return value


def truth_or_null(value: object) -> Optional[bool]:
    """Validate a text for true, false or null, or null: a setting documented as string."""
    word = text_or_null(value)
    return None if word in (None, "null") else _truth(word)


def uuid(value: Any) -> str:
    """Validate a UUID, with or without hyphens; return it in lower case with hyphens."""
    value = _single(value)
    if not isinstance(value, str) or _UUID.fullmatch(value) is None:
        raise ValueError("Must be a valid UUID.")
    digits = value.replace("-", "").lower()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def texts(value: object) -> List[str]:
    """Validate a list of texts; in a form, a repeated field."""
    if not isinstance(value, list):
        raise ValueError(f'Expected a list of items but got type "{type(value).__name__}".')
    return [text(item) for item in cast("Iterable[Any]", value)]


def _single(value: Any) -> Any:
    return value[-1] if isinstance(value, Values) else value


def _truth(word: Any) -> bool:
    lowered = word.lower() if isinstance(word, str) else ""
    if lowered not in _YES | _NO:
        raise ValueError("Must be a valid boolean.")
    return lowered in _YES


def _can_be_sent(value: str) -> bool:
    """Return False for lone surrogates, which JSON can escape but an answer cannot encode."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")
