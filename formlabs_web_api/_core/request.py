"""Build the request of a call: no network and no token is needed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import (
    TYPE_CHECKING,
    Any,
    Dict,
    Iterator,
    List,
    Mapping,
    Optional,
    Sequence,
    Tuple,
    Union,
)
from urllib.parse import urlsplit

from formlabs_web_api._core import serialization
from formlabs_web_api._core.call import Call
from formlabs_web_api._core.serialization import TimeoutSetting
from formlabs_web_api._util.secrets import SHORTEST_SECRET, HiddenText
from formlabs_web_api.exceptions import ApiValueError
from formlabs_web_api.hooks import RequestEvent
from formlabs_web_api.retry import RetryPolicy

if TYPE_CHECKING:
    from formlabs_web_api.configuration import Configuration
    from formlabs_web_api.exceptions import ApiException
    from formlabs_web_api.rest import RESTResponse

_SECRET_HEADER = re.compile(r"auth|cookie|token|secret|key|password|session", re.IGNORECASE)


@dataclass
class Request:
    """A request on its way through the pipeline."""

    method: str
    url: str = field(repr=False)  # a token may stand in its query
    headers: Dict[str, Any] = field(repr=False)
    body: object = field(default=None, repr=False)
    post_params: Optional[Sequence[Any]] = field(default=None, repr=False)
    timeout: TimeoutSetting = None
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    preload: bool = True
    """True if the body is read at once, so that one that breaks off is a reason to send again."""
    secured: bool = False
    """True if the configured token or the client's own one must be added."""
    repeatable: bool = False
    """True if the request may arrive twice without harm although its method suggests otherwise."""
    attempts: int = 0
    """How many times the request was sent, or tried."""
    elapsed: float = 0.0
    query_secret: Optional[str] = field(default=None, repr=False)
    """A token in the query of the URL."""

    @property
    def path(self) -> str:
        """Return the path of the URL."""
        return urlsplit(self.url).path

    def event(self, **facts: Any) -> RequestEvent:
        """Return an event about this request for logs and hooks."""
        return RequestEvent(self.method, self.path, self.attempts, **facts)

    def secrets(self, certain: bool = False) -> Iterator[str]:
        """Return the tokens, cookies and secrets in it, which a response may repeat.

        Args:
            certain: Leave out headers whose name does not suggest a secret. Such a value may occur
                in the data of a response too.
        """
        for name, value in self.headers.items():
            if not isinstance(value, HiddenText):
                continue
            if not certain or name == "Authorization" or _SECRET_HEADER.search(name):
                before, _, last = value.rpartition(" ")
                if " " in before or len(last) < SHORTEST_SECRET:
                    yield value  # else its last part is in each text that it is in
                yield HiddenText(last)
        for value in dict(self.post_params or ()).values():
            if isinstance(value, HiddenText):
                yield value
        if self.query_secret is not None:
            yield self.query_secret

    def authorize(self, setting: Mapping[str, object]) -> None:
        """Put a token where an authorization setting wants it; see :func:`authorization_of`."""
        where, key, value = authorization_of(setting)
        if where == "query":
            pair = serialization.to_query([(key, value)], None)
            self.url = HiddenText(f"{self.url}{'&' if '?' in self.url else '?'}{pair}")
            self.query_secret = HiddenText(value)
        else:
            serialization.set_header(self.headers, key, HiddenText(value))

    def annotate(self, result: Union[RESTResponse, ApiException, None]) -> None:
        """Copy method, path, attempts and elapsed onto a response or an exception."""
        if result is None:
            return
        result.method, result.path = self.method, self.path
        result.attempts, result.elapsed = self.attempts, self.elapsed


