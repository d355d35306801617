"""The exceptions of this package.

::

    OpenApiException
    ├── ApiTypeError, ApiValueError,      a wrong argument of a helper; also the builtin
    │   ApiAttributeError, ApiKeyError    TypeError, ValueError, AttributeError, KeyError
    └── ApiException                      a call failed
        ├── BadRequestException           400
        ├── UnauthorizedException         401
        │   └── AuthenticationException   no token could be fetched
        ├── ForbiddenException            403
        ├── NotFoundException             404
        ├── ConflictException             409
        ├── UnprocessableEntityException  422
        ├── RateLimitException            429, or the wait for the rate limit would be too long
        ├── ServiceException              500 to 599
        ├── ResponseException             a response that cannot be decoded
        └── ApiConnectionException        no response; also an instance of the urllib3 error's class
            └── ApiTimeoutException       no response in time

The text of each is one line without secrets or bodies; ``status``, ``headers``, ``body`` and
``data`` are attributes. All can be pickled.
"""

import json
from typing import Any, Dict, List, Mapping, Optional, Tuple, Type, Union

from typing_extensions import Self

from formlabs_web_api._util.json import is_array, is_object
from formlabs_web_api._util.text import one_line, text_of

_MAX_DETAIL_LENGTH = 300
_DETAIL_KEYS = ("detail", "error", "error_description")
"""Keys of a body that hold a general error message."""


class OpenApiException(Exception):
    """Base class of all exceptions of this package, except pydantic's ValidationError."""


class _PathError(OpenApiException):
    """An exception whose message names the place of the error in a nested argument."""

    def __init__(self, msg: object, path_to_item: object = None) -> None:
        self.path_to_item = path_to_item
        where = f" at {render_path(path_to_item)}" if path_to_item else ""
        super().__init__(f"{msg}{where}")


class ApiTypeError(_PathError, TypeError):
    """An argument of a helper has the wrong type."""

    def __init__(
        self,
        msg: object,
        path_to_item: object = None,
        valid_classes: object = None,
        key_type: object = None,
    ) -> None:
        self.valid_classes = valid_classes
        self.key_type = key_type
        super().__init__(msg, path_to_item)


class ApiValueError(_PathError, ValueError):
    """An argument of a helper, or a setting, has an invalid value."""


class ApiAttributeError(_PathError, AttributeError):
    """An attribute does not exist."""


class ApiKeyError(_PathError, KeyError):
    """A key does not exist."""


