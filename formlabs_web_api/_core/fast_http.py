"""The connections of ``strict_http`` with faster code for short calls.

``PoolManager.request`` takes about 150 µs of CPU time for a short response: a sixth parses the
header block, for which ``http.client`` uses the e-mail parser; an eighth finds the host's
connection pool, by a key of two dozen settings, after parsing the address twice; a tenth validates
the request's headers, each of them five times; a tenth copies the response's headers, three times.
Here one regular expression parses a simple header block, together with the body that arrives with
it; the origin of the address is the key of the pool; plain headers are validated and written at
once. All other requests and responses are handled by ``strict_http``.

``rest`` imports its pool managers from here. If it imports them from ``strict_http`` instead, this
module can be deleted; only the speed changes.
"""

from __future__ import annotations

import http.client
import io
import logging
import math
import re
import socket
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple, Union, cast

import urllib3
from urllib3 import connection, connectionpool
from urllib3.exceptions import HeaderParsingError
from urllib3.util.response import assert_header_parsing

from formlabs_web_api._core import strict_http
from formlabs_web_api._core.call_scope import CallScope, current_scope
from formlabs_web_api._core.serialization import are_plain

_logger = logging.getLogger("urllib3.connection")
_SIMPLE_HEAD = re.compile(
    rb"HTTP/1\.1 ([2-5]\d\d) ([^\r\n]*)\r\n"
    rb"((?:[!-9;-~]+:[^\r\n]*\r\n){,99})\r\n"
)
"""A header block without folded lines or bare line feeds, and not of an interim response (1xx)."""
_SIMPLE_LINE = re.compile(r"[A-Za-z][A-Za-z-]*: [ -?A-~]*")
"""A header of plain text; without ``@``, with which urllib3's SKIP_HEADER value begins."""
_ALWAYS_SENT = frozenset({"accept-encoding", "user-agent"})
_SET_BY_URLLIB3 = frozenset({"host", "content-length", "transfer-encoding"})
_FIELD = re.compile(r"([^:]+):[ \t]*([^\r\n]*)\r\n")
_LENGTH = re.compile(r"[0-9]{1,18}")
_ADDRESS = re.compile(r"(https?://[^/?#@\\]+)(/[^#]*)")
_MAX_HOSTS = 10
_NO_BODY = frozenset({204, 304})
_FIRST_READ = 16384
_SOCKET = socket.socket
# Tests of programs replace these; the replacement has to be called.
_URLLIB3_URLOPEN = urllib3.PoolManager.urlopen
_URLLIB3_REQUEST = connection.HTTPConnection.request
_URLLIB3_GETRESPONSE = connection.HTTPConnection.getresponse
_URLLIB3_DATA = urllib3.HTTPResponse.data
_RESPONSE_PARAMETERS = frozenset(urllib3.HTTPResponse.__init__.__code__.co_varnames)
"""Parameters in this version of urllib3; the names of local variables are in it too."""
_RESPONSE_OPTIONS: Any = getattr(connection, "_ResponseOptions", None)
_NORMALIZED: Callable[[Any], List[Tuple[str, str]]] = getattr(
    connection, "_normalize_header_values", http.client.HTTPMessage.items
)
"""Returns the fields of a message; new versions of urllib3 unfold them."""


class _Fields(http.client.HTTPMessage):
    """The fields of a simple header block; reading them needs no decoding."""

    def __init__(self, fields: List[Tuple[str, str]], are_unique: bool) -> None:
        super().__init__()
        self._headers = fields
        self.are_unique = are_unique

    def items(self) -> List[Tuple[str, str]]:
        return list(self._headers)

    def get_payload(self, *_: object, **__: object) -> None:
        """Return None; urllib3 expects lines that are not header fields here."""


class _Unread:
    """The file of a response before the first read.

    Most responses arrive in one piece and need no file on the socket, which costs more than that
    read.
    """

    def __init__(self, connected: socket.socket, scope: CallScope) -> None:
        self._socket = connected
        self._scope = scope
        self._opened: Optional[io.BufferedReader] = None

    def makefile(self, mode: str) -> _Unread:
        return self

    def readline(self, limit: int = -1) -> bytes:
        """Read a line; ``http.client`` reads the response of a proxy to CONNECT by this alone."""
        if self._opened is None:
            self._opened = self.open(b"")
        return self._opened.readline(limit)

    def receive(self) -> bytes:
        """Return the first bytes; raise TimeoutError if the deadline of the call has passed."""
        usual, left = self._socket.gettimeout(), self._scope.remaining()
        if left >= (math.inf if usual is None else usual):
            return self._socket.recv(_FIRST_READ)
        strict_http.bound(self._socket, left)
        try:
            return self._socket.recv(_FIRST_READ)
        finally:
            self._socket.settimeout(usual)

    def open(self, arrived: bytes) -> io.BufferedReader:
        """Return a file of the bytes that have arrived and of all that follow."""
        return io.BufferedReader(strict_http.ScopedReader(self._socket, self._scope, arrived))

    def flush(self) -> None:
        """Do nothing; a file that is read has nothing to write."""

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()


