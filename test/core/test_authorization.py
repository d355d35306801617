"""The token of a request, its sources, and the hosts that do not receive it."""

from __future__ import annotations

import threading
from typing import Any, Callable, Dict, List

import pytest

from formlabs_web_api import (
    ApiClient,
    ApiException,
    AuthenticationApi,
    AuthenticationException,
    PrinterGroupsApi,
    PrintsApi,
    ResponseException,
    UnauthorizedException,
)
from test.support.loopback import Answer, Asked, Loopback
from test.support.operations import BY_NAME, OPERATIONS, data_of
from test.support.token_server import REVOKE_PATH, TOKEN_PATH, TokenServer

MINE: Dict[str, Any] = {"access_token": None, "client_id": "id-of-an-app", "client_secret": "hush"}


def sent_to(service: Loopback, path: str) -> List[Asked]:
    return [asked for asked in service.asked if asked.path == path]


# An access token of the program


def test_access_token_set_after_creation_is_used(service: Loopback, client: ApiClient) -> None:
    service.reply(200, data_of("prints"))
    for token in ("first", "second"):
        client.configuration.access_token = token
        PrintsApi(client).prints_list()
        assert service.last.headers["authorization"] == f"Bearer {token}"


@pytest.mark.parametrize("name", ["Authorization", "authorization"])
def test_access_token_takes_precedence_over_a_default_authorization_header(
    service: Loopback, client: ApiClient, name: str
) -> None:
    service.reply(200, data_of("prints"))
    client.set_default_header(name, "Bearer default")
    client.configuration.access_token = "renewed"
    PrintsApi(client).prints_list()
    assert service.last.headers["authorization"] == "Bearer renewed"
    client.configuration.access_token = None
    PrintsApi(client).prints_list()
    assert service.last.headers["authorization"] == "Bearer default"


def test_authorization_header_of_a_call_takes_precedence_over_token_and_default(
    service: Loopback, client: ApiClient
) -> None:
    service.reply(200, data_of("prints"))
    client.set_default_header("Authorization", "Bearer default")
    PrintsApi(client).prints_list(_headers={"authorization": "Bearer mine"})
    assert service.last.headers["authorization"] == "Bearer mine"


AUTH_SETTINGS: List[Any] = [
    ({"in": "header", "key": "Authorization", "type": "bearer", "value": "Bearer x"}, None),
    ({"in": "header", "key": "X-Key", "type": "api_key", "value": "x"}, "x-key"),
    ({"in": "cookie", "key": "session", "type": "api_key", "value": "s=x"}, "cookie"),
]


@pytest.mark.parametrize(("auth_setting", "header"), AUTH_SETTINGS)
def test_request_auth_replaces_the_token_for_one_call(
    service: Loopback, client: ApiClient, auth_setting: Dict[str, str], header: Any
) -> None:
    service.reply(200, data_of("prints"))
    PrintsApi(client).prints_list(_request_auth=auth_setting)
    assert service.last.headers[header or "authorization"] == auth_setting["value"]
    assert (service.last.headers.get("authorization") is None) is (header is not None)
    PrintsApi(client).prints_list()
    assert service.last.headers["authorization"] == "Bearer token-of-a-test"


def test_request_auth_is_sent_in_the_query(service: Loopback, client: ApiClient) -> None:
    service.reply(200, data_of("prints"))
    PrintsApi(client).prints_list(
        page=1, _request_auth={"in": "query", "key": "key", "value": "x y"}
    )
    assert service.last.query == "page=1&key=x%20y"
    assert "authorization" not in service.last.headers


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if not one.secured], ids=str)
def test_token_requests_send_no_authorization_header(
    service: Loopback, client: ApiClient, operation: Any
) -> None:
    service.reply(200, operation.body)
    client.set_default_header("Authorization", "Bearer mine")
    auth = {"in": "header", "key": "Authorization", "value": "Bearer x"}
    operation.call(client, _request_auth=auth)
    assert "authorization" not in service.last.headers


