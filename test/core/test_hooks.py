"""Hooks of several users, and hooks and handlers that call the client themselves."""

from __future__ import annotations

import copy
import logging
import threading
from typing import Any, Callable, List

import pytest

from formlabs_web_api import ApiClient, Configuration, TanksApi, events, hooks
from formlabs_web_api._core.token_source import TOKEN_PATH
from formlabs_web_api.hooks import RequestEvent
from test.support.loopback import Answer, Asked, Loopback

MINE = {"client_id": "an-id", "client_secret": "a-long-secret", "access_token": None}


def test_hooks_of_several_users_are_called_in_order_and_removed(
    service: Loopback, client: ApiClient
) -> None:
    service.reply(200, b"[]")
    seen: List[str] = []
    client.configuration.on_response = lambda event: seen.append("attribute")
    add = client.configuration.hooks.add
    remove = add(on_request=lambda _: seen.append("sent"), on_response=lambda _: seen.append("1"))
    add(on_response=lambda event: seen.append("2"))
    TanksApi(client).tanks_list()
    assert seen == ["sent", "attribute", "1", "2"]
    remove()
    remove()
    seen.clear()
    TanksApi(client).tanks_list()
    assert seen == ["attribute", "2"]


def test_failing_hook_is_logged_and_the_others_are_called(
    service: Loopback, client: ApiClient, caplog: pytest.LogCaptureFixture
) -> None:
    service.reply(200, b"[]")
    seen: List[RequestEvent] = []
    client.configuration.hooks.add(on_response=lambda event: 1 / 0)
    client.configuration.hooks.add(on_response=seen.append)
    TanksApi(client).tanks_list()
    assert [event.status for event in seen] == [200]
    assert "The hook on_response failed" in caplog.text


def test_hook_that_is_not_callable_is_refused(client: ApiClient) -> None:
    with pytest.raises(TypeError, match="on_retry"):
        client.configuration.hooks.add(on_retry="a text")  # type: ignore[arg-type]


def test_copied_configuration_has_a_separate_list_of_hooks() -> None:
    configuration = Configuration()
    configuration.hooks.add(on_wait=print)
    twin = copy.deepcopy(configuration)
    twin.hooks.add(on_wait=repr)
    assert configuration.hooks.of("on_wait") == (print,)
    assert twin.hooks.of("on_wait") == (print, repr)


def test_events_module_is_an_alias_of_hooks() -> None:
    assert events.Event is hooks.RequestEvent
    assert events.Observer is hooks.RequestReporter


def _serve_tokens(service: Loopback) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path == TOKEN_PATH:
            return Answer(200, {"access_token": "fetched-token", "expires_in": 3600})
        return Answer(200, b"[]")

    service.answer = answer


def test_hook_may_call_the_client_while_the_token_is_fetched(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    _serve_tokens(service)
    client = client_of(**MINE)
    nested: List[Any] = []

    def hook(event: RequestEvent) -> None:
        if event.path == TOKEN_PATH:
            nested.append(TanksApi(client).tanks_list().results)

    client.configuration.on_response = hook
    results: List[Any] = []
    threads = [
        threading.Thread(target=lambda: results.append(TanksApi(client).tanks_list().results))
        for _ in range(2)
    ]
    for thread in threads:
        thread.daemon = True
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == [[], []]
    assert nested
    assert all(found == [] for found in nested)


def test_log_handler_may_call_the_client_while_the_token_is_fetched(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    _serve_tokens(service)
    client = client_of(**MINE)
    nested: List[Any] = []

    class Calling(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            nested.append(TanksApi(client).tanks_list().results)

    handler = Calling()
    logger = logging.getLogger("formlabs_web_api")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        assert TanksApi(client).tanks_list().results == []
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
    assert nested == [[], []]  # one for the token's line, one for that of the call
