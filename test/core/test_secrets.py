"""No text shows a secret: no token, client secret, password, cookie or signed address."""

from __future__ import annotations

import copy
import logging
import pprint
import traceback
from typing import Any, Callable, Dict, Iterator, List, Optional

import pytest
from pydantic import ValidationError

from formlabs_web_api import (
    ApiClient,
    ApiException,
    AuthenticationApi,
    Configuration,
    PrintersApi,
    PrintsApi,
    models,
)
from test.support.loopback import Answer, Asked, Loopback
from test.support.operations import OPERATIONS, Operation, data_of, text_of

SECRET = "hush-7Qx9"
SIGNED = "Signature=EXAMPLE"


def texts_of(value: Any) -> List[str]:
    texts = [repr(value), str(value), f"{value}", pprint.pformat(value)]
    if hasattr(value, "to_str"):
        texts.append(value.to_str())
    return texts


def all_about(error: BaseException) -> str:
    """Return every text that a log may show of an exception and its causes."""
    causes = [] if error.__suppress_context__ else [error.__cause__, error.__context__]
    return "\n".join(
        [
            *texts_of(error),
            *traceback.format_exception(type(error), error, None),
            *(all_about(cause) for cause in causes if cause is not None),
        ]
    )


def test_repr_of_settings_and_clients_shows_no_secret() -> None:
    configuration = Configuration(
        access_token=SECRET,
        client_id="id",
        client_secret=SECRET,
        password=SECRET,
        api_key={"a": SECRET},
    )
    configuration.proxy = f"http://me:{SECRET}@127.0.0.1:3128"
    configuration.proxy_headers = {"Proxy-Authorization": SECRET}
    with ApiClient(configuration, "Authorization", SECRET, cookie=SECRET) as client:
        for value in (configuration, copy.deepcopy(configuration), client, PrintsApi(client)):
            assert SECRET not in "".join(texts_of(value))
        assert SECRET not in repr(client.tokens)
    assert SECRET not in configuration.to_debug_report()


@pytest.mark.parametrize("name", ["token", "token_with_refresh"])
def test_repr_of_a_token_model_shows_no_secret(name: str) -> None:
    token = models.RequestAnAccessToken200Response.from_dict(data_of(name))
    assert token is not None
    assert token.access_token == "EXAMPLE-ACCESS-TOKEN"
    assert "EXAMPLE" not in "".join(texts_of(token))
    assert "EXAMPLE" not in "".join(texts_of([token]))
    assert token.expires_in is not None
    assert str(token.expires_in) in repr(token)


def test_invalid_token_model_error_shows_no_secret() -> None:
    for wrong in ({"access_token": SECRET.encode()}, {"refresh_token": [SECRET]}):
        with pytest.raises(ValidationError) as caught:
            models.RequestAnAccessToken200Response(**wrong)
        assert SECRET not in "".join(texts_of(caught.value))
    token = models.RequestAnAccessToken200Response(access_token=SECRET)
    with pytest.raises(ValidationError) as caught:
        token.access_token = SECRET.encode()  # type: ignore[assignment]
    assert SECRET not in "".join(texts_of(caught.value))


@pytest.mark.parametrize("name", ["printers", "prints", "events"])
def test_texts_of_models_show_no_signed_address(name: str) -> None:
    assert SIGNED in text_of(name).decode()
    data = data_of(name)
    rows = data if isinstance(data, list) else data["results"]
    kinds: Dict[str, Any] = {
        "printers": models.DeveloperAPIMyPrinter,
        "prints": models.PrintRunWithFleetControlData,
        "events": models.UserEventReadOnly,
    }
    for row in rows:
        model = kinds[name].from_dict(row)
        assert SIGNED not in "".join(texts_of(model))
        assert SIGNED not in "".join(texts_of([model]))
        for part in vars(model).values():
            if isinstance(part, models.MyDeepPrinterStatus):
                assert SIGNED not in "".join(texts_of(part))


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_texts_of_responses_show_no_secret(
    service: Loopback, client: ApiClient, operation: Any
) -> None:
    service.reply(operation.status, operation.body, Set_Cookie=f"session={SECRET}")
    answer = operation.call(client, "_with_http_info")
    assert answer.headers["Set-Cookie"] == f"session={SECRET}"
    text = "".join(texts_of(answer))
    assert SECRET not in text
    assert SIGNED not in text
    assert "ACCESS-TOKEN" not in text


def token_calls(client: ApiClient) -> Iterator[Any]:
    api = AuthenticationApi(client)
    for spelling in ("", "_with_http_info", "_without_preload_content"):
        yield getattr(api, f"request_an_access_token{spelling}")
        yield getattr(api, f"revoke_an_access_token{spelling}")


def test_error_of_an_invalid_token_call_shows_no_secret(
    service: Loopback, client: ApiClient
) -> None:
    wrong: List[Any] = [
        ((5, "id", SECRET), {}),
        (("x", 5, SECRET), {}),
        ((SECRET, "id", SECRET.encode()), {}),
        ((SECRET, "id", [SECRET]), {}),
        ((SECRET,), {}),
        ((SECRET, "id", SECRET, SECRET), {}),
        (("x", "id", SECRET), {"client_sceret": SECRET}),
        (("x", "id", SECRET), {"_headers": SECRET}),
        (tuple([SECRET] * 20), {}),
    ]
    for call in token_calls(client):
        for arguments, named in wrong:
            with pytest.raises(ValidationError) as caught:
                call(*arguments, **named)
            assert SECRET not in all_about(caught.value) + str(caught.value.errors())
            assert len(str(caught.value)) > 50
    assert service.asked == []