class _FastResponse(strict_http.StrictResponse):
    """A response whose header block is parsed in one step if it is simple, with a short body."""

    _method: str
    _is_complete = False
    code: int

    def __init__(self, sock: Any, *args: Any, **options: Any) -> None:
        scope = current_scope()
        self._unread: Optional[_Unread] = None
        if scope is None or not isinstance(sock, _SOCKET):  # or a program replaced it
            super().__init__(sock, *args, **options)
            return
        self._unread = _Unread(sock, scope)
        http.client.HTTPResponse.__init__(self, cast("Any", self._unread), *args, **options)

    def take_body(self) -> Optional[bytes]:
        """Return the body if it arrived with the header block and no part of it was read."""
        if not self._is_complete or not isinstance(self.fp, io.BytesIO) or self.fp.tell():
            return None
        body = self.fp.getvalue()
        self.length, self.fp = 0, cast("Any", None)  # as http.client does at the end
        return body

    def begin(self) -> None:
        unread = self._unread
        if unread is None:
            return super().begin()
        arrived = unread.receive()
        found = None if self.debuglevel else _SIMPLE_HEAD.match(arrived)
        pairs = _FIELD.findall(found[3].decode("latin-1")) if found else []
        fields = {name.lower(): value for name, value in reversed(pairs)}
        length = fields.get("content-length", "0")
        if found is None or self._method == "HEAD" or not _LENGTH.fullmatch(length):
            self.fp = unread.open(arrived)
            return super().begin()
        self.headers = self.msg = _Fields(pairs, len(pairs) == len(fields))
        self.status = self.code = int(found[1])
        self.reason = found[2].decode("latin-1").strip()
        self.version = 11
        self.chunked = fields.get("transfer-encoding", "").lower() == "chunked"
        self.chunk_left = None
        self.length = None
        if self.status in _NO_BODY:
            self.length = 0
        elif "content-length" in fields and not self.chunked:
            self.length = int(length)
        ends_at_close = self.length is None and not self.chunked
        self.will_close = ends_at_close or "close" in fields.get("connection", "").lower()
        body = arrived[found.end() :]
        self._is_complete = self.length == len(body) and "content-encoding" not in fields
        file: Any = io.BytesIO(body) if self.length == len(body) else unread.open(body)
        self.fp = file
        return None


class _FastConnection(strict_http.StrictConnection):
    response_class = _FastResponse
    timeout: Optional[float]
    _output: Callable[[bytes], None]
    _response_options: Any

    def request(
        self, method: str, url: str, body: Any = None, headers: Any = None, **options: Any
    ) -> None:
        """Send a request; the headers of a GET are written in one step if all are plain."""
        is_replaced = connection.HTTPConnection.request is not _URLLIB3_REQUEST
        is_simple = method == "GET" and body is None and not options.get("chunked")
        lines = _lines_of(headers) if headers and is_simple and not is_replaced else None
        if lines is None or _RESPONSE_OPTIONS is None:
            return super().request(method, url, body=body, headers=headers, **options)
        if self.sock is not None:
            self.sock.settimeout(self.timeout)
        self._response_options = _RESPONSE_OPTIONS(
            method,
            url,
            options.get("preload_content", True),
            options.get("decode_content", True),
            options.get("enforce_content_length", True),
        )
        self.putrequest(method, url, skip_accept_encoding=True)
        self._output(lines)
        self.endheaders()
        return None

    def getresponse(self) -> Any:
        """Return urllib3's response; it takes the headers of a simple block unchanged."""
        is_replaced = connection.HTTPConnection.getresponse is not _URLLIB3_GETRESPONSE
        options = getattr(self, "_response_options", None)
        if is_replaced or options is None:
            return super().getresponse()
        self._response_options = None
        connected: Any = self.sock
        connected.settimeout(self.timeout)
        extra: Dict[str, Any] = {}
        if "version_string" in _RESPONSE_PARAMETERS:
            extra["version_string"] = "HTTP/1.1"
        if "sock_shutdown" in _RESPONSE_PARAMETERS:
            extra["sock_shutdown"] = getattr(connected, "shutdown", None)
        received: Any = http.client.HTTPConnection.getresponse(self)
        return urllib3.HTTPResponse(
            body=received,
            headers=_headers_of(received),
            status=received.status,
            version=received.version,
            reason=received.reason,
            preload_content=options.preload_content,
            decode_content=options.decode_content,
            original_response=received,
            enforce_content_length=options.enforce_content_length,
            request_method=options.request_method,
            request_url=options.request_url,
            **extra,
        )

    def putheader(self, header: Union[str, bytes], *values: Any) -> None:
        """Add a header to the request; one regular expression validates plain text."""
        value = values[0] if len(values) == 1 else None
        line = f"{header!s}: {value}"
        if not isinstance(value, str) or not _SIMPLE_LINE.fullmatch(line):
            return super().putheader(header, *values)
        self._output(line.encode("ascii"))
        return None


