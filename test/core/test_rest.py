"""The REST client, as scripts use it: requests, responses and bodies."""

from __future__ import annotations

import gzip
import io
import json
from typing import Any, Dict, Iterator, Optional

import pytest
import urllib3

from formlabs_web_api import ApiConnectionException, ApiException, ApiValueError, Configuration
from formlabs_web_api.rest import (
    SUPPORTED_SOCKS_PROXIES,
    RESTClientObject,
    RESTResponse,
    is_socks_proxy_url,
)
from test.support.loopback import Answer, Loopback

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def rest(service: Loopback) -> Iterator[RESTClientObject]:
    made = RESTClientObject(Configuration(host=service.url))
    yield made
    made.close()


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "POST", "PUT", "PATCH", "OPTIONS"])
def test_request_sends_method_url_headers_and_body(
    service: Loopback, rest: RESTClientObject, method: str
) -> None:
    service.reply(200, b"content", X_Trace="1")
    response = rest.request(method, f"{service.url}/a?b=c", headers={"A": "b"})
    assert isinstance(response, RESTResponse)
    assert isinstance(response, io.IOBase)
    assert (response.status, response.reason, response.data) == (200, "OK", None)
    assert response.getheader("x-trace") == "1"
    assert response.getheader("x-other") is None
    assert response.getheader("x-other", "default") == "default"
    assert response.getheaders()["X-TRACE"] == "1"
    assert response.headers["x-trace"] == "1"
    expected = b"" if method == "HEAD" else b"content"
    assert response.read() == response.read() == response.data == expected
    assert isinstance(response.response, urllib3.HTTPResponse)
    assert (service.last.method, service.last.target) == (method, "/a?b=c")
    assert service.last.headers["a"] == "b"


BODIES: Dict[str, Any] = {
    "json": ("application/json", {"a": "ä"}, None, b'{"a": "\\u00e4"}'),
    "json by default": (None, {"a": None}, None, b'{"a": null}'),
    "json of another name": ("application/merge-patch+json", [1], None, b"[1]"),
    "json false": ("application/json", False, None, b"false"),
    "json empty": ("application/json", {}, None, b"{}"),
    "json null": ("application/json", None, None, b""),
    "form": (FORM, None, [("a", "ä b"), ("a", 1), ("b", True)], b"a=%C3%A4+b&a=1&b=true"),
    "form of an object": (FORM, None, [("a", {"b": [1]})], b"a=%7B%22b%22%3A+%5B1%5D%7D"),
    "form of bytes": (FORM, None, [("a", b"b c")], b"a=b+c"),
    "text": ("text/plain", "ä", None, "ä".encode()),
    "bytes": ("application/octet-stream", b"\x00\xff", None, b"\x00\xff"),
    "nothing": (None, None, None, b""),
}


@pytest.mark.parametrize("case", BODIES)
def test_body_is_encoded_by_its_content_type(
    service: Loopback, rest: RESTClientObject, case: str
) -> None:
    content_type, body, fields, sent = BODIES[case]
    service.reply(200)
    headers: Dict[str, str] = {"Content-Type": content_type} if content_type else {}
    rest.request("POST", service.url, headers=headers, body=body, post_params=fields).read()
    assert service.last.body == sent
    assert service.last.headers.get("content-type") == content_type
    assert headers == ({"Content-Type": content_type} if content_type else {})


def test_multipart_form_is_encoded(service: Loopback, rest: RESTClientObject) -> None:
    service.reply(200)
    fields = [
        ("a", "b"),
        ("o", {"x": 1}),
        ("r", b"raw"),
        ("f", ("n.txt", b"content", "text/plain")),
    ]
    rest.request(
        "POST", service.url, headers={"content-type": "multipart/form-data"}, post_params=fields
    ).read()
    content_type = service.last.headers["content-type"]
    assert content_type.startswith("multipart/form-data; boundary=")
    boundary = content_type.partition("boundary=")[2].encode()
    parts = service.last.body.split(b"--" + boundary)
    assert len(parts) == 6
    assert b'name="a"\r\n\r\nb\r\n' in parts[1]
    assert b'name="o"\r\n\r\n{"x": 1}\r\n' in parts[2]
    assert b'name="r"\r\n\r\nraw\r\n' in parts[3]
    assert b'filename="n.txt"\r\nContent-Type: text/plain\r\n\r\ncontent\r\n' in parts[4]


@pytest.mark.parametrize(
    ("content_type", "body", "fields", "named"),
    [
        ("application/json", {"a": 1}, [("b", 2)], "body"),
        ("application/xml", {"a": 1}, None, "application/xml"),
        ("text/csv", [1, 2], None, "text/csv"),
    ],
)
def test_body_that_cannot_be_encoded_is_refused(
    service: Loopback,
    rest: RESTClientObject,
    content_type: str,
    body: Any,
    fields: Any,
    named: str,
) -> None:
    with pytest.raises((ApiException, ApiValueError), match=named):
        rest.request("POST", service.url, {"Content-Type": content_type}, body, fields)
    assert service.asked == []


@pytest.mark.parametrize("size", [0, 1, 100_000])
def test_compressed_response_is_decompressed(
    service: Loopback, rest: RESTClientObject, size: int
) -> None:
    content = b"x" * size
    service.queue(Answer(200, gzip.compress(content), {"Content-Encoding": "gzip"}))
    assert rest.request("GET", service.url).read() == content


def test_rest_client_follows_no_redirect(
    service: Loopback, other_service: Loopback, rest: RESTClientObject
) -> None:
    service.reply(302, b"", Location=other_service.url)
    response = rest.request("GET", service.url)
    assert (response.status, response.read()) == (302, b"")
    assert other_service.asked == []


def test_truncated_response_raises_when_it_is_read(
    service: Loopback, rest: RESTClientObject
) -> None:
    service.queue(Answer(200, b"0123456789", cut=3))
    response = rest.request("GET", service.url)
    assert response.status == 200
    with pytest.raises(ApiConnectionException):
        response.read()


def test_rest_client_does_not_retry(service: Loopback, rest: RESTClientObject) -> None:
    service.reply(503, b"", Retry_After="1")
    response = rest.request("GET", service.url)
    assert (response.status, response.read()) == (503, b"")
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("socks5://127.0.0.1:1080", True),
        ("SOCKS5H://127.0.0.1", True),
        ("socks4://x", True),
        ("socks4a://x", True),
        ("http://127.0.0.1", False),
        ("socks6://x", False),
        ("socks5", False),
        ("", False),
        (None, False),
    ],
)
def test_socks_proxies_are_recognized_by_their_scheme(url: Optional[str], is_one: bool) -> None:
    assert is_socks_proxy_url(url) is is_one
    assert {"socks4", "socks4a", "socks5", "socks5h"} == SUPPORTED_SOCKS_PROXIES


def test_large_response_is_complete(service: Loopback, rest: RESTClientObject) -> None:
    rows = [{"guid": str(n), "name": "part " * 20} for n in range(5000)]
    service.reply(200, rows)
    assert json.loads(rest.request("GET", service.url).read()) == rows
