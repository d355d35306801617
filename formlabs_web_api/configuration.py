"""Settings of a client: service, credentials, timeouts, limits and logging."""

from __future__ import annotations

import copy
import logging
import os
import re
import sys
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    ClassVar,
    Dict,
    List,
    Mapping,
    Optional,
    Sequence,
    Tuple,
    Union,
)
from urllib.parse import SplitResult, urlsplit

from typing_extensions import Literal, NotRequired, Self, TypedDict

from formlabs_web_api._core.credential_sources import Source, check_source, environment_source
from formlabs_web_api._core.setting_checks import CHECKS, is_plain_http_allowed
from formlabs_web_api._util.secrets import HiddenText, HiddenValues, hidden
from formlabs_web_api._util.urls import parse_url, shown_address
from formlabs_web_api._version import __version__
from formlabs_web_api.exceptions import ApiValueError
from formlabs_web_api.hooks import Hook, RequestHooks
from formlabs_web_api.retry import RetryPolicy

if TYPE_CHECKING:
    import urllib3

    from formlabs_web_api.rate_limit import Limiter

API_VERSION = "0.8.1"
DEFAULT_HOST = "https://api.formlabs.com"
SERVICE_LIMITS = ((100, 1.0), (1500, 3600.0))
"""The service's limits as pairs (requests, seconds): the first per address, the second per user."""

JSON_SCHEMA_VALIDATION_KEYWORDS = {
    "multipleOf",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
}

ServerVariablesT = Dict[str, str]

GenericAuthSetting = TypedDict(
    "GenericAuthSetting",
    {"type": str, "in": str, "key": str, "value": str},
)
OAuth2AuthSetting = TypedDict(
    "OAuth2AuthSetting",
    {
        "type": Literal["oauth2"],
        "in": Literal["header"],
        "key": Literal["Authorization"],
        "value": str,
    },
)
APIKeyAuthSetting = TypedDict(
    "APIKeyAuthSetting",
    {"type": Literal["api_key"], "in": str, "key": str, "value": Optional[str]},
)
BasicAuthSetting = TypedDict(
    "BasicAuthSetting",
    {
        "type": Literal["basic"],
        "in": Literal["header"],
        "key": Literal["Authorization"],
        "value": Optional[str],
    },
)
BearerFormatAuthSetting = TypedDict(
    "BearerFormatAuthSetting",
    {
        "type": Literal["bearer"],
        "in": Literal["header"],
        "format": Literal["JWT"],
        "key": Literal["Authorization"],
        "value": str,
    },
)
BearerAuthSetting = TypedDict(
    "BearerAuthSetting",
    {
        "type": Literal["bearer"],
        "in": Literal["header"],
        "key": Literal["Authorization"],
        "value": str,
    },
)
HTTPSignatureAuthSetting = TypedDict(
    "HTTPSignatureAuthSetting",
    {
        "type": Literal["http-signature"],
        "in": Literal["header"],
        "key": Literal["Authorization"],
        "value": None,
    },
)


class AuthSettings(TypedDict, total=False):
    """The configured authorization schemes, by their name in the API."""

    bearerAuth: BearerAuthSetting


class HostSettingVariable(TypedDict):
    """A variable in a server's address."""

    description: str
    default_value: str
    enum_values: List[str]


class HostSetting(TypedDict):
    """A server in the API's description."""

    url: str
    description: str
    variables: NotRequired[Dict[str, HostSettingVariable]]


_SECRETS = frozenset({"access_token", "client_secret", "password"})
_DICTS_OF_SECRETS = frozenset({"api_key", "proxy_headers"})
"""Settings whose values are hidden, so that ``vars(configuration)`` shows no secrets."""


