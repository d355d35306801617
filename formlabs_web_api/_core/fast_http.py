"""The connections of ``strict_http`` with faster code for short calls.

``PoolManager.request`` takes about 150 µs of CPU time for a short response: a sixth parses the
header block, for which ``http.client`` uses the e-mail parser; an eighth finds the host's
connection pool, by a key of two dozen settings, after parsing the address twice; a tenth validates
the request's headers, each of them five times. Here one regular expression parses a simple header
block, the origin of the address is the key of the pool, and a plain header is validated once. All
other requests and responses are handled by ``strict_http``.

``rest`` imports its pool managers from here. If it imports them from ``strict_http`` instead, this
module can be deleted; only the speed changes.
"""

from __future__ import annotations

import http.client
import re
from typing import Any, Callable, Dict, List, Tuple, Union

import urllib3
from urllib3 import connection, connectionpool

from formlabs_web_api._core import strict_http

_SIMPLE_HEAD = re.compile(
    rb"HTTP/1\.1 ([2-5]\d\d) ([^\r\n]*)\r\n"
    rb"((?:[!-9;-~]+:[^\r\n]*\r\n){,99})\r\n"
)
"""A header block without folded lines or bare line feeds, and not of an interim response (1xx)."""
_SIMPLE_LINE = re.compile(r"[A-Za-z][A-Za-z-]*: [ -?A-~]*")
"""A header of plain text; without ``@``, with which urllib3's SKIP_HEADER value begins."""
_FIELD = re.compile(r"([^:]+):[ \t]*([^\r\n]*)\r\n")
_LENGTH = re.compile(r"[0-9]{1,18}")
_ADDRESS = re.compile(r"(https?://[^/?#@\\]+)(/[^#]*)")
_MAX_HOSTS = 10
_NO_BODY = frozenset({204, 304})
_URLLIB3_URLOPEN = urllib3.PoolManager.urlopen


class _Fields(http.client.HTTPMessage):
    """The fields of a simple header block; reading them needs no decoding."""

    def __init__(self, fields: List[Tuple[str, str]]) -> None:
        super().__init__()
        self._headers = fields

    def items(self) -> List[Tuple[str, str]]:
        return list(self._headers)

    def get_payload(self, *_: Any, **__: Any) -> None:
        """Return None; urllib3 expects lines that are not header fields here."""


class _FastResponse(strict_http.StrictResponse):
    """A response whose header block is parsed in one step if it is simple."""

    _method: str
    code: int

    def begin(self) -> None:
        # peek() leaves the bytes in the buffer, so that http.client can still read them.
        found = None if self.debuglevel else _SIMPLE_HEAD.match(self.fp.peek(1))
        pairs = _FIELD.findall(found[3].decode("latin-1")) if found else []
        fields = {name.lower(): value for name, value in reversed(pairs)}
        length = fields.get("content-length", "0")
        if found is None or self._method == "HEAD" or not _LENGTH.fullmatch(length):
            return super().begin()
        self.fp.read(found.end())
        self.headers = self.msg = _Fields(pairs)
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
        return None


class _FastConnection(strict_http.StrictConnection):
    response_class = _FastResponse
    _output: Callable[[bytes], None]

    def putheader(self, header: Union[str, bytes], *values: Any) -> None:
        """Add a header to the request; one regular expression validates plain text."""
        value = values[0] if len(values) == 1 else None
        line = f"{header!s}: {value}"
        if not isinstance(value, str) or not _SIMPLE_LINE.fullmatch(line):
            return super().putheader(header, *values)
        self._output(line.encode("ascii"))
        return None


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
