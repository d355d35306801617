"""Thumbnails are downloaded from their storage without the token, within limits."""

from __future__ import annotations

import traceback
from base64 import b64encode
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, Iterator

import pytest
import urllib3

from formlabs_web_api import ApiClient, Configuration, PrintsApi
from formlabs_web_api.exceptions import (
    ApiConnectionException,
    ApiException,
    ApiTimeoutException,
    ApiValueError,
    ForbiddenException,
    NotFoundException,
    ResponseException,
)
from formlabs_web_api.models import MyPrintRunReadOnly
from formlabs_web_api.sandbox import Sandbox
from test.support.loopback import Answer, Loopback
from test.support.shapes import print_run

PNG = b"\x89PNG\r\n\x1a\n made up"
SIGNATURE = "EXAMPLEsignature"


def run_at(address: str) -> MyPrintRunReadOnly:
    return print_run(print_thumbnail={"thumbnail": address})


def signed(service: Loopback, **ago: float) -> MyPrintRunReadOnly:
    """Return a print whose thumbnail address expired ``ago``."""
    expires = int((datetime.now(timezone.utc) - timedelta(**ago)).timestamp())
    return run_at(f"{service.url}/1.png?Signature={SIGNATURE}&Expires={expires}")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    pytest.importorskip("starlette")
    with Sandbox(seed=1) as running:
        yield running


def test_1_6_thumbnail_is_fetched_without_the_token(sandbox: Sandbox) -> None:
    configuration = Configuration(
        host=sandbox.url, client_id=sandbox.client_id, client_secret=sandbox.client_secret
    )
    with ApiClient(configuration) as client:
        run = PrintsApi(client).prints_list(per_page=1).results[0]
        assert run.thumbnail().startswith(b"\x89PNG"), "the sandbox refuses it with a token"
        through_the_client = run.thumbnail(pool=client.rest_client.pool_manager)
        assert through_the_client.startswith(b"\x89PNG")


def test_1_6_error_names_the_time_at_which_the_thumbnail_address_expired(service: Loopback) -> None:
    service.reply(403, "<Error><Code>AccessDenied</Code></Error>")
    run = signed(service, minutes=1)
    with pytest.raises(ForbiddenException, match=r"expired at .* read the print again") as caught:
        run.thumbnail()
    assert SIGNATURE not in "".join(traceback.format_exception(None, caught.value, None))


def test_error_names_the_expiry_of_a_thumbnail_address_signed_by_amz_headers(
    service: Loopback,
) -> None:
    service.reply(403)
    run = run_at(f"{service.url}/1.png?X-Amz-Date=20260605T100000Z&X-Amz-Expires=7200")
    with pytest.raises(ForbiddenException, match="expired at 2026-06-05 12:00 UTC"):
        run.thumbnail()


@pytest.mark.parametrize(
    "query", ["", "?Expires=soon", "?Expires=99999999999999999999", "?X-Amz-Date=1&X-Amz-Expires=1"]
)
def test_refused_thumbnail_without_a_readable_expiry_is_not_called_expired(
    service: Loopback, query: str
) -> None:
    service.reply(404)
    with pytest.raises(NotFoundException, match="refused") as caught:
        run_at(f"{service.url}/1.png{query}").thumbnail()
    assert "expired" not in str(caught.value)


def test_refused_thumbnail_before_its_expiry_is_not_called_expired(service: Loopback) -> None:
    service.reply(403)
    with pytest.raises(ForbiddenException, match="refused"):
        signed(service, minutes=-5).thumbnail()


def test_thumbnail_request_sends_no_credentials_of_the_pool(service: Loopback) -> None:
    service.reply(200, PNG)
    pool = urllib3.PoolManager(headers={"Authorization": "Bearer token-of-a-test"})
    assert signed(service).thumbnail(pool=pool) == PNG
    assert "authorization" not in service.last.headers
    assert "cookie" not in service.last.headers


