"""Access tokens are fetched, renewed after a 401 and revoked."""

from __future__ import annotations

from typing import Callable, Optional, Type

import pytest

from formlabs_web_api import (
    ApiClient,
    ApiException,
    ApiValueError,
    AuthenticationException,
    RateLimitException,
    ServiceException,
    TanksApi,
    UnauthorizedException,
)
from formlabs_web_api.retry import RetryPolicy
from test.support.loopback import Answer, Loopback
from test.support.retrying import REJECTED, UNCERTAIN
from test.support.token_server import TOKEN_PATH, TokenServer

CREDENTIALS = {"access_token": None, "client_id": "an-id", "client_secret": "hush"}


def test_token_renewal_after_401_does_not_count_as_a_retry(
    service: Loopback, retrying_client_of: Callable[..., ApiClient]
) -> None:
    tokens = TokenServer(service, Answer(401), Answer(500), Answer(401), Answer(200, b"[]"))
    client = retrying_client_of(**CREDENTIALS, retries=RetryPolicy(attempts=2, backoff_base=0))
    TanksApi(client).tanks_list()
    assert tokens.bearers == ["Bearer t1", "Bearer t2", "Bearer t2", "Bearer t3"]


def test_second_401_in_a_row_is_an_unauthorized_error(
    service: Loopback, retrying_client_of: Callable[..., ApiClient]
) -> None:
    tokens = TokenServer(service, Answer(401, {"detail": "Token is no longer good."}))
    with pytest.raises(UnauthorizedException) as caught:
        TanksApi(retrying_client_of(**CREDENTIALS)).tanks_list()
    assert tokens.bearers == ["Bearer t1", "Bearer t2"]
    assert caught.value.attempts == 2
    assert caught.value.detail == "Token is no longer good."
    assert not isinstance(caught.value, AuthenticationException)


@pytest.mark.parametrize(
    ("answer", "kind", "attempts"),
    [
        (Answer(500, {"error": "server_error"}), ServiceException, 4),
        (Answer(502, "<html>Bad Gateway</html>"), ServiceException, 4),
        (Answer(429, "", {"Retry-After": "300"}), RateLimitException, 1),
    ],
    ids=["500", "HTML", "429"],
)
def test_failing_token_endpoint_is_not_an_error_of_the_credentials(
    service: Loopback,
    retrying_client_of: Callable[..., ApiClient],
    answer: Answer,
    kind: Type[ApiException],
    attempts: int,
) -> None:
    tokens = TokenServer(service, Answer(200, b"[]"))
    tokens.token_answers = [answer]
    with pytest.raises(kind) as caught:
        TanksApi(retrying_client_of(**CREDENTIALS)).tanks_list()
    assert not isinstance(caught.value, UnauthorizedException)
    assert (caught.value.path, caught.value.attempts) == (TOKEN_PATH, attempts)
    assert getattr(caught.value, "retry_after", 300) == 300


@pytest.mark.parametrize(
    "trouble", [*REJECTED.values(), *UNCERTAIN.values()], ids=[*REJECTED, *UNCERTAIN]
)
def test_token_request_is_retried_although_it_is_a_post(
    service: Loopback, retrying_client_of: Callable[..., ApiClient], trouble: Answer
) -> None:
    tokens = TokenServer(service, Answer(200, b"[]"))
    fine = Answer(200, {"access_token": "t9", "expires_in": 86400})
    tokens.token_answers = [trouble, trouble, trouble, fine]
    TanksApi(retrying_client_of(**CREDENTIALS)).tanks_list()
    assert tokens.bearers == ["Bearer t9"]
    assert len(service.asked) == 5


@pytest.mark.parametrize(
    ("answer", "error", "description", "attempts"),
    [
        (
            Answer(400, {"error": "invalid_grant", "error_description": "Invalid credentials."}),
            "invalid_grant",
            "Invalid credentials.",
            1,
        ),
        (Answer(401, {"error": "invalid_client"}), "invalid_client", None, 1),
        (Answer(302, b"", {"Location": "https://elsewhere.example.com/"}), None, None, 1),
        (Answer(200, "<html>maintenance</html>"), None, None, 1),
        (Answer(200, {"token": "x"}), None, None, 1),
    ],
    ids=["400", "401", "redirect", "200 HTML", "200 without"],
)
def test_token_response_without_a_token_is_an_authentication_error(
    service: Loopback,
    retrying_client_of: Callable[..., ApiClient],
    answer: Answer,
    error: Optional[str],
    description: Optional[str],
    attempts: int,
) -> None:
    tokens = TokenServer(service, Answer(200, b"[]"))
    tokens.token_answers = [answer]
    with pytest.raises(AuthenticationException) as caught:
        TanksApi(retrying_client_of(**CREDENTIALS)).tanks_list()
    assert (caught.value.error, caught.value.error_description) == (error, description)
    assert caught.value.attempts == attempts
    assert caught.value.path == TOKEN_PATH
    assert {asked.path for asked in service.asked} == {TOKEN_PATH}


@pytest.mark.parametrize("trouble", [Answer(500), Answer(close=True)], ids=["500", "closed"])
def test_retries_of_a_token_renewal_do_not_multiply_with_those_of_the_call(
    service: Loopback, retrying_client_of: Callable[..., ApiClient], trouble: Answer
) -> None:
    tokens = TokenServer(service, Answer(200, b"[]"), Answer(401))
    client = retrying_client_of(**CREDENTIALS)
    TanksApi(client).tanks_list()
    tokens.token_answers = [trouble]
    service.asked.clear()
    with pytest.raises(ApiException) as caught:
        TanksApi(client).tanks_list()
    assert [asked.path for asked in service.asked] == ["/developer/v1/tanks/", *[TOKEN_PATH] * 4]
    assert (caught.value.path, caught.value.attempts) == (TOKEN_PATH, 4)


def test_client_closes_even_if_its_token_cannot_be_revoked(
    service: Loopback,
    retrying_client_of: Callable[..., ApiClient],
    caplog: pytest.LogCaptureFixture,
) -> None:
    TokenServer(service, Answer(200, b"[]"), Answer(500))
    client = retrying_client_of(**CREDENTIALS, revoke_on_close=True)
    TanksApi(client).tanks_list()
    client.close()
    assert "could not be revoked: 500" in caplog.text
    client.close()


def test_revoke_on_a_closed_client_raises_and_sends_nothing(
    service: Loopback, retrying_client_of: Callable[..., ApiClient]
) -> None:
    TokenServer(service, Answer(200, b"[]"))
    client = retrying_client_of(**CREDENTIALS)
    TanksApi(client).tanks_list()
    client.close()
    service.asked.clear()
    with pytest.raises(ApiValueError, match="closed"):
        client.revoke()
    assert service.asked == []
