"""urllib3's connections, strict with broken responses and bounded in time.

``http.client`` takes a head that breaks off for a whole one, and an interim response (103) for the
response, whose body then becomes the next call's; here both are errors. Each read ends with the
scope of the call, so that a response that drips byte by byte cannot outlast the deadline.

``fast_http`` adds speed to these classes and nothing else: a program that uses the classes of this
module in its place behaves the same.
"""

from __future__ import annotations

import http.client
import io
import math
import socket
from typing import Any, Callable, Dict, List, Optional, Tuple, cast

import urllib3
from urllib3 import connection, connectionpool

from formlabs_web_api._core.call_scope import CallScope, current_scope


class _ScopedReader(io.RawIOBase):
    """Reads from a socket; no read outlasts the scope of the call."""

    def __init__(self, connected: socket.socket, scope: CallScope) -> None:
        super().__init__()
        self._socket = connected
        self._raw = cast("io.RawIOBase", connected.makefile("rb", buffering=0))
        self._usual = connected.gettimeout()
        self._scope = scope
        self._is_bounded = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Optional[int]:
        """Read what has arrived; raise TimeoutError when the time of the call is over."""
        left = self._scope.remaining()
        if left < (math.inf if self._usual is None else self._usual):
            _bound(self._socket, left)
            self._is_bounded = True
        elif self._is_bounded:  # the call is over: a program reads a stream as slowly as it likes
            self._socket.settimeout(self._usual)
            self._is_bounded = False
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _ScopedFile:
    """What ``http.client.HTTPResponse`` asks of a socket: a file to read from."""

    def __init__(self, connected: socket.socket, scope: CallScope) -> None:
        self._reader = _ScopedReader(connected, scope)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._reader)


class StrictResponse(http.client.HTTPResponse):
    """A response that raises where its head breaks off, and whose reads are bounded."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        scope = current_scope()
        file: Any = sock if scope is None else _ScopedFile(sock, scope)
        super().__init__(file, *args, **options)

    def begin(self) -> None:
        file = self.fp
        lines: Any = _WholeLineReader(file)
        self.fp = lines
        try:
            super().begin()
        finally:
            if self.fp is lines:  # it is None where begin has closed it
                self.fp = file

    def _read_status(self) -> Tuple[str, int, str]:
        read: Callable[[], Tuple[str, int, str]] = cast("Any", super())._read_status
        version, status, reason = read()
        while 102 <= status <= 199:  # http.client handles 100 itself; 101 is not an interim one
            http.client.parse_headers(self.fp)
            version, status, reason = read()
        return version, status, reason


class _WholeLineReader:
    """Reads the lines of a head; raises IncompleteRead where the head breaks off."""

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


class StrictConnection(http.client.HTTPConnection):
    """A connection that knows whether a failed request can have arrived."""

    response_class = StrictResponse

    _usual_timeout: Optional[float] = None
    _is_bounded = False

    def connect(self) -> None:
        """Connect, to the host or through a proxy; what fails here has sent nothing."""
        try:
            super().connect()
        except Exception as error:
            mark_as_not_sent(error)
            raise
        self._usual_timeout = self.sock.gettimeout()
        scope = current_scope()
        if scope is not None and scope.on_connect is not None:
            scope.on_connect()
        self._bound_by_scope()

    def putrequest(self, method: str, url: str, *args: Any, **options: Any) -> None:
        """Begin a request; the time of the call bounds the sending as well."""
        if self.sock is not None:
            self._bound_by_scope()
        super().putrequest(method, url, *args, **options)

    def _bound_by_scope(self) -> None:
        scope = current_scope()
        if scope is not None:
            scope.watch(self.sock)
            left, usual = scope.remaining(), self._usual_timeout
            if left < (math.inf if usual is None else usual):
                _bound(self.sock, left)
                self._is_bounded = True
            elif self._is_bounded:
                self.sock.settimeout(usual)
                self._is_bounded = False


def _bound(connected: socket.socket, left: float) -> None:
    if left <= 0:
        raise socket.timeout("the deadline of the call is over")
    connected.settimeout(left)


# The names are urllib3's, since texts of its exceptions show them.


class HTTPConnection(StrictConnection, connection.HTTPConnection):
    pass


class HTTPSConnection(StrictConnection, connection.HTTPSConnection):
    pass


def unless_replaced(ours: Any, theirs: Any, pool: Any) -> Any:
    """Return a property: our class of connections, or the one a program put into urllib3.

    Programs that record what a test sends put a class of their own into urllib3's pools.
    """
    return property(lambda _: ours if pool.ConnectionCls is theirs else pool.ConnectionCls)


class HTTPConnectionPool(connectionpool.HTTPConnectionPool):
    ConnectionCls: Any = unless_replaced(
        HTTPConnection, connection.HTTPConnection, connectionpool.HTTPConnectionPool
    )


class HTTPSConnectionPool(connectionpool.HTTPSConnectionPool):
    ConnectionCls: Any = unless_replaced(
        HTTPSConnection, connection.HTTPSConnection, connectionpool.HTTPSConnectionPool
    )


POOLS: Dict[str, Any] = {"http": HTTPConnectionPool, "https": HTTPSConnectionPool}


class PoolManager(urllib3.PoolManager):
    """urllib3's PoolManager with these connections."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.pool_classes_by_scheme = POOLS


class ProxyManager(urllib3.ProxyManager):
    """urllib3's ProxyManager with these connections."""

    def __init__(self, proxy: str, **options: Any) -> None:
        super().__init__(proxy, **options)
        self.pool_classes_by_scheme = POOLS


def mark_as_not_sent(error: BaseException) -> None:
    """Note on an exception that no byte of a request has left."""
    cast("Any", error).was_not_sent = True


def is_marked_as_not_sent(error: BaseException) -> bool:
    """Return True if an exception, or one that it was made from, is marked so."""
    causes: List[Any] = [error]
    for cause in causes:  # grows while it is read
        if getattr(cause, "was_not_sent", False):
            return True
        inner = (cause.__cause__, getattr(cause, "original_error", None), *cause.args)
        causes += [one for one in inner if isinstance(one, BaseException) and one not in causes]
    return False
