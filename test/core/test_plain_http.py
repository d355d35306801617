"""Credentials leave this computer over https only, unless a program allows otherwise."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from formlabs_web_api import ApiClient, ApiValueError, AuthenticationApi, Configuration, TanksApi
from test.support.loopback import Loopback
from test.support.operations import data_of

FAR = "http://api.example.com"


def client_through(proxy: Loopback, **settings: Any) -> ApiClient:
    configuration = Configuration(host=FAR, retries=False, **settings)
    configuration.proxy = proxy.url
    return ApiClient(configuration)


def test_client_credentials_are_not_sent_over_plain_http(service: Loopback) -> None:
    with client_through(service, client_id="id", client_secret="hush-7Qx9") as client:
        with pytest.raises(ApiValueError, match=r"allow_plain_http=True") as caught:
            TanksApi(client).tanks_list()
        with pytest.raises(ApiValueError, match=r"allow_plain_http=True"):
            AuthenticationApi(client).request_an_access_token("x", "id", "hush-7Qx9")
    assert "hush-7Qx9" not in str(caught.value)
    assert service.asked == []


def test_client_credentials_are_sent_over_plain_http_when_allowed(service: Loopback) -> None:
    service.reply(200, {"access_token": "t1", "expires_in": 3600})
    service.reply(200, data_of("tanks"))
    settings = {"client_id": "id", "client_secret": "hush-7Qx9", "allow_plain_http": True}
    with client_through(service, **settings) as client:
        TanksApi(client).tanks_list()
    assert len(service.asked) == 2


def test_environment_allows_plain_http(service: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMLABS_ALLOW_PLAIN_HTTP", "1")
    service.reply(200, {"access_token": "t1", "expires_in": 3600})
    service.reply(200, data_of("tanks"))
    with client_through(service, client_id="id", client_secret="hush-7Qx9") as client:
        TanksApi(client).tanks_list()
    assert len(service.asked) == 2
    refusing = Configuration(allow_plain_http=False)
    assert refusing.allow_plain_http is False


@pytest.mark.parametrize(
    ("text", "allowed"), [("true", True), (" YES ", True), ("0", False), ("no", False), ("", False)]
)
def test_environment_variable_of_plain_http_is_read_as_yes_or_no(
    monkeypatch: pytest.MonkeyPatch, text: str, allowed: bool
) -> None:
    monkeypatch.setenv("FORMLABS_ALLOW_PLAIN_HTTP", text)
    assert Configuration().allow_plain_http is allowed


def test_other_text_for_plain_http_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMLABS_ALLOW_PLAIN_HTTP", "http://sandbox:8000")
    with pytest.raises(ApiValueError, match="FORMLABS_ALLOW_PLAIN_HTTP"):
        Configuration()


@pytest.mark.parametrize("allowed", [False, True])
def test_access_token_over_plain_http_is_sent_with_one_warning(
    service: Loopback, caplog: pytest.LogCaptureFixture, allowed: bool
) -> None:
    service.reply(200, data_of("tanks"))
    caplog.set_level(logging.WARNING)
    with client_through(service, access_token="hush-7Qx9", allow_plain_http=allowed) as client:
        TanksApi(client).tanks_list()
        TanksApi(client).tanks_list()
    warned = [record.getMessage() for record in caplog.records if "plain http" in record.message]
    assert len(warned) == (0 if allowed else 1)
    assert "hush-7Qx9" not in caplog.text
    assert len(service.asked) == 2


def test_another_host_is_checked_after_calls_to_this_computer(service: Loopback) -> None:
    service.reply(200, {"access_token": "t1", "expires_in": 3600})
    service.reply(200, data_of("tanks"))
    configuration = Configuration(
        host=service.url, client_id="id", client_secret="hush-7Qx9", retries=False
    )
    with ApiClient(configuration) as client:
        TanksApi(client).tanks_list()
        for host in (FAR, service.url.replace("127.0.0.1", "127.0.0.1.example.com")):
            client.tokens.forget("t1")
            configuration.host = host
            with pytest.raises(ApiValueError, match="allow_plain_http=True"):
                TanksApi(client).tanks_list()
    assert len(service.asked) == 2
