"""The fast reader and writer of HTTP headers agrees with ``http.client`` and urllib3."""

from __future__ import annotations

import gzip
import http.client
import select
import socket
import threading
import time
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List

import pytest
import urllib3
from hypothesis import given, settings
from hypothesis import strategies as st
from urllib3.connection import HTTPConnection

from formlabs_web_api._core.call_scope import CallScope
from formlabs_web_api._core.fast_http import HTTPConnection as QuickConnection
from formlabs_web_api._core.fast_http import PoolManager, _FastResponse, take_body
from test.support.wire import Script, Wire, ok

# --- the head of a response ---------------------------------------------------------------------


@contextmanager
def arrived(data: bytes) -> Iterator[socket.socket]:
    """A socket on which a whole response has arrived within a call."""
    here, there = socket.socketpair()
    with here, there, CallScope(60.0):
        there.sendall(data)
        there.shutdown(socket.SHUT_WR)
        yield here


def read(kind: Any, data: bytes, method: str) -> Any:
    """Return every property of a response, or the exception that reading it raises."""
    with arrived(data) as connected:
        return facts_of(kind(connected, method=method))


def facts_of(response: Any) -> Any:
    try:
        response.begin()
        headers = response.msg.items()
        by_name = {name: response.getheader(name) for name, _ in headers}
        facts = [response.status, response.reason, response.version, response.code]
        framing = [response.chunked, response.length, response.will_close]
        defects = [repr(defect) for defect in response.msg.defects]
        return facts, framing, headers, by_name, defects, response.read()
    except (http.client.HTTPException, ValueError) as error:
        return type(error), str(error)
    finally:
        response.close()


ORDINARY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]"
HEADS = {
    "ordinary": ORDINARY,
    "no length": b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n[]",
    "no headers": b"HTTP/1.1 200 OK\r\n\r\n[]",
    "no reason": b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n[]",
    "empty reason": b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\n[]",
    "reason in Latin-1": b"HTTP/1.1 200 D\xe9j\xe0 vu \r\nContent-Length: 2\r\n\r\n[]",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n[]",
    "HTTP/1.0 kept alive": b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"
    b"Content-Length: 2\r\n\r\n[]",
    "another protocol": b"HTTP/2 200 OK\r\nContent-Length: 2\r\n\r\n[]",
    "closes": b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 2\r\n\r\n[]",
    "nothing": b"",
    "no HTTP": b"SSH-2.0-OpenSSH\r\n\r\n",
    "no status": b"HTTP/1.1 OK\r\n\r\n",
    "status 99": b"HTTP/1.1 99 Low\r\n\r\n",
    "interim": b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n" + ORDINARY,
    "204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "204 with a length": b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n",
    "304": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 20\r\n\r\n",
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n",
    "chunked with a length": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
    b"Content-Length: 9\r\n\r\n2\r\n[]\r\n0\r\n\r\n",
    "chunked and more": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n[]",
    "folded": b"HTTP/1.1 200 OK\r\nX-Long: one\r\n  two\r\nContent-Length: 2\r\n\r\n[]",
    "bare line ends": b"HTTP/1.1 200 OK\nContent-Length: 2\n\n[]",
    "mixed line ends": b"HTTP/1.1 200 OK\r\nX: a\nContent-Length: 2\r\n\r\n[]",
    "no colon": b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 2\r\n\r\n[]",
    "blank in a name": b"HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 2\r\n\r\n[]",
    "colon in a value": b"HTTP/1.1 200 OK\r\nX: a: b:c\r\nContent-Length: 2\r\n\r\n[]",
    "blanks around a value": b"HTTP/1.1 200 OK\r\nX: \t a \t\r\nContent-Length: 2\r\n\r\n[]",
    "an empty value": b"HTTP/1.1 200 OK\r\nX:\r\nContent-Length: 2\r\n\r\n[]",
    "a value in Latin-1": b"HTTP/1.1 200 OK\r\nX: caf\xe9 \x85\r\nContent-Length: 2\r\n\r\n[]",
    "the same name twice": b"HTTP/1.1 200 OK\r\nX: a\r\nx: b\r\nContent-Length: 2\r\n\r\n[]",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 1\r\n\r\n[]",
    "a length of words": b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n[]",
    "a negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n[]",
    "a length beyond all bounds": b"HTTP/1.1 200 OK\r\nContent-Length: "
    + b"9" * 5000
    + b"\r\n\r\n[]",
    "cut in the body": ORDINARY[:-1],
    "many headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 99 + b"\r\n[]",
    "too many headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100 + b"\r\n[]",
    "a long header": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 9000 + b"\r\nContent-Length: 2\r\n\r\n[]",
}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("name", HEADS)
def test_response_is_parsed_as_by_http_client(name: str, method: str) -> None:
    expected = read(http.client.HTTPResponse, HEADS[name], method)
    assert read(_FastResponse, HEADS[name], method) == expected