def test_error_of_wrong_credentials_of_one_call_shows_no_secret(
    service: Loopback, client: ApiClient
) -> None:
    auth = {"in": "header", "key": "Authorization", "value": SECRET}
    wrong: List[Dict[str, Any]] = [
        {"_request_auth": SECRET},
        {"_request_auth": [SECRET]},
        {"_request_auth": {5: SECRET}},
        {"_headers": f"Authorization: {SECRET}"},
        {"_headers": {5: SECRET}},
        {"_headers": {"Authorization": SECRET}, "pagee": 1},
        {"_request_auth": auth, "printer_serail": 1},
    ]
    for named in wrong:
        with pytest.raises(ValidationError) as caught:
            PrintersApi(client).printers_retrieve(**named)
        assert SECRET not in all_about(caught.value) + str(caught.value.errors())
    assert service.asked == []


def test_validation_error_names_the_argument_without_its_value(
    service: Loopback, client: ApiClient
) -> None:
    with pytest.raises(ValidationError) as caught:
        PrintsApi(client).prints_list(page="two")  # type: ignore[arg-type]
    assert "page" in str(caught.value)
    assert "two" not in str(caught.value)
    assert caught.value.errors()[0]["input"] is None


@pytest.mark.parametrize(
    "token", [f"{SECRET}\n", f"{SECRET}\r\nX: y", f"{SECRET} \u20ac", f"{SECRET}\0"]
)
def test_error_of_a_malformed_token_shows_no_secret(
    service: Loopback, client_of: Callable[..., ApiClient], token: str
) -> None:
    """For example, one that was read from a file together with its line ending."""
    with pytest.raises(ValueError, match=r"Authorization|access_token") as caught:
        PrintsApi(client_of(access_token=token)).prints_list()
    assert SECRET not in all_about(caught.value)
    assert service.asked == []


def error_of(operation: Operation, client: ApiClient) -> Optional[Exception]:
    try:
        operation.call(client)
    except (ApiException, ValidationError) as error:
        return error
    return None


def fails_in_every_way(client: ApiClient, service: Loopback) -> Iterator[Optional[Exception]]:
    answers = [
        Answer(400, {"detail": f"The token {SECRET} is unknown."}),
        Answer(401, {"detail": "No."}, {"Set-Cookie": f"session={SECRET}"}),
        Answer(500, f"<html>{SECRET}</html>"),
        Answer(200, f"<html>{SECRET}</html>"),
        Answer(200, f'{{"detail": "{SECRET}'),
        Answer(200, {"access_token": [SECRET], "results": {"x": SECRET}}),
        Answer(200, [{"url": f"https://pictures.example.com/?{SECRET}"}]),
        Answer(200, SECRET.encode(), cut=3),
    ]
    for answer in answers:
        service.forget()
        service.queue(answer)
        for operation in OPERATIONS:
            yield error_of(operation, client)


@pytest.mark.parametrize("strict", [False, True])
def test_texts_of_errors_show_no_secret(
    service: Loopback, client_of: Callable[..., ApiClient], strict: bool
) -> None:
    client = client_of(
        access_token=SECRET, retries=False, strict_responses=strict, rate_limits=None
    )
    client.cookie = SECRET
    errors = [error for error in fails_in_every_way(client, service) if error is not None]
    assert len(errors) > 60
    for error in errors:
        assert SECRET not in all_about(error)


def test_log_shows_no_secret(
    service: Loopback,
    client_of: Callable[..., ApiClient],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The log is at DEBUG, and the token is fetched, used, renewed and revoked."""
    caplog.set_level(logging.DEBUG)

    def answer(asked: Asked) -> Answer:
        if asked.path.endswith("/o/token/"):
            return Answer(200, {"access_token": SECRET, "expires_in": 60, "odd": 1})
        return Answer(200, text_of("prints"), {"Set-Cookie": f"session={SECRET}"})

    service.answer = answer
    client = client_of(access_token=None, client_id="id", client_secret=SECRET, debug=True)
    client.cookie = f"session={SECRET}"
    PrintsApi(client).prints_list(_headers={"X-Key": SECRET})
    AuthenticationApi(client).request_an_access_token("client_credentials", "id", SECRET)
    client.revoke()
    client.configuration.debug = False
    assert len(caplog.records) >= 8
    assert "GET /developer/v1/prints/ 200" in caplog.text
    assert SECRET not in caplog.text
    assert SIGNED not in caplog.text
    assert SECRET not in "".join(str(vars(record)) for record in caplog.records)


def test_hooks_receive_no_secret(service: Loopback, client_of: Callable[..., ApiClient]) -> None:
    service.reply(200, data_of("prints"))
    events: List[Any] = []
    client = client_of(access_token=SECRET)
    client.configuration.on_request = client.configuration.on_response = events.append
    auth = {"in": "query", "key": "key", "value": SECRET}
    PrintsApi(client).prints_list(_request_auth=auth)
    assert len(events) == 2
    assert SECRET not in "".join(repr(one) + str(vars(one)) for one in events)


def test_repr_of_a_pending_request_shows_no_secret(service: Loopback, client: ApiClient) -> None:
    """A debugger or a crash report may print the parts of a call."""
    from formlabs_web_api._core import operation as _operation
    from formlabs_web_api._core import pipeline

    auth = {"value": SECRET}
    options = _operation.Options(request_auth=auth, headers={"A": SECRET})
    call: Any = _operation.Call("POST", "/", None, form={"s": SECRET}, body=SECRET, options=options)
    request = pipeline.Request(
        "GET", f"{service.url}/?k={SECRET}", {"A": SECRET}, SECRET, [(SECRET, SECRET)]
    )
    for one in (options, call, request):
        assert SECRET not in repr(one)
