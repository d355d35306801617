"""The log and the hooks report each request, retry and wait."""

from __future__ import annotations

import logging
import re
from typing import Callable, List, Tuple

import pytest

from formlabs_web_api import ApiClient, TanksApi
from formlabs_web_api.hooks import Event
from test.support.clocks import FakeClock
from test.support.loopback import Answer, Loopback


def test_log_has_one_line_per_request_and_retry_without_secrets(
    service: Loopback,
    retrying_client_of: Callable[..., ApiClient],
    caplog: pytest.LogCaptureFixture,
) -> None:
    service.queue(Answer(500))
    service.queue(Answer(close=True))
    service.reply(200, [], X_Request_Id="r-1", Set_Cookie="session=hush", X_Other="other")
    with caplog.at_level(logging.INFO, "formlabs_web_api"):
        TanksApi(retrying_client_of()).tanks_list(page=3)
    patterns = [
        r"GET /developer/v1/tanks/ 500 in \d+ ms \(attempt 1\)",
        r"GET /developer/v1/tanks/ is sent again in 0\.0 s: status 500, attempt 1 of 4",
        r"GET /developer/v1/tanks/ ProtocolError: .* in \d+ ms \(attempt 2\)",
        r"GET /developer/v1/tanks/ is sent again in 0\.0 s: no whole answer, attempt 2 of 4",
        r"GET /developer/v1/tanks/ 200 in \d+ ms \(attempt 3\)",
    ]
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == len(patterns)
    for message, pattern in zip(messages, patterns):
        assert re.fullmatch(pattern, message)
    assert {record.levelname for record in caplog.records} == {"INFO"}

    caplog.clear()
    with caplog.at_level(logging.DEBUG, "formlabs_web_api"):
        TanksApi(retrying_client_of()).tanks_list(page=3, _headers={"X-Mine": "hush"})
    request, _, response = (record.getMessage() for record in caplog.records)
    assert "User-Agent: formlabs_web_api" in request
    assert "X-Request-Id: r-1" in response
    assert not re.search("hush|token-of-a-test|X-Mine|X-Other|Cookie|page=3", caplog.text)


def test_hooks_receive_each_request_response_retry_and_wait(
    service: Loopback, retrying_client_of: Callable[..., ApiClient], clock: FakeClock
) -> None:
    events: List[Tuple[str, Event]] = []

    def hook(name: str) -> Callable[[Event], None]:
        return lambda event: events.append((name, event))

    service.queue(Answer(500))
    service.queue(Answer(close=True))
    service.reply(200, [])
    client = retrying_client_of(limiter=clock.limiter((1, 10.0)))
    for name in ("request", "response", "retry", "wait"):
        setattr(client.configuration, f"on_{name}", hook(name))
    TanksApi(client).tanks_list(page=3)
    assert [(name, event.attempt, event.status) for name, event in events] == [
        ("request", 1, None),
        ("response", 1, 500),
        ("retry", 1, None),
        ("wait", 2, None),
        ("request", 2, None),
        ("response", 2, None),
        ("retry", 2, None),
        ("wait", 3, None),
        ("request", 3, None),
        ("response", 3, 200),
    ]
    assert {str(event) for _, event in events} == {"GET /developer/v1/tanks/"}
    assert [event.seconds for name, event in events if name == "wait"] == [10.0, 10.0]
    assert events[5][1].reason.startswith("ProtocolError")
    assert events[2][1].reason == "status 500, attempt 1 of 4"


def test_exception_of_a_hook_is_logged_and_the_call_succeeds(
    service: Loopback,
    retrying_client_of: Callable[..., ApiClient],
    caplog: pytest.LogCaptureFixture,
) -> None:
    service.reply(200, [])
    client = retrying_client_of()
    client.configuration.on_response = lambda event: 1 / 0
    TanksApi(client).tanks_list()
    assert "The hook on_response failed" in caplog.text