@pytest.mark.parametrize("length", range(1, len(ORDINARY) - 3))
def test_truncated_header_block_is_an_error(length: int) -> None:
    kind, _ = read(_FastResponse, ORDINARY[:length], "GET")
    assert issubclass(kind, http.client.HTTPException)


@pytest.mark.parametrize("status", [100, 102, 103, 199])
def test_interim_response_is_not_the_response(status: int) -> None:
    interim = b"HTTP/1.1 %d Wait\r\nLink: </x>\r\n\r\n" % status
    expected = read(http.client.HTTPResponse, ORDINARY, "GET")
    assert read(_FastResponse, interim + ORDINARY, "GET") == expected
    assert read(_FastResponse, interim + interim + ORDINARY, "GET") == expected


def urllib3_response(kind: Any, data: bytes) -> Any:
    """Return every public property of urllib3's response, or the exception in its place."""
    connection = kind("example.com", 80, timeout=60.0)
    with arrived(data) as connected:
        connection.sock = connected
        try:
            connection.request("GET", "/x", preload_content=False)
            response = connection.getresponse()
            head = response.status, response.reason, response.version
            framing = response.chunked, response.length_remaining, response.headers.get("X")
            names = list(response.headers.items()), response.headers.getlist("X")
            return head, framing, names, response.read(), response.headers == {**response.headers}
        except (http.client.HTTPException, urllib3.exceptions.HTTPError, ValueError) as error:
            return type(error)
        finally:
            connection.close()


@pytest.mark.parametrize("name", HEADS)
def test_fast_response_equals_that_of_urllib3(name: str, caplog: pytest.LogCaptureFixture) -> None:
    expected = urllib3_response(HTTPConnection, HEADS[name])
    warnings = [record.message.partition(" (url")[0] for record in caplog.records]
    caplog.clear()
    assert urllib3_response(QuickConnection, HEADS[name]) == expected
    assert len(caplog.records) == len(warnings)


@pytest.mark.parametrize("at", range(1, len(ORDINARY)))
def test_response_in_two_pieces_equals_that_in_one(at: int) -> None:
    here, there = socket.socketpair()
    with here, there, CallScope(60.0):
        there.sendall(ORDINARY[:at])
        rest = threading.Thread(target=_send_when_read, args=[here, there, ORDINARY[at:]])
        rest.start()
        found = facts_of(_FastResponse(here, method="GET"))
        rest.join()
    assert found == read(http.client.HTTPResponse, ORDINARY, "GET")


def _send_when_read(here: socket.socket, there: socket.socket, data: bytes) -> None:
    while select.select([here], [], [], 0)[0]:  # until the first piece was read
        time.sleep(0)
    there.sendall(data)


def test_bytes_after_the_body_are_not_part_of_it() -> None:
    facts = read(_FastResponse, ORDINARY + b"HTTP/1.1 200 OK\r\n\r\n", "GET")
    assert facts[-1] == b"[]"


