"""A call ends at its deadline, whatever the service sends, and a body has a largest size."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
import zlib
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any, Callable, Iterator
from unittest import mock

import pytest
import urllib3

from formlabs_web_api import (
    ApiClient,
    ApiConnectionException,
    ApiTimeoutException,
    ApiValueError,
    Configuration,
    ResponseException,
    RetryPolicy,
    TanksApi,
)
from test.support.loopback import Answer, Loopback

Drip = Callable[[], Iterator[bytes]]

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@contextmanager
def dripping(start: bytes, drop: bytes) -> Iterator[str]:
    """Serve ``start`` and then ``drop`` again and again, slower than no read timeout is."""
    ended = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    threads = []

    def serve(peer: socket.socket) -> None:
        with peer:
            try:
                peer.recv(65536)
                peer.sendall(start)
                while not ended.wait(0.02):
                    peer.sendall(drop)
            except OSError:
                return

    def accept() -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=serve, args=(peer,), daemon=True))
            threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in (accepting, *threads):
            thread.join()


DRIPS = {
    "body": (_HEAD + b"Content-Length: 1000000\r\n\r\n{", b" "),
    "body without a length": (_HEAD + b"\r\n{", b" "),
    "chunks": (_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "line of the head": (b"HTTP/1.1 200 OK\r\nX-A: ", b"a"),
    "lines of the head": (b"HTTP/1.1 200 OK\r\n", b"X-A: a\r\n"),
    "interim responses": (b"HTTP/1.1 103 Early\r\n\r\n", b"HTTP/1.1 103 Early\r\n\r\n"),
    "continue": (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body of an error": (
        b"HTTP/1.1 500 Oops\r\nContent-Length: 1000000\r\n\r\n",
        b" ",
    ),
}


@pytest.mark.parametrize("kind", DRIPS)
def test_dripping_response_ends_at_the_deadline(kind: str) -> None:
    with dripping(*DRIPS[kind]) as url:
        configuration = Configuration(host=url, access_token="t", deadline=0.3, retries=False)
        with ApiClient(configuration) as client, pytest.raises(ApiTimeoutException):
            TanksApi(client).tanks_list()


def test_deadline_of_one_call_takes_precedence_over_the_configured_one() -> None:
    with dripping(*DRIPS["body"]) as url:
        configuration = Configuration(host=url, access_token="t", retries=False)
        with ApiClient(configuration) as client, pytest.raises(ApiTimeoutException):
            TanksApi(client).tanks_list(_deadline=0.3)


def test_dripping_token_response_ends_with_the_call() -> None:
    with dripping(*DRIPS["body"]) as url:
        configuration = Configuration(host=url, client_id="i", client_secret="s", retries=False)
        with ApiClient(configuration) as client, pytest.raises(ApiTimeoutException):
            TanksApi(client).tanks_list(_deadline=0.3)


def test_no_attempt_begins_that_the_deadline_would_cut_off(service: Loopback) -> None:
    service.reply(503, {}, Retry_After="30")
    configuration = Configuration(
        host=service.url, access_token="t", deadline=5, retries=RetryPolicy(retry_after_max=60)
    )
    with ApiClient(configuration) as client, pytest.raises(Exception, match="503"):
        TanksApi(client).tanks_list()
    assert len(service.asked) == 1


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), "10", True])
def test_invalid_deadline_is_refused(value: Any) -> None:
    with pytest.raises(ApiValueError, match=r"^deadline is"):
        Configuration(deadline=value)


def bomb(size: int, encoding: str) -> bytes:
    content = b'{"results": [' + b" " * size + b"]}"
    if encoding == "gzip":
        return gzip.compress(content)
    return zlib.compress(content) if encoding == "deflate" else content


@pytest.mark.parametrize("encoding", ["", "gzip", "deflate"])
def test_body_beyond_the_largest_size_is_an_error(service: Loopback, encoding: str) -> None:
    headers = {"Content-Type": "application/json"}
    if encoding:
        headers["Content-Encoding"] = encoding
    service.queue(Answer(200, bomb(3_000_000, encoding), headers))
    configuration = Configuration(
        host=service.url, access_token="t", max_body_size=1_000_000, retries=False
    )
    wrong = "larger than max_body_size, 1,000,000 bytes"
    with ApiClient(configuration) as client, pytest.raises(ResponseException, match=wrong):
        TanksApi(client).tanks_list()


def test_body_that_is_compressed_twice_is_an_error(service: Loopback) -> None:
    body = gzip.compress(bomb(1_000_000, "gzip"))
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip, gzip"}
    service.queue(Answer(200, body, headers))
    configuration = Configuration(host=service.url, access_token="t", retries=False)
    wrong = "compressed more than once"
    with ApiClient(configuration) as client, pytest.raises(ApiConnectionException, match=wrong):
        TanksApi(client).tanks_list()


def test_memory_error_is_raised_unchanged_and_not_retried(service: Loopback) -> None:
    service.reply(200, {"count": 0, "next": None, "previous": None, "results": []})
    configuration = Configuration(host=service.url, access_token="t")
    data = mock.PropertyMock(side_effect=MemoryError)
    broken = mock.patch("urllib3.HTTPResponse.data", data)
    with ApiClient(configuration) as client, broken, pytest.raises(MemoryError):
        TanksApi(client).tanks_list()
    assert len(service.asked) == 1


def test_send_that_is_not_accepted_is_a_timeout() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    with listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        configuration = Configuration(host=url, access_token="t", timeout=0.3, retries=False)
        with ApiClient(configuration) as client, pytest.raises(ApiTimeoutException):
            client.rest_client.request("PUT", url + "/x", body=b"x" * 50_000_000)


def stub() -> urllib3.HTTPResponse:
    body = json.dumps([]).encode()
    headers = {"content-type": "application/json"}
    return urllib3.HTTPResponse(status=200, body=body, headers=headers)


def test_stub_on_the_pool_manager_keeps_the_request_from_the_network(service: Loopback) -> None:
    with ApiClient(Configuration(host=service.url, access_token="t")) as client:
        client.rest_client.pool_manager.request = mock.Mock(return_value=stub())  # type: ignore[method-assign]
        client.printers.list()
        with mock.patch("urllib3.PoolManager.request", return_value=stub()):
            client.printers.list()
        client.rest_client.pool_manager = SimpleNamespace(  # type: ignore[assignment]
            request=lambda *_, **__: stub()
        )
        client.printers.list()
    assert service.asked == []


@pytest.mark.parametrize("name", ["urllib3.PoolManager.request", "urllib3.PoolManager.urlopen"])
def test_stub_on_the_class_keeps_the_request_from_the_network(service: Loopback, name: str) -> None:
    client = ApiClient(Configuration(host=service.url, access_token="t"))
    with client, mock.patch(name, return_value=stub()):
        client.printers.list()
    assert service.asked == []


def test_settings_of_the_pool_manager_are_honoured(service: Loopback) -> None:
    service.reply(500, {})
    service.reply(200, [])
    configuration = Configuration(host=service.url, access_token="t", retries=False)
    with ApiClient(configuration) as client:
        retries = urllib3.Retry(1, status_forcelist=[500])
        client.rest_client.pool_manager.connection_pool_kw["retries"] = retries
        client.printers.list()
    assert len(service.asked) == 2


def test_threads_of_a_listing_end_with_its_iterator(service: Loopback) -> None:
    released = threading.Event()

    def answer(asked: Any) -> Any:
        number = int(asked.query.get("page", ["1"])[0])
        if number > 2:
            released.wait(30)
        rows = [{"serial": f"{number}-{index}"} for index in range(2)]
        return 200, {"count": 100, "next": "more", "previous": None, "results": rows}

    with pages_of(answer) as url:
        before = set(threading.enumerate())
        with ApiClient(Configuration(host=url, access_token="t")) as client:
            items = iter(client.tanks.iter(per_page=2, prefetch=4))
            for _ in range(3):
                next(items)
            items.close()  # type: ignore[attr-defined]
            left = [t.name for t in set(threading.enumerate()) - before if "page" in t.name]
        released.set()
    assert left == []


@contextmanager
def pages_of(answer: Callable[[Any], Any]) -> Iterator[str]:
    import http.server
    from urllib.parse import parse_qs, urlsplit

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            status, content = answer(SimpleNamespace(query=query))
            body = json.dumps(content).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_monotonic_clock_goes_on_while_time_is_frozen() -> None:
    from formlabs_web_api._util.real_time import monotonic

    frozen = mock.Mock(return_value=5.0)
    with mock.patch("time.monotonic", frozen), mock.patch("time.time", frozen):
        assert monotonic() != 5.0
        assert monotonic() <= monotonic()
    assert time.monotonic() != 5.0


@pytest.mark.parametrize("place", ["request of the manager", "manager", "request of the class"])
def test_stub_may_be_a_mock_that_has_every_attribute(service: Loopback, place: str) -> None:
    response = mock.Mock(status=200, reason="OK", data=b"[]", headers={})
    with ApiClient(Configuration(host=service.url, access_token="t", retries=False)) as client:
        rest: Any = client.rest_client
        patch: Any = nullcontext()
        if place == "manager":
            rest.pool_manager = mock.Mock()
        if place == "request of the class":
            patch = mock.patch("urllib3.PoolManager.request", return_value=response)
        else:
            rest.pool_manager.request = mock.Mock(return_value=response)
        with patch:
            assert client.tanks.list().results == []
    assert service.asked == []
