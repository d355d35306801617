"""A client of the service: its settings, lifetime and quota, and the sending of calls."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Dict,
    Iterable,
    List,
    NoReturn,
    Optional,
    Protocol,
    Sequence,
    Type,
    TypeVar,
    Union,
    cast,
)

from typing_extensions import Self

from formlabs_web_api import rest
from formlabs_web_api._core.call import Call
from formlabs_web_api._core.call_scope import CallScope
from formlabs_web_api._core.errors import error_from
from formlabs_web_api._core.official import (
    OfficialHelpers,
    RequestSerialized,
    decodes_differently,
    is_customized,
)
from formlabs_web_api._core.pipeline import (
    Authorize,
    Deadline,
    Log,
    RateLimit,
    Redirect,
    Retry,
    Transport,
    chain,
)
from formlabs_web_api._core.plain_http import PlainHttpGuard
from formlabs_web_api._core.request import Request, build_request
from formlabs_web_api._core.response import UnexpectedBody, parse_body, resolve_type
from formlabs_web_api._core.serialization import PUBLIC_HEADERS, set_header
from formlabs_web_api._core.service_clock import ServiceClock
from formlabs_web_api._core.token_endpoint import TokenEndpoint
from formlabs_web_api._core.token_source import TokenSource
from formlabs_web_api._util.fork import after_fork
from formlabs_web_api._util.secrets import HiddenValues, hidden, redact, redact_bytes
from formlabs_web_api._util.text import in_utf8, text_of
from formlabs_web_api._version import __version__
from formlabs_web_api.api_response import ApiResponse
from formlabs_web_api.api_response import T as ApiResponseT
from formlabs_web_api.configuration import Configuration
from formlabs_web_api.exceptions import (
    ApiException,
    ApiTypeError,
    ApiValueError,
    ResponseException,
)
from formlabs_web_api.hooks import RequestReporter, logger
from formlabs_web_api.models._reading import Drift, read_json, strict_by_environment
from formlabs_web_api.namespaces import ClientNamespaces
from formlabs_web_api.rate_limit import Limiter, Quota, RateLimiter
from formlabs_web_api.rest import RESTResponse
from formlabs_web_api.retry import RetryQuota

if TYPE_CHECKING:
    from formlabs_web_api.frames import Frames
    from formlabs_web_api.mirror import Mirror
    from formlabs_web_api.models.developer_apimy_printer import DeveloperAPIMyPrinter
    from formlabs_web_api.shared.connect import SharedState
    from formlabs_web_api.watch import Change, PrintHistory, Sink, Watcher
    from formlabs_web_api.watch.state import StatePath
    from formlabs_web_api.watch.waiting import Until

T = TypeVar("T")


class Closable(Protocol):
    """An object with a ``close`` method."""

    def close(self) -> None: ...


class ApiClient(OfficialHelpers, ClientNamespaces):
    """A client of the service; safe to share between threads.

    It keeps connections open, renews its token and observes the service's rate limits. Close it
    when done, or use it in a ``with`` statement.

    Args:
        configuration: Settings; None means the process's default configuration.
        header_name, header_value: A header to send with every request.
        cookie: A ``Cookie`` header to send with every request.
    """

    _default: ClassVar[Optional[ApiClient]] = None
    _closed = False

    def __init__(
        self,
        configuration: Optional[Configuration] = None,
        header_name: Optional[str] = None,
        header_value: Optional[str] = None,
        cookie: Optional[str] = None,
    ) -> None:
        if isinstance(cast(Any, configuration), (str, bytes, dict)):
            kind = type(configuration).__name__
            del configuration  # a token or credentials, perhaps
            raise ApiTypeError(f"configuration: a Configuration is needed, not {kind}")
        self.configuration = Configuration.get_default() if configuration is None else configuration
        self._environment_read = getattr(self.configuration, "environment_read", None)
        self.rest_client = rest.RESTClientObject(self.configuration)
        self.default_headers: Dict[str, str] = HiddenValues(public=PUBLIC_HEADERS)
        if header_name is not None:
            self.default_headers[header_name] = header_value or ""
        self.cookie = cookie
        self.client_side_validation = self.configuration.client_side_validation
        self.user_agent = f"formlabs_web_api/{__version__} (Python)"
        self.drift = Drift()
        """The deviations of received responses from the API's description."""
        self._strict_by_environment = strict_by_environment()
        shared = self._connect_shared_state()
        self._limiter: Limiter = (
            self.configuration.rate_limiter
            or (shared.limiter if shared is not None else None)
            or RateLimiter(self.configuration.rate_limits or ())
        )

        reporter = RequestReporter(self.configuration)
        self._service_clock = ServiceClock()
        self._token_endpoint = TokenEndpoint(
            self.configuration, self.default_headers, self._send, self._error_from
        )
        self.tokens = TokenSource(
            self._token_endpoint.fetch, store=shared.tokens if shared is not None else None
        )
        self._pipeline = chain(
            [
                PlainHttpGuard(self.configuration),
                Deadline(lambda: self.configuration.deadline),
                Retry(RetryQuota(), reporter),
                Authorize(self.configuration, self.tokens),
                Redirect(),
                RateLimit(self._limiter, lambda: self.configuration.max_wait, reporter),
                Log(reporter),
            ],
            Transport(self._open_rest_client, self._service_clock),
        )
        self._attached: List[Closable] = [] if shared is None else [shared]
        after_fork(self, ApiClient._forget_connections)

    # Lifetime

    def __enter__(self) -> Self:
        return self

    def __copy__(self) -> Self:
        """Return a client with the same connections."""
        made = type(self).__new__(type(self))
        made.__dict__.update(self.__dict__)
        return made

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled, as ``multiprocessing`` does with what a process is given.

        Raises:
            TypeError: Always.
        """
        raise TypeError(
            "an ApiClient has connections: it cannot be pickled or sent to another process; send"
            " client.configuration, and make ApiClient(configuration) there"
        )

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; revoke the token if ``Configuration.revoke_on_close`` is set.

        Watchers of this client are closed first. Closing twice has no effect. A call after it
        raises :class:`ApiValueError`. If the token could not be revoked, a warning is logged.
        """
        if self._closed:
            return
        try:
            for resource in list(self._attached):
                resource.close()
            # A forked child must not revoke the token of its parent, which still uses it.
            if self.configuration.revoke_on_close and not self.tokens.is_inherited:
                self.revoke()
        except ApiException as error:
            logger.warning("The token could not be revoked: %s", error)
        finally:
            self._closed = True
            self.rest_client.close()

    def _connect_shared_state(self) -> Optional[SharedState]:
        if not self.configuration.shared:
            return None
        from formlabs_web_api.shared.connect import SharedState

        return SharedState(self.configuration)

    def _open_rest_client(self) -> rest.RESTClientObject:
        if self._closed:
            raise ApiValueError("this ApiClient is closed; create a new one")
        return self.rest_client

    def _forget_connections(self) -> None:
        # A forked child must neither use the sockets of its parent nor close its watchers.
        self.rest_client = rest.RESTClientObject(self.configuration)
        self._attached = []

    @classmethod
    def get_default(cls) -> ApiClient:
        """Return the client of API classes that are created without one.

        The first call may fail for want of credentials. When the environment names them later,
        there is a new client.
        """
        default = cls._default
        if default is None or default._closed or default._is_outdated():
            default = cls._default = cls()
        return default

    def _is_outdated(self) -> bool:
        """Return True if the environment that the settings were read from has changed."""
        if getattr(self.configuration, "is_default", False) is not True:
            return False
        return Configuration.get_default().environment_read != self._environment_read

    @classmethod
    def set_default(cls, default: Optional[ApiClient]) -> None:
        """Set the process's default; None resets it."""
        cls._default = default

    def __repr__(self) -> str:
        settings = getattr(self, "configuration", None)  # missing if __init__ has failed
        return f"<ApiClient of {settings and settings.host}{', closed' if self._closed else ''}>"

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, hidden(value) if name == "cookie" else value)

    # Headers of every request

    @property
    def user_agent(self) -> str:
        """The ``User-Agent`` header."""
        return self.default_headers["User-Agent"]

    @user_agent.setter
    def user_agent(self, value: str) -> None:
        self.default_headers["User-Agent"] = value

    def set_default_header(self, header_name: str, header_value: str) -> None:
        """Send a header with every request; ``Authorization`` replaces the configured token."""
        set_header(self.default_headers, header_name, header_value)

    def now(self) -> datetime:
        """Return the current UTC time according to the last ``Date`` header of the service.

        Before the first response it is this computer's time. Pass it as ``now``, as in
        ``printer.state(client.now())``, if this computer's clock may be wrong: with a clock that is
        five minutes fast, every printer seems off line.
        """
        return self._service_clock.now()

    @property
    def quota(self) -> Quota:
        """The used part of each rate limit, and the time of the next free slot."""
        return self._limiter.quota

    @property
    def frames(self) -> Frames:
        """The account's listings as pandas data frames; needs the extra ``pandas``."""
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

    def mirror(self, url: str, *, account: Optional[str] = None) -> Mirror:
        """Return a copy of the account in a database; see the class for the arguments."""
        from formlabs_web_api.mirror import Mirror

        return Mirror(url, self, account=account)

    def wait_for(
        self, serial: str, until: Until = "idle", timeout: Optional[float] = None, every: float = 15
    ) -> Union[DeveloperAPIMyPrinter, Change]:
        """Wait for a printer; return it or, for a kind of change, the change.

        Args:
            serial: Serial of the printer.
            until: A state such as ``idle``, a kind of change such as ``print_finished`` (one that
                happens from now on), or a function of a printer that returns True.
            timeout: Maximum wait in seconds; None means no limit.
            every: Seconds between two polls.

        Raises:
            WatchTimeout: The condition was not met in time.
            NotFoundException: The account does not have the printer.
            ValueError: An argument is invalid; ``until`` is an unknown word, for example.
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
        """Wait for the first of several printers that meets a condition; see :meth:`wait_for`.

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
        """Undo :meth:`attach` for a resource that is closed already."""
        if resource in self._attached:
            self._attached.remove(resource)

    # Calls

    def _execute(self, call: Call[T]) -> ApiResponse[T]:
        """Send a call and return its response, decoded into the documented type.

        Raises:
            ApiException: The call failed; see its subclasses.
        """
        return self.response_deserialize(self._answer(call, preload=True), _types_of(call))

    def _fetch(self, call: Call[Any]) -> Any:
        """Send a call and return its decoded data; raise as :meth:`_execute` does."""
        response = self._answer(call, preload=True)
        if decodes_differently(self):
            return self.response_deserialize(response, _types_of(call)).data
        if not 200 <= response.status <= 299:
            self._raise_for(response, (call.errors or {}).get(response.status))
        return self._decode(response, call.returns)

    def _open(self, call: Call[Any]) -> RESTResponse:
        """Send a call and return its response unread, whatever its status."""
        return self._answer(call, preload=False)

    def _answer(self, call: Call[Any], preload: bool) -> RESTResponse:
        deadline = call.options.deadline
        if deadline is not None:
            with CallScope(deadline):
                return self._answer_within_scope(call, preload)
        return self._answer_within_scope(call, preload)

    def _answer_within_scope(self, call: Call[Any], preload: bool) -> RESTResponse:
        if is_customized(self):
            return self._send_officially(call, preload)
        # Not stored in a variable, where a traceback could show its secrets.
        return self._send(
            build_request(call, self.configuration, self.default_headers, self.cookie, preload)
        )

    def _send(self, request: Request) -> RESTResponse:
        """Send a request through the pipeline and return the response, whatever its status."""
        self._open_rest_client()
        response = self._pipeline(request)
        response.credentials = tuple(request.secrets(certain=True))
        if response.status >= 400:
            response.secrets = tuple(request.secrets())
        return response

    def _decode(self, response: RESTResponse, expected: Any) -> Any:
        if expected is None or (response.status == 204 and not response.read()):
            return None
        if expected == "bytearray":
            return response.read()
        if expected == "file":
            return self._saved(response, response.read())
        # The body is not stored in a variable, where a traceback could show its signed addresses.
        try:
            expected = resolve_type(expected)
            if expected in self.PRIMITIVE_TYPES or expected in (date, datetime, object):
                return self.deserialize(
                    text_of(response.read(), response.headers),
                    expected,
                    response.getheader("Content-Type"),
                )
            return parse_body(
                _body_of(response),
                expected,
                self._strict,
                self.drift,
                response.getheader("Date"),
            )
        except UnexpectedBody as problem:
            reason = f"{response.reason}, but {problem}"
            raise ResponseException(
                http_resp=response, reason=redact(reason, response.credentials)
            ) from None

    @property
    def _strict(self) -> bool:
        strict = self.configuration.strict_responses
        return self._strict_by_environment if strict is None else strict

    def _raise_for(self, response: RESTResponse, expected: Any) -> NoReturn:
        data: Any = None
        if expected is not None:
            # The body is not stored in a variable here, either.
            with suppress(ValueError, RecursionError):
                data = read_json(resolve_type(expected), _body_of(response), False, self.drift)
        raise self._error_from(response, data=data)

    def _error_from(
        self,
        response: RESTResponse,
        *,
        data: Any = None,
        kind: Optional[Type[ApiException]] = None,
    ) -> ApiException:
        """Build the exception for an error response; see :func:`error_from`."""
        settings = self.configuration
        secrets = (settings.client_secret, settings.access_token, self.tokens.current)
        return error_from(response, secrets, data, kind)

    # Authorization

    def revoke(self) -> None:
        """Revoke the client's own token, if it has one; the next call fetches another.

        Raises:
            ApiException: The service refused the request or was not reached.
        """
        token = self.tokens.current
        if token is not None:
            try:
                self._token_endpoint.revoke(token)
            finally:
                self.tokens.forget(token)


def _types_of(call: Call[Any]) -> Dict[str, Any]:
    """Return the types of a call's responses by status, for ``response_deserialize``."""
    types: Dict[str, Any] = {"2XX": call.returns}
    types.update((str(status), model) for status, model in (call.errors or {}).items())
    return types


def _body_of(response: RESTResponse) -> bytes:
    """Return the body in UTF-8; credentials that the server repeats are redacted."""
    return redact_bytes(in_utf8(response.read(), response.headers), response.credentials)


__all__ = ["ApiClient", "ApiResponseT", "RequestSerialized"]
