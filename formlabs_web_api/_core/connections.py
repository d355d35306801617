"""urllib3's connections, quicker where a quiet call costs most, and stricter with broken answers.

Of the CPU time that ``PoolManager.request`` takes for a short answer (some 150 µs), a sixth goes
into reading the answer's head, which ``http.client`` does with the parser of e-mails; an eighth
into finding the connections of the host, by a key of two dozen settings, after the address was
taken apart twice; a tenth into the headers of the request, each of which is checked five times.
Here an ordinary head is read as what it is, connections are found by the beginning of the address,
and a header of plain text is checked once.

``http.client`` takes a head that breaks off for a whole one, and an interim answer (103) for the
answer, whose body then is the next call's; here neither passes. All the rest is urllib3's and
``http.client``'s own, and so is whatever is out of the ordinary.
"""

from __future__ import annotations

import http.client
import re
from typing import Any, Callable, Dict, List, Tuple, Union, cast

import urllib3
from urllib3 import connection, connectionpool

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
        found = None if self.debuglevel else _ORDINARY_HEAD.match(self.fp.peek(1))
        pairs = _FIELD.findall(found[3].decode("latin-1")) if found else []
        fields = {name.lower(): value for name, value in reversed(pairs)}
        length = fields.get("content-length", "0")
        if found is None or self._method == "HEAD" or not _LENGTH.fullmatch(length):
            return self._begin_as_usual()
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

    def _begin_as_usual(self) -> None:
        file = self.fp
        lines: Any = _WholeLines(file)
        self.fp = lines
        try:
            super().begin()
        finally:
            if self.fp is lines:  # it is None where begin has closed it
                self.fp = file

    def _read_status(self) -> Tuple[str, int, str]:
        read: Callable[[], Tuple[str, int, str]] = cast("Any", super())._read_status
        version, status, reason = read()
        while 102 <= status <= 199:  # 100 is http.client's own business, 101 is no interim one
            http.client.parse_headers(self.fp)
            version, status, reason = read()
        return version, status, reason


class _WholeLines:
    """The lines of a head; raises where it breaks off."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._has_begun = False

    def readline(self, limit: int) -> bytes:
        line: bytes = self._file.readline(limit)
        breaks_off = not line.endswith(b"\n") and len(line) < limit
        if breaks_off and (line or self._has_begun):
            raise http.client.IncompleteRead(line)
        self._has_begun = True
        return line

    def close(self) -> None:
        self._file.close()


class _Quick(http.client.HTTPConnection):
    response_class = _Response
    _output: Callable[[bytes], None]

    def connect(self) -> None:
        """Connect, to the host or through a proxy; what fails here has sent nothing."""
        try:
            super().connect()
        except Exception as error:
            mark_as_not_sent(error)
            raise

    def putheader(self, header: Union[str, bytes], *values: Any) -> None:
        """Add a header to the request: one of plain text after one look, others as usual."""
        value = values[0] if len(values) == 1 else None
        line = f"{header!s}: {value}"
        if not isinstance(value, str) or not _ORDINARY_LINE.fullmatch(line):
            return super().putheader(header, *values)
        self._output(line.encode("ascii"))
        return None


# The names are urllib3's, since texts of its exceptions show them.


class HTTPConnection(_Quick, connection.HTTPConnection):
    pass


class HTTPSConnection(_Quick, connection.HTTPSConnection):
    pass


def _unless_replaced(ours: Any, theirs: Any, pool: Any) -> Any:
    """Our class of connections, or the one that was put into urllib3 for its own, as programs do
    that record what a test asks."""
    return property(lambda _: ours if pool.ConnectionCls is theirs else pool.ConnectionCls)


class HTTPConnectionPool(connectionpool.HTTPConnectionPool):
    ConnectionCls: Any = _unless_replaced(
        HTTPConnection, connection.HTTPConnection, connectionpool.HTTPConnectionPool
    )


class HTTPSConnectionPool(connectionpool.HTTPSConnectionPool):
    ConnectionCls: Any = _unless_replaced(
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


class ProxyManager(urllib3.ProxyManager):
    """urllib3's ProxyManager with these connections."""

    def __init__(self, proxy: str, **options: Any) -> None:
        super().__init__(proxy, **options)
        self.pool_classes_by_scheme = POOLS


def mark_as_not_sent(error: BaseException) -> None:
    """Note on an exception that no byte of a request has left."""
    cast("Any", error).was_not_sent = True


def is_marked_as_not_sent(error: BaseException) -> bool:
    """Whether an exception, or one that it was made from, is marked so."""
    causes: List[Any] = [error]
    for cause in causes:  # grows while it is read
        if getattr(cause, "was_not_sent", False):
            return True
        inner = (cause.__cause__, getattr(cause, "original_error", None), *cause.args)
        causes += [one for one in inner if isinstance(one, BaseException) and one not in causes]
    return False
