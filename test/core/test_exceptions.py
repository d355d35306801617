"""The exceptions: their classes, texts, attributes and pickling."""

from __future__ import annotations

import builtins
import copy
import json
import pickle
from typing import Any, Callable, Dict, List, Type

import pytest
import urllib3.exceptions

import formlabs_web_api
import formlabs_web_api.exceptions
import formlabs_web_api.rest
from formlabs_web_api import (
    ApiAttributeError,
    ApiClient,
    ApiConnectionException,
    ApiException,
    ApiKeyError,
    ApiTimeoutException,
    ApiTypeError,
    ApiValueError,
    AuthenticationApi,
    AuthenticationException,
    BadRequestException,
    NotFoundException,
    OpenApiException,
    PrintsApi,
    RateLimitException,
    ServiceException,
    UnauthorizedException,
)
from formlabs_web_api.exceptions import render_path
from test.support.loopback import Answer, Loopback
from test.support.operations import data_of


def caught_from(client: ApiClient, **arguments: Any) -> ApiException:
    with pytest.raises(ApiException) as caught:
        PrintsApi(client).prints_list(**arguments)
    return caught.value


def test_exceptions_derive_from_the_documented_classes() -> None:
    calls = [
        "BadRequestException",
        "UnauthorizedException",
        "ForbiddenException",
        "NotFoundException",
        "ConflictException",
        "UnprocessableEntityException",
        "RateLimitException",
        "ServiceException",
        "ResponseException",
        "ApiConnectionException",
        "ApiTimeoutException",
        "AuthenticationException",
    ]
    for name in calls:
        kind = getattr(formlabs_web_api, name)
        assert issubclass(kind, ApiException)
        assert getattr(formlabs_web_api.exceptions, name) is kind
    assert issubclass(AuthenticationException, UnauthorizedException)
    assert issubclass(ApiTimeoutException, ApiConnectionException)
    assert issubclass(ApiException, OpenApiException)
    assert formlabs_web_api.rest.ApiException is ApiException


@pytest.mark.parametrize("name", ["TypeError", "ValueError", "AttributeError", "KeyError"])
def test_errors_of_helpers_are_builtin_ones_too(name: str) -> None:
    kind: Type[Exception] = getattr(formlabs_web_api, f"Api{name}")
    assert issubclass(kind, (getattr(builtins, name), OpenApiException))
    assert issubclass(kind, getattr(builtins, name))
    assert not issubclass(kind, ApiException)


def test_errors_of_helpers_name_the_path() -> None:
    for kind in (ApiAttributeError, ApiKeyError, ApiValueError):
        error = kind("wrong", ["results", 0, "name"])
        assert error.path_to_item == ["results", 0, "name"]
        assert "wrong at ['results'][0]['name']" in str(error)
    typed = ApiTypeError("wrong", path_to_item=["a"], valid_classes=(int,), key_type=True)
    assert (typed.path_to_item, typed.valid_classes, typed.key_type) == (["a"], (int,), True)
    assert "wrong at ['a']" in str(typed)
    assert str(ApiValueError("wrong")) == "wrong"
    assert render_path(["results", 0, "name"]) == "['results'][0]['name']"


def test_exception_can_be_created_by_a_program() -> None:
    assert str(ApiException(status=418, reason="Teapot")) == "418 Teapot"
    made = ApiException(status=0, reason="Cannot", body="b", data={"d": 1})
    assert (made.status, made.reason, made.body, made.data) == (0, "Cannot", "b", {"d": 1})
    assert made.headers is None
    assert ApiException().status is None
    assert str(ApiException()) == "ApiException"


class OfAnotherProgram:
    """A response object that a script may pass in place of a RESTResponse."""

    status, reason, data = 409, "Conflict", b"of another program"

    def getheaders(self) -> Dict[str, str]:
        return {"A": "b"}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 500, 599, 418])
def test_from_response_raises_the_class_of_the_status(status: int) -> None:
    response = OfAnotherProgram()
    response.status = status
    with pytest.raises(ApiException) as caught:
        ApiException.from_response(http_resp=response, body="b", data={"d": 1})
    error = caught.value
    assert (error.status, error.reason, error.body, error.data) == (
        status,
        "Conflict",
        "b",
        {"d": 1},
    )
    assert error.headers == {"A": "b"}
    assert (type(error) is ApiException) is (status == 418)
    assert NotFoundException(http_resp=response).body == "of another program"


