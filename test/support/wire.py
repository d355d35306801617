"""A server of bare sockets, for responses that an HTTP server would not send."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Callable, List, Optional

Script = Callable[[int], Optional[bytes]]
"""Gives the bytes to answer the request of a number, from 0; None: nothing ever."""


class Wire:
    """A server that sends the bytes of a script for each request; ``close`` ends the connection."""

    def __init__(self, script: Script, close: bool = False) -> None:
        self.connections = 0
        self.requests: List[bytes] = []
        """The heads of the requests, as they came."""
        self._script = script
        self._close = close
        self._lock = threading.Lock()
        self._open: List[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):  # the client has reset it
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.append(connection)
                serving = threading.Thread(target=self._serve, args=[connection], daemon=True)
                self._threads.append(serving)
                serving.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection.makefile("rb") as stream:
                while True:
                    head = b"".join(iter(stream.readline, b"\r\n")) if stream.peek(1) else b""
                    if not head:
                        break
                    with self._lock:
                        number = len(self.requests)
                        self.requests.append(head)
                    answer = self._script(number)
                    if answer is not None:
                        connection.sendall(answer)
                        if self._close:
                            break
        except OSError:
            pass
        finally:
            with self._lock:
                self._open.remove(connection)
                connection.close()


def ok(body: bytes = b"[]", *headers: bytes) -> bytes:
    """Return an ordinary response."""
    lines = [b"HTTP/1.1 200 OK", b"Content-Type: application/json", *headers]
    lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join([*lines, b"", body])