def test_refused_access_token_of_the_program_is_kept(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    service.reply(401, {"detail": "Invalid token."})
    with pytest.raises(UnauthorizedException) as caught:
        PrintsApi(client_of(retries=False)).prints_list()
    assert type(caught.value) is UnauthorizedException
    assert len(service.asked) == 1


# The client's own token


def test_client_credentials_alone_authorize_a_call(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    tokens = TokenServer(service)
    prints = PrintsApi(client_of(**MINE))
    for _ in range(3):
        prints.prints_list()
    assert tokens.issued == ["t1"]
    first, *others = service.asked
    assert (first.method, first.path) == ("POST", TOKEN_PATH)
    assert first.form == {
        "grant_type": "client_credentials",
        "client_id": "id-of-an-app",
        "client_secret": "hush",
    }
    assert first.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "authorization" not in first.headers
    assert {asked.headers["authorization"] for asked in others} == {"Bearer t1"}


def test_threads_that_need_a_token_share_one_fetch(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    tokens = TokenServer(service)
    prints = PrintsApi(client_of(**MINE))
    together = threading.Barrier(8)
    failures: List[BaseException] = []

    def work() -> None:
        together.wait()
        try:
            prints.prints_list()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert tokens.issued == ["t1"]


def test_refused_token_is_replaced_once(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    tokens = TokenServer(service)
    client = client_of(**MINE, retries=False)
    PrintsApi(client).prints_list()
    tokens.revoked.append("t1")
    assert PrintsApi(client).prints_list().count == data_of("prints")["count"]
    assert tokens.issued == ["t1", "t2"]
    tokens.refuses_all = True
    with pytest.raises(UnauthorizedException) as caught:
        PrintsApi(client).prints_list()
    assert type(caught.value) is UnauthorizedException
    assert tokens.issued == ["t1", "t2", "t3"]


def test_post_refused_with_401_is_repeated_with_a_new_token(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    tokens = TokenServer(service)
    client = client_of(**MINE, retries=False)
    PrintsApi(client).prints_list()
    tokens.revoked.append("t1")
    operation = BY_NAME["groups_members_destroy"]
    raw = operation.call(client, "_without_preload_content")
    raw.read()
    assert [asked.json for asked in sent_to(service, operation.path)] == [operation.sends] * 2


@pytest.mark.parametrize("setting", ["access_token", "default header", "_request_auth"])
def test_explicit_authorization_takes_precedence_over_the_fetched_token(
    service: Loopback, client_of: Callable[..., ApiClient], setting: str
) -> None:
    service.reply(200, data_of("prints"))
    client = client_of(**{**MINE, "access_token": "x" if setting == "access_token" else None})
    more: Dict[str, Any] = {}
    if setting == "default header":
        client.set_default_header("Authorization", "Bearer x")
    if setting == "_request_auth":
        auth = {"in": "header", "key": "Authorization", "value": "Bearer x"}
        more = {"_request_auth": auth}
    PrintsApi(client).prints_list(**more)
    (asked,) = service.asked
    assert asked.headers["authorization"] == "Bearer x"


def test_revoke_ends_the_token_and_the_next_call_fetches_another(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    tokens = TokenServer(service)
    client = client_of(**MINE)
    client.revoke()
    assert service.asked == []
    PrintsApi(client).prints_list()
    client.revoke()
    assert tokens.revoked == ["t1"]
    assert sent_to(service, REVOKE_PATH)[0].form == {
        "token": "t1",
        "client_id": "id-of-an-app",
        "client_secret": "hush",
    }
    PrintsApi(client).prints_list()
    assert tokens.issued == ["t1", "t2"]


@pytest.mark.parametrize(("on_close", "revoked"), [(True, ["t1"]), (False, [])])
def test_revoke_on_close_revokes_the_token(
    service: Loopback, client_of: Callable[..., ApiClient], on_close: bool, revoked: List[str]
) -> None:
    tokens = TokenServer(service)
    with client_of(**MINE, revoke_on_close=on_close) as client:
        PrintsApi(client).prints_list()
    assert tokens.revoked == revoked


# No token


def test_error_without_credentials_names_the_settings(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    service.reply(401, {"detail": "Authentication credentials were not provided."})
    with pytest.raises(AuthenticationException) as caught:
        PrintsApi(client_of(access_token=None)).prints_list()
    message = str(caught.value)
    for what in ("no credentials", "client_id", "FORMLABS_CLIENT_ID", "FORMLABS_CLIENT_SECRET"):
        assert what in message
    assert "\n" not in message


GIVEN: List[Dict[str, Any]] = [
    {"_request_auth": {"in": "header", "key": "Authorization", "value": "Bearer x"}},
    {"_request_auth": {"in": "header", "key": "X-Key", "value": "x"}},
    {"_request_auth": {"in": "query", "key": "key", "value": "x"}},
    {"_headers": {"authorization": "Bearer x"}},
]


@pytest.mark.parametrize("given", GIVEN, ids=str)
def test_request_auth_of_one_call_needs_no_client_credentials(
    service: Loopback, client_of: Callable[..., ApiClient], given: Dict[str, Any]
) -> None:
    service.reply(401, {"detail": "Invalid token."})
    with pytest.raises(UnauthorizedException) as caught:
        PrintsApi(client_of(access_token=None)).prints_list(**given)
    assert type(caught.value) is UnauthorizedException
    assert "no credentials" not in str(caught.value)


def test_refused_manual_token_request_contains_no_advice(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    service.reply(401, {"error": "invalid_client"})
    with pytest.raises(UnauthorizedException) as caught:
        AuthenticationApi(client_of(access_token=None)).request_an_access_token("a", "b", "c")
    assert str(caught.value) == (f"401 Unauthorized: invalid_client (POST {TOKEN_PATH}, 1 attempt)")


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (401, {"error": "invalid_client"}, "401 Unauthorized: invalid_client"),
        (
            400,
            {"error": "invalid_grant", "error_description": "Wrong."},
            "400 Bad Request: invalid_grant; Wrong.",
        ),
        (200, {"detail": "odd"}, "200 OK, but there is no access_token in the response: odd"),
        (200, b"<html>", "200 OK, but there is no access_token in the response"),
        (302, b"", "302 Found"),
    ],
)
def test_refused_client_credentials_are_an_authentication_error(
    service: Loopback, client_of: Callable[..., ApiClient], status: int, body: Any, message: str
) -> None:
    service.reply(status, body)
    with pytest.raises(AuthenticationException) as caught:
        PrintsApi(client_of(**MINE, retries=False)).prints_list()
    error = caught.value
    assert str(error) == f"{message} (POST {TOKEN_PATH}, 1 attempt)"
    content = body if isinstance(body, dict) else {}
    assert error.error == content.get("error")
    assert error.error_description == content.get("error_description")
    assert len(service.asked) == 1


def test_authentication_api_fetches_and_revokes_a_token(
    service: Loopback, client: ApiClient
) -> None:
    service.reply(200, data_of("token"))
    token = AuthenticationApi(client).request_an_access_token("client_credentials", "id", "hush")
    assert token.access_token == "EXAMPLE-ACCESS-TOKEN"
    assert (token.expires_in, token.token_type, token.scope) == (86400, "Bearer", "developer-api")
    client.configuration.access_token = token.access_token
    service.reply(204)
    PrinterGroupsApi(client).groups_destroy("g")
    assert service.last.headers["authorization"] == "Bearer EXAMPLE-ACCESS-TOKEN"


@pytest.mark.parametrize("body", [{}, {"detail": "No."}, [], b""], ids=str)
def test_invalid_response_of_a_manual_token_request_is_an_error(
    service: Loopback, client: ApiClient, body: Any
) -> None:
    service.reply(200, body)
    call = AuthenticationApi(client).request_an_access_token
    if body == {}:
        assert call("client_credentials", "id", "hush").access_token is None
        return
    with pytest.raises(ResponseException):
        call("client_credentials", "id", "hush")


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_get_is_redirected_with_its_token_on_the_same_host(
    service: Loopback, client: ApiClient, status: int
) -> None:
    service.queue(Answer(status, b"", {"Location": "/developer/v1/prints/?page=2"}))
    service.reply(200, data_of("prints"))
    client.cookie = "session=1"
    assert PrintsApi(client).prints_list().results
    assert service.last.target == "/developer/v1/prints/?page=2"
    assert service.last.headers["authorization"] == "Bearer token-of-a-test"
    assert service.last.headers["cookie"] == "session=1"


@pytest.mark.parametrize("spelling", ["prints_list", "prints_list_without_preload_content"])
def test_redirect_to_another_host_sends_no_secret(
    service: Loopback, other_service: Loopback, client: ApiClient, spelling: str
) -> None:
    service.queue(Answer(302, b"", {"Location": f"{other_service.url}/prints/"}))
    other_service.reply(200, data_of("prints"))
    client.cookie = "session=hush"
    client.set_default_header("X-Api-Key", "hush")
    given = {"in": "header", "key": "X-Other-Key", "value": "hush"}
    answer = getattr(PrintsApi(client), spelling)(_request_auth=given)
    if spelling != "prints_list":
        answer.read()
    (asked,) = other_service.asked
    assert asked.path == "/prints/"
    assert "hush" not in str(asked.headers)
    assert "token-of-a-test" not in str(asked.headers)
    assert asked.headers["accept"] == "application/json"
    assert asked.headers["user-agent"] == client.user_agent


def test_redirect_to_another_host_does_not_send_the_fetched_token(
    service: Loopback, other_service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    other_service.reply(200, data_of("prints"))
    tokens = TokenServer(service)
    client = client_of(**MINE)
    PrintsApi(client).prints_list()
    service.answer = lambda _: Answer(307, b"", {"Location": other_service.url})
    PrintsApi(client).prints_list()
    assert "authorization" not in other_service.last.headers
    assert tokens.issued == ["t1"]


def test_redirect_to_another_name_of_the_host_sends_no_token(
    service: Loopback, client: ApiClient
) -> None:
    service.queue(Answer(302, b"", {"Location": f"http://localhost:{service.port}/prints/"}))
    service.reply(200, data_of("prints"))
    PrintsApi(client).prints_list()
    first, second = service.asked
    assert "authorization" in first.headers
    assert "authorization" not in second.headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.method != "GET"], ids=str)
def test_only_get_and_head_are_redirected(
    service: Loopback, other_service: Loopback, client: ApiClient, operation: Any, status: int
) -> None:
    service.reply(status, b"", Location=f"{other_service.url}/o/token/")
    with pytest.raises(ApiException) as caught:
        operation.call(client)
    assert caught.value.status == status
    assert other_service.asked == []
    assert len(service.asked) == 1


@pytest.mark.parametrize("status", [302, 307])
def test_token_request_with_credentials_is_not_redirected(
    service: Loopback, other_service: Loopback, client_of: Callable[..., ApiClient], status: int
) -> None:
    service.reply(status, b"", Location=f"{other_service.url}/o/token/")
    with pytest.raises(AuthenticationException):
        PrintsApi(client_of(**MINE, retries=False)).prints_list()
    assert other_service.asked == []


def test_redirect_loop_ends_with_an_error(service: Loopback, client: ApiClient) -> None:
    service.reply(302, b"", Location="/developer/v1/prints/")
    with pytest.raises(ApiException, match="302"):
        PrintsApi(client).prints_list()
    assert 2 <= len(service.asked) <= 10


@pytest.mark.parametrize(
    "location",
    ["http://[::1", "http://h:99999/", "http://h:x/", "ftp://h/", "//", "", "http://a b/", "\\"],
)
def test_redirect_with_an_invalid_location_is_an_error(
    service: Loopback, client: ApiClient, location: str
) -> None:
    service.reply(302, b"", Location=location)
    with pytest.raises(ApiException) as caught:
        PrintsApi(client).prints_list()
    assert caught.value.status in (0, 302)