def test_thumbnail_larger_than_max_bytes_is_an_error(service: Loopback) -> None:
    service.reply(200, b"x" * 1_001)
    with pytest.raises(ResponseException, match="larger than 1,000 bytes"):
        signed(service).thumbnail(max_bytes=1_000)
    assert len(signed(service).thumbnail(max_bytes=1_001)) == 1_001


def test_thumbnail_of_many_chunks_is_complete(service: Loopback) -> None:
    service.reply(200, PNG * 5_000)
    assert signed(service).thumbnail() == PNG * 5_000


def test_thumbnail_storage_that_closes_the_connection_is_a_connection_error(
    service: Loopback,
) -> None:
    service.answer = lambda _: Answer(close=True)
    with pytest.raises(ApiConnectionException, match=r"no thumbnail from 127\.0\.0\.1") as caught:
        signed(service).thumbnail()
    assert SIGNATURE not in "".join(traceback.format_exception(None, caught.value, None))


def test_thumbnail_storage_that_does_not_respond_is_a_timeout() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        run = run_at(f"http://127.0.0.1:{silent.getsockname()[1]}/1.png?Signature={SIGNATURE}")
        with pytest.raises(ApiTimeoutException):
            run.thumbnail(timeout=0.05)


def test_thumbnail_storage_that_refuses_connections_is_not_a_timeout() -> None:
    with pytest.raises(ApiConnectionException) as caught:
        run_at("http://127.0.0.1:9/1.png").thumbnail()
    assert not isinstance(caught.value, ApiTimeoutException)


def test_redirect_of_a_thumbnail_is_not_followed(service: Loopback) -> None:
    service.reply(302, b"", Location=f"{service.url}/elsewhere")
    with pytest.raises(ApiException):
        signed(service).thumbnail()
    assert len(service.asked) == 1


@pytest.mark.parametrize("address", ["", "file:///etc/passwd", "ftp://example.com/1.png", "http:"])
def test_thumbnail_address_that_is_not_http_is_refused(address: str) -> None:
    with pytest.raises(ApiValueError, match="thumbnail"):
        run_at(address).thumbnail()


@pytest.mark.parametrize(
    "address", ["http://storage.example.com\\@127.0.0.1/1.png", "http://a@b@127.0.0.1/1.png"]
)
def test_thumbnail_address_with_an_ambiguous_host_is_refused(address: str) -> None:
    with pytest.raises(ApiValueError, match="the thumbnail's address cannot be used") as caught:
        run_at(f"{address}?Signature={SIGNATURE}").thumbnail()
    assert SIGNATURE not in "".join(traceback.format_exception(None, caught.value, None))


def test_print_without_a_thumbnail_is_an_error() -> None:
    with pytest.raises(ApiValueError, match="no thumbnail"):
        print_run(print_thumbnail=None).thumbnail()


@pytest.mark.parametrize("settings", [{"timeout": 0}, {"max_bytes": 0}, {"timeout": "5"}])
def test_thumbnail_limits_that_are_not_positive_numbers_are_refused(
    settings: Dict[str, Any],
) -> None:
    with pytest.raises(ValueError, match=r"timeout|max_bytes"):
        run_at("https://pictures.example.com/1.png").thumbnail(**settings)


@pytest.mark.parametrize("name", ["http_proxy", "all_proxy"])
def test_thumbnail_is_fetched_through_the_proxy_of_the_environment(
    service: Loopback, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    service.reply(200, PNG)
    monkeypatch.setenv(name, f"http://me:p%40ss@127.0.0.1:{service.port}")
    assert run_at("http://pictures.example.com/1.png").thumbnail() == PNG
    assert service.last.target == "http://pictures.example.com/1.png"
    user = b64encode(b"me:p@ss").decode()
    assert service.last.headers["proxy-authorization"] == f"Basic {user}"


def test_thumbnail_of_a_host_in_no_proxy_is_fetched_directly(
    service: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.reply(200, PNG)
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.0/8")
    assert signed(service).thumbnail() == PNG
    assert service.last.path == "/1.png"
