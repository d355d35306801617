"""HTTP transport: urllib3, set up from a Configuration, with its errors as ApiExceptions.

Retries, waits and tokens are handled around it, see ``_core/pipeline.py``.
"""

from __future__ import annotations

import io
import ssl
from functools import lru_cache
from socket import timeout as OSTimeoutError
from typing import Any, Dict, List, Mapping, Optional, Tuple, cast
from urllib.parse import unquote, urlsplit

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationValueError,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    TimeoutError,
)

from formlabs_web_api._core.call_scope import CallCancelled
from formlabs_web_api._core.fast_http import PoolManager, ProxyManager, take_body
from formlabs_web_api._core.serialization import (
    Pairs,
    TimeoutSetting,
    check_headers,
    encode_body,
    header,
    set_header,
)
from formlabs_web_api._core.strict_http import is_marked_as_not_sent
from formlabs_web_api._core.tls import tls_options
from formlabs_web_api._core.wire_log import HiddenQueries
from formlabs_web_api._util.extras import install_hint
from formlabs_web_api._util.proxies import environment_proxy
from formlabs_web_api._util.secrets import HiddenText
from formlabs_web_api._util.text import one_line
from formlabs_web_api._util.urls import Url, parse_url, shown_address
from formlabs_web_api.configuration import Configuration
from formlabs_web_api.exceptions import (
    ApiConnectionException,
    ApiException,
    ApiTimeoutException,
    ApiValueError,
    ResponseException,
    combined_class,
)

_NO_RETRIES = urllib3.Retry(False, redirect=False)
_READ_SIZE = 65536
_MAX_COMPRESSION = 1040
"""Largest factor by which decompression of deflated data increases its size."""
ENVIRONMENT_PROXY = "the environment's proxy"
_URLLIB3_REQUEST = urllib3.PoolManager.request
_MAX_TIMEOUT = 2_000_000.0
"""Seconds, about three weeks; operating systems count milliseconds in 31 bits."""

RESTResponseType = urllib3.HTTPResponse
SUPPORTED_SOCKS_PROXIES = {"socks5", "socks5h", "socks4", "socks4a"}


def is_socks_proxy_url(url: Optional[str]) -> bool:
    """Return True if ``url`` is the address of a SOCKS proxy."""
    return url is not None and urlsplit(url).scheme.lower() in SUPPORTED_SOCKS_PROXIES