def take_body(response: Any) -> Optional[bytes]:
    """Return the body of urllib3's response if it arrived with its header block, uncompressed.

    The connection is released, as after a read by urllib3. None means that urllib3 has to read.
    """
    received = getattr(response, "_original_response", None)
    is_replaced = urllib3.HTTPResponse.data is not _URLLIB3_DATA
    if is_replaced or not isinstance(received, _FastResponse):
        return None
    body = received.take_body()
    if body is not None:
        response._body = body  # for a program that uses urllib3's response
        response.release_conn()
    return body


def _headers_of(received: Any) -> urllib3.HTTPHeaderDict:
    """Return the headers of a response in urllib3's form."""
    message = received.msg
    headers = urllib3.HTTPHeaderDict()
    if isinstance(message, _Fields):
        add = headers.__setitem__ if message.are_unique else headers.add
        for name, value in message.items():
            add(name, value)
        return headers
    try:
        assert_header_parsing(message)
    except (HeaderParsingError, TypeError) as error:
        _logger.warning("Failed to parse headers: %s", error)
    for name, value in _NORMALIZED(message):
        headers.add(name, value)
    return headers


def _lines_of(headers: Mapping[str, str]) -> Optional[bytes]:
    """Return the header lines of a GET; None if urllib3 has to validate or add some."""
    names = {name.lower() for name in headers}
    is_complete = names >= _ALWAYS_SENT and names.isdisjoint(_SET_BY_URLLIB3)
    if not is_complete or not are_plain(headers):
        return None
    lines = "\r\n".join(map(": ".join, headers.items()))
    return None if "@" in lines else lines.encode("ascii")  # urllib3's SKIP_HEADER begins with it


# These classes have urllib3's names because the texts of its exceptions contain them.


class HTTPConnection(_FastConnection, connection.HTTPConnection):
    pass


class HTTPSConnection(_FastConnection, connection.HTTPSConnection):
    pass


class HTTPConnectionPool(connectionpool.HTTPConnectionPool):
    ConnectionCls: Any = strict_http.unless_replaced(
        HTTPConnection, connection.HTTPConnection, connectionpool.HTTPConnectionPool
    )


class HTTPSConnectionPool(connectionpool.HTTPSConnectionPool):
    ConnectionCls: Any = strict_http.unless_replaced(
        HTTPSConnection, connection.HTTPSConnection, connectionpool.HTTPSConnectionPool
    )


POOLS: Dict[str, Any] = {"http": HTTPConnectionPool, "https": HTTPSConnectionPool}


class PoolManager(urllib3.PoolManager):
    """urllib3's PoolManager for hosts that are reached without a proxy."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.pool_classes_by_scheme = POOLS
        self._by_origin: Dict[str, urllib3.HTTPConnectionPool] = {}

    def clear(self) -> None:
        """Remove all pools; connections in use are closed when they are returned."""
        super().clear()
        self._by_origin.clear()

    def urlopen(  # type: ignore[override]  # as urllib3's own is
        self, method: str, url: str, redirect: bool = True, **options: Any
    ) -> urllib3.BaseHTTPResponse:
        """Send one request; see :meth:`urllib3.PoolManager.urlopen`."""
        found = _ADDRESS.fullmatch(url)
        is_replaced = urllib3.PoolManager.urlopen is not _URLLIB3_URLOPEN  # by a test, for example
        if found is None or redirect or is_replaced:
            return super().urlopen(method, url, redirect=redirect, **options)
        origin, target = found.groups()
        pool = self._by_origin.get(origin)
        if pool is None or pool.pool is None:  # not created yet, or closed
            if len(self._by_origin) >= _MAX_HOSTS:
                self._by_origin.clear()
            pool = self._by_origin[origin] = self.connection_from_url(origin)
        return pool.urlopen(method, target, redirect=False, assert_same_host=False, **options)


class ProxyManager(urllib3.ProxyManager):
    """urllib3's ProxyManager with these connections."""

    def __init__(self, proxy: str, **options: Any) -> None:
        super().__init__(proxy, **options)
        self.pool_classes_by_scheme = POOLS
