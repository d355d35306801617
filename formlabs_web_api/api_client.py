"""The client: turns calls into requests, sends them, and turns answers into models."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import suppress
from contextvars import ContextVar
from datetime import date, datetime
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Dict,
    Iterable,
    List,
    Mapping,
    NamedTuple,
    NoReturn,
    Optional,
    Protocol,
    Sequence,
    Tuple,
    Type,
    TypeVar,
    Union,
    cast,
)

from pydantic import ValidationError
from typing_extensions import Self

from formlabs_web_api import rest
from formlabs_web_api._core import request as serialization
from formlabs_web_api._core.call import Call
from formlabs_web_api._core.call_scope import CallScope
from formlabs_web_api._core.pipeline import (
    Authorize,
    Deadline,
    KeepLimit,
    Log,
    Redirect,
    Request,
    Retry,
    Step,
    Transport,
    chain,
    retry_after_of,
)
from formlabs_web_api._core.response import (
    NAMED_TYPES,
    UnexpectedBody,
    convert_json,
    parse_body,
    resolve_type,
)
from formlabs_web_api._core.service_clock import ServiceTime
from formlabs_web_api._core.token_endpoint import TokenCalls
from formlabs_web_api._core.token_source import NO_CREDENTIALS, REVOKE_PATH, TOKEN_PATH, TokenSource
from formlabs_web_api._util.fork import after_fork
from formlabs_web_api._util.json import is_object, parse_json
from formlabs_web_api._util.secrets import HiddenText
from formlabs_web_api._util.text import in_utf8, text_of
from formlabs_web_api.api_response import ApiResponse
from formlabs_web_api.api_response import T as ApiResponseT
from formlabs_web_api.configuration import Configuration
from formlabs_web_api.exceptions import (
    ApiException,
    ApiValueError,
    AuthenticationException,
    RateLimitException,
    ResponseException,
    ServiceException,
    class_of_status,
    joined,
)
from formlabs_web_api.hooks import Observer, logger
from formlabs_web_api.models._reading import Drift, read_json, strict_by_environment
from formlabs_web_api.namespaces import ClientNamespaces
from formlabs_web_api.rate_limit import Limiter, Quota, RateLimiter
from formlabs_web_api.rest import RESTResponse, TimeoutSetting
from formlabs_web_api.retry import RetryPolicy, RetryQuota

if TYPE_CHECKING:
    from formlabs_web_api.frames import Frames
    from formlabs_web_api.models.developer_apimy_printer import DeveloperAPIMyPrinter
    from formlabs_web_api.watch import Change, PrintHistory, Sink, Watcher
    from formlabs_web_api.watch.state import StatePath
    from formlabs_web_api.watch.waiting import Until

T = TypeVar("T")


_SHORTEST_SECRET = 6
"""Anything shorter is none, and would be found in words that are no secret."""


class _Sending(NamedTuple):
    """How the call at hand is to be sent, besides what ``call_api`` is told."""

    preload: bool = True
    """Whether the body is read at once, so that one that breaks off is a reason to send again."""
    retries: Any = None


_AS_USUAL = _Sending()
_sending: ContextVar[_Sending] = ContextVar("formlabs_web_api_sending", default=_AS_USUAL)


class Closable(Protocol):
    """Whatever is released by closing it."""

    def close(self) -> None: ...


RequestSerialized = Tuple[str, str, Dict[str, str], Optional[str], List[str]]
"""What :meth:`ApiClient.param_serialize` gives: method, URL, headers, body, form fields."""


class ApiClient(ClientNamespaces):
    """A client of the service; safe to share between threads.

    It keeps connections open, a token fresh and the service's rate limits. Close it when done, or
    use it in a ``with`` statement.

    Args:
        configuration: Settings; None means the process's default ones.
        header_name, header_value: A header to send with every request.
        cookie: A ``Cookie`` header to send with every request.
    """

    PRIMITIVE_TYPES: ClassVar[Tuple[type, ...]] = (float, bool, bytes, str, int)
    NATIVE_TYPES_MAPPING: ClassVar[Dict[str, Any]] = {
        name: kind for name, kind in NAMED_TYPES.items() if name not in ("bytes", "None")
    }

    _default: ClassVar[Optional[ApiClient]] = None
    _closed = False

    def __init__(
        self,
        configuration: Optional[Configuration] = None,
        header_name: Optional[str] = None,
        header_value: Optional[str] = None,
        cookie: Optional[str] = None,
    ) -> None:
        from formlabs_web_api import __version__

        self.configuration = Configuration.get_default() if configuration is None else configuration
        self.rest_client = rest.RESTClientObject(self.configuration)
        self.default_headers: Dict[str, str] = {}
        if header_name is not None:
            self.default_headers[header_name] = header_value or ""
        self.cookie = cookie
        self.client_side_validation = self.configuration.client_side_validation
        self.user_agent = f"formlabs_web_api/{__version__} (Python)"
        self.drift = Drift()
        """In what the service's answers differ from their description, as far as seen."""
        self._strict_by_environment = strict_by_environment()
        self._limiter: Limiter = self.configuration.rate_limiter or RateLimiter(
            self.configuration.rate_limits or ()
        )

        observer = Observer(self.configuration)
        self._service_time = ServiceTime()
        transport = Transport(self._open_rest_client, self._service_time)
        retry = Retry(RetryQuota(), observer)
        limit = KeepLimit(self._limiter, lambda: self.configuration.max_wait, observer)
        log = Log(observer)
        # The token calls follow no redirect: it would take the client's secret elsewhere.
        deadline = Deadline(lambda: self.configuration.deadline)
        self._send_unauthorized = chain([deadline, retry, limit, log], transport)
        self._token_calls = TokenCalls(self, self._send_unauthorized)
        self.tokens = TokenSource(self._token_calls.fetch)
        steps: List[Step] = [deadline, retry, Authorize(self.tokens), Redirect(), limit, log]
        self._send = chain(steps, transport)
        self._attached: List[Closable] = []
        after_fork(self, ApiClient._forget_connections)

    # Lifetime

    def __enter__(self) -> Self:
        return self

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; revoke the token if ``Configuration.revoke_on_close`` says so.

        Watchers of this client are closed first.

        Closing twice does no harm. A call after it raises :class:`ApiValueError`. A token that
        could not be revoked is a warning in the log, for nothing is left to be done about it.
        """
        if self._closed:
            return
        try:
            for resource in list(self._attached):
                resource.close()
            if self.configuration.revoke_on_close:
                self.revoke()
        except ApiException as error:
            logger.warning("The token could not be revoked: %s", error)
        finally:
            self._closed = True
            self.rest_client.close()

    def _open_rest_client(self) -> rest.RESTClientObject:
        if self._closed:
            raise ApiValueError("this ApiClient is closed; make a new one")
        return self.rest_client

    def _forget_connections(self) -> None:
        # A forked child must not speak on the sockets of its parent, nor close its watchers.
        self.rest_client = rest.RESTClientObject(self.configuration)
        self._attached = []

    @classmethod
    def get_default(cls) -> ApiClient:
        """The client an API class takes when it is given none."""
        if cls._default is None or cls._default._closed:
            cls._default = cls()
        return cls._default

    @classmethod
    def set_default(cls, default: Optional[ApiClient]) -> None:
        """Make ``default`` the process's default; None forgets it."""
        cls._default = default

    def __repr__(self) -> str:
        settings = getattr(self, "configuration", None)  # none where it could not be made
        return f"<ApiClient of {settings and settings.host}{', closed' if self._closed else ''}>"

    # Headers of every request

    @property
    def user_agent(self) -> str:
        """The ``User-Agent`` header."""
        return self.default_headers["User-Agent"]

    @user_agent.setter
    def user_agent(self, value: str) -> None:
        self.default_headers["User-Agent"] = value

    def set_default_header(self, header_name: str, header_value: str) -> None:
        """Send a header with every request; ``Authorization`` wins over the configured token."""
        serialization.set_header(self.default_headers, header_name, header_value)

    def now(self) -> datetime:
        """The present by the service's clock, in UTC, as its last answer told it.

        Give it to what is judged by the time, ``printer.state(client.now())``, where this
        computer's clock may be wrong: with one that is five minutes fast every printer seems off
        line. Before the first answer it is this computer's time.
        """
        return self._service_time.now()

    @property
    def quota(self) -> Quota:
        """How much of the rate limits this client has used, and when the next slot is free."""
        return self._limiter.quota

    @property
    def frames(self) -> Frames:
        """What the account has as pandas data frames; needs the extra ``pandas``."""
        from formlabs_web_api.frames import Frames

        return Frames(self)

    def watch(
        self,
        every: float = 30.0,
        state: Optional[StatePath] = None,
        since: Optional[datetime] = None,
        kinds: Union[str, Iterable[str], None] = None,
        printers: Union[str, Iterable[str], None] = None,
        history: Optional[PrintHistory] = None,
        *,
        steps: Iterable[float] = (),
        low_ml: float = 100.0,
        account: Optional[str] = None,
        sinks: Sequence[Sink] = (),
    ) -> Watcher:
        """Return a watcher, which iterates over the changes of the fleet as they come.

        See :class:`~formlabs_web_api.watch.Watcher` for the arguments, and for what happens when
        the process ends in between.
        """
        from formlabs_web_api.watch import Watcher

        return Watcher(
            *(self, every, state, since, kinds, printers, history),
            steps=steps,
            low_ml=low_ml,
            account=account,
            sinks=sinks,
        )

    def wait_for(
        self, serial: str, until: Until = "idle", timeout: Optional[float] = None, every: float = 15
    ) -> Union[DeveloperAPIMyPrinter, Change]:
        """Wait for a printer; return it or, for a kind of change, the change.

        Args:
            serial: Serial of the printer.
            until: A state such as ``idle``, a kind of change such as ``print_finished`` (one that
                happens from now on), or a function of a printer that returns True.
            timeout: Seconds after which it is given up; None means never.
            every: Seconds between two polls.

        Raises:
            WatchTimeout: it did not happen in time.
            NotFoundException: the account has no such printer.
            ValueError: an argument cannot be right; ``until`` is an unknown word, for example.
        """
        from formlabs_web_api.watch.waiting import Waiting

        return Waiting(self, until, timeout, every).for_one(serial)

    def wait_for_any(
        self,
        until: Until = "idle",
        material: Optional[str] = None,
        timeout: Optional[float] = None,
        every: float = 15,
        printers: Optional[Iterable[str]] = None,
    ) -> Union[DeveloperAPIMyPrinter, Change]:
        """Wait for the first of several printers; as :meth:`wait_for`.

        Args:
            material: Code or name of the material that the printer must hold or, for a kind of
                change, that the change must be about; None means any.
            printers: Serials of the printers; None means all.
        """
        from formlabs_web_api.watch.waiting import Waiting

        return Waiting(self, until, timeout, every).for_any(printers, material)

    def attach(self, resource: Closable) -> None:
        """Close a resource together with this client, and before it."""
        self._attached.append(resource)

    def detach(self, resource: Closable) -> None:
        """Undo :meth:`attach`: the resource is closed already."""
        if resource in self._attached:
            self._attached.remove(resource)

    # A call, from end to end

    def execute(self, call: Call[T]) -> ApiResponse[T]:
        """Send a call and give its answer as the documented type.

        Raises:
            ApiException: it did not succeed; see the classes below it.
        """
        types: Dict[str, Any] = {"2XX": call.returns}
        types.update((str(status), model) for status, model in (call.errors or {}).items())
        return self.response_deserialize(self._answer(call, preload=True), types)

    def data_of(self, call: Call[Any]) -> Any:
        """Send a call and give only what its answer means; raises as :meth:`execute` does."""
        response = self._answer(call, preload=True)
        if not 200 <= response.status <= 299:
            self._raise_for(response, (call.errors or {}).get(response.status))
        return self._data(response, call.returns)

    def open(self, call: Call[Any]) -> RESTResponse:
        """Send a call and give its answer unread, whatever its status."""
        return self._answer(call, preload=False)

    def _answer(self, call: Call[Any], preload: bool) -> RESTResponse:
        with CallScope(call.options.deadline):
            return self._send_call(call, preload)

    def _send_call(self, call: Call[Any], preload: bool) -> RESTResponse:
        options = call.options
        headers: Dict[str, Any] = {}
        if call.accept and serialization.header(self.default_headers, "Accept") is None:
            headers["Accept"] = "application/json"
        asked = options.content_type if call.content_types else None
        content_type = asked or self.select_header_content_type(call.content_types)
        if content_type or options.headers:
            headers = serialization.merged_headers(
                headers,
                {"Content-Type": content_type} if content_type else None,
                options.headers,
                {"Content-Type": asked} if asked else None,
            )
        body, fields = _body_and_fields(call, content_type)
        how = self.configuration.datetime_format
        query = [
            (name, serialization.query_text(value, how))
            for name, value in (call.query or {}).items()
            if value is not None
        ]
        serialized = self.param_serialize(
            method=call.method,
            resource_path=call.template,
            path_params=call.path,
            query_params=query,
            header_params=headers,
            body=body,
            post_params=fields,
            auth_settings=["bearerAuth"] if call.secured else [],
            collection_formats={name: "multi" for name, value in query if isinstance(value, list)},
            _request_auth=options.request_auth,
        )
        # Not as arguments: programs put a call_api of their own in place of this one's.
        before = None
        if not preload or options.retries is not None:
            before = _sending.set(_Sending(preload, options.retries))
        try:
            response = self.call_api(*serialized, _request_timeout=options.request_timeout)
        finally:
            if before is not None:
                _sending.reset(before)
        if response.status == 401:
            authorized = options.request_auth or serialization.header(
                serialized[2], "Authorization"
            )
            response.lacked_credentials = call.secured and not authorized
        return response

    def param_serialize(
        self,
        method: str,
        resource_path: str,
        path_params: Any = None,
        query_params: Any = None,
        header_params: Any = None,
        body: Any = None,
        post_params: Any = None,
        files: Any = None,
        auth_settings: Any = None,
        collection_formats: Any = None,
        _host: Optional[str] = None,
        _request_auth: Any = None,
    ) -> RequestSerialized:
        """The parts of a request as they go onto the wire: method, URL, headers, body, fields.

        Headers of the call win over the default ones, and those over the token.

        Raises:
            ApiValueError: a path parameter is empty, ``.`` or ``..``.
        """
        # In no variable, where a traceback could show the secrets among them.
        headers = serialization.merged_headers(
            {"Accept-Encoding": "gzip"},
            self.default_headers if auth_settings else _without_token(self.default_headers),
            {"Cookie": self.cookie} if self.cookie else None,
            header_params,
        )
        path = resource_path
        if path_params:
            path = serialization.fill_path(
                resource_path,
                self.parameters_to_tuples(self._plain_params(path_params), collection_formats),
                self.configuration.safe_chars_for_path_param,
            )
        fields: List[Any] = []
        if post_params or files:
            fields = self.parameters_to_tuples(self._plain_params(post_params), collection_formats)
            if files:
                fields.extend(self.files_parameters(files))
        queries: List[Tuple[str, Any]] = []
        self.update_params_for_auth(
            headers, queries, auth_settings, resource_path, method, body, _request_auth
        )
        host = None if self.configuration.ignore_operation_servers else _host
        url = (host or self.configuration.host) + path
        has_secret = bool(queries)
        if query_params:
            params: Any = query_params.items() if is_object(query_params) else query_params
            queries = [*self.sanitize_for_serialization(list(params)), *queries]
        if queries:
            url += "?" + self.parameters_to_url_query(queries, collection_formats)
        url = HiddenText(url) if has_secret else url
        return method, url, headers, self.sanitize_for_serialization(body) if body else body, fields

    def _plain_params(self, params: Any) -> Any:
        return self.sanitize_for_serialization(params) if params else {}

    def call_api(
        self,
        method: str,
        url: str,
        header_params: Any = None,
        body: Any = None,
        post_params: Any = None,
        _request_timeout: TimeoutSetting = None,
        *,
        _retries: Any = None,
    ) -> RESTResponse:
        """Send a request, as often as may be and need be, and give its answer whatever its status.

        Raises:
            ApiConnectionException: there was no answer.
            RateLimitException: the wait for the rate limit would be too long; nothing was sent.
        """
        self._open_rest_client()
        sending = _sending.get()
        retries = sending.retries if _retries is None else _retries
        request = Request(
            method,
            url,
            dict(header_params or {}),
            body,
            post_params,
            _request_timeout,
            RetryPolicy.of(self.configuration.retries if retries is None else retries),
            preload=sending.preload,
        )
        is_of_tokens = request.path.endswith((TOKEN_PATH, REVOKE_PATH))
        response = (self._send_unauthorized if is_of_tokens else self._send)(request)
        if response.status >= 400:
            response.secrets = tuple(request.secrets())
        return response

    def response_deserialize(
        self, response_data: RESTResponse, response_types_map: Optional[Mapping[str, Any]] = None
    ) -> ApiResponse[Any]:
        """The answer as the type documented for its status.

        Args:
            response_data: The answer.
            response_types_map: Status (``"200"``, ``"2XX"``) to type, or its name as text. A
                success of another status is read like the documented one.

        Raises:
            ApiException: the status is no success.
            ResponseException: the body cannot be understood.
        """
        types = response_types_map or {}
        status = response_data.status
        if not 200 <= status <= 299:
            self._raise_for(response_data, types.get(str(status), types.get(f"{status // 100}XX")))
        # Not of ApiResponse[Any], a class of its own that cannot be pickled.
        made: Any = cast("Any", ApiResponse).model_construct(
            status_code=status,
            headers=dict(response_data.getheaders()),
            data=self._data(response_data, _type_for(status, types)),
            raw_data=response_data.read(),
        )
        return cast("ApiResponse[Any]", made)

    def _data(self, response: RESTResponse, expected: Any) -> Any:
        if expected is None or (response.status == 204 and not response.read()):
            return None
        if expected == "bytearray":
            return response.read()
        if expected == "file":
            return self._saved(response, response.read())
        # The body is in no variable, where a traceback could show the signed addresses in it.
        try:
            expected = resolve_type(expected)
            if expected in self.PRIMITIVE_TYPES or expected in (date, datetime, object):
                return self.deserialize(
                    text_of(response.read(), response.headers),
                    expected,
                    response.getheader("Content-Type"),
                )
            return parse_body(
                in_utf8(response.read(), response.headers),
                expected,
                self._strict,
                self.drift,
                response.getheader("Date"),
            )
        except UnexpectedBody as problem:
            error = ResponseException(
                http_resp=response, reason=f"{response.reason}, but {problem}"
            )
            raise error from None

    @property
    def _strict(self) -> bool:
        strict = self.configuration.strict_responses
        return self._strict_by_environment if strict is None else strict

    def _raise_for(self, response: RESTResponse, expected: Any) -> NoReturn:
        data: Any = None
        if expected is not None:
            # The body is in no variable here, either.
            with suppress(ValueError, RecursionError):
                data = read_json(
                    resolve_type(expected),
                    in_utf8(response.read(), response.headers),
                    False,
                    self.drift,
                )
        raise self.failure_of(response, data)

    def failure_of(
        self,
        response: RESTResponse,
        data: Any = None,
        kind: Optional[Type[ApiException]] = None,
    ) -> ApiException:
        """The exception that an answer is, without the secrets that it may repeat.

        Args:
            response: The answer; its status is no success.
            data: What its body means, where that is described.
            kind: The class of the exception; None means that of the status.
        """
        lacks_credentials = response.status == 401 and response.lacked_credentials
        if kind is None:
            kind = (
                AuthenticationException if lacks_credentials else class_of_status(response.status)
            )
        if response.refused_wait is not None and kind is ServiceException:
            kind = joined(RateLimitException, ServiceException)
        error = kind(http_resp=response, data=data)
        if isinstance(error, RateLimitException):
            error.retry_after = retry_after_of(response)
        settings = self.configuration
        configured = (settings.client_secret, settings.access_token, self.tokens.current)
        for secret in (*configured, *response.secrets):
            if secret and len(secret) >= _SHORTEST_SECRET:
                error.detail = error.detail.replace(secret, "***")
        if lacks_credentials:
            error.detail = "; ".join(part for part in (error.detail, NO_CREDENTIALS) if part)
        return error

    # Authorization

    def update_params_for_auth(
        self,
        headers: Dict[str, Any],
        queries: List[Tuple[str, Any]],
        auth_settings: Optional[Sequence[str]],
        resource_path: str,
        method: str,
        body: Any,
        request_auth: Optional[Mapping[str, Any]] = None,
    ) -> None:
        """Add what authorizes a request to its headers or query.

        ``request_auth`` replaces everything else. An ``Authorization`` header that is there already
        stays. Otherwise the configured token is taken, or the client's own is fetched.
        """
        if not auth_settings:
            return
        if request_auth:
            self._apply_auth(headers, queries, request_auth)
            return
        if serialization.header(headers, "Authorization") is not None:
            return
        settings: Any = self.configuration.auth_settings()
        if not settings and self.configuration.client_id:
            headers["Authorization"] = HiddenText(f"Bearer {self.tokens.get()}")
        for name in auth_settings:
            if name in settings:
                self._apply_auth(headers, queries, settings[name])

    def _apply_auth(
        self,
        headers: Dict[str, Any],
        queries: List[Tuple[str, Any]],
        setting: Mapping[str, Any],
    ) -> None:
        where = setting.get("in")
        if where not in ("header", "query", "cookie"):
            raise ApiValueError(
                f"authorization goes into 'header', 'query' or 'cookie', not into {where!r}"
            )
        key = "Cookie" if where == "cookie" else setting.get("key")
        value = setting.get("value")
        if not key or value is None:
            raise ApiValueError("authorization needs a 'key' and a 'value'")
        if where == "query":
            queries.append((key, value))
        else:
            serialization.set_header(headers, key, HiddenText(value))

    def revoke(self) -> None:
        """Revoke the client's own token, if it has one; the next call fetches another.

        Raises:
            ApiException: the service does not do it, or was not reached.
        """
        token = self.tokens.current
        if token is not None:
            try:
                self._token_calls.revoke(token)
            finally:
                self.tokens.forget(token)

    # Helpers that scripts written for the official package call

    def sanitize_for_serialization(self, obj: Any) -> Any:
        """``obj`` in JSON's own types; models without the fields only the service may set."""
        return serialization.plain(obj)

    def deserialize(
        self, response_text: str, response_type: Any, content_type: Optional[str]
    ) -> Any:
        """Text as a type, which may be given by name: ``List[Workgroup]``, ``Dict[str, int]``.

        Raises:
            ApiException: the content type is neither JSON nor text, or text is no date.
        """
        kind = (content_type or "application/json").lower()
        if serialization.is_json(kind):
            try:
                data = parse_json(response_text) if response_text else ""
            except ValueError:
                if content_type is not None:
                    raise
                data = response_text
        elif kind.startswith("text/"):
            data = response_text
        else:
            raise ApiException(status=0, reason=f"Unsupported content type: {content_type}")
        expected = resolve_type(response_type)
        try:
            return convert_json(data, expected)
        except ValidationError:
            raise
        except ValueError as error:
            raise ApiException(status=0, reason=f"{data!r} is no {response_type}") from error

    def parameters_to_tuples(self, params: Any, collection_formats: Any) -> List[Tuple[str, Any]]:
        """Parameters as pairs; a list is repeated or joined as its collection format says."""
        return serialization.to_tuples(params, collection_formats)

    def parameters_to_url_query(self, params: Any, collection_formats: Any) -> str:
        """Parameters as the query of a URL, percent-encoded."""
        return serialization.to_query(params, collection_formats)

    def files_parameters(
        self,
        files: Mapping[str, Union[str, bytes, List[str], List[bytes], Tuple[str, bytes]]],
    ) -> List[Tuple[str, Tuple[str, bytes, str]]]:
        """Files as fields of a form: by path, by content, or as a pair (name, content)."""
        return serialization.file_fields(files)

    def select_header_accept(self, accepts: Sequence[str]) -> Optional[str]:
        """The content type to ask for: JSON if it is offered, else the first."""
        return _preferred(accepts)

    def select_header_content_type(self, content_types: Sequence[str]) -> Optional[str]:
        """The content type to send: JSON if it is taken, else the first."""
        return _preferred(content_types)

    def _saved(self, response: RESTResponse, raw: bytes) -> str:
        disposition = response.getheader("Content-Disposition") or ""
        found = re.search(r'filename=["\']?([^"\';]+)', disposition)
        folder = self.configuration.temp_folder_path
        # Only the last part of a name that the server chose: the rest could lead anywhere.
        name = os.path.basename(found.group(1).strip().replace("\\", "/")) if found else ""
        if name in ("", ".", ".."):
            handle, path = tempfile.mkstemp(dir=folder)
            os.close(handle)
        else:
            path = os.path.join(folder or tempfile.gettempdir(), name)
        with open(path, "wb") as file:
            file.write(raw)
        return path


def _body_and_fields(call: Call[Any], content_type: Optional[str]) -> Tuple[Any, List[Any]]:
    """A call's body as JSON content or as form fields, as its content type asks."""
    if call.body is None and call.form is None:
        return None, []
    kind = (content_type or "application/json").lower()
    as_fields = kind.startswith((serialization.FORM, serialization.MULTIPART))
    content = serialization.plain(call.body if call.form is None else dict(call.form))
    if content is None or not as_fields:
        return content, []
    return None, serialization.form_pairs(content)


def _type_for(status: int, types: Mapping[str, Any]) -> Any:
    if str(status) in types:
        return types[str(status)]
    if "2XX" in types:
        return types["2XX"]
    return next((types[key] for key in types if key[:1] == "2"), None)


def _without_token(headers: Mapping[str, str]) -> Dict[str, str]:
    return {
        name: value
        for name, value in headers.items()
        if name.lower() != "authorization" or not value.lower().startswith("bearer")
    }


def _preferred(content_types: Sequence[str]) -> Optional[str]:
    if not content_types:
        return None
    return next((one for one in content_types if serialization.is_json(one)), content_types[0])


__all__ = ["ApiClient", "ApiResponseT", "RequestSerialized"]
