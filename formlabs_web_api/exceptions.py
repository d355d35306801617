"""Everything that can go wrong in a call, as one tree.

::

    OpenApiException
    ├── ApiTypeError, ApiValueError,      a wrong argument of a helper; also the builtin
    │   ApiAttributeError, ApiKeyError    TypeError, ValueError, AttributeError, KeyError
    └── ApiException                      a call that did not succeed
        ├── BadRequestException           400
        ├── UnauthorizedException         401
        │   └── AuthenticationException   no token could be fetched
        ├── ForbiddenException            403
        ├── NotFoundException             404
        ├── ConflictException             409
        ├── UnprocessableEntityException  422
        ├── RateLimitException            429, or a wait for the rate limit that would be too long
        ├── ServiceException              500 to 599
        ├── ResponseException             an answer that cannot be understood
        └── ApiConnectionException        no answer; also the urllib3 class it stands for
            └── ApiTimeoutException       none in time

Their text is one line without secrets or bodies; ``status``, ``headers``, ``body`` and ``data`` are
attributes. All can be pickled.
"""

import json
from typing import Any, Dict, List, Mapping, Optional, Tuple, Type, Union

from typing_extensions import Self

from formlabs_web_api._util.json import is_array, is_object
from formlabs_web_api._util.text import one_line, text_of

_LONGEST_DETAIL = 300
_ABOUT_THE_WHOLE = ("detail", "error", "error_description")
"""Where a body says in one text what is wrong."""


class OpenApiException(Exception):
    """The base of all exceptions of this package, save the ValidationError of a wrong argument."""


class _AboutAnItem(OpenApiException):
    """An exception that tells where in a nested argument the trouble is."""

    def __init__(self, msg: Any, path_to_item: Any = None) -> None:
        self.path_to_item = path_to_item
        where = f" at {render_path(path_to_item)}" if path_to_item else ""
        super().__init__(f"{msg}{where}")


class ApiTypeError(_AboutAnItem, TypeError):
    """An argument of a helper has the wrong type."""

    def __init__(
        self, msg: Any, path_to_item: Any = None, valid_classes: Any = None, key_type: Any = None
    ) -> None:
        self.valid_classes = valid_classes
        self.key_type = key_type
        super().__init__(msg, path_to_item)


class ApiValueError(_AboutAnItem, ValueError):
    """An argument of a helper, or a setting, has a value that cannot be right."""


class ApiAttributeError(_AboutAnItem, AttributeError):
    """An attribute does not exist."""


class ApiKeyError(_AboutAnItem, KeyError):
    """A key does not exist."""


class ApiException(OpenApiException):
    """A call that did not succeed."""

    status: Optional[int]
    """HTTP status; 0 or None where there was no answer."""
    reason: Optional[str]
    """The server's reason phrase, or what went wrong on the way."""
    body: Optional[str]
    """The answer's body as text, as it came."""
    data: Optional[Any]
    """The body as a model where the API describes one for this status (the token calls' 400 and
    401), else None."""
    headers: Optional[Mapping[str, str]]
    """The answer's headers, whatever their case."""
    attempts: int
    """How many times the request was sent or tried; 0 if it was not."""
    elapsed: float
    """Seconds from the first attempt to the end of the last, waits included."""
    page: Optional[int] = None
    """Number of the page, where a listing could not be read on; ``start_page`` resumes there."""

    def __init__(
        self,
        status: Any = None,
        reason: Any = None,
        http_resp: Any = None,
        *,
        body: Optional[str] = None,
        data: Optional[Any] = None,
    ) -> None:
        # Not super(): with a urllib3 class among the bases that would be its __init__.
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
        """What the service says of the error in its own words, in one line; empty if nothing."""

    @classmethod
    def from_response(cls, *, http_resp: Any, body: Optional[str], data: Optional[Any]) -> Self:
        """Raise the exception that belongs to the status of ``http_resp``; nothing is returned."""
        raise class_of_status(http_resp.status)(http_resp=http_resp, body=body, data=data)

    @property
    def errors(self) -> Dict[str, List[str]]:
        """What the service says is wrong with each field, of a 400.

        For example ``{"date__gt": ["Enter a valid date/time."]}``; within a list or an object the
        name is the path, ``printers.0``. Complaints that belong to no field stand under
        ``non_field_errors``. Empty where the body says nothing of fields.
        """
        return _field_errors(_parsed(self.body))

    def __str__(self) -> str:
        where = " ".join(part for part in (self.method, self.path) if part)
        tried = f"{self.attempts} attempt{'s' if self.attempts != 1 else ''}"
        return one_line(f"{self._said} ({where}, {tried})" if where else self._said)

    @property
    def _said(self) -> str:
        what = " ".join(str(part) for part in (self.status or None, self.reason) if part)
        return ": ".join(part for part in (what or type(self).__name__, self.detail) if part)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>"

    def __reduce__(self) -> Any:
        return _rebuilt, (type(self).__bases__ if self._is_joined() else type(self), self.__dict__)

    @classmethod
    def _is_joined(cls) -> bool:
        return "_joined" in cls.__dict__


