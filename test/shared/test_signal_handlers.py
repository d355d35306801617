"""A signal, log or hook handler may call the client wherever it interrupts shared state."""

from __future__ import annotations

import logging
import os
import signal
from pathlib import Path
from typing import Any, Callable, Iterator, List

import pytest

from formlabs_web_api import ApiClient, Configuration
from formlabs_web_api._core.call_scope import CallCancelled, CallScope
from formlabs_web_api._core.token_source import TOKEN_PATH, IssuedToken
from formlabs_web_api.hooks import RequestEvent
from formlabs_web_api.shared.limiter import SharedLimiter
from formlabs_web_api.shared.sqlite_store import SqliteStore
from formlabs_web_api.shared.store import StoreUnavailable, Window
from formlabs_web_api.shared.tokens import SharedTokens
from test.support.loopback import Answer, Asked, Loopback

Interrupt = Callable[[Callable[[], object]], None]
LIMITS = ((4, 1.0),)


class InterruptedClock:
    """A host clock that runs a function once, within a transaction of the store."""

    def __init__(self) -> None:
        self.interrupt: List[Callable[[], object]] = []

    def __call__(self) -> float:
        if self.interrupt:
            self.interrupt.pop()()
        return 1000.0


@pytest.fixture
def clock() -> InterruptedClock:
    return InterruptedClock()


@pytest.fixture
def store(tmp_path: Path, clock: InterruptedClock) -> Iterator[SqliteStore]:
    path = tmp_path / "state.sqlite3"
    store = SqliteStore(path, "a", [Window(4, 1.0)], "worker", clock=clock)
    yield store
    store.close()


METHODS = {
    "acquire": lambda limiter: limiter.acquire(None),
    "close_gate": lambda limiter: limiter.close_gate(0.0),
    "quota": lambda limiter: limiter.quota,
}


@pytest.mark.parametrize("interrupted", METHODS)
@pytest.mark.parametrize("nested", METHODS)
def test_signal_handler_may_use_the_limiter_within_a_transaction(
    store: SqliteStore,
    clock: InterruptedClock,
    raise_signal: Interrupt,
    interrupted: str,
    nested: str,
) -> None:
    limiter = SharedLimiter(lambda: store, LIMITS)
    limiter.acquire(None)
    handled: List[Any] = []
    clock.interrupt = [lambda: raise_signal(lambda: handled.append(METHODS[nested](limiter)))]
    METHODS[interrupted](limiter)
    assert len(handled) == 1
    assert limiter.store() is store  # the store still works, and is still used
    assert not limiter.is_degraded
    assert limiter.quota.windows[0].used == 1 + (interrupted == "acquire")


def test_signal_handler_may_use_the_limiter_while_the_store_is_opened(
    store: SqliteStore, raise_signal: Interrupt
) -> None:
    opened: List[SqliteStore] = []

    def open_store() -> SqliteStore:
        raise_signal(lambda: limiter.acquire(None))
        opened.append(store)
        return store

    limiter = SharedLimiter(open_store, LIMITS)
    limiter.acquire(None)
    assert len(opened) == 1


def test_log_handler_may_use_the_limiter_when_the_store_fails(store: SqliteStore) -> None:
    class Calling(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            waits.append(limiter.acquire(None))

    def fail() -> SqliteStore:
        raise StoreUnavailable("the disk is full")

    waits: List[float] = []
    limiter = SharedLimiter(fail, ((40, 1.0),))
    handler, logger = Calling(), logging.getLogger("formlabs_web_api")
    logger.addHandler(handler)
    try:
        limiter.acquire(None)
    finally:
        logger.removeHandler(handler)
    assert waits == [0.0]


def test_token_that_is_needed_within_its_own_fetch_is_fetched_without_the_lease(
    store: SqliteStore,
) -> None:
    tokens = SharedTokens(lambda: store, wait=lambda seconds: pytest.fail("waits for itself"))
    issued = IssuedToken("token", 900.0, 1000.0)

    def fetch() -> IssuedToken:
        return tokens.get(lambda: issued)

    assert tokens.get(fetch) is issued


def test_wait_for_a_shared_slot_ends_when_the_listing_is_closed(store: SqliteStore) -> None:
    limiter = SharedLimiter(lambda: store, LIMITS)
    limiter.close_gate(3600.0)
    with CallScope(can_be_cancelled=True) as scope:
        scope.cancel()
        with pytest.raises(CallCancelled):
            limiter.acquire(None)


@pytest.fixture(params=["alone", "shared"])
def fetching_client(request: Any, service: Loopback, tmp_path: Path) -> Iterator[ApiClient]:
    shared = f"sqlite:///{tmp_path / 'shared.sqlite3'}" if request.param == "shared" else None
    configuration = Configuration(
        host=service.url, client_id="an-id", client_secret="a-long-secret", shared=shared
    )
    with ApiClient(configuration) as client:
        yield client


def test_signal_handler_calls_the_client_while_it_fetches_its_token(
    service: Loopback, fetching_client: ApiClient, raise_signal: Interrupt
) -> None:
    nested: List[Any] = []

    def handle(*_: object) -> None:
        if not nested:
            nested.append(None)
            nested[0] = fetching_client.tanks.list().results

    def answer(asked: Asked) -> Answer:
        if asked.path != TOKEN_PATH:
            return Answer(200, b"[]")
        if not nested:
            os.kill(os.getpid(), signal.SIGUSR1)
        return Answer(200, {"access_token": "a-fetched-token", "expires_in": 3600})

    raise_signal(lambda: None)  # which restores the handler after the test
    signal.signal(signal.SIGUSR1, handle)
    service.answer = answer
    assert fetching_client.tanks.list().results == []
    assert nested == [[]]


def test_hook_calls_the_client_while_it_fetches_its_token(
    service: Loopback, fetching_client: ApiClient
) -> None:
    nested: List[Any] = []

    def hook(event: RequestEvent) -> None:
        if event.path == TOKEN_PATH:
            nested.append(fetching_client.tanks.list().results)

    def answer(asked: Asked) -> Answer:
        if asked.path != TOKEN_PATH:
            return Answer(200, b"[]")
        return Answer(200, {"access_token": "a-fetched-token", "expires_in": 3600})

    service.answer = answer
    fetching_client.configuration.hooks.add(on_response=hook)
    assert fetching_client.tanks.list().results == []
    assert nested == [[]]
