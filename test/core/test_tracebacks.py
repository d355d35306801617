"""A report of an error, with the local variables of each frame, shows no secret."""

from __future__ import annotations

import socket
import traceback
from typing import Any, Callable, Dict, Iterator, List, Optional

import pytest

from formlabs_web_api import ApiClient, AuthenticationApi, Configuration, TanksApi
from test.support.loopback import Answer, Asked, Loopback

SECRET = "hush-7Qx9"
AUTH = {"in": "header", "key": "X-Key", "value": SECRET}
QUERY_AUTH = {"in": "query", "key": "key", "value": SECRET}
Call = Callable[[ApiClient], object]


def asks_by_hand(spelling: str, **more: Any) -> Call:
    def call(client: ApiClient) -> object:
        api = AuthenticationApi(client)
        return getattr(api, f"request_an_access_token{spelling}")("x", "id", SECRET, **more)

    return call


CALLS: Dict[str, Call] = {
    "token": asks_by_hand(""),
    "token, with info": asks_by_hand("_with_http_info"),
    "token, raw": asks_by_hand("_without_preload_content"),
    "token, multipart": asks_by_hand("", _content_type="multipart/form-data"),
    "token, JSON": asks_by_hand("", _content_type="application/json"),
    "token, wrong": asks_by_hand("", _request_timeout="soon"),
    "revoke": lambda client: AuthenticationApi(client).revoke_an_access_token(SECRET, "id", SECRET),
    "header of a listing": lambda client: list(
        TanksApi(client).tanks_list_iter(_headers={"A": SECRET})
    ),
    "bytes": lambda client: TanksApi(client).tanks_list(_headers={"A": SECRET.encode()}),
    "auth of a listing": lambda client: list(TanksApi(client).tanks_list_iter(_request_auth=AUTH)),
    "auth in the query": lambda client: TanksApi(client).tanks_list(_request_auth=QUERY_AUTH),
    "auth without a key": lambda client: TanksApi(client).tanks_list(
        _request_auth={"value": SECRET}
    ),
    "auth nowhere": lambda client: TanksApi(client).tanks_list(
        _request_auth={**AUTH, "in": SECRET[:4]}
    ),
    "wrong argument": lambda client: TanksApi(client).tanks_list(page="x", _headers={"A": SECRET}),
}


def locals_of(error: BaseException) -> Iterator[str]:
    """Return the shown local variables of an exception and its causes, without frames of tests."""
    todo: List[Optional[traceback.TracebackException]] = [
        traceback.TracebackException.from_exception(error, capture_locals=True)
    ]
    for report in todo:  # grows while it is read
        if report is not None:
            yield from (
                f"{frame.filename} {frame.name}: {frame.locals}"
                for frame in report.stack
                if frame.filename != __file__
            )
            todo += [report.__cause__, None if report.__suppress_context__ else report.__context__]


def assert_hidden(call: Callable[[], object]) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011  # of whatever kind it is
        call()
    assert [line for line in locals_of(caught.value) if SECRET in line] == []
    assert SECRET not in str(caught.value) + repr(caught.value)


@pytest.fixture(params=["no answer", "half an answer", "500"])
def broken(request: Any, service: Loopback) -> Loopback:
    kinds = {
        "no answer": Answer(close=True),
        "half an answer": Answer(200, b"[1, 2, 3]", cut=5),
        "500": Answer(500, f"trouble with {SECRET}"),
    }
    service.answer = lambda asked: kinds[request.param]
    return service


@pytest.mark.parametrize("name", [name for name in CALLS if "raw" not in name])
def test_traceback_of_a_failed_call_shows_no_secret(
    broken: Loopback, client_of: Callable[..., ApiClient], name: str
) -> None:
    client = client_of(access_token="t", retries=False)
    assert_hidden(lambda: CALLS[name](client))


@pytest.mark.parametrize("name", CALLS)
def test_traceback_of_a_refused_connection_shows_no_secret(
    client_of: Callable[..., ApiClient], name: str
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"http://127.0.0.1:{unused.getsockname()[1]}"
        client = client_of(host=host, access_token="t", retries=False)
        assert_hidden(lambda: CALLS[name](client))


def test_traceback_of_a_failed_token_request_shows_no_default_header_or_cookie(
    broken: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    client = client_of(access_token=None, client_id="i", client_secret="s" * 9, retries=False)
    client.cookie = SECRET
    client.set_default_header("X-Gateway-Key", SECRET)
    assert_hidden(TanksApi(client).tanks_list)


def test_traceback_of_a_redirect_shows_no_signed_address(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    where = f"http://127.0.0.1:9/picture?Signature={SECRET}"
    service.reply(302, b"", Location=where)
    assert_hidden(TanksApi(client_of(access_token="t", retries=False)).tanks_list)


def test_traceback_of_an_invalid_setting_shows_no_secret() -> None:
    def with_a_proxy() -> None:
        Configuration().proxy = f"ftp://me:{SECRET}@127.0.0.1"

    assert_hidden(lambda: Configuration(host="nope", client_id="i", client_secret=SECRET))
    assert_hidden(lambda: Configuration(host="nope", access_token=SECRET))
    assert_hidden(lambda: Configuration(host=f"https://me:{SECRET}@example.com"))
    assert_hidden(with_a_proxy)


@pytest.mark.parametrize("how", ["default header", "call", "form", "revoke"])
def test_secret_that_the_service_echoes_is_redacted(
    service: Loopback, client_of: Callable[..., ApiClient], how: str
) -> None:
    def answer(asked: Asked) -> Answer:
        if how == "revoke" and asked.path.endswith("/o/token/"):
            return Answer(200, {"access_token": SECRET, "expires_in": 60})
        if how == "revoke" and asked.path.endswith("/tanks/"):
            return Answer(200, b"[]")
        return Answer(401, {"detail": f"{SECRET} is not known."})

    service.answer = answer
    client = client_of(access_token=None, client_id="id", client_secret="s" * 9, retries=False)

    def call() -> None:
        if how == "default header":
            client.set_default_header("Authorization", f"Bearer {SECRET}")
            TanksApi(client).tanks_list()
        elif how == "call":
            TanksApi(client).tanks_list(_request_auth=AUTH)
        elif how == "form":
            AuthenticationApi(client).request_an_access_token("x", "id", SECRET)
        else:
            TanksApi(client).tanks_list()
            client.revoke()

    with pytest.raises(Exception, match=r"\*\*\* is not known") as caught:
        call()
    assert SECRET not in str(caught.value)


def test_partly_initialized_objects_have_a_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMLABS_HOST", "nope")
    for make in (Configuration, ApiClient):
        with pytest.raises(ValueError, match="host") as caught:
            make()
        shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
        assert f"<{make.__name__}" in "".join(shown.format())