class BadRequestException(ApiException):
    """400: the service does not accept the request; see :attr:`errors`."""


class UnauthorizedException(ApiException):
    """401: the token is missing, wrong, expired or revoked."""


class AuthenticationException(UnauthorizedException):
    """No token could be fetched: no credentials are set, or the service refused them."""

    @property
    def error(self) -> Optional[str]:
        """OAuth's word for it: ``invalid_client``, ``unsupported_grant_type`` ..."""
        return self._oauth("error")

    @property
    def error_description(self) -> Optional[str]:
        """The service's explanation, if it gave one."""
        return self._oauth("error_description")

    def _oauth(self, name: str) -> Optional[str]:
        content = _parsed(self.body)
        return content.get(name) if is_object(content) else None


class ForbiddenException(ApiException):
    """403: the account may not do this."""


class NotFoundException(ApiException):
    """404: the item does not exist, or the account cannot see it."""


class ConflictException(ApiException):
    """409: the request does not fit the present state."""


class UnprocessableEntityException(ApiException):
    """422: the request is understood and cannot be carried out."""


class RateLimitException(ApiException):
    """429, or a wait that would be longer than the client may wait; then nothing was sent."""

    retry_after: Optional[float] = None
    """Seconds until a new attempt makes sense; None where nothing is known."""

    @property
    def _said(self) -> str:
        wait = None if not self.status else self.retry_after  # else the reason tells it
        return super()._said if wait is None else f"{super()._said}, retry after {wait:.0f} s"


class ServiceException(ApiException):
    """500 to 599: the service failed."""


class ResponseException(ApiException):
    """An answer that cannot be understood: no JSON, cut short, or another thing than asked for."""


class ApiConnectionException(ApiException):
    """No answer: refused, reset, broken off, not resolved, TLS or proxy trouble.

    It can be caught as the ``urllib3`` class it stands for too; that one is its ``__cause__``.
    """


class ApiTimeoutException(ApiConnectionException):
    """No connection, or no answer, in time."""


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
    """The exception class of an HTTP status."""
    return _BY_STATUS.get(status, ServiceException if 500 <= status <= 599 else ApiException)


def joined(ours: Type[ApiException], *theirs: Type[Exception]) -> Type[ApiException]:
    """A class that is caught as ``ours`` and as each of ``theirs``."""
    # A class that another of them derives from would stand in the way of an order of bases.
    kept = [one for one in theirs if not any(issubclass(o, one) for o in theirs if o is not one)]
    bases = (ours, *dict.fromkeys(kept))
    if bases not in _joined_classes:
        shared = {"_joined": True, "__doc__": ours.__doc__, "pool": None, "url": property(_path)}
        _joined_classes[bases] = type(ours.__name__, bases, shared)
    return _joined_classes[bases]


_joined_classes: Dict[Tuple[type, ...], Type[ApiException]] = {}


def _path(error: ApiException) -> Optional[str]:
    """What urllib3's exceptions have as ``url``: the path, for a token may stand in the query."""
    return error.path


def _rebuilt(
    kind: Union[Type[ApiException], Tuple[Type[ApiException], ...]], state: Dict[str, Any]
) -> ApiException:
    error = (joined(*kind) if isinstance(kind, tuple) else kind)()
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
    for name, complaint in content.items():
        if not isinstance(complaint, str):
            _collect(name, complaint, found)
        elif not name.isdecimal() and name not in _ABOUT_THE_WHOLE and "://" not in complaint:
            found[name] = [complaint]
    return found


def _collect(name: str, complaint: Any, found: Dict[str, List[str]]) -> None:
    """The lists of texts about a field and what is in it. Whatever else is there is no complaint
    but data, which no text of an error shows."""
    inner: List[Tuple[str, Any]] = []
    if is_array(complaint):
        texts = [one for one in complaint if isinstance(one, str)]
        found.update({name: texts} if texts else {})
        inner = [(str(number), one) for number, one in enumerate(complaint)]
    elif is_object(complaint):
        inner = list(complaint.items())
    for within, one in inner:
        if not isinstance(one, str):
            _collect(f"{name}.{within}", one, found)


def _detail(body: Optional[str], status: Optional[int]) -> str:
    content = _parsed(body)
    texts: List[str] = []
    if is_object(content):
        said = [content.get(name) for name in _ABOUT_THE_WHOLE]
        texts = [text for text in said if isinstance(text, str)]
    is_refusal = isinstance(status, int) and status >= 400
    for name, complaints in _field_errors(content).items() if is_refusal else ():
        texts.append(f"{'' if name == 'non_field_errors' else name + ': '}{' '.join(complaints)}")
    line = one_line("; ".join(texts))
    return line if len(line) <= _LONGEST_DETAIL else line[: _LONGEST_DETAIL - 1] + "…"


def _parsed(body: Optional[str]) -> Any:
    try:
        return json.loads(body or "null")
    except (ValueError, RecursionError):
        return None


def render_path(path_to_item: Any) -> str:
    """A path as Python would index it: ``["results"][0]``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f"['{part}']" for part in path_to_item)
