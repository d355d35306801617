"""One call of an operation, validated and not yet sent, and the types of its arguments."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from numbers import Integral
from typing import (
    TYPE_CHECKING,
    Any,
    Dict,
    Generic,
    Mapping,
    Optional,
    Sequence,
    Tuple,
    Type,
    TypeVar,
    Union,
)

from pydantic import AfterValidator, BeforeValidator, Field, StrictFloat, StrictInt, StrictStr
from typing_extensions import Annotated

from formlabs_web_api._util.secrets import HiddenText, hidden
from formlabs_web_api.retry import RetryPolicy

T = TypeVar("T")
M = TypeVar("M")
D = TypeVar("D")

_NAT = "NaT is not a date-time; leave the argument out, or give None"
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def _encodable(value: str) -> str:
    """Return the text; raise ValueError if UTF-8 cannot encode it."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("the text holds half a surrogate pair and cannot be sent") from None
    return value


def _path_segment(value: str) -> str:
    if value in ("", ".", ".."):
        raise ValueError(f"{value!r} cannot stand in a path; it would address something else")
    return value


def plain_integer(value: object) -> Any:
    """Return an integer of numpy or pandas as an int, and any other value unchanged."""
    if isinstance(value, Integral) and not isinstance(value, int):
        return int(value)
    return value


def _positive(value: int) -> int:
    if value < 1:
        raise ValueError("must be 1 or more")
    return value


def _plain_datetime(value: Any) -> Any:
    """Return a datetime of pandas as one of the standard library; refuse what is not a date-time.

    Left alone, pydantic reads the text "5", and True, as seconds after 1970.
    """
    if type(value).__name__ == "datetime64":  # numpy's
        value = value.astype("datetime64[us]").item()
        if value is None:
            raise ValueError(_NAT)
    if isinstance(value, datetime):
        if value != value:  # NaT of pandas is a datetime that differs from itself
            raise ValueError(_NAT)
        time = value.hour, value.minute, value.second, value.microsecond, value.tzinfo
        return datetime(value.year, value.month, value.day, *time, fold=value.fold)
    if isinstance(value, (bool, bytes)) or (isinstance(value, str) and not _ISO_DATE.match(value)):
        raise ValueError("a datetime is needed, or text such as 2026-01-31T08:30:00Z")
    return value


def _retry_policy(value: object) -> Any:
    try:
        return None if value is None else RetryPolicy.of(value)
    except TypeError as error:
        raise ValueError(str(error)) from None


def _hidden_values(given: Optional[Dict[str, object]]) -> Optional[Dict[str, Any]]:
    """Return the dict with values that no traceback shows: any of them may be a token."""
    return None if given is None else {name: hidden(value) for name, value in given.items()}


_Seconds = Annotated[StrictFloat, Field(gt=0)]

Text = Annotated[StrictStr, AfterValidator(_encodable)]
"""Any text that can be sent."""
PathSegment = Annotated[Text, AfterValidator(_path_segment)]
"""A segment of a path: any text except the empty one, ``.`` and ``..``."""
SecretText = Annotated[Text, AfterValidator(HiddenText)]
"""Text that no error message repeats and no traceback shows."""
Integer = Annotated[StrictInt, BeforeValidator(plain_integer)]
"""An int, or an integer of numpy or pandas."""
Positive = Annotated[Integer, AfterValidator(_positive)]
"""An integer that is counted from 1; the service does not describe a range."""
DateTime = Annotated[datetime, BeforeValidator(_plain_datetime)]
"""A datetime, a date, a ``pandas.Timestamp`` or ISO 8601 text; local time without an offset."""
Timeout = Optional[Union[_Seconds, Tuple[_Seconds, _Seconds]]]
"""Seconds for connecting and for each read, or a pair of both; None means the configured ones."""
Auth = Annotated[Optional[Dict[StrictStr, Any]], AfterValidator(_hidden_values)]
"""Replaces the token for one call: ``{"in": "header", "key": ..., "value": ..., "type": ...}``."""
ContentType = Optional[StrictStr]
Headers = Annotated[Optional[Dict[StrictStr, Any]], AfterValidator(_hidden_values)]
HostIndex = Annotated[StrictInt, Field(ge=0, le=0)]
"""An argument of the official package; the service has one host."""
Retries = Annotated[Any, AfterValidator(_retry_policy)]
"""What ``Configuration.retries`` takes, for one call; None means the configured one."""
Deadline = Optional[_Seconds]
"""Seconds for the whole call with its retries; None means ``Configuration.deadline``."""

PerPage = Positive
Limit = Optional[Positive]
StartPage = Positive
Prefetch = Annotated[Integer, Field(ge=0, le=32)]


if TYPE_CHECKING:
    Body = Union[M, D]
    """A request model, or a dict of its fields."""
else:

    class Body:
        """``Body[Model, Dict]`` is the model: pydantic makes one of a dict."""

        def __class_getitem__(cls, types):
            return types[0]


@dataclass(frozen=True)
class Options:
    """What every operation takes besides its own arguments."""

    request_timeout: Timeout = None
    request_auth: Auth = field(default=None, repr=False)
    content_type: Optional[str] = None
    headers: Optional[Mapping[str, object]] = field(default=None, repr=False)
    retries: Optional[RetryPolicy] = None
    deadline: Deadline = None


@dataclass(frozen=True)
class Call(Generic[T]):
    """One call of an operation, validated and not yet sent."""

    method: str
    template: str
    returns: Optional[Type[T]]
    path: Optional[Mapping[str, str]] = None
    query: Optional[Mapping[str, object]] = None
    body: object = field(default=None, repr=False)
    form: Optional[Mapping[str, object]] = field(default=None, repr=False)
    content_types: Sequence[str] = ()
    accept: bool = True
    errors: Optional[Mapping[int, object]] = None
    secured: bool = True
    options: Options = Options()
