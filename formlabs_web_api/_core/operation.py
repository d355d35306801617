"""Decorators that turn a method that describes a call into the methods users call.

The generated API classes write each operation once, as a typed method that returns a
:class:`Call`. The decorators make ``x`` of it (returns the decoded data), ``x_with_http_info``
(with status and headers) and ``x_without_preload_content`` (the raw response); for a listing also
``x_pages`` and ``x_iter``. All have the signature and docstring of the method; ``x_iter`` has a
docstring of its own.
"""

# The client's methods that send a call are internal to the package, not to the class.
# pyright: reportPrivateUsage=false

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, TypeVar, cast

from pydantic import ValidationError, validate_call
from pydantic_core import InitErrorDetails, PydanticCustomError
from typing_extensions import (
    Annotated,
    Concatenate,
    ParamSpec,
    get_args,
    get_origin,
    get_type_hints,
)
from urllib3 import HTTPResponse

from formlabs_web_api._core.call import (
    Auth,
    Body,
    Call,
    ContentType,
    DateTime,
    Deadline,
    Headers,
    HostIndex,
    Integer,
    Limit,
    Options,
    PathSegment,
    PerPage,
    Positive,
    Prefetch,
    Retries,
    SecretText,
    StartPage,
    Text,
    Timeout,
)
from formlabs_web_api.api_response import ApiResponse
from formlabs_web_api.paging import Items, Pages

if TYPE_CHECKING:
    from formlabs_web_api.api_client import ApiClient

