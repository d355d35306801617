"""How a method that describes a call becomes the spellings of an operation.

The generated classes write each operation once, as a typed method that returns a :class:`Call`.
From it come ``x`` (the answer's data), ``x_with_http_info`` (with status and headers),
``x_without_preload_content`` (the raw response); from the paged ones ``x_pages`` and ``x_iter``.
Signature and docstring are the method's own in each.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Callable, List, Optional, TypeVar, cast

from pydantic import ValidationError, validate_call
from pydantic_core import ArgsKwargs, InitErrorDetails, PydanticCustomError
from typing_extensions import Concatenate, ParamSpec, get_args, get_type_hints
from urllib3 import HTTPResponse

from formlabs_web_api._core.call import (
    Auth,
    Call,
    ContentType,
    Headers,
    HostIndex,
    Limit,
    Options,
    PathSegment,
    PerPage,
    Prefetch,
    Retries,
    SecretText,
    StartPage,
    Timeout,
)
from formlabs_web_api.api_response import ApiResponse
from formlabs_web_api.paging import Items, Pages

if TYPE_CHECKING:
    from formlabs_web_api.api_client import ApiClient

__all__ = [
    "Api",
    "Auth",
    "Call",
    "ContentType",
    "Headers",
    "HostIndex",
    "Items",
    "Limit",
    "Options",
    "Pages",
    "PathSegment",
    "PerPage",
    "Prefetch",
    "Retries",
    "SecretText",
    "StartPage",
    "Timeout",
    "items_of",
    "operation",
    "paged",
    "with_http_info",
    "without_preload_content",
]

T = TypeVar("T")
P = ParamSpec("P")
A = TypeVar("A", bound="Api")

_NEVER_SHOWN = frozenset({"_headers", "_request_auth"})
"""Arguments whose value may be a token."""


class Api:
    """The base of the API classes: operations sent through one client."""

    def __init__(self, api_client: Optional[ApiClient] = None) -> None:
        """Operations on ``api_client``, or on the default client of the process."""
        if api_client is None:
            from formlabs_web_api.api_client import ApiClient

            api_client = ApiClient.get_default()
        self.api_client = api_client

    def __repr__(self) -> str:
        return f"<{type(self).__name__} on {self.api_client!r}>"


def operation(build: Callable[Concatenate[A, P], Call[T]]) -> Callable[Concatenate[A, P], T]:
    """The plain spelling: gives the answer's data."""
    checked = _Checked(build)

    def call(self: A, *args: Any, **kwargs: Any) -> Any:
        try:
            described = checked(self, *args, **kwargs)
        finally:
            del args, kwargs  # a token may be among them, and would be seen in a traceback
        return self.api_client.data_of(described)

    return _spelling(call, build, checked, build.__name__, _item_of(build))


def with_http_info(
    plain: Callable[Concatenate[A, P], T],
) -> Callable[Concatenate[A, P], ApiResponse[T]]:
    """The spelling that gives status, headers and bytes with the data."""
    checked = _checked_of(plain)

    def call(self: A, *args: Any, **kwargs: Any) -> Any:
        try:
            described = checked(self, *args, **kwargs)
        finally:
            del args, kwargs
        return self.api_client.execute(described)

    name = f"{plain.__name__}_with_http_info"
    return _spelling(call, plain, checked, name, cast(Any, ApiResponse)[_returns(plain)])


def without_preload_content(
    plain: Callable[Concatenate[A, P], Any],
) -> Callable[Concatenate[A, P], HTTPResponse]:
    """The spelling that gives urllib3's response, unread, whatever its status."""
    checked = _checked_of(plain)

    def call(self: A, *args: Any, **kwargs: Any) -> Any:
        try:
            described = checked(self, *args, **kwargs)
        finally:
            del args, kwargs
        return self.api_client.open(described).response

    name = f"{plain.__name__}_without_preload_content"
    return _spelling(call, plain, checked, name, HTTPResponse)