class ApiException(OpenApiException):
    """A call failed."""

    status: Optional[int]
    """HTTP status; 0 or None without a response."""
    reason: Optional[str]
    """The server's reason phrase, or the reason why there is no response."""
    body: Optional[str]
    """The response's body as text."""
    data: Optional[Any]
    """The body as a model if the API describes one for this status (the token calls' 400 and
    401), else None."""
    headers: Optional[Mapping[str, str]]
    """The response's headers; their names are case-insensitive."""
    attempts: int
    """Number of attempts to send the request; 0 if none was made."""
    elapsed: float
    """Seconds from the first attempt to the end of the last, including waits."""
    page: Optional[int] = None
    """Number of the page of a listing that could not be read; ``start_page`` resumes there."""

    def __init__(
        self,
        status: Any = None,
        reason: Any = None,
        http_resp: Any = None,
        *,
        body: Optional[str] = None,
        data: Optional[Any] = None,
    ) -> None:
        # Not super(): with a urllib3 class among the bases, that would call urllib3's __init__.
        Exception.__init__(self)
        self.status = status
        self.reason = reason
        self.body = body
        self.data = data
        self.headers = None
        self.method: Optional[str] = None
        self.path: Optional[str] = None
        self.attempts = 0
        self.elapsed = 0.0
        if http_resp is not None:
            self.status = http_resp.status if status is None else status
            self.reason = http_resp.reason if reason is None else reason
            self.headers = http_resp.getheaders()
            if body is None and http_resp.data is not None:
                self.body = text_of(http_resp.data, self.headers)
            for name in ("method", "path", "attempts", "elapsed"):
                setattr(self, name, getattr(http_resp, name, getattr(self, name)))
        self.args = (self.status, self.reason)
        self.detail = _detail(self.body, self.status)
        """The service's error message in one line; empty if the body has none."""

    @classmethod
    def from_response(cls, *, http_resp: Any, body: Optional[str], data: object) -> Self:
        """Raise the exception for the status of ``http_resp``; never return."""
        raise class_of_status(http_resp.status)(http_resp=http_resp, body=body, data=data)

    @property
    def errors(self) -> Dict[str, List[str]]:
        """The service's error messages by field, of a 400.

        For example ``{"date__gt": ["Enter a valid date/time."]}``; within a list or an object the
        key is the path, ``printers.0``. Messages that belong to no field have the key
        ``non_field_errors``. Empty if the body has no messages by field.
        """
        return _field_errors(_parsed(self.body))

    def __str__(self) -> str:
        where = " ".join(part for part in (self.method, self.path) if part)
        tried = f"{self.attempts} attempt{'s' if self.attempts != 1 else ''}"
        return one_line(f"{self._summary} ({where}, {tried})" if where else self._summary)

    @property
    def _summary(self) -> str:
        what = " ".join(str(part) for part in (self.status or None, self.reason) if part)
        return ": ".join(part for part in (what or type(self).__name__, self.detail) if part)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>"

    def __reduce__(self) -> Any:
        kind = type(self).__bases__ if self._is_combined() else type(self)
        return _unpickle, (kind, self.__dict__)

    @classmethod
    def _is_combined(cls) -> bool:
        return "_combined" in cls.__dict__


class BadRequestException(ApiException):
    """400: the service does not accept the request; see :attr:`errors`."""


class UnauthorizedException(ApiException):
    """401: the token is missing, wrong, expired or revoked."""


class AuthenticationException(UnauthorizedException):
    """No token could be fetched: no credentials are set, or the service refused them."""

    @property
    def error(self) -> Optional[str]:
        """The OAuth error code: ``invalid_client``, ``unsupported_grant_type`` ..."""
        return self._oauth("error")

    @property
    def error_description(self) -> Optional[str]:
        """The service's description of the error, if there is one."""
        return self._oauth("error_description")

    def _oauth(self, name: str) -> Optional[str]:
        content = _parsed(self.body)
        return content.get(name) if is_object(content) else None


class ForbiddenException(ApiException):
    """403: the account has no permission for this request."""


class NotFoundException(ApiException):
    """404: the item does not exist, or the account cannot see it."""


class ConflictException(ApiException):
    """409: the request conflicts with the current state."""


class UnprocessableEntityException(ApiException):
    """422: the request is valid but cannot be processed."""


class RateLimitException(ApiException):
    """429, or the wait for the rate limit exceeds ``max_wait`` and nothing was sent."""

    retry_after: Optional[float] = None
    """Seconds to wait before a new attempt; None if it is not known."""

    @property
    def _summary(self) -> str:
        message = super()._summary
        # Without a status, the reason contains the wait already.
        wait = None if not self.status else self.retry_after
        return message if wait is None else f"{message}, retry after {wait:.0f} s"


class ServiceException(ApiException):
    """500 to 599: the service failed."""


class ResponseException(ApiException):
    """A response that cannot be decoded: not JSON, truncated, or not of the documented type."""


class ApiConnectionException(ApiException):
    """No response: refused, reset or truncated, the name not resolved, or TLS or the proxy failed.

    It is also an instance of the class of the ``urllib3`` error that caused it, which is its
    ``__cause__``.
    """


class ApiTimeoutException(ApiConnectionException):
    """No connection, or no response, in time."""


_BY_STATUS: Dict[int, Type[ApiException]] = {
    400: BadRequestException,
    401: UnauthorizedException,
    403: ForbiddenException,
    404: NotFoundException,
    409: ConflictException,
    422: UnprocessableEntityException,
    429: RateLimitException,
}


