"""Malformed HTTP responses raise a connection error and never reach another call."""

from __future__ import annotations

import json
import socket
import sys
import threading
from typing import Any, Callable, Iterator, List, Optional, Tuple

import pytest

from formlabs_web_api import (
    ApiClient,
    ApiConnectionException,
    ApiException,
    AuthenticationApi,
    Configuration,
    PrinterGroupsApi,
    PrintersApi,
    TanksApi,
)
from formlabs_web_api.retry import RetryPolicy
from test.support.wire import Wire, ok

AT_ONCE = RetryPolicy(backoff_base=0)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def wire() -> Iterator[Callable[..., Wire]]:
    wires: List[Wire] = []

    def make(*answers: Optional[bytes], close: bool = False) -> Wire:
        wires.append(Wire(lambda number: answers[min(number, len(answers) - 1)], close))
        return wires[-1]

    yield make
    for one in wires:
        one.close()


def client_of(wire: Wire, **settings: Any) -> ApiClient:
    return ApiClient(Configuration(host=wire.url, access_token="t", retries=AT_ONCE, **settings))


BROKEN = {
    "a negative chunk": CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n",
    "a chunk beyond all bounds": CHUNKED + b"FFFFFFFFFFFFFFFFFF\r\n[]\r\n0\r\n\r\n",
    "a chunk beyond the memory": CHUNKED + b"FFFFFFFFFFFFFFF\r\n[]\r\n0\r\n\r\n",
    "no status": b"garbage\r\n\r\n",
    "half a status line": b"HTTP/1.1 200 O",
    "half a head": HEAD,
    "half a header": HEAD + b"Conten",
}
if sys.version_info >= (
    3,
    10,
):  # older versions make urllib3 read such a body in pieces, as far as they go
    BROKEN.update(
        {
            "a length beyond all bounds": HEAD + b"Content-Length: %d\r\n\r\n[]" % 10**20,
            "a length beyond the memory": HEAD + b"Content-Length: %d\r\n\r\n[]" % 10**17,
        }
    )


@pytest.mark.parametrize("name", BROKEN)
def test_malformed_response_is_retried(wire: Callable[..., Wire], name: str) -> None:
    server = wire(BROKEN[name], ok(b'{"results": []}'), close=True)
    with client_of(server) as client:
        assert TanksApi(client).tanks_list().results == []
    assert len(server.requests) == 2


@pytest.mark.parametrize("name", BROKEN)
def test_malformed_response_is_a_connection_exception_with_one_line_of_text(
    wire: Callable[..., Wire], name: str
) -> None:
    server = wire(BROKEN[name], close=True)
    with client_of(server) as client:
        with pytest.raises(ApiConnectionException) as caught:
            TanksApi(client).tanks_list()
        assert caught.value.attempts == 4
        assert str(caught.value).isprintable()
        # An unconfirmed deletion is not reported as successful.
        with pytest.raises(ApiException):
            PrinterGroupsApi(client).groups_destroy("a")
        with pytest.raises(ApiConnectionException):
            AuthenticationApi(client).request_an_access_token("x", "id", "secret")


@pytest.mark.parametrize("status", [100, 102, 103])
def test_interim_response_is_not_returned_to_any_call(
    wire: Callable[..., Wire], status: int
) -> None:
    """Each call gets its own printer, though all go over one connection."""
    interim = b"HTTP/1.1 %d Wait\r\nLink: </x>\r\n\r\n" % status
    names = ["A", "B", "C"]
    server = wire(*(interim + ok(json.dumps({"serial": name}).encode()) for name in names))
    with client_of(server) as client:
        found = [PrintersApi(client).printers_retrieve(name).serial for name in names]
    assert found == names
    assert server.connections == 1


