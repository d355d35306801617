"""A service on loopback that injects every kind of network fault, determined by a seed.

It speaks HTTP on bare sockets, so that it can break off where an HTTP server would not. The fault
of a request follows from the seed, the request and its earlier repetitions; so the run is the same
whichever thread is first.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any, Callable, Dict, List, Optional, Set
from typing import Counter as Counts
from urllib.parse import parse_qs, urlsplit

SECRETS = {
    "client secret": "storm-client-secret-5Vq",
    "token": "storm-token-8Kd",
    "cookie": "storm-cookie-2Wz",
    "signed address": "Signature=storm-3Hx",
}
SHARE_OF_FAULTS = 0.05
TOKEN_PATH = "/developer/v1/o/token/"


class Reset(Exception):
    """Raised to close the connection with a reset."""


@dataclass
class Request:
    method: str
    target: str
    headers: Dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def identity(self) -> str:
        return f"{self.method} {self.target} {self.body.decode()}"


Connection = socket.socket
Fault = Callable[["Storm", Connection, Request], None]


def refused(storm: Storm, connection: Connection, request: Request) -> None:
    storm.stop_listening()
    raise Reset


def reset_before(storm: Storm, connection: Connection, request: Request) -> None:
    raise Reset


def reset_in_the_head(storm: Storm, connection: Connection, request: Request) -> None:
    connection.sendall(storm.apply(request)[:40])
    raise Reset


def reset_in_the_body(storm: Storm, connection: Connection, request: Request) -> None:
    connection.sendall(storm.apply(request)[:-5])
    raise Reset


def reset_after(storm: Storm, connection: Connection, request: Request) -> None:
    connection.sendall(storm.apply(request))
    raise Reset


def stalled(storm: Storm, connection: Connection, request: Request) -> None:
    storm.apply(request)
    connection.recv(1)  # until the client gives up
    raise Reset


def stalled_in_the_body(storm: Storm, connection: Connection, request: Request) -> None:
    connection.sendall(storm.apply(request)[:-5])
    connection.recv(1)
    raise Reset


def cut_short(storm: Storm, connection: Connection, request: Request) -> None:
    connection.sendall(storm.apply(request)[:-5])
    raise EOFError


def slow(storm: Storm, connection: Connection, request: Request) -> None:
    answer = storm.apply(request)
    for start in range(0, len(answer), 100):
        storm.pause.wait(0.005)  # it is never set
        connection.sendall(answer[start : start + 100])


def garbage(storm: Storm, connection: Connection, request: Request) -> None:
    storm.apply(request)
    connection.sendall(answer_of(200, b'{"serial": "Form4-'))


def expired_token(storm: Storm, connection: Connection, request: Request) -> None:
    storm.forget_token(request)
    connection.sendall(answer_of(401, {"detail": "Token has expired."}))


def status(code: int, body: Any = b"", applied: bool = False, **headers: str) -> Fault:
    """Make the fault of an error status; with ``applied``, after a write took effect."""

    def fault(storm: Storm, connection: Connection, request: Request) -> None:
        if applied:
            storm.apply(request)
        connection.sendall(answer_of(code, body, **headers))

    return fault


FAULTS: Dict[str, Fault] = {
    "refused": refused,
    "reset before the answer": reset_before,
    "reset in the head": reset_in_the_head,
    "reset in the body": reset_in_the_body,
    "reset after the body": reset_after,
    "stalled": stalled,
    "stalled in the body": stalled_in_the_body,
    "cut short": cut_short,
    "slow": slow,
    "garbage": garbage,
    "401 expired token": expired_token,
    "408": status(408),
    "429": status(429, {"detail": "Request was throttled."}),
    "429 Retry-After": status(429, {"detail": "Request was throttled."}, Retry_After="0.5"),
    "500": status(500, "trouble", applied=True),
    "502 HTML": status(502, "<html><h1>502 Bad Gateway</h1></html>", applied=True),
    "503": status(503, applied=True),
    "503 Retry-After": status(503, Retry_After="0"),
}


def answer_of(code: int, body: Any = b"", **headers: str) -> bytes:
    """Return the bytes of a response."""
    if isinstance(body, str):
        body = body.encode()
    elif not isinstance(body, bytes):
        body = json.dumps(body).encode()
    lines = [f"HTTP/1.1 {code} Whatever", "Content-Type: application/json"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += [f"Set-Cookie: session={SECRETS['cookie']}"]
    if code != 204:
        lines += [f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Storm:
    """A server with faults; its counters have the requests and faults."""

    def __init__(self, seed: int, share_of_faults: float = SHARE_OF_FAULTS) -> None:
        self.seed = seed
        self.share_of_faults = share_of_faults
        self.requests = 0
        self.faults: Counts[str] = Counter()
        self.refused_as_expired = 0
        """Requests with a token that an earlier fault had ended."""
        self.applied: Counts[str] = Counter()
        """How often each write took effect, by its identity."""
        self.pause = threading.Event()
        self._seen: Counts[str] = Counter()
        self._tokens: Set[str] = set()
        self._issued = 0
        self._lock = threading.Lock()
        self._connections: Set[Connection] = set()
        self._threads: List[threading.Thread] = []
        # Keeps the port while nobody listens, so that no other program is given it.
        self._holder = _bound(0)
        self.port: int = self._holder.getsockname()[1]
        self._listener: Optional[socket.socket] = None
        self.listen()

    # Listening, and not

    def listen(self) -> None:
        """Accept connections, if that was stopped."""
        with self._lock:
            if self._listener is None:
                self._listener = _bound(self.port)
                self._listener.listen(128)
                self._start(self._accept, self._listener)

    def stop_listening(self) -> None:
        """Refuse all connections from now on."""
        with self._lock:
            if self._listener is not None:
                self._listener.shutdown(socket.SHUT_RDWR)
                self._listener.close()
                self._listener = None

    def close(self) -> None:
        self.stop_listening()
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):  # the client has reset it
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._holder.close()

    def _start(self, work: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=work, args=arguments, name="storm", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:  # shut down
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._connections.add(connection)
                self._start(self._serve, connection)

    # One connection

    def _serve(self, connection: Connection) -> None:
        try:
            with connection.makefile("rb") as stream:
                while True:
                    request = _read(stream)
                    if request is None:
                        break
                    self._answer(connection, request)
        except Reset:
            _set_reset(connection)
        except (EOFError, OSError):
            pass
        finally:
            with self._lock:
                self._connections.discard(connection)
                connection.close()

    def _answer(self, connection: Connection, request: Request) -> None:
        with self._lock:
            self.requests += 1
            came_before = self._seen[request.identity]
            self._seen[request.identity] += 1
        if request.path != TOKEN_PATH and not self._knows_token_of(request):
            self.refused_as_expired += 1
            connection.sendall(answer_of(401, {"detail": "Token has expired."}))
            return
        chance = Random(f"{self.seed} {request.identity} {came_before}")
        if chance.random() < self.share_of_faults:
            name = chance.choice(list(FAULTS))
            with self._lock:
                self.faults[name] += 1
            FAULTS[name](self, connection, request)
        else:
            connection.sendall(self.apply(request))

    # Responses without a fault

    def apply(self, request: Request) -> bytes:
        """Execute a request; return the bytes of the response."""
        if request.path == TOKEN_PATH:
            with self._lock:
                self._issued += 1
                token = f"{SECRETS['token']}-{self._issued}"
                self._tokens.add(token)
            return answer_of(200, {"access_token": token, "expires_in": 86400})
        if request.method != "GET":
            with self._lock:
                self.applied[request.identity] += 1
        name = request.path.rstrip("/").rpartition("/")[2]
        if request.method == "DELETE":
            return answer_of(204)
        if request.method == "POST":
            group = {"id": "group-1", "name": json.loads(request.body)["name"]}
            return answer_of(201, {**group, "created_at": "2026-06-05T08:00:00-04:00"})
        if request.method == "PATCH":
            return answer_of(200, group_of(name, json.loads(request.body)["name"]))
        if name == "tanks":
            page = int(parse_qs(urlsplit(request.target).query)["page"][0])
            tanks = [tank_of(page, row) for row in range(5)]
            body = {"count": 10**6, "next": None, "previous": None, "results": tanks}
            return answer_of(200, body)
        return answer_of(200, printer_of(name))

    def forget_token(self, request: Request) -> None:
        with self._lock:
            self._tokens.discard(_token_of(request))

    def _knows_token_of(self, request: Request) -> bool:
        with self._lock:
            return _token_of(request) in self._tokens


def tank_of(page: int, row: int) -> Dict[str, Any]:
    return {
        "serial": f"tank-{page}-{row}",
        "heatmap_gif": f"https://pictures.example.com/?{SECRETS['signed address']}",
        "last_modified": "2026-06-05T08:00:00-04:00",
        "inside_printer": None,
        "created_at": None,
        "last_print_date": None,
    }


def group_of(identity: str, name: str) -> Dict[str, Any]:
    return {
        "id": identity,
        "name": name,
        "created_at": "2026-06-05T08:00:00-04:00",
        "memberships": [],
        "printers": [],
        "invitations": [],
        "settings": {},
    }


def printer_of(serial: str) -> Dict[str, Any]:
    return {"serial": serial, "alias": f"alias of {serial}"}


def _token_of(request: Request) -> str:
    return request.headers.get("authorization", "").partition(" ")[2]


def _read(stream: Any) -> Optional[Request]:
    line = stream.readline().decode()
    if not line.strip():
        return None
    method, target, _ = line.split()
    headers: Dict[str, str] = {}
    while True:
        name, colon, value = stream.readline().decode("latin-1").partition(":")
        if not colon:
            break
        headers[name.lower()] = value.strip()
    return Request(method, target, headers, stream.read(int(headers.get("content-length", 0))))


def _bound(port: int) -> socket.socket:
    """Return a socket at a port that other sockets may share."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(("127.0.0.1", port))
    return bound


def _set_reset(connection: Connection) -> None:
    """Make closing send a reset, as when a router drops the connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