class Configuration:
    """Settings of a client.

    Only credentials are required: ``Configuration(client_id=..., client_secret=...)``, or the
    environment variables ``FORMLABS_CLIENT_ID`` and ``FORMLABS_CLIENT_SECRET``. The client then
    fetches, caches and renews its token. Without them, it sends ``access_token`` unchanged.

    Args:
        host: Address of the service; ``FORMLABS_HOST`` or ``https://api.formlabs.com`` by default.
            It may include a path in front of the API (a gateway's).
        api_key, api_key_prefix, username, password: Accepted for compatibility; the API uses
            neither keys nor basic authorization.
        access_token: A token that your program has fetched.
        server_index, server_variables: Select one of the servers in the API's description, which
            has one.
        server_operation_index, server_operation_variables: The same by operation.
        ignore_operation_servers: Use the server of the client for all operations.
        ssl_ca_cert: File of certificates to trust, PEM.
        retries: A :class:`~formlabs_web_api.retry.RetryPolicy`, a number of retries,
            a ``urllib3.Retry``, or False for one attempt. None means the default policy.
        ca_cert_data: Certificates to trust, as PEM text or DER bytes.
        debug: Log each request and its headers (never tokens, cookies or bodies).
        client_id, client_secret: Application credentials from the Dashboard's developer page.
        timeout: Timeout in seconds for connecting and for each read of a response; one number for
            both, or a pair.
        deadline: Seconds for a whole call, from its first attempt to the last byte of its response,
            without waits for the rate limit; None means no limit. The time in which a program reads
            a response that is returned unread does not count.
        max_body_size: Maximum size of a response's body in bytes, decompressed; a larger one raises
            :class:`~formlabs_web_api.exceptions.ResponseException`. None means no limit.
        max_wait: Maximum wait for the rate limit in seconds; if a longer one is needed,
            :class:`~formlabs_web_api.exceptions.RateLimitException` is raised immediately. None
            means no limit.
        rate_limits: Pairs (requests, seconds) that the client does not exceed; None disables them.
        shared: Store in which several processes share the rate limits and the token: True, or an
            address ``sqlite:///...`` or ``redis://...``; ``FORMLABS_SHARED`` by default. See
            docs/guides/shared.md.
        share_token: In Redis, ``"encrypted"`` stores the token, ``"never"`` does not.
        account: Name of the account that the limits belong to; the client id by default.
        egress: Name of the address from which the requests of this host are sent.
        max_share: Share of the limits that this process may use, above 0 and up to 1.
        priority: ``"background"`` leaves the last fifth of the longest window to others.
        strict_responses: Raise ``pydantic.ValidationError`` for a response that does not fit its
            description, instead of keeping it as received; so does ``FORMLABS_WEB_API_STRICT=1``.
        revoke_on_close: Revoke the token when the client is closed.
        trust_environment: Use ``https_proxy``, ``http_proxy``, ``all_proxy`` and ``no_proxy``.
        allow_plain_http: Send the client credentials over plain http to any host; False allows
            that for hosts on this computer only, such as the sandbox. ``FORMLABS_ALLOW_PLAIN_HTTP``
            (1 or 0) unless given: for a sandbox in another container.

    Raises:
        ApiValueError: A setting is invalid; the message names it and the valid values.
    """

    _default: ClassVar[Optional[Configuration]] = None

    def __init__(
        self,
        host: Optional[str] = None,
        api_key: Optional[Dict[str, str]] = None,
        api_key_prefix: Optional[Dict[str, str]] = None,
        username: Optional[str] = None,
        password: Optional[str] = None,
        access_token: Optional[str] = None,
        server_index: Optional[int] = None,
        server_variables: Optional[ServerVariablesT] = None,
        server_operation_index: Optional[Dict[int, int]] = None,
        server_operation_variables: Optional[Dict[int, ServerVariablesT]] = None,
        ignore_operation_servers: bool = False,
        ssl_ca_cert: Optional[str] = None,
        retries: Union[int, urllib3.Retry, RetryPolicy, None] = None,
        ca_cert_data: Optional[Union[str, bytes]] = None,
        *,
        debug: Optional[bool] = None,
        client_id: Optional[str] = None,
        client_secret: Optional[str] = None,
        timeout: Union[float, Tuple[float, float]] = (5.0, 30.0),
        deadline: Optional[float] = 120.0,
        max_body_size: Optional[int] = 256 * 1024 * 1024,
        max_wait: Optional[float] = 60.0,
        rate_limits: Optional[Sequence[Tuple[Optional[int], float]]] = SERVICE_LIMITS,
        shared: Union[bool, str, None] = None,
        share_token: Literal["never", "encrypted"] = "never",
        account: Optional[str] = None,
        egress: Optional[str] = None,
        max_share: float = 1.0,
        priority: Literal["normal", "background"] = "normal",
        strict_responses: Optional[bool] = None,
        revoke_on_close: bool = False,
        trust_environment: bool = True,
        allow_plain_http: Optional[bool] = None,
    ) -> None:
        # Hidden and deleted so that a traceback cannot show them.
        given = {"host": hidden(host), "client_id": client_id}
        given["client_secret"], given["access_token"] = hidden(client_secret), hidden(access_token)
        del host, client_secret, access_token
        self._host: Optional[str] = None
        self._from_environment: Dict[str, Optional[str]] = {}
        is_server_chosen = server_index is not None or given["host"] is not None
        self.server_index = server_index if is_server_chosen else 0
        self.server_variables = server_variables or {}
        self.server_operation_index = server_operation_index or {}
        self.server_operation_variables = server_operation_variables or {}
        self.ignore_operation_servers = ignore_operation_servers
        self.access_token: Optional[str] = given["access_token"]
        self.client_id: Optional[str] = None
        self.client_secret: Optional[str] = None
        self._take_credentials(given)
        self.revoke_on_close = revoke_on_close
        self.api_key = api_key or {}
        self.api_key_prefix = api_key_prefix or {}
        self.username = username
        self.password = password
        self.refresh_api_key_hook: Optional[Callable[[Configuration], None]] = None

        self.retries = retries
        self.timeout = timeout
        self.deadline = deadline
        self.max_body_size = max_body_size
        self.max_wait = max_wait
        self.rate_limits = rate_limits
        self.shared = os.environ.get("FORMLABS_SHARED") if shared is None else shared
        self.share_token = share_token
        self.account = account
        self.egress = egress
        self.max_share = max_share
        self.priority = priority
        self.rate_limiter: Optional[Limiter] = None
        """A limiter for several clients; None: each client has its own, set up from
        ``rate_limits``."""
        self.hooks = RequestHooks()
        """Any number of hooks: ``hooks.add(on_response=...)``."""
        self.on_request: Optional[Hook] = None
        """Called with a :class:`~formlabs_web_api.hooks.RequestEvent` before a request is sent."""
        self.on_response: Optional[Hook] = None
        """Called after the response, or after an error."""
        self.on_retry: Optional[Hook] = None
        """Called before the wait that precedes another attempt."""
        self.on_wait: Optional[Hook] = None
        """Called after a wait for the rate limit."""

        self.verify_ssl = True
        """Verify the server's certificate; False is unsafe outside of tests."""
        self.ssl_ca_cert = ssl_ca_cert
        self.ca_cert_data = ca_cert_data
        self.cert_file: Optional[str] = None
        """File of the client's certificate, PEM."""
        self.key_file: Optional[str] = None
        """File of the key of ``cert_file``."""
        self.assert_hostname: Union[bool, str, None] = None
        """Expected name in the server's certificate; False skips that check."""
        self.tls_server_name: Optional[str] = None
        """Server name to send when connecting (SNI)."""

        self.proxy: Optional[str] = None
        """Address of a proxy, ``http://``, ``https://`` or (extra ``socks``) ``socks5://``."""
        self.proxy_headers: Optional[Mapping[str, str]] = None
        self.trust_environment = trust_environment
        self.allow_plain_http: bool = is_plain_http_allowed(
            os.environ.get("FORMLABS_ALLOW_PLAIN_HTTP")
            if allow_plain_http is None
            else allow_plain_http
        )
        self.connection_pool_maxsize: Optional[int] = max(40, (os.cpu_count() or 1) * 5)
        """Maximum number of connections kept open per host; None: urllib3's default."""
        self.socket_options: Optional[Sequence[Tuple[int, int, Union[int, bytes]]]] = None

        self.safe_chars_for_path_param = ""
        """Characters that are not percent-encoded in a path argument."""
        self.datetime_format = "%Y-%m-%dT%H:%M:%S.%f%z"
        """Format of date-times in a query."""
        self.date_format = "%Y-%m-%d"
        self.client_side_validation = True
        """Accepted for compatibility; arguments are always validated."""
        self.temp_folder_path: Optional[str] = None
        """Folder for downloaded files; None means the system's temporary folder."""
        self.strict_responses = strict_responses

        self.logger: Dict[str, logging.Logger] = {
            "package_logger": logging.getLogger("formlabs_web_api"),
            "urllib3_logger": logging.getLogger("urllib3"),
        }
        self.logger_stream_handler: Optional[logging.StreamHandler[Any]] = None
        self.logger_file_handler: Optional[logging.FileHandler] = None
        self._logger_file: Optional[str] = None
        self.logger_format = "%(asctime)s %(levelname)s %(message)s"
        self._debug = False
        if debug:
            self.debug = True

    def __setattr__(self, name: str, value: Any) -> None:
        check = CHECKS.get(name)
        if check is not None:
            value = hidden(value)  # a proxy's password may be in it
            value = check(value)
        if name in _SECRETS:
            value = hidden(value)
        elif name in _DICTS_OF_SECRETS and value:
            value = HiddenValues(value)
        if name == "retries":
            self.retry_policy = RetryPolicy.of(value)
        super().__setattr__(name, value)

    def _take_credentials(self, given: Dict[str, Optional[str]]) -> None:
        """Set host and credentials, all from the arguments or all from the environment."""
        arguments = Source(
            "Configuration(...)", {name: text for name, text in given.items() if text}
        )
        environment = environment_source()
        if arguments.has_credentials:
            check_source(arguments, [environment])
            chosen = arguments
        elif environment.has_credentials:
            check_source(environment, [arguments])
            chosen = environment
        else:
            chosen = arguments if given["host"] is not None else environment
        self.client_id = chosen.settings.get("client_id")
        self.client_secret = hidden(chosen.settings.get("client_secret"))
        address = given["host"] if chosen is arguments else chosen.settings.get("host")
        if address is not None:
            self.host = hidden(address)
        if chosen is environment:
            self._from_environment = self._credentials_now()

    def _credentials_now(self) -> Dict[str, Optional[str]]:
        own = {"host": self._host, "client_id": self.client_id}
        return {**own, "client_secret": self.client_secret, "access_token": self.access_token}

    def _read_environment_again(self) -> None:
        """Read the environment variables again, unless a program has set host or credentials.

        A notebook may set the variables after a first call has failed without them.
        """
        if self._from_environment == self._credentials_now():
            self._host = None
            self._take_credentials(dict.fromkeys(self._from_environment))

    # The process's default

    @classmethod
    def get_default(cls) -> Self:
        """Return the configuration of clients that are created without one."""
        if cls._default is None:
            cls._default = cls()
        cls._default._read_environment_again()
        return cls._default  # type: ignore[return-value]

    @property
    def is_default(self) -> bool:
        """True if this is the configuration of clients that are given none."""
        return type(self)._default is self

    @property
    def environment_read(self) -> Optional[Dict[str, Optional[str]]]:
        """Host and credentials as they were read from the environment; None if they were not."""
        return self._from_environment or None

    @classmethod
    def set_default(cls, default: Optional[Configuration]) -> None:
        """Set the process's default; None resets it."""
        cls._default = default

    @classmethod
    def get_default_copy(cls) -> Self:
        """Return a copy of the default."""
        return copy.deepcopy(cls.get_default())

    def __deepcopy__(self, memo: Dict[int, object]) -> Self:
        twin = type(self).__new__(type(self))
        memo[id(self)] = twin
        for name, value in self.__dict__.items():
            # Log handlers hold locks and open files, so both configurations use the same ones.
            # Hooks and a limiter are meant to be shared.
            shared = name.startswith(("logger", "_logger", "on_", "rate_limiter"))
            twin.__dict__[name] = value if shared else copy.deepcopy(value, memo)
        return twin

    # Host

    @property
    def host(self) -> str:
        """Address of the service, without a trailing slash."""
        if self._host is not None:
            return self._host
        return self.get_host_from_settings(self.server_index, self.server_variables)

    @host.setter
    def host(self, value: str) -> None:
        problem = _problem_of_host(value)
        if problem is not None:
            raise ApiValueError(problem)
        self._host = str(value).rstrip("/")
        self.server_index = None  # a host that was set takes precedence over the described servers

    def get_host_settings(self) -> List[HostSetting]:
        """Return the servers in the API's description."""
        return [{"url": DEFAULT_HOST, "description": "The live service"}]

    def get_host_from_settings(
        self,
        index: Optional[int],
        variables: Optional[ServerVariablesT] = None,
        servers: Optional[List[HostSetting]] = None,
    ) -> str:
        """Return the address of a described server, or of the configured one for None.

        Raises:
            ValueError: The index or the value of a variable does not exist.
        """
        if index is None:
            return self._host or DEFAULT_HOST
        servers = self.get_host_settings() if servers is None else servers
        if not 0 <= index < len(servers):
            raise ApiValueError(
                f"there is no server {index}: the index must be from 0 to {len(servers) - 1}"
            )
        url = servers[index]["url"]
        for name, variable in servers[index].get("variables", {}).items():
            value = (variables or {}).get(name, variable["default_value"])
            if variable.get("enum_values") and value not in variable["enum_values"]:
                raise ApiValueError(
                    f"server variable {name} is {value!r}; it must be one of"
                    f" {', '.join(variable['enum_values'])}"
                )
            url = url.replace(f"{{{name}}}", value)
        return url

    # Credentials

    def get_api_key_with_prefix(
        self, identifier: str, alias: Optional[str] = None
    ) -> Optional[str]:
        """Return the API key of a name with its prefix, if any."""
        if self.refresh_api_key_hook is not None:
            self.refresh_api_key_hook(self)
        key = self.api_key.get(identifier, self.api_key.get(alias or "", None))
        if not key:
            return None
        prefix = self.api_key_prefix.get(identifier)
        return f"{prefix} {key}" if prefix else key

    def get_basic_auth_token(self) -> Optional[str]:
        """Return the ``Authorization`` value for the username and password."""
        import urllib3.util

        pair = f"{self.username or ''}:{self.password or ''}"
        return urllib3.util.make_headers(basic_auth=pair).get("authorization")

    def auth_settings(self) -> AuthSettings:
        """Return the configured authorization schemes."""
        if self.access_token is None:
            return {}
        return {
            "bearerAuth": {
                "type": "bearer",
                "in": "header",
                "key": "Authorization",
                "value": HiddenText(f"Bearer {self.access_token}"),
            }
        }

    # Logging

    @property
    def logger_file(self) -> Optional[str]:
        """File to which the log is written; None leaves that to the program's logging."""
        return self._logger_file

    @logger_file.setter
    def logger_file(self, value: Optional[str]) -> None:
        package = self.logger["package_logger"]
        if self.logger_file_handler is not None:
            package.removeHandler(self.logger_file_handler)
            self.logger_file_handler.close()
            self.logger_file_handler = None
        self._logger_file = value
        if value:
            self.logger_file_handler = logging.FileHandler(value, encoding="utf-8", delay=True)
            self.logger_file_handler.setFormatter(self.logger_formatter)
            package.addHandler(self.logger_file_handler)

    @property
    def logger_format(self) -> str:
        """The format of log lines, for ``logging.Formatter``."""
        return self._logger_format

    @logger_format.setter
    def logger_format(self, value: str) -> None:
        self._logger_format = value
        self.logger_formatter = logging.Formatter(value)
        for handler in (self.logger_stream_handler, self.logger_file_handler):
            if handler is not None:
                handler.setFormatter(self.logger_formatter)

    @property
    def debug(self) -> bool:
        """True if requests are logged in detail; never their tokens, cookies or bodies."""
        return self._debug

    @debug.setter
    def debug(self, value: bool) -> None:
        package = self.logger["package_logger"]
        self._debug = bool(value)
        package.setLevel(logging.DEBUG if value else logging.NOTSET)
        if value and self.logger_stream_handler is None:
            self.logger_stream_handler = logging.StreamHandler()
            self.logger_stream_handler.setFormatter(self.logger_formatter)
            package.addHandler(self.logger_stream_handler)
        elif not value and self.logger_stream_handler is not None:
            package.removeHandler(self.logger_stream_handler)
            self.logger_stream_handler = None

    def to_debug_report(self) -> str:
        """Return a description of this installation for a bug report; it contains no secrets."""
        import platform  # slow to import

        return (
            "Python SDK Debug Report:\n"
            f"OS: {sys.platform}\n"
            f"Platform: {platform.platform()}\n"
            f"Python Version: {platform.python_version()}\n"
            f"Version of the API: {API_VERSION}\n"
            f"SDK Package Version: {__version__}"
        )

    def __repr__(self) -> str:
        known = (
            "access_token"
            if self.access_token
            else "client_id"
            if self.client_id
            else "no credentials"
        )
        return f"<Configuration of {self.host}, {known}>"