LINES = st.sampled_from(
    [
        b"Content-Length: 2",
        b"content-length:2",
        b"Content-Length: 2, 2",
        b"Content-Length: +2",
        b"Content-Length: 2 ",
        b"Content-Length:  ",
        b"Transfer-Encoding: chunked",
        b"Transfer-Encoding: identity",
        b"Connection: close",
        b"Connection: keep-alive, Upgrade",
        b"Keep-Alive: timeout=5",
        b" folded",
        b": no name",
        b"X\x00: y",
        b"X: \x00",
        b"X:\x0by",
        b"From sombody",
        b"",
    ]
)


@settings(max_examples=400, deadline=None)
@given(
    first=st.sampled_from([b"HTTP/1.1 200 OK", b"HTTP/1.1 404 Not Found", b"HTTP/1.0 200 OK"]),
    lines=st.lists(st.one_of(LINES, st.binary(max_size=12)), max_size=6),
    end=st.sampled_from([b"\r\n", b"\n"]),
    body=st.sampled_from([b"[]", b"2\r\n[]\r\n0\r\n\r\n", b""]),
)
def test_any_response_is_parsed_as_by_http_client(
    first: bytes, lines: List[bytes], end: bytes, body: bytes
) -> None:
    data = end.join([first, *lines, b"", body])
    assert read(_FastResponse, data, "GET") == read(http.client.HTTPResponse, data, "GET")


# --- the head of a request ---------------------------------------------------------------------


class Written:
    """A socket that keeps what is written."""

    def __init__(self) -> None:
        self.data = b""

    def sendall(self, data: bytes) -> None:
        self.data += data

    def settimeout(self, seconds: object) -> None:
        pass

    def close(self) -> None:
        pass


def written(kind: Any, headers: Dict[str, Any]) -> Any:
    connection = kind("example.com", 80)
    connection.sock = Written()
    try:
        connection.request("GET", "/x", headers=headers)
    except (ValueError, TypeError, AttributeError) as error:
        return type(error)
    else:
        return connection.sock.data
    finally:
        connection.close()


VALUES = st.one_of(
    st.text(max_size=8),
    st.text(st.sampled_from("aB1 @:,\t\r\n\x00é\x7f€"), max_size=6),
    st.binary(max_size=8),
    st.integers(),
    st.sampled_from([urllib3.util.SKIP_HEADER, None, "a\r\nX-Added: b", "a\nX-Added: b"]),
)


@settings(max_examples=400, deadline=None)
@given(
    headers=st.dictionaries(
        st.one_of(
            st.sampled_from(["X", "Accept", "Host", "User-Agent", "accept-encoding", "X Y", "X:"]),
            st.sampled_from(["Content-Length", "transfer-encoding", "host"]),
            st.text(max_size=4),
        ),
        VALUES,
        max_size=4,
    ),
    usual=st.sampled_from([{}, {"User-Agent": "x/1", "Accept-Encoding": "gzip", "X-Y": "z"}]),
)
def test_any_request_is_written_as_urllib3_does(
    headers: Dict[str, Any], usual: Dict[str, Any]
) -> None:
    headers = {**usual, **headers}
    assert written(QuickConnection, headers) == written(HTTPConnection, headers)


@pytest.mark.parametrize("value", ["a\r\nX-Added: b", "a\nX-Added: b", "a\r\n X-Added: b"])
def test_header_value_adds_no_line(value: str) -> None:
    usual = {"User-Agent": "x/1", "Accept-Encoding": "gzip"}
    assert written(QuickConnection, {**usual, "X": value}) == written(
        HTTPConnection, {**usual, "X": value}
    )


# --- connections -------------------------------------------------------------------------------


@pytest.fixture
def wire() -> Iterator[Callable[..., Wire]]:
    wires: List[Wire] = []

    def make(script: Script, **options: Any) -> Wire:
        wires.append(Wire(script, **options))
        return wires[-1]

    yield make
    for one in wires:
        one.close()


@pytest.fixture
def pools() -> Iterator[PoolManager]:
    with PoolManager() as manager:
        yield manager


