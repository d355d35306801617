"""The request log contains each request without credentials."""

from __future__ import annotations

import json
from typing import Any, Dict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formlabs_web_api.sandbox.http.redaction import redact_body, redact_headers, redact_query
from formlabs_web_api.sandbox.http.request_log import LoggedRequest
from test.sandbox.caller import Caller

SECRET = "zq8Kx0vD3fTn-hidden_me"


def last_request(caller: Caller, method: str, path: str, **sent: Any) -> LoggedRequest:
    caller.sandbox.forget_requests()
    caller(method, path, **sent)
    return caller.sandbox.requests[-1]


@pytest.mark.parametrize(
    "sent",
    [
        {"headers": {"X-Api-Key": SECRET}},
        {"headers": {"X-Auth-Token": SECRET}},
        {"headers": {"Authorization": f"Bearer {SECRET}"}},
        {"headers": {"Proxy-Authorization": f"Basic {SECRET}"}},
        {"headers": {"Cookie": f"session={SECRET}"}},
        {"headers": {"X-Forwarded-Credential": SECRET}},
        {"headers": {"X-Note": f"I use Bearer {SECRET} today"}},
        {"body": json.dumps({"user": "ana", "password": SECRET})},
        {"body": json.dumps([{"nested": {"access_token": SECRET, "name": "x"}}])},
        {"body": json.dumps({"name": f"Bearer {SECRET}"})},
        {"body": '{"client_secret": "' + SECRET},
        {"body": "{'client_secret': '" + SECRET + "'}"},
        {"body": f"client_secret={SECRET}&name=x"},
        {"fields": {"client_secret": SECRET, "name": "x"}, "encode_multipart": True},
        {"fields": {"client_secret": SECRET, "name": "x"}, "encode_multipart": False},
    ],
)
def test_no_credential_is_logged_for_a_group(caller: Caller, sent: Dict[str, Any]) -> None:
    request = last_request(caller, "POST", "/groups/", **sent)
    assert SECRET not in repr(request)
    assert "[hidden]" in repr(request)


@pytest.mark.parametrize(
    "query",
    [
        f"token={SECRET}",
        f"access_token={SECRET}&page=1",
        f"api-key={SECRET}",
        f"X-Amz-Signature={SECRET}",
        f"page=1&q=Bearer%20{SECRET}",
    ],
)
def test_no_credential_in_a_query_is_logged(reader: Caller, query: str) -> None:
    request = last_request(reader, "GET", "/printers/?" + query)
    assert SECRET not in repr(request)


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data"])
def test_a_token_call_shows_only_harmless_fields(reader: Caller, content_type: str) -> None:
    body = json.dumps({"grant_type": "password", "client_id": "a", "anything": SECRET})
    headers = {"Content-Type": content_type}
    request = last_request(reader, "POST", "/o/token/", body=body, headers=headers)
    assert SECRET not in repr(request)


def test_secret_and_tokens_of_the_sandbox_are_hidden_in_every_field(reader: Caller) -> None:
    secret, token = reader.sandbox.client_secret, reader.token()
    for known in (secret, token):
        request = last_request(reader, "GET", f"/printers/{known}/?name={known}")
        assert known not in repr(request)
    request = last_request(reader, "POST", "/groups/", body={"name": token, "x": secret})
    assert token not in repr(request)
    assert secret not in repr(request)


def test_request_without_credentials_is_logged_unchanged(reader: Caller) -> None:
    body = '{ "name":  "Night shift" }'
    headers = {"X-Trace": "abc"}
    request = last_request(reader, "POST", "/prints/?name=key&page=2", body=body, headers=headers)
    assert request.body == body
    assert request.query == {"name": ["key"], "page": ["2"]}
    assert (request.method, request.path) == ("POST", "/developer/v1/prints/")
    assert request.headers["x-trace"] == "abc"


names = st.sampled_from(["token", "Client-Secret", "api_key", "PASSWORD", "sessionid", "authToken"])


@given(names, st.recursive(st.just(SECRET), lambda inner: st.lists(inner, min_size=1) | inner))
def test_any_value_under_a_secret_name_is_hidden(name: str, value: Any) -> None:
    assert SECRET not in redact_body(json.dumps({"a": [{name: value}]}), "application/json", False)
    assert SECRET not in repr(redact_headers({name: SECRET}))
    assert SECRET not in repr(redact_query(f"{name}={SECRET}"))


@given(st.text(), st.text(max_size=60), st.booleans())
def test_any_body_of_any_type_is_logged(body: str, content_type: str, is_token_call: bool) -> None:
    assert isinstance(redact_body(body, content_type, is_token_call), str)
    redact_body(body, "multipart/form-data; boundary=" + content_type, is_token_call)


def test_a_body_that_is_nested_too_deeply_is_hidden() -> None:
    assert redact_body("[" * 500 + "]" * 500, "application/json", False) == "[hidden]"
    redact_body("[" * 200_000 + "]" * 200_000, "application/json", False)