@pytest.mark.parametrize(
    "charset", ["iso-8859-1", "ISO-8859-1", '"latin1"', "utf-16", "windows-1252"]
)
def test_body_is_decoded_by_its_declared_charset(wire: Callable[..., Wire], charset: str) -> None:
    body = '[{"serial": "Prüfling"}]'.encode(charset.strip('"'))
    content_type = f"Content-Type: application/json; charset={charset}".encode()
    bare = ok(body, content_type).replace(b"Content-Type: application/json\r\n", b"", 1)
    refusal = bare.replace(b"200 OK", b"400 No")
    with client_of(wire(bare, refusal)) as client:
        assert PrintersApi(client).printers_list()[0].serial == "Prüfling"
        with pytest.raises(ApiException) as caught:
            PrintersApi(client).printers_list()
        assert caught.value.body == '[{"serial": "Prüfling"}]'


@pytest.fixture
def no_tls() -> Iterator[Tuple[str, List[int]]]:
    """The address of a server that closes every connection, and a list of its connections."""
    listener = socket.create_server(("127.0.0.1", 0))
    came: List[int] = []

    def hang_up() -> None:
        while True:
            try:
                connection, (_, port) = listener.accept()
            except OSError:
                return
            came.append(port)
            connection.sendall(b"this is no TLS\r\n")
            connection.close()

    thread = threading.Thread(target=hang_up, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}", came
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def test_failed_tls_handshake_counts_as_not_sent(no_tls: Tuple[str, List[int]]) -> None:
    """Therefore even a POST is retried."""
    host, came = no_tls
    with ApiClient(Configuration(host=host, access_token="t", retries=AT_ONCE)) as client:
        with pytest.raises(ApiConnectionException) as caught:
            PrinterGroupsApi(client).groups_create({"name": "x"})  # type: ignore[arg-type]
        assert caught.value.attempts == len(came) == 4


def test_refused_proxy_tunnel_counts_as_not_sent(wire: Callable[..., Wire]) -> None:
    proxy = wire(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", close=True)
    configuration = Configuration(
        host="https://service.example.com", access_token="t", retries=AT_ONCE
    )
    configuration.proxy = proxy.url
    with ApiClient(configuration) as client, pytest.raises(ApiConnectionException) as caught:
        PrinterGroupsApi(client).groups_create({"name": "x"})  # type: ignore[arg-type]
    assert caught.value.attempts == 4
    assert len(proxy.requests) == 4


def test_post_with_a_truncated_response_is_not_retried(wire: Callable[..., Wire]) -> None:
    server = wire(HEAD, close=True)
    with client_of(server) as client, pytest.raises(ApiConnectionException) as caught:
        PrinterGroupsApi(client).groups_create({"name": "x"})  # type: ignore[arg-type]
    assert caught.value.attempts == len(server.requests) == 1


def test_caught_urllib3_exception_has_the_attributes_of_urllib3() -> None:
    from urllib3.exceptions import MaxRetryError

    with ApiClient(
        Configuration(host="http://127.0.0.1:1", access_token="t", retries=False)
    ) as client, pytest.raises(MaxRetryError) as caught:
        TanksApi(client).tanks_list()
    assert caught.value.url == "/developer/v1/tanks/"
    assert caught.value.pool is None


def test_connection_error_texts_name_the_classes_of_urllib3(wire: Callable[..., Wire]) -> None:
    server = wire(None)
    with client_of(server, timeout=(5.0, 0.05)) as client, pytest.raises(
        ApiConnectionException
    ) as caught:
        TanksApi(client).tanks_list(_retries=0)
    assert "ReadTimeoutError: HTTPConnectionPool(host='127.0.0.1', port=" in str(caught.value)


def test_many_threads_cause_no_full_pool_warning(
    wire: Callable[..., Wire], caplog: pytest.LogCaptureFixture
) -> None:
    server = wire(ok(b'{"results": []}'))
    with client_of(server, rate_limits=None) as client:
        together = threading.Barrier(32)

        def call() -> None:
            together.wait()
            TanksApi(client).tanks_list()

        threads = [threading.Thread(target=call) for _ in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert "pool is full" not in caplog.text