def test_one_connection_serves_many_requests(wire: Callable[..., Wire], pools: PoolManager) -> None:
    server = wire(lambda number: ok(b"%d" % number))
    for number in range(20):
        answer = pools.urlopen("GET", f"{server.url}/x?y=1", redirect=False, preload_content=False)
        assert answer.read() == b"%d" % number
    assert server.connections == 1
    assert {head.split(b"\r\n")[0] for head in server.requests} == {b"GET /x?y=1 HTTP/1.1"}


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("", "/"),
        ("/", "/"),
        ("/a/b", "/a/b"),
        ("?q=1", "/?q=1"),
        ("/a?q=http://x/y", "/a?q=http://x/y"),
        ("/a#fragment", "/a"),
        ("/a%2Fb%20c", "/a%2Fb%20c"),
        ("/a b", "/a%20b"),
        ("/é", "/%C3%A9"),
    ],
)
def test_address_is_parsed_as_by_urllib3(
    wire: Callable[..., Wire], pools: PoolManager, address: str, target: str
) -> None:
    server = wire(lambda number: ok())
    with urllib3.PoolManager() as plain:
        for manager in (pools, plain):
            manager.urlopen("GET", server.url + address, redirect=False)
    first_lines = [head.split(b"\r\n")[0] for head in server.requests]
    assert first_lines == [f"GET {target} HTTP/1.1".encode()] * 2


def test_cleared_connections_are_opened_again(
    wire: Callable[..., Wire], pools: PoolManager
) -> None:
    server = wire(lambda number: ok())
    for connections in (1, 2, 3):
        pools.urlopen("GET", f"{server.url}/", redirect=False)
        assert server.connections == connections
        pools.clear()


def test_pools_of_many_hosts_are_bounded(wire: Callable[..., Wire], pools: PoolManager) -> None:
    servers = [wire(lambda number: ok()) for _ in range(12)]
    for _ in range(2):
        for server in servers:
            assert pools.urlopen("GET", f"{server.url}/", redirect=False).status == 200
    assert len(pools.pools) == 10


def test_response_in_many_pieces_is_complete(wire: Callable[..., Wire], pools: PoolManager) -> None:
    packed = gzip.compress(b"x" * 100_000)
    pieces = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in _cut(packed, 7)) + b"0\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n"
    long = b"X-Long: " + b"y" * 20_000 + b"\r\n"
    server = wire(lambda number: head + (long if number % 2 else b"") + b"\r\n" + pieces)
    for _ in range(4):
        answer = pools.urlopen("GET", f"{server.url}/", redirect=False, preload_content=False)
        assert answer.read() == b"x" * 100_000
    assert server.connections == 1


def test_redirects_are_followed_on_request(wire: Callable[..., Wire], pools: PoolManager) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"
    server = wire(lambda number: ok(b"there") if number else moved)
    assert pools.urlopen("GET", f"{server.url}/here").data == b"there"


@pytest.mark.parametrize("body", [b"[]", b""])
def test_body_that_came_with_its_head_frees_the_connection(
    wire: Callable[..., Wire], pools: PoolManager, body: bytes
) -> None:
    server = wire(lambda number: ok(body))
    for _ in range(3):
        with CallScope(60.0):
            response = pools.urlopen("GET", f"{server.url}/", redirect=False, preload_content=False)
            assert take_body(response) in (body, None)  # None: the body came after its head
            assert response.data == body
    assert server.connections == 1


def test_body_that_was_read_in_part_or_is_compressed_is_left_to_urllib3(
    wire: Callable[..., Wire], pools: PoolManager
) -> None:
    packed = ok(gzip.compress(b"[1]"), b"Content-Encoding: gzip")
    server = wire(lambda number: packed if number else ok(b"[1]"))
    with CallScope(60.0):
        begun = pools.urlopen("GET", f"{server.url}/", redirect=False, preload_content=False)
        assert begun.read(1) == b"["
        assert take_body(begun) is None
        assert begun.read() == b"1]"
        other = pools.urlopen("GET", f"{server.url}/", redirect=False, preload_content=False)
        assert take_body(other) is None
        assert other.data == b"[1]"


def _cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))