_HOST_NAME = re.compile(r"[^\s/?#@\\]+")


def _problem_of_host(value: Any) -> Optional[str]:
    """Return an error message for an invalid service address; None if it is valid."""
    parts = _parts_of(value)
    if parts is None:
        is_text = isinstance(value, str)
        shown = shown_address(value) if is_text else f"of type {type(value).__name__}"
        return (
            f"host is {shown}; it must be https:// or http://, a name, and optionally a port and"
            f" a path, like {DEFAULT_HOST}"
        )
    if parts.username is not None or parts.password is not None:
        return (
            "host must not contain a user or password, because it is logged; use access_token, or"
            " client_id and client_secret"
        )
    if parts.query or parts.fragment:
        return "host must not contain a query or a fragment ('?', '#')"
    return None


def _parts_of(url: Any) -> Optional[SplitResult]:
    """Parse the address of a web server; None if it is not valid."""
    if not isinstance(url, str) or url != url.strip():
        return None
    try:
        parse_url(url)
        parts = urlsplit(url)
        (parts.hostname or "").encode("idna" if "%" not in url else "ascii")  # raises, too
    except ValueError:
        return None
    is_name = _HOST_NAME.fullmatch(parts.hostname or "") is not None
    return parts if parts.scheme in ("http", "https") and is_name else None