def paged(build: Callable[Concatenate[A, P], Pages[T]]) -> Callable[Concatenate[A, P], Pages[T]]:
    """All pages of a listing; arguments are checked at once, pages are fetched when asked for."""
    checked = _Checked(build)

    def call(self: A, *args: Any, **kwargs: Any) -> Any:
        try:
            pages = checked(self, *args, **kwargs)
        finally:
            del args, kwargs
        pages.is_own_link = self.api_client.is_own_link
        return pages

    return _spelling(call, build, checked, build.__name__, _returns(build))


def items_of(
    pages: Callable[Concatenate[A, P], Pages[T]],
) -> Callable[Concatenate[A, P], Items[T]]:
    """All items of a listing, over all its pages."""

    def call(self: A, *args: Any, **kwargs: Any) -> Any:
        try:
            return pages(self, *args, **kwargs).items()
        finally:
            del args, kwargs

    name = pages.__name__.replace("_pages", "_iter")
    return _spelling(call, pages, _checked_of(pages), name, cast(Any, Items)[_item_of(pages)])


class _Checked:
    """A method whose arguments pydantic checks; its validator is built on first use."""

    def __init__(self, build: Callable[..., Any]) -> None:
        self._build = build
        self._validated: Optional[Callable[..., Any]] = None
        self._keeps_a_secret = False
        own = list(inspect.signature(build).parameters.values())[1:]
        self._needs_nothing = all(one.default is not one.empty for one in own)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._needs_nothing and len(args) == 1 and not kwargs:
            return self._build(*args)  # all is as the operation itself has it
        if self._validated is None:
            hints = get_type_hints(self._build, include_extras=True)
            self._keeps_a_secret = SecretText in hints.values()
            self._validated = validate_call(self._build)
        try:
            return self._validated(*args, **kwargs)
        except ValidationError as error:
            raise self._readable(error) from None
        finally:
            del args, kwargs

    def _readable(self, error: ValidationError) -> ValidationError:
        """The same error, naming arguments that were given by position, and without secrets."""
        names = list(inspect.signature(self._build).parameters)
        lines: List[InitErrorDetails] = []
        for line in error.errors(include_url=False):
            first, *rest = line["loc"]
            if isinstance(first, int) and first < len(names):
                first = names[first]
            # The input of a missing argument is all the others.
            hidden = first in _NEVER_SHOWN or isinstance(line["input"], ArgsKwargs)
            lines.append(
                InitErrorDetails(
                    type=PydanticCustomError(cast("Any", line["type"]), cast("Any", line["msg"])),
                    loc=(first, *rest),
                    input=None if hidden or self._keeps_a_secret else line["input"],
                )
            )
        return ValidationError.from_exception_data(
            error.title, lines, hide_input=self._keeps_a_secret
        )


def _spelling(
    call: Callable[..., Any], source: Callable[..., Any], checked: _Checked, name: str, returns: Any
) -> Callable[..., Any]:
    """``call`` with the docstring and signature of ``source``, a name and return type of its own.

    functools.wraps will not do: the ``__wrapped__`` it leaves has another return type.
    """
    qualified = source.__qualname__.rpartition(".")[0]
    call.__name__, call.__qualname__ = name, f"{qualified}.{name}"
    call.__module__, call.__doc__ = source.__module__, source.__doc__
    call.__annotations__ = {**source.__annotations__, "return": returns}
    signature = inspect.signature(source).replace(return_annotation=returns)
    vars(call).update(__signature__=signature, checked=checked)
    return call


def _checked_of(spelling: Callable[..., Any]) -> _Checked:
    return cast(_Checked, vars(spelling)["checked"])


def _item_of(spelling: Callable[..., Any]) -> Any:
    """The type a method's return annotation is parametrized with."""
    return get_args(_returns(spelling))[0]


def _returns(spelling: Callable[..., Any]) -> Any:
    return spelling.__annotations__["return"]
