"""One call of an operation, not yet sent, and the types of the arguments it is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Generic, Mapping, Optional, Sequence, Tuple, Type, TypeVar, Union

from pydantic import AfterValidator, Field, StrictFloat, StrictInt, StrictStr
from typing_extensions import Annotated

from formlabs_web_api._util.secrets import HiddenText, hidden
from formlabs_web_api.retry import RetryPolicy

T = TypeVar("T")


def _path_segment(value: str) -> str:
    if value in ("", ".", ".."):
        raise ValueError(f"{value!r} cannot stand in a path; it would address something else")
    return value


def _retry_policy(value: Any) -> Any:
    try:
        return None if value is None else RetryPolicy.of(value)
    except TypeError as error:
        raise ValueError(str(error)) from None


def _hidden_values(given: Optional[Dict[str, Any]]) -> Optional[Dict[str, Any]]:
    """With values that no traceback shows: any of them may be a token."""
    return None if given is None else {name: hidden(value) for name, value in given.items()}


_Seconds = Annotated[StrictFloat, Field(gt=0)]

PathSegment = Annotated[StrictStr, AfterValidator(_path_segment)]
"""A part of a path: any text but the empty one, ``.`` and ``..``."""
SecretText = Annotated[StrictStr, AfterValidator(HiddenText)]
"""Text that no error message repeats, and no traceback shows."""
Timeout = Optional[Union[_Seconds, Tuple[_Seconds, _Seconds]]]
"""Seconds for connecting and for each read, or a pair of both; None means the configured ones."""
Auth = Annotated[Optional[Dict[StrictStr, Any]], AfterValidator(_hidden_values)]
"""Replaces the token for one call: ``{"in": "header", "key": ..., "value": ..., "type": ...}``."""
ContentType = Optional[StrictStr]
Headers = Annotated[Optional[Dict[StrictStr, Any]], AfterValidator(_hidden_values)]
HostIndex = Annotated[StrictInt, Field(ge=0, le=0)]
Retries = Annotated[Any, AfterValidator(_retry_policy)]
"""What ``Configuration.retries`` takes, for one call; None means the configured one."""

PerPage = Annotated[StrictInt, Field(ge=1)]
Limit = Optional[Annotated[StrictInt, Field(ge=1)]]
StartPage = Annotated[StrictInt, Field(ge=1)]
Prefetch = Annotated[StrictInt, Field(ge=0, le=32)]


@dataclass(frozen=True)
class Options:
    """What every operation takes besides its own arguments."""

    request_timeout: Timeout = None
    request_auth: Auth = field(default=None, repr=False)
    content_type: Optional[str] = None
    headers: Optional[Mapping[str, Any]] = field(default=None, repr=False)
    host_index: int = 0
    retries: Any = None


@dataclass(frozen=True)
class Call(Generic[T]):
    """One call of an operation, checked and not yet sent."""

    method: str
    template: str
    returns: Optional[Type[T]]
    path: Optional[Mapping[str, str]] = None
    query: Optional[Mapping[str, Any]] = None
    body: Any = field(default=None, repr=False)
    form: Optional[Mapping[str, Any]] = field(default=None, repr=False)
    content_types: Sequence[str] = ()
    accept: bool = True
    errors: Optional[Mapping[int, Any]] = None
    secured: bool = True
    options: Options = Options()