def class_of_status(status: int) -> Type[ApiException]:
    """Return the exception class of an HTTP status."""
    return _BY_STATUS.get(status, ServiceException if 500 <= status <= 599 else ApiException)


def combined_class(ours: Type[ApiException], *theirs: Type[Exception]) -> Type[ApiException]:
    """Return a subclass of ``ours`` and of each of ``theirs``."""
    # A base class of another base would make the method resolution order impossible.
    kept = [one for one in theirs if not any(issubclass(o, one) for o in theirs if o is not one)]
    bases = (ours, *dict.fromkeys(kept))
    if bases not in _combined_classes:
        shared = {"_combined": True, "__doc__": ours.__doc__, "pool": None, "url": property(_path)}
        _combined_classes[bases] = type(ours.__name__, bases, shared)
    return _combined_classes[bases]


_combined_classes: Dict[Tuple[type, ...], Type[ApiException]] = {}


def _path(error: ApiException) -> Optional[str]:
    """Return the ``url`` of urllib3's exceptions: the path, since the query may hold a token."""
    return error.path


def _unpickle(
    kind: Union[Type[ApiException], Tuple[Type[ApiException], ...]], state: Dict[str, object]
) -> ApiException:
    error = (combined_class(*kind) if isinstance(kind, tuple) else kind)()
    error.__dict__.update(state)
    error.args = (error.status, error.reason)
    return error


def _field_errors(content: Any) -> Dict[str, List[str]]:
    if is_array(content):
        texts = [one for one in content if isinstance(one, str)]
        content = {"non_field_errors": texts, **{str(n): one for n, one in enumerate(content)}}
    if not is_object(content):
        return {}
    found: Dict[str, List[str]] = {}
    for name, value in content.items():
        if not isinstance(value, str):
            _collect_errors(name, value, found)
        elif not name.isdecimal() and name not in _DETAIL_KEYS and "://" not in value:
            found[name] = [value]
    return found


def _collect_errors(name: str, value: Any, found: Dict[str, List[str]]) -> None:
    """Add the lists of texts in ``value``, at any depth, to ``found`` under their paths.

    Any other value is data and not a message; the text of an exception must not show it.
    """
    inner: List[Tuple[str, Any]] = []
    if is_array(value):
        texts = [one for one in value if isinstance(one, str)]
        found.update({name: texts} if texts else {})
        inner = [(str(number), one) for number, one in enumerate(value)]
    elif is_object(value):
        inner = list(value.items())
    for key, one in inner:
        if not isinstance(one, str):
            _collect_errors(f"{name}.{key}", one, found)


def _detail(body: Optional[str], status: Optional[int]) -> str:
    content = _parsed(body)
    texts: List[str] = []
    if is_object(content):
        details = [content.get(name) for name in _DETAIL_KEYS]
        texts = [text for text in details if isinstance(text, str)]
    is_error = isinstance(status, int) and status >= 400
    for name, messages in _field_errors(content).items() if is_error else ():
        texts.append(f"{'' if name == 'non_field_errors' else name + ': '}{' '.join(messages)}")
    line = one_line("; ".join(texts))
    return line if len(line) <= _MAX_DETAIL_LENGTH else line[: _MAX_DETAIL_LENGTH - 1] + "…"


def _parsed(body: Optional[str]) -> Any:
    try:
        return json.loads(body or "null")
    except (ValueError, RecursionError):
        return None


def render_path(path_to_item: Any) -> str:
    """Render a path as Python's indexing: ``["results"][0]``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f"['{part}']" for part in path_to_item)


def is_outage(error: BaseException) -> bool:
    """Return True if a failed call is worth repeating: the service or the network is down."""
    passing = (ApiConnectionException, ServiceException, RateLimitException, ResponseException)
    return isinstance(error, passing) or (isinstance(error, ApiException) and error.status == 408)