class RESTResponse(io.IOBase):
    """A response; :meth:`read` fetches its body."""

    def __init__(self, resp: Any) -> None:
        self.response = resp
        """urllib3's response."""
        self.status: int = resp.status
        self.reason: Optional[str] = resp.reason
        self.data: Optional[bytes] = None
        """The body; None before it is read."""
        self.max_body_size: Optional[int] = None
        """Maximum size in bytes that :meth:`read` accepts, decompressed; None for no limit."""
        self.method: Optional[str] = None
        self.path: Optional[str] = None
        self.attempts = 1
        """Number of times the request was sent."""
        self.elapsed = 0.0
        """Seconds from the first attempt to this response."""
        self.lacked_credentials = False
        """True if the request needs credentials and was sent without."""
        self.secrets: Tuple[str, ...] = ()
        """Secrets of the request, to be redacted if the response is an error."""
        self.credentials: Tuple[str, ...] = ()
        """Those of ``secrets`` that no data of the service can equal by chance."""
        self.refused_wait: Optional[float] = None
        """The Retry-After in seconds, if it is longer than the client is allowed to wait."""

    def read(self) -> bytes:
        """Return the decompressed body; it is read once and then kept in ``data``.

        Raises:
            ApiConnectionException: The body is truncated.
        """
        if self.data is None:
            try:
                self.data = self._whole_body()
            except HTTPError as error:
                raise connection_exception(error) from _without_frames(error)
            except (ValueError, OverflowError) as error:
                # http.client raises these for an invalid Content-Length or chunk length.
                broken = ProtocolError(f"the length of the body is invalid: {error}")
                raise connection_exception(broken) from broken
        return self.data or b""

    def _whole_body(self) -> bytes:
        """Read the body; raise if it is larger than ``max_body_size`` after decompression."""
        response, limit = self.response, self.max_body_size
        body = take_body(response)
        if body is not None:
            return body
        # A test's stub already has its body; it may be a Mock, which has every attribute.
        is_from_wire = isinstance(response, urllib3.BaseHTTPResponse) and (
            getattr(response, "_original_response", None) is not None
        )
        encoding = self.getheader("Content-Encoding") or ""
        length = getattr(response, "length_remaining", None)
        if is_from_wire and "," in encoding:
            # Two layers of compression can expand a single read to gigabytes.
            raise ProtocolError("the body is compressed more than once")
        factor = _MAX_COMPRESSION if encoding else 1
        is_small = isinstance(length, int) and length * factor <= (limit or 0)
        if limit is None or is_small or not is_from_wire:
            return cast("bytes", response.data)
        parts: List[bytes] = []
        size = 0
        for part in response.stream(_READ_SIZE, decode_content=True):
            size += len(part)
            if size > limit:
                response.close()
                raise ResponseException(
                    status=self.status,
                    reason=f"the body is larger than max_body_size, {limit:,} bytes",
                )
            parts.append(part)
        return b"".join(parts)

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers; their names are case-insensitive."""
        headers: Mapping[str, str] = self.response.headers
        return headers

    def getheaders(self) -> Mapping[str, str]:
        """Return the headers; their names are case-insensitive."""
        return self.headers

    def getheader(self, name: str, default: Optional[str] = None) -> Optional[str]:
        """Return the value of a header, or ``default`` if it is missing."""
        return self.headers.get(name, default)


class RESTClientObject:
    """A connection pool, set up from a Configuration."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self.pool_manager = _pool_manager(configuration)

    def request(
        self,
        method: str,
        url: str,
        headers: Optional[Mapping[str, str]] = None,
        body: Any = None,
        post_params: Optional[Pairs] = None,
        _request_timeout: TimeoutSetting = None,
    ) -> RESTResponse:
        """Send one request and return the response with its body unread; follow no redirect.

        Args:
            method: ``GET``, ``HEAD``, ``DELETE``, ``POST``, ``PUT``, ``PATCH`` or ``OPTIONS``.
            url: The complete address.
            headers: Headers to send; ``Content-Type`` selects the encoding of the body.
            body: Sent as JSON; bytes and text are sent unchanged.
            post_params: Form fields.
            _request_timeout: Seconds, or a pair (connect, read).

        Raises:
            ApiConnectionException: No response was received.
            ApiValueError: The body cannot be encoded in the given content type, or a header is
                invalid.
        """
        if body is not None and post_params:
            raise ApiValueError("give a body or post_params, not both")
        sent: Dict[str, str] = dict(headers or {})
        payload: Optional[bytes] = None
        if body is not None or post_params:
            payload, content_type = encode_body(header(sent, "Content-Type"), body, post_params)
            if content_type is not None:
                set_header(sent, "Content-Type", content_type)
        check_headers(sent)
        options: Dict[str, Any] = {
            "body": payload,
            "headers": sent,
            "preload_content": False,
            "redirect": False,
        }
        own: Mapping[str, Any] = getattr(self.pool_manager, "connection_pool_kw", {})
        # Retries and timeouts that a program set on the pool manager take precedence.
        if own.get("retries") is None:
            options["retries"] = _NO_RETRIES
        if _request_timeout is not None or own.get("timeout") is None:
            options["timeout"] = as_timeout(_request_timeout or self._configuration.timeout)
        try:
            with HiddenQueries():
                response = self._send(method.upper(), url, options)
        except HTTPError as error:
            raise connection_exception(error) from _without_frames(error)
        except CallCancelled:
            raise ApiConnectionException(status=0, reason="the call was cancelled") from None
        made = RESTResponse(response)
        made.max_body_size = self._configuration.max_body_size
        return made

    def _send(self, method: str, url: str, options: Dict[str, Any]) -> Any:
        """Send a request through the pool manager.

        Tests of programs replace the pool manager, its ``request`` or that of urllib3's class;
        such a stub must receive the request.
        """
        manager: Any = self.pool_manager
        if isinstance(manager, (PoolManager, ProxyManager)):
            known: Any = type(manager)
            if vars(manager).get("request", known.request) is _URLLIB3_REQUEST:
                return manager.urlopen(method, url, **options)
        return manager.request(method, url, **options)

    def close(self) -> None:
        """Close the connections."""
        manager: Any = self.pool_manager
        if not isinstance(manager, urllib3.PoolManager):
            return  # a test's stub
        pools = manager.pools
        keys = pools.keys()  # the container itself is not iterable
        for key in keys:
            pools[key].close()  # clear() alone leaves closing to the garbage collector
        manager.clear()


@lru_cache(maxsize=32)
def as_timeout(value: TimeoutSetting) -> urllib3.Timeout:
    """Convert a number of seconds or a pair (connect, read) to urllib3's Timeout."""
    connect, read = value if isinstance(value, tuple) else (value, value)
    return _Timeout(connect=_clamped(connect), read=_clamped(read))


class _Timeout(urllib3.Timeout):
    def clone(self) -> urllib3.Timeout:
        """Return a copy without validating it again: urllib3 makes two copies per request."""
        twin = _Timeout.__new__(_Timeout)
        twin.__dict__.update(self.__dict__, _start_connect=None)
        return twin


def _clamped(seconds: Optional[float]) -> Optional[float]:
    return None if seconds is None else min(seconds, _MAX_TIMEOUT)


