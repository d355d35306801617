"""urllib3's connections, quicker at the three things that cost most of a quiet call.

Of the CPU time that ``PoolManager.request`` takes for a short answer (some 150 µs), a sixth goes
into reading the answer's head, which ``http.client`` does with the parser of e-mails; an eighth
into finding the connections of the host, by a key of two dozen settings, after the address was
taken apart twice; a tenth into the headers of the request, each of which is checked five times.
Here an ordinary head is read as what it is, connections are found by the beginning of the address,
and a header of plain text is checked once. All the rest is urllib3's and ``http.client``'s own, and
so is whatever is out of the ordinary.
"""

from __future__ import annotations

import http.client
import re
from typing import Any, Callable, Dict, List, Tuple, Union

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

_ORDINARY_HEAD = re.compile(
    rb"HTTP/1\.1 ([2-5]\d\d) ([^\r\n]*)\r\n"
    rb"((?:[!-9;-~]+:[^\r\n]*\r\n){,99})\r\n"
)
"""Not the head of an interim answer (1xx), nor one with folded lines or other line ends."""
_ORDINARY_LINE = re.compile(r"[A-Za-z][A-Za-z-]*: [ -?A-~]*")
"""A header of plain text, without the ``@`` that opens urllib3's mark for one to leave out."""
_FIELD = re.compile(r"([^:]+):[ \t]*([^\r\n]*)\r\n")
_LENGTH = re.compile(r"[0-9]{1,18}")
_ADDRESS = re.compile(r"(https?://[^/?#]+)(/[^#]*)")
_MOST_HOSTS = 10
_NO_BODY = frozenset({204, 304})


class _Fields(http.client.HTTPMessage):
    """The fields of an ordinary head, which need no mending when they are asked for."""

    def __init__(self, fields: List[Tuple[str, str]]) -> None:
        super().__init__()
        self._headers = fields

    def items(self) -> List[Tuple[str, str]]:
        return list(self._headers)

    def get_payload(self, *_: Any, **__: Any) -> None:
        """What urllib3 looks at for lines that are no fields; there are none."""


class _Response(http.client.HTTPResponse):
    """An answer whose head is read in one go."""

    _method: str
    code: int

    def begin(self) -> None:
        # What has arrived is looked at and not taken away, so that http.client can still read it.
        found = _ORDINARY_HEAD.match(self.fp.peek(1))
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
        endless = self.length is None and not self.chunked
        self.will_close = endless or "close" in fields.get("connection", "").lower()
        return None


class _Quick(http.client.HTTPConnection):
    response_class = _Response
    _output: Callable[[bytes], None]

    def putheader(self, header: Union[str, bytes], *values: Any) -> None:
        """Add a header to the request: one of plain text after one look, others as usual."""
        value = values[0] if len(values) == 1 else None
        line = f"{header!s}: {value}"
        if not isinstance(value, str) or not _ORDINARY_LINE.fullmatch(line):
            return super().putheader(header, *values)
        self._output(line.encode("ascii"))
        return None


class _Connection(_Quick, HTTPConnection):
    pass


class _TLSConnection(_Quick, HTTPSConnection):
    pass


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls: Any = _Connection

    def _validate_conn(self, conn: Any) -> None:
        """Connect before the head is written, as with TLS: no traceback then shows its bytes."""
        if conn.is_closed:
            conn.connect()


class _TLSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls: Any = _TLSConnection


class PoolManager(urllib3.PoolManager):
    """urllib3's PoolManager for hosts that are reached without a proxy."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}
        self._by_origin: Dict[str, urllib3.HTTPConnectionPool] = {}

    def clear(self) -> None:
        """Forget all connections; those in use are closed after it."""
        super().clear()
        self._by_origin.clear()

    def urlopen(  # type: ignore[override]  # as urllib3's own is
        self, method: str, url: str, redirect: bool = True, **options: Any
    ) -> urllib3.BaseHTTPResponse:
        """Send one request; see :meth:`urllib3.PoolManager.urlopen`."""
        found = _ADDRESS.fullmatch(url)
        if found is None or redirect:
            return super().urlopen(method, url, redirect=redirect, **options)
        origin, target = found.groups()
        pool = self._by_origin.get(origin)
        if pool is None or pool.pool is None:  # not seen yet, or closed
            if len(self._by_origin) >= _MOST_HOSTS:
                self._by_origin.clear()
            pool = self._by_origin[origin] = self.connection_from_url(origin)
        return pool.urlopen(method, target, redirect=False, assert_same_host=False, **options)