# Messages


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"detail": "Not found."}, "400 Bad Request: Not found."),
        (["One.", "Two."], "400 Bad Request: One. Two."),
        (
            {"date__gt": ["Enter a valid date/time."], "non_field_errors": ["Example."]},
            "400 Bad Request: date__gt: Enter a valid date/time.; Example.",
        ),
        (
            {"error": "invalid_grant", "error_description": "Invalid credentials given."},
            "400 Bad Request: invalid_grant; Invalid credentials given.",
        ),
        ({"detail": "two\nlines\tand  more"}, "400 Bad Request: two lines and more"),
        ({"detail": ["listed"]}, "400 Bad Request: detail: listed"),
        ({"results": []}, "400 Bad Request"),
        ({"detail": {"deep": 1}}, "400 Bad Request"),
        ([{"name": ["deep"]}], "400 Bad Request: 0.name: deep"),
        ({"name": "This field is required."}, "400 Bad Request: name: This field is required."),
        ({"printers": {"0": ["Not a serial."]}}, "400 Bad Request: printers.0: Not a serial."),
        ({"rows": [{"url": "https://x.example.com/?sig=1"}]}, "400 Bad Request"),
        ({"url": "https://x.example.com/?sig=1"}, "400 Bad Request"),
        ({"rows": [{"url": "https://pictures.example.com/?Signature=x"}]}, "400 Bad Request"),
        ("just text", "400 Bad Request"),
        (b"<html>no</html>", "400 Bad Request"),
        (b"", "400 Bad Request"),
        (b"[" * 100_000, "400 Bad Request"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_exception_text_is_one_line(
    service: Loopback, client: ApiClient, body: Any, message: str
) -> None:
    service.reply(400, body if isinstance(body, bytes) else json.dumps(body))
    error = caught_from(client)
    assert str(error) == f"{message} (GET /developer/v1/prints/, 1 attempt)"
    assert repr(error) == f"<BadRequestException: {error}>"
    assert error.body is not None


def test_long_message_of_the_service_is_truncated(service: Loopback, client: ApiClient) -> None:
    service.reply(400, {"detail": "x" * 5000})
    error = caught_from(client)
    assert len(str(error)) < 400
    assert "…" in str(error)
    assert len(error.body or "") > 5000


def test_field_errors_are_parsed_from_the_body(service: Loopback, client: ApiClient) -> None:
    service.reply(400, {"name": ["Too long.", "Taken."], "user": ["Unknown."], "x": 5})
    assert caught_from(client).errors == {"name": ["Too long.", "Taken."], "user": ["Unknown."]}
    for body in (b"", b"{}", b"no json", b'"text"', b'{"detail": "x"}'):
        service.forget()
        service.reply(400, body)
        assert caught_from(client).errors == {}


def test_body_that_is_not_utf_8_is_decoded_with_replacements(
    service: Loopback, client: ApiClient
) -> None:
    service.reply(500, b"caf\xe9", Content_Type="text/plain")
    assert caught_from(client).body == "caf\ufffd"


def test_rate_limit_exception_has_the_retry_after(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    for given, expected in (("1180", 1180.0), ("0.5", 0.5), ("soon", None), (None, None)):
        service.forget()
        headers = {} if given is None else {"Retry_After": given}
        service.reply(429, {"detail": "Request was throttled."}, **headers)
        error = caught_from(client_of(retries=False))
        assert isinstance(error, RateLimitException)
        assert error.retry_after == expected


# Pickling


def of_status(status: int) -> Callable[[Loopback, Callable[..., ApiClient]], ApiException]:
    def make(service: Loopback, client_of: Callable[..., ApiClient]) -> ApiException:
        service.reply(status, {"detail": "No."}, Retry_After="7")
        return caught_from(client_of(retries=False))

    return make


def refused(service: Loopback, client_of: Callable[..., ApiClient]) -> ApiException:
    return caught_from(client_of(host="http://127.0.0.1:1", retries=False))


def broken(service: Loopback, client_of: Callable[..., ApiClient]) -> ApiException:
    service.queue(Answer(200, b"0123456789", cut=5))
    return caught_from(client_of(retries=False))


def of_a_token(service: Loopback, client_of: Callable[..., ApiClient]) -> ApiException:
    service.reply(400, data_of("token_refused"))
    with pytest.raises(BadRequestException) as caught:
        AuthenticationApi(client_of()).request_an_access_token("x", "y", "z")
    return caught.value


MADE = {
    "404": of_status(404),
    "429": of_status(429),
    "503": of_status(503),
    "refused": refused,
    "broken": broken,
    "token": of_a_token,
}


@pytest.mark.parametrize("make", MADE.values(), ids=list(MADE))
@pytest.mark.parametrize(
    "through",
    [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy],
    ids=["pickle", "copy", "deepcopy"],
)
def test_exception_can_be_pickled_and_copied(
    service: Loopback, client_of: Callable[..., ApiClient], make: Any, through: Any
) -> None:
    error = make(service, client_of)
    twin = through(error)
    assert type(twin) is type(error)
    assert str(twin) == str(error)
    assert repr(twin) == repr(error)
    assert twin.args == error.args == (error.status, error.reason)
    assert {name: str(value) for name, value in vars(twin).items()} == {
        name: str(value) for name, value in vars(error).items()
    }


# No response


def caught_as(error: Exception) -> List[str]:
    """The classes of urllib3 under which an error is caught."""
    found = vars(urllib3.exceptions).items()
    return sorted(
        name
        for name, kind in found
        if isinstance(kind, type) and issubclass(kind, Exception) and isinstance(error, kind)
    )


def test_refused_connection_is_a_connection_exception(client_of: Callable[..., ApiClient]) -> None:
    error = caught_from(client_of(host="http://127.0.0.1:1", retries=False))
    assert isinstance(error, ApiConnectionException)
    assert not isinstance(error, ApiTimeoutException)
    assert {"HTTPError", "MaxRetryError", "NewConnectionError"} <= set(caught_as(error))
    assert (error.status, error.body, error.headers) == (0, None, None)
    assert str(error).startswith("NewConnectionError: ")
    assert str(error).endswith("(GET /developer/v1/prints/, 1 attempt)")
    assert isinstance(error.__cause__, urllib3.exceptions.NewConnectionError)


def test_unresolved_host_name_is_a_connection_exception(
    client_of: Callable[..., ApiClient],
) -> None:
    error = caught_from(client_of(host="http://no-such-name.invalid", retries=False))
    assert isinstance(error, ApiConnectionException)
    assert "HTTPError" in caught_as(error)


def test_missing_response_is_a_timeout_exception(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    import threading

    enough = threading.Event()

    def slowly(_: Any) -> Answer:
        enough.wait(20)
        return Answer(200)

    service.answer = slowly
    error = caught_from(client_of(retries=False), _request_timeout=(5, 0.05))
    enough.set()
    assert isinstance(error, ApiTimeoutException)
    assert {"MaxRetryError", "ReadTimeoutError", "TimeoutError"} <= set(caught_as(error))
    assert error.status == 0


def test_truncated_response_is_a_connection_exception(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    for answer in (Answer(200, b"0123456789", cut=5), Answer(close=True)):
        service.forget()
        service.queue(answer)
        error = caught_from(client_of(retries=False))
        assert isinstance(error, ApiConnectionException)
        assert {"HTTPError", "MaxRetryError", "ProtocolError"} <= set(caught_as(error))
        assert "ProtocolError" in str(error)


def test_truncated_raw_response_raises_the_error_of_urllib3(
    service: Loopback, client: ApiClient
) -> None:
    service.queue(Answer(200, b"0123456789", cut=5))
    raw = PrintsApi(client).prints_list_without_preload_content()
    with pytest.raises(urllib3.exceptions.ProtocolError):
        raw.read()


def test_response_with_invalid_compression_is_a_connection_exception(
    service: Loopback, client: ApiClient
) -> None:
    service.queue(Answer(200, b"no gzip", {"Content-Encoding": "gzip"}))
    error = caught_from(client)
    assert isinstance(error, ApiConnectionException)
    assert "DecodeError" in caught_as(error)


def test_open_api_exception_catches_every_error(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    for make in MADE.values():
        service.forget()
        assert isinstance(make(service, client_of), ApiException)
    service.forget()
    assert isinstance(of_status(503)(service, client_of), ServiceException)
