"""No text that a program can print of a failure contains a secret, searched by its value."""

from __future__ import annotations

import logging
import pprint
import reprlib
import signal
import traceback
from typing import Any, Callable, Dict, Iterator, List, Optional

import pytest

from formlabs_web_api import ApiClient, TanksApi
from test.support.loopback import Answer, Asked, Loopback

PARTS = ["Begin9x", "Middle8y", "End7z"]
SECRET = "Begin9x" + "a" * 60 + "Middle8y" + "b" * 60 + "End7z"
"""Longer than any tool's limit for a text in a traceback; a shortened one shows a part of it."""
QUERY_AUTH = {"in": "query", "key": "key", "value": SECRET}


def echo(status: int) -> Callable[[Asked], Answer]:
    body = {"detail": SECRET, "access": [SECRET], "id": SECRET}
    return lambda asked: Answer(
        status, body, {"X-Echo": SECRET, "Content-Type": "application/json"}
    )


def first_line_that_is_not_http(asked: Asked) -> Answer:
    return Answer(200, raw=f"I do not know {SECRET}\r\n\r\n".encode())


def signed_redirect(asked: Asked) -> Answer:
    if "Signature" in asked.target:
        return Answer(500, f"denied: {SECRET}")
    return Answer(302, b"", {"Location": f"/picture?Signature={SECRET}"})


def wrong_type(asked: Asked) -> Answer:
    return Answer(200, [{"serial": [SECRET], "printer": SECRET}])


ANSWERS: Dict[str, Callable[[Asked], Answer]] = {
    "401 that repeats the token": echo(401),
    "500 that repeats the token": echo(500),
    "body cut in half": lambda asked: Answer(200, f"[{SECRET}]".encode(), cut=9),
    "first line that is not HTTP": first_line_that_is_not_http,
    "no answer": lambda asked: Answer(close=True),
    "signed redirect": signed_redirect,
    "200 of a wrong type": wrong_type,
}

Call = Callable[[ApiClient], object]
CALLS: Dict[str, Call] = {
    "listing": lambda client: TanksApi(client).tanks_list(),
    "token in the query": lambda client: TanksApi(client).tanks_list(_request_auth=QUERY_AUTH),
    "header of the call": lambda client: TanksApi(client).tanks_list(_headers={"X-Key": SECRET}),
    "misspelled argument": lambda client: TanksApi(client).tanks_list(acess_token=SECRET),
    "wrong argument": lambda client: TanksApi(client).tanks_list(page=SECRET),  # type: ignore[arg-type]
}


def printable(value: Any) -> Iterator[str]:
    """What the usual tools make of a value."""
    yield from (repr(value), pprint.pformat(value), reprlib.repr(value))
    if isinstance(value, (str, bytes)):
        yield from (repr(value[:80]), repr(value[-80:]))  # as rich and pytest shorten it


def texts_of(error: Optional[BaseException]) -> Iterator[str]:
    """Everything a report may show of an exception, with the local variables of our frames."""
    if error is None:
        return
    yield from (str(error), repr(error), repr(error.args), repr(getattr(error, "headers", "")))
    yield from traceback.format_exception(type(error), error, error.__traceback__)
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename != __file__:
            for name, value in frame.f_locals.items():
                yield from (f"{frame.f_code.co_name}.{name}: {text}" for text in printable(value))
    yield from texts_of(error.__cause__)
    if not error.__suppress_context__:
        yield from texts_of(error.__context__)


def found_in(texts: Iterator[str]) -> List[str]:
    return [text for text in texts if any(part in text for part in PARTS)]


def failure_of(call: Call, client: ApiClient) -> Optional[BaseException]:
    try:
        call(client)
    except Exception as error:
        return error
    return None


def secret_client(client_of: Callable[..., ApiClient], **settings: Any) -> ApiClient:
    client = client_of(retries=False, **settings)
    client.cookie = f"session={SECRET}"
    client.set_default_header("X-Gateway-Key", SECRET)
    client.configuration.password = SECRET
    client.configuration.api_key = {"key": SECRET}
    return client


@pytest.mark.parametrize("strict", [False, True], ids=["tolerant", "strict"])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_no_text_of_a_failed_call_shows_a_secret(
    service: Loopback,
    client_of: Callable[..., ApiClient],
    caplog: pytest.LogCaptureFixture,
    answer: str,
    call: str,
    strict: bool,
) -> None:
    caplog.set_level(logging.DEBUG)
    service.answer = ANSWERS[answer]
    client = secret_client(client_of, access_token=SECRET, strict_responses=strict)
    client.configuration.debug = True
    error = failure_of(CALLS[call], client)
    client.configuration.debug = False
    assert found_in(texts_of(error)) == []
    assert found_in(iter(record.getMessage() for record in caplog.records)) == []


@pytest.mark.parametrize("answer", ["401 that repeats the token", "no answer", "body cut in half"])
def test_no_text_of_a_token_that_cannot_be_fetched_shows_a_secret(
    service: Loopback,
    client_of: Callable[..., ApiClient],
    caplog: pytest.LogCaptureFixture,
    answer: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    service.answer = ANSWERS[answer]
    settings = {"access_token": None, "client_id": "id", "client_secret": SECRET}
    error = failure_of(CALLS["listing"], secret_client(client_of, **settings))
    assert error is not None
    assert found_in(texts_of(error)) == []
    assert found_in(iter(record.getMessage() for record in caplog.records)) == []


def test_variables_of_client_and_configuration_show_no_secret(
    client_of: Callable[..., ApiClient],
) -> None:
    client = secret_client(client_of, access_token=SECRET)
    client.configuration.access_token = SECRET + "2"
    client.configuration.proxy_headers = {"Proxy-Authorization": SECRET}
    for values in (vars(client), vars(client.configuration)):
        assert found_in(printable(values)) == []


def test_rich_traceback_with_locals_shows_no_secret(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    rich_traceback = pytest.importorskip("rich.traceback")
    service.answer = ANSWERS["500 that repeats the token"]
    error = failure_of(CALLS["listing"], secret_client(client_of, access_token=SECRET))
    assert error is not None
    assert error.__traceback__ is not None
    trace = rich_traceback.Traceback.extract(
        type(error), error, error.__traceback__.tb_next, show_locals=True
    )
    shown = [
        str(node)
        for stack in trace.stacks
        for frame in stack.frames
        for node in (frame.locals or {}).values()
        if frame.filename != __file__
    ]
    assert shown
    assert found_in(iter(shown)) == []


def test_signal_handler_that_raises_shows_no_secret(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    if not hasattr(signal, "SIGUSR1"):
        pytest.skip("this platform has no SIGUSR1")

    def stop(*_: object) -> None:
        raise InterruptedError("stopped by the handler")

    class Interrupt(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            signal.raise_signal(signal.SIGUSR1)

    log = logging.getLogger("urllib3.connectionpool")
    handler, level = Interrupt(), log.level
    before = signal.signal(signal.SIGUSR1, stop)
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        client = secret_client(client_of, access_token=SECRET)
        error = failure_of(CALLS["token in the query"], client)
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
        signal.signal(signal.SIGUSR1, before)
    assert "stopped by the handler" in "".join(texts_of(error))
    assert found_in(texts_of(error)) == []