def build_request(
    call: Call[Any],
    configuration: Configuration,
    default_headers: Mapping[str, str],
    cookie: Optional[str] = None,
    preload: bool = True,
) -> Request:
    """Return the request of a call.

    Headers of the call win over the default ones, and ``Authorization`` among them over the token.

    Raises:
        ApiValueError: a path parameter is empty, ``.`` or ``..``.
    """
    options = call.options
    content_type, headers = call_headers(call, default_headers)
    body, fields = body_and_fields(call, content_type)
    url = configuration.host + call.template
    if call.path:
        safe = configuration.safe_chars_for_path_param
        url = configuration.host + serialization.fill_path(call.template, call.path.items(), safe)
    query = query_pairs(call, configuration.datetime_format)
    if query:
        url += "?" + serialization.to_query(serialization.plain(query), list_formats(query))
    given = options.headers
    own = None if given is None else serialization.header(given, "Authorization")
    request = Request(
        call.method,
        url,
        request_headers(headers, default_headers, cookie, call.secured),
        body,
        fields,
        options.request_timeout,
        configuration.retry_policy if options.retries is None else options.retries,
        preload=preload,
        secured=call.secured and own is None,
    )
    if call.secured and options.request_auth:
        request.authorize(options.request_auth)
        request.secured = False
    return request


def call_headers(
    call: Call[Any], default_headers: Mapping[str, str]
) -> Tuple[Optional[str], Dict[str, object]]:
    """Return the content type and the headers that a call asks for."""
    options = call.options
    headers: Dict[str, object] = {}
    if call.accept and serialization.header(default_headers, "Accept") is None:
        headers["Accept"] = "application/json"
    asked = options.content_type if call.content_types else None
    content_type = asked or preferred_content_type(call.content_types)
    if content_type or options.headers:
        headers = serialization.merged_headers(
            headers,
            {"Content-Type": content_type} if content_type else None,
            options.headers,
            {"Content-Type": asked} if asked else None,
        )
    return content_type, headers


def request_headers(
    headers: Optional[Mapping[str, object]],
    default_headers: Mapping[str, str],
    cookie: Optional[str],
    secured: bool,
) -> Dict[str, Any]:
    """Return ``headers`` with those of every request; a default token only where one is needed."""
    return serialization.merged_headers(
        {"Accept-Encoding": "gzip"},
        default_headers if secured else _without_token(default_headers),
        {"Cookie": cookie} if cookie else None,
        headers,
    )


def _without_token(headers: Mapping[str, str]) -> Dict[str, str]:
    return {
        name: value
        for name, value in headers.items()
        if name.lower() != "authorization" or not value.lower().startswith("bearer")
    }


def query_pairs(call: Call[Any], datetime_format: str) -> List[Tuple[str, object]]:
    """Return the query parameters of a call that are given, date-times as text."""
    return [
        (name, serialization.query_text(value, datetime_format))
        for name, value in (call.query or {}).items()
        if value is not None
    ]


def list_formats(query: Sequence[Tuple[str, object]]) -> Dict[str, str]:
    """Return the collection format of each list in a query: its key is repeated."""
    return {name: "multi" for name, value in query if isinstance(value, list)}


def body_and_fields(call: Call[Any], content_type: Optional[str]) -> Tuple[Any, List[Any]]:
    """Return a call's body as JSON content or as form fields, as its content type asks."""
    if call.body is None and call.form is None:
        return None, []
    kind = (content_type or "application/json").lower()
    as_fields = kind.startswith((serialization.FORM, serialization.MULTIPART))
    content = serialization.plain(call.body if call.form is None else dict(call.form))
    if content is None or not as_fields:
        return content, []
    return None, serialization.form_pairs(content)


def preferred_content_type(content_types: Sequence[str]) -> Optional[str]:
    """Return JSON if it is among the content types, else the first of them."""
    if not content_types:
        return None
    return next((kind for kind in content_types if serialization.is_json(kind)), content_types[0])


def authorization_of(setting: Mapping[str, Any]) -> Tuple[str, str, str]:
    """Return where a token goes (``header`` or ``query``), under which name, and its value.

    Args:
        setting: ``{"in": "header", "key": ..., "value": ...}``; ``in`` may be ``query`` and
            ``cookie`` too.

    Raises:
        ApiValueError: the setting is incomplete, or ``in`` is another place.
    """
    where = setting.get("in")
    if where not in ("header", "query", "cookie"):
        raise ApiValueError(
            f"authorization goes into 'header', 'query' or 'cookie', not into {where!r}"
        )
    key = "Cookie" if where == "cookie" else setting.get("key")
    value = setting.get("value")
    if not key or value is None:
        raise ApiValueError("authorization needs a 'key' and a 'value'")
    return ("query" if where == "query" else "header"), key, value
