"""A server on loopback that sends the responses of a test and records the requests."""

from __future__ import annotations

import json
import socket
import ssl
import sys
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Deque, Dict, List, Optional, Union
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Asked:
    """A request as it arrived."""

    method: str
    target: str
    headers: Dict[str, str]
    body: bytes
    certificate: Any = None
    """The certificate the client showed, over TLS."""
    server_name: Optional[str] = None
    """The server the client asked for, over TLS."""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> str:
        return urlsplit(self.target).query

    @property
    def arguments(self) -> List[Any]:
        return parse_qsl(self.query, keep_blank_values=True)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> Dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass
class Answer:
    """What to answer; ``cut`` bytes of the body are kept back and the connection is closed."""

    status: int = 200
    body: Union[bytes, str, Any] = b""
    headers: Dict[str, str] = field(default_factory=dict)
    cut: int = 0
    close: bool = False
    raw: bytes = b""
    """Sent in place of a response."""

    @property
    def payload(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


class Loopback:
    """Queue answers with :meth:`reply`, or set :attr:`answer` to a function of the request.

    As a proxy it answers in place of the server that was asked for.
    """

    def __init__(self, tls: Optional[ssl.SSLContext] = None) -> None:
        self.asked: List[Asked] = []
        self.connections = 0
        """How many connections were opened."""
        self.answer: Optional[Callable[[Asked], Answer]] = None
        self._queue: Deque[Answer] = deque()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._scheme = "http" if tls is None else "https"
        if tls is not None:
            tls.sni_callback = _remember_server_name
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def last(self) -> Asked:
        return self.asked[-1]

    def reply(self, status: int = 200, body: Any = b"", **headers: str) -> None:
        """Queue a response; the last one queued is sent repeatedly."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if not isinstance(body, (bytes, str)):
            named.setdefault("Content-Type", "application/json")
        self._queue.append(Answer(status, body, named))

    def queue(self, answer: Answer) -> None:
        self._queue.append(answer)

    def forget(self) -> None:
        """Remove all queued responses."""
        self._queue.clear()

    def respond(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
            if self.answer is not None:
                return self.answer(asked)
            if not self._queue:
                return Answer(500, "the test queued no answer")
            return self._queue.popleft() if len(self._queue) > 1 else self._queue[0]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    request_queue_size = (
        64  # else a client among many at once would have to connect again, a second later
    )

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], (ConnectionError, ssl.SSLError)):
            super().handle_error(request, client_address)  # not for a client that disconnects


def _handler(loopback: Loopback) -> type:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # otherwise some responses wait 40 ms

        def setup(self) -> None:
            super().setup()
            loopback.connections += 1

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            asked = Asked(
                self.command,
                self.path,
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length),
            )
            if isinstance(self.connection, ssl.SSLSocket):
                asked.certificate = self.connection.getpeercert()
                asked.server_name = getattr(self.connection, "asked_for", None)
            answer = loopback.respond(asked)
            if answer.close:
                self.close_connection = True
                return
            if answer.raw:
                self.wfile.write(answer.raw)
                self.close_connection = True
                return
            payload = b"" if self.command == "HEAD" else answer.payload
            self.send_response_only(answer.status)
            if "Date" not in answer.headers:
                self.send_header("Date", self.date_time_string())
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != 204:
                self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload[: len(payload) - answer.cut])
            self.close_connection = bool(answer.cut)

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self.handle_any
            raise AttributeError(name)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


def _remember_server_name(connection: Any, name: Optional[str], context: ssl.SSLContext) -> None:
    connection.asked_for = name


class Tunnel:
    """A proxy that forwards every connection to ``port`` of this machine.

    The host that the client requests is ignored. ``asked`` has the CONNECT requests.
    """

    def __init__(self, port: int, status: int = 200) -> None:
        self.asked: List[str] = []
        self._port = port
        self._status = status
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: List[socket.socket] = [self._listener]
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        for one in self._open:
            with suppress(OSError):  # it was closed from the other side
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(client)
            self.asked.append(_read_head(client))
            client.sendall(f"HTTP/1.1 {self._status} Status of the test\r\n\r\n".encode())
            if self._status == 200:
                server = socket.create_connection(("127.0.0.1", self._port))
                self._open.append(server)
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=_pass_on, args=pair, daemon=True).start()
            else:
                client.close()


def _read_head(connection: socket.socket) -> str:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            break
        head += byte
    return head.decode()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):  # one side has gone
        while True:
            content = source.recv(65536)
            if not content:
                break
            target.sendall(content)
        target.shutdown(socket.SHUT_WR)