def connection_exception(error: HTTPError) -> ApiConnectionException:
    """Convert an error of urllib3 to an exception that is also an instance of that error's class.

    It is an instance of ``MaxRetryError`` too: urllib3 raises that one for nearly every failure
    when it retries by itself, so programs catch it.
    """
    # urllib3 derives NewConnectionError (a refused connection) from its timeouts.
    is_late = isinstance(error, TimeoutError) or any(
        isinstance(cause, OSTimeoutError) for cause in (*error.args, error.__cause__)
    )
    in_time = not is_late or isinstance(error, NewConnectionError)
    ours = ApiConnectionException if in_time else ApiTimeoutException
    made = combined_class(ours, MaxRetryError, type(error))(
        status=0, reason=f"{type(error).__name__}: {_message(error)}"
    )
    return cast(ApiConnectionException, made)


def was_not_sent(error: BaseException) -> bool:
    """Return True if it is certain that no byte of the request reached the service."""
    cause = error.__cause__ if isinstance(error, ApiException) else error
    if isinstance(cause, (NewConnectionError, ConnectTimeoutError)):
        return True
    return cause is not None and is_marked_as_not_sent(cause)


def _message(error: Exception) -> str:
    text = str(error.args[-1]) if error.args else str(error)
    # Some of urllib3's texts begin with the repr of a connection or contain a line of the response.
    return one_line(text.partition(">: ")[2] or text)


def _without_frames(error: BaseException) -> BaseException:
    """Remove the tracebacks of an exception of urllib3 and of its causes.

    The local variables of those frames hold the address, the headers and the body, and therefore
    secrets.
    """
    causes: List[BaseException] = [error]
    for one in causes:  # the loop appends to it
        one.__traceback__ = None
        inner = (one.__cause__, one.__context__)
        causes += [other for other in inner if other is not None and other not in causes]
    return error


def _pool_manager(configuration: Configuration) -> urllib3.PoolManager:
    options = _pool_options(configuration)
    proxy = proxy_for(parse_url(configuration.host), configuration)
    setting = "proxy" if configuration.proxy else ENVIRONMENT_PROXY
    return manager_through(proxy, setting, configuration.proxy_headers, **options)


def manager_through(
    proxy: Optional[str],
    setting: str,
    proxy_headers: Optional[Mapping[str, str]] = None,
    **options: Any,
) -> urllib3.PoolManager:
    """Return a pool manager that connects through ``proxy``, or directly if it is None.

    Raises:
        ApiValueError: The address of the proxy is invalid (the message names ``setting``), or it
            is a SOCKS proxy and PySocks is not installed.
    """
    if proxy is None:
        return PoolManager(**options)
    proxy = HiddenText(proxy)  # may contain a password
    try:
        if is_socks_proxy_url(proxy):
            return _socks_manager(proxy, options)
        headers = _proxy_headers(proxy, proxy_headers)
        return ProxyManager(proxy, proxy_headers=headers, **options)
    except ApiValueError:
        raise
    except (LocationValueError, ValueError):
        raise ApiValueError(
            f"{setting} is {shown_address(proxy)}; it must be like http://proxy.example.com:8080"
        ) from None


def _pool_options(configuration: Configuration) -> Dict[str, Any]:
    options = tls_options(
        configuration.ssl_ca_cert,
        configuration.ca_cert_data,
        configuration.cert_file,
        configuration.key_file,
        configuration.trust_environment,
    )
    options["cert_reqs"] = ssl.CERT_REQUIRED if configuration.verify_ssl else ssl.CERT_NONE
    optional = {
        "maxsize": configuration.connection_pool_maxsize,
        "assert_hostname": configuration.assert_hostname,
        "server_hostname": configuration.tls_server_name,
        "socket_options": configuration.socket_options,
    }
    options.update((name, value) for name, value in optional.items() if value is not None)
    return options


def _proxy_headers(proxy: str, headers: Optional[Mapping[str, str]]) -> Dict[str, str]:
    """Return ``headers`` with the credentials of the proxy's address, which urllib3 ignores."""
    user = parse_url(proxy).userinfo
    given = dict(headers or {})
    if user and header(given, "Proxy-Authorization") is None:
        given.update(urllib3.make_headers(proxy_basic_auth=unquote(user)))
    return given


def proxy_for(url: Url, configuration: Configuration) -> Optional[str]:
    """Return the proxy that requests to ``url`` go through; None for a direct connection."""
    if configuration.proxy:
        return configuration.proxy
    return environment_proxy(url) if configuration.trust_environment else None


def _socks_manager(proxy: str, options: Dict[str, Any]) -> urllib3.PoolManager:
    try:
        from urllib3.contrib.socks import SOCKSProxyManager
    except ImportError as error:
        raise ApiValueError(f"a SOCKS proxy needs PySocks: {install_hint('socks')}") from error
    return SOCKSProxyManager(proxy, **options)