__all__ = [
    "Api",
    "Auth",
    "Body",
    "Call",
    "ContentType",
    "DateTime",
    "Deadline",
    "Headers",
    "HostIndex",
    "Integer",
    "Items",
    "Limit",
    "Options",
    "Pages",
    "PathSegment",
    "PerPage",
    "Positive",
    "Prefetch",
    "Retries",
    "SecretText",
    "StartPage",
    "Text",
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

_SHOWN_TYPES = (bool, int, float, type(None))
"""Types of arguments whose value an error may show; a text of any argument may be a token."""


class Api:
    """The base of the API classes: operations sent through one client."""

    def __init__(self, api_client: Optional[ApiClient] = None) -> None:
        """Send the operations through ``api_client``, or through the default client."""
        if api_client is None:
            from formlabs_web_api.api_client import ApiClient

            api_client = ApiClient.get_default()
        self.api_client = api_client

    def __repr__(self) -> str:
        return f"<{type(self).__name__} on {self.api_client!r}>"


def operation(build: Callable[Concatenate[A, P], Call[T]]) -> Callable[Concatenate[A, P], T]:
    """Decorate a method that builds a :class:`Call`.

    Calling it validates the arguments, sends the request and returns the decoded data.
    """
    method = _Method(
        build, build.__name__, _item_of(build), lambda client, call: client._fetch(call)
    )
    return method.function


def with_http_info(
    plain: Callable[Concatenate[A, P], T],
) -> Callable[Concatenate[A, P], ApiResponse[T]]:
    """Return the variant of an operation that returns status, headers and bytes with the data."""
    returns = cast("Any", ApiResponse)[_returns(plain)]
    return _variant(plain, "_with_http_info", returns, lambda client, call: client._execute(call))


def without_preload_content(
    plain: Callable[Concatenate[A, P], object],
) -> Callable[Concatenate[A, P], HTTPResponse]:
    """Return the variant of an operation that returns urllib3's response, whatever its status."""
    return _variant(
        plain,
        "_without_preload_content",
        HTTPResponse,
        lambda client, call: client._open(call).response,
    )


def paged(build: Callable[Concatenate[A, P], Pages[T]]) -> Callable[Concatenate[A, P], Pages[T]]:
    """Decorate a method that builds the pages of a listing.

    The arguments are validated at once; a page is fetched when the loop asks for it.
    """
    return _Method(build, build.__name__, _returns(build), _own_pages).function


def items_of(
    pages: Callable[Concatenate[A, P], Pages[T]],
) -> Callable[Concatenate[A, P], Items[T]]:
    """Return the variant of a listing that iterates over the items of all its pages."""
    plain = pages.__name__[: -len("_pages")]
    returns = cast("Any", Items)[_item_of(pages)]

    def send(client: ApiClient, built: Pages[Any]) -> Items[Any]:
        return _own_pages(client, built).items()

    function = _variant(pages, "_iter", returns, send, plain)
    arguments = (pages.__doc__ or "").partition("\n\n")[2]
    function.__doc__ = f"Iterate over the items on all pages of :meth:`{plain}`.\n\n{arguments}"
    return function


def _own_pages(client: ApiClient, pages: Pages[Any]) -> Pages[Any]:
    pages.owner = client
    return pages


class _Method:
    """A method that validates its arguments, calls ``build``, and passes the result to ``send``."""

    def __init__(
        self,
        build: Callable[..., Any],
        name: str,
        returns: object,
        send: Callable[[ApiClient, Any], Any],
    ) -> None:
        self.build = build
        validated = _Validated(build, name)

        def function(self: Api, *args: Any, **kwargs: Any) -> Any:
            try:
                described = validated(self, *args, **kwargs)
            finally:
                del args, kwargs  # a token may be among them, and a traceback would show it
            return send(self.api_client, described)

        # functools.wraps would leave a __wrapped__ with another return type.
        function.__name__ = name
        function.__qualname__ = f"{build.__qualname__.rpartition('.')[0]}.{name}"
        function.__module__, function.__doc__ = build.__module__, build.__doc__
        function.__annotations__ = {**build.__annotations__, "return": returns}
        vars(function).update(__signature__=_signature(build, returns), method=self)
        self.function: Callable[..., Any] = function


def _variant(
    source: Callable[..., object],
    suffix: str,
    returns: object,
    send: Callable[[ApiClient, Any], Any],
    stem: str = "",
) -> Callable[..., Any]:
    """Return a method with the arguments of ``source``, and another name and return type."""
    build = cast("_Method", vars(source)["method"]).build
    return _Method(build, (stem or source.__name__) + suffix, returns, send).function


class _Validated:
    """A method whose arguments are validated; the validator is built on first use."""

    def __init__(self, build: Callable[..., Any], name: str) -> None:
        self._build = build
        self._name = name
        self._validate: Optional[Callable[..., Any]] = None
        self._keeps_a_secret = False
        own = list(inspect.signature(build).parameters.values())[1:]
        self._needs_no_argument = all(one.default is not one.empty for one in own)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._needs_no_argument and len(args) == 1 and not kwargs:
            return self._build(*args)  # the defaults are valid
        if self._validate is None:
            hints = get_type_hints(self._build, include_extras=True)
            self._keeps_a_secret = SecretText in hints.values()
            self._validate = _validator_of(self._build)
        try:
            return self._validate(*args, **kwargs)
        except ValidationError as error:
            raise self._readable(error) from None
        finally:
            del args, kwargs

    def _readable(self, error: ValidationError) -> ValidationError:
        """Return the error with names for arguments given by position, and without secrets."""
        names = list(inspect.signature(self._build).parameters)
        lines: List[InitErrorDetails] = []
        hide = self._keeps_a_secret
        for line in error.errors(include_url=False):
            first, *rest = line["loc"]
            if isinstance(first, int) and first < len(names):
                first = names[first]
            harmless = isinstance(line["input"], _SHOWN_TYPES) and not self._keeps_a_secret
            hide = hide or not harmless
            lines.append(
                InitErrorDetails(
                    type=PydanticCustomError(cast("Any", line["type"]), cast("Any", line["msg"])),
                    loc=(first, *rest),
                    input=line["input"] if harmless else None,
                )
            )
        owner = self._build.__qualname__.rpartition(".")[0]
        return ValidationError.from_exception_data(f"{owner}.{self._name}", lines, hide_input=hide)


def _validator_of(build: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that validates arguments.

    In a frame of its own: pydantic keeps the local variables of the frame that asks for it, and so
    would keep the client and the arguments of the first call, a token perhaps, for good.
    """
    return validate_call(build)


def _signature(build: Callable[..., object], returns: object) -> inspect.Signature:
    """Return the signature for ``help``, without ``Annotated``, which makes it unreadable."""
    signature = inspect.signature(build)
    readable = [
        one.replace(annotation=_bare(one.annotation)) for one in signature.parameters.values()
    ]
    return signature.replace(parameters=readable, return_annotation=returns)


_bare_types: Dict[int, Any] = {}
"""Annotations without ``Annotated``, by the id of the annotation; methods share most of them."""


def _bare(annotation: Any) -> Any:
    if id(annotation) not in _bare_types:
        _bare_types[id(annotation)] = annotation, _without_annotated(annotation)
    return _bare_types[id(annotation)][1]


def _without_annotated(annotation: Any) -> Any:
    if get_origin(annotation) is Annotated:
        return _without_annotated(get_args(annotation)[0])
    arguments = get_args(annotation)
    bare = tuple(_without_annotated(one) for one in arguments)
    return annotation.copy_with(bare) if bare != arguments else annotation


def _item_of(method: Callable[..., object]) -> Any:
    """Return the type that parametrizes the return annotation of a method."""
    return get_args(_returns(method))[0]


def _returns(method: Callable[..., object]) -> Any:
    return method.__annotations__["return"]
