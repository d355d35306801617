"""urllib3's connections, strict about malformed responses and limited by the call's deadline.

``http.client`` accepts a truncated header block, and takes an interim response (103) for the
response, so that the next call receives the body of this one. Here a truncated header block is an
error and interim responses are skipped. Each read is limited by the scope of the call, so that a
response that arrives byte by byte cannot exceed the deadline.

``fast_http`` makes these classes faster and does not change their behaviour.
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


class ScopedReader(io.RawIOBase):
    """A socket's reader; the scope of the call limits the time of each read.

    It returns first the bytes that have ``arrived`` before.
    """

    def __init__(self, connected: socket.socket, scope: CallScope, arrived: bytes = b"") -> None:
        super().__init__()
        self._arrived = arrived
        self._socket = connected
        self._raw = cast("io.RawIOBase", connected.makefile("rb", buffering=0))
        self._usual = connected.gettimeout()
        self._scope = scope
        self._is_bounded = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Optional[int]:
        """Read available bytes; raise TimeoutError if the deadline of the call has passed."""
        if self._arrived:
            part = self._arrived[: len(buffer)]
            buffer[: len(part)] = part
            self._arrived = self._arrived[len(part) :]
            return len(part)
        left = self._scope.remaining()
        if left < (math.inf if self._usual is None else self._usual):
            bound(self._socket, left)
            self._is_bounded = True
        elif self._is_bounded:  # the call has returned: a program may read a stream slowly
            self._socket.settimeout(self._usual)
            self._is_bounded = False
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _ScopedFile:
    """The part of a socket's interface that ``http.client.HTTPResponse`` uses."""

    def __init__(self, connected: socket.socket, scope: CallScope) -> None:
        self._reader = ScopedReader(connected, scope)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._reader)


class StrictResponse(http.client.HTTPResponse):
    """A response that raises on a truncated header block and whose reads are limited in time."""

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
            if self.fp is lines:  # it is None if begin has closed it
                self.fp = file

    def _read_status(self) -> Tuple[str, int, str]:
        read: Callable[[], Tuple[str, int, str]] = cast("Any", super())._read_status
        version, status, reason = read()
        while 102 <= status <= 199:  # http.client handles 100 itself; 101 is not an interim one
            http.client.parse_headers(self.fp)
            version, status, reason = read()
        return version, status, reason


class _WholeLineReader:
    """Reader of the lines of a header block; raises IncompleteRead if the block is truncated."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._has_begun = False

    def readline(self, limit: int) -> bytes:
        line: bytes = self._file.readline(limit)
        is_truncated = not line.endswith(b"\n") and len(line) < limit
        if is_truncated and (line or self._has_begun):
            raise http.client.IncompleteRead(line)
        self._has_begun = True
        return line

    def close(self) -> None:
        self._file.close()


class StrictConnection(http.client.HTTPConnection):
    """A connection that marks the errors of requests that cannot have reached the service."""

    response_class = StrictResponse

    _usual_timeout: Optional[float] = None
    _is_bounded = False

    def connect(self) -> None:
        """Connect to the host or through a proxy; mark an error as raised before sending."""
        try:
            super().connect()
        except Exception as error:
            mark_as_not_sent(error)
            raise
        self._usual_timeout = self.sock.gettimeout()
        scope = current_scope()
        if scope is not None and scope.on_connect is not None:
            scope.on_connect(scope)
        self._bound_by_scope()

    def putrequest(self, method: str, url: str, *args: Any, **options: Any) -> None:
        """Begin a request; the deadline of the call limits the time of sending too."""
        if self.sock is not None:
            self._bound_by_scope()
        super().putrequest(method, url, *args, **options)

    def _bound_by_scope(self) -> None:
        scope = current_scope()
        if scope is not None:
            scope.watch(self.sock)
            left, usual = scope.remaining(), self._usual_timeout
            if left < (math.inf if usual is None else usual):
                bound(self.sock, left)
                self._is_bounded = True
            elif self._is_bounded:
                self.sock.settimeout(usual)
                self._is_bounded = False


def bound(connected: socket.socket, left: float) -> None:
    if left <= 0:
        raise socket.timeout("the deadline of the call has passed")
    connected.settimeout(left)


# These classes have urllib3's names because the texts of its exceptions contain them.


class HTTPConnection(StrictConnection, connection.HTTPConnection):
    pass


class HTTPSConnection(StrictConnection, connection.HTTPSConnection):
    pass


def unless_replaced(ours: Any, theirs: Any, pool: Any) -> Any:
    """Return a property with our connection class, or the one a program put into urllib3.

    Tools that record a test's requests replace the connection class of urllib3's pools.
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
    """Mark an exception as raised before any byte of the request was sent."""
    cast("Any", error).was_not_sent = True


def is_marked_as_not_sent(error: BaseException) -> bool:
    """Return True if an exception or one of its causes is marked as raised before sending."""
    causes: List[BaseException] = [error]
    for cause in causes:  # the loop appends to it
        if getattr(cause, "was_not_sent", False):
            return True
        inner = (cause.__cause__, getattr(cause, "original_error", None), *cause.args)
        causes += [one for one in inner if isinstance(one, BaseException) and one not in causes]
    return False
