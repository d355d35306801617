"""One token for all processes: one fetch, one renewal, and a 401 discards only its own token."""

from __future__ import annotations

import os
import threading
from typing import Any, Callable, List

import pytest

from formlabs_web_api._core.token_source import IssuedToken
from formlabs_web_api.shared.store import StoreUnavailable
from formlabs_web_api.shared.tokens import SharedTokens
from test.shared.conftest import HostClock, OpenStore


class Endpoint:
    """A token endpoint that issues another token at each fetch."""

    def __init__(self) -> None:
        self.fetches = 0

    def __call__(self) -> IssuedToken:
        self.fetches += 1
        return IssuedToken(f"token-{self.fetches}", 900.0, 1000.0)


def tokens_of(open_store: OpenStore, wait: Callable[[float], object] = id) -> SharedTokens:
    store = open_store()
    return SharedTokens(lambda: store, wait)


def test_second_process_uses_the_token_of_the_first(open_store: OpenStore) -> None:
    endpoint = Endpoint()
    first, second = tokens_of(open_store), tokens_of(open_store)
    assert first.get(endpoint).value == second.get(endpoint).value == "token-1"
    assert endpoint.fetches == 1


def test_token_is_renewed_once_for_all(open_store: OpenStore, clock: HostClock) -> None:
    endpoint = Endpoint()
    first, second = tokens_of(open_store), tokens_of(open_store)
    first.get(endpoint)
    clock.now += 901
    assert second.get(endpoint).value == first.get(endpoint).value == "token-2"


def test_token_that_still_works_is_used_while_another_process_renews_it(
    open_store: OpenStore, clock: HostClock
) -> None:
    first, second = tokens_of(open_store), tokens_of(open_store)
    first.get(Endpoint())
    clock.now += 901
    seen: List[str] = []

    def slow() -> IssuedToken:
        seen.append(second.get(Endpoint()).value)
        return IssuedToken("token-new", 900.0, 1000.0)

    assert first.get(slow).value == "token-new"
    assert seen == ["token-1"]


def test_refused_token_is_discarded_and_a_newer_one_stays(open_store: OpenStore) -> None:
    endpoint = Endpoint()
    first, second = tokens_of(open_store), tokens_of(open_store)
    old = first.get(endpoint).value
    first.discard(old)
    new = second.get(endpoint).value
    first.discard(old)
    assert (old, new) == ("token-1", "token-2")
    assert first.get(endpoint).value == "token-2"


def test_other_process_fetches_at_once_when_the_fetcher_was_killed(
    open_store: OpenStore,
) -> None:
    store = open_store()
    child = os.fork() if hasattr(os, "fork") else None
    if child is None:
        pytest.skip("needs fork")
    if child == 0:
        open_store().lease_token(40.0)
        os._exit(0)
    os.waitpid(child, 0)
    assert SharedTokens(lambda: store).get(Endpoint()).value == "token-1"


def test_process_that_waits_for_a_token_gets_the_one_that_was_fetched(
    open_store: OpenStore,
) -> None:
    endpoint, looked, fetched = Endpoint(), threading.Event(), threading.Event()

    def wait(_: float) -> None:
        looked.set()
        fetched.wait(30)

    waiting = tokens_of(open_store, wait)
    found: List[str] = []
    thread = threading.Thread(target=lambda: found.append(waiting.get(endpoint).value))

    def fetch() -> IssuedToken:
        thread.start()
        assert looked.wait(30)
        return endpoint()

    assert tokens_of(open_store).get(fetch).value == "token-1"
    fetched.set()
    thread.join()
    assert found == ["token-1"]
    assert endpoint.fetches == 1


def test_failed_fetch_is_raised_and_keeps_others_back_for_a_moment(
    open_store: OpenStore, clock: HostClock
) -> None:
    def refuse() -> IssuedToken:
        raise PermissionError("no")

    waits: List[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        clock.now += 1

    with pytest.raises(PermissionError):
        tokens_of(open_store).get(refuse)
    assert tokens_of(open_store, wait).get(Endpoint()).value == "token-1"
    assert len(waits) == 2


def test_each_process_fetches_its_own_token_while_the_store_does_not_work() -> None:
    class Broken:
        shares_token = True

        def token(self) -> None:
            raise StoreUnavailable("disk full")

    endpoint = Endpoint()
    broken = SharedTokens(lambda: Broken())  # type: ignore[arg-type, return-value]
    assert broken.get(endpoint).value == "token-1"
    assert SharedTokens(lambda: None).get(endpoint).value == "token-2"


def test_token_is_read_from_a_reopened_store(open_store: OpenStore) -> None:
    store = open_store()
    endpoint = Endpoint()
    SharedTokens(lambda: store).get(endpoint)

    class Stale:
        shares_token = True

        def token(self) -> None:
            raise StoreUnavailable("the connection was closed")

    stores: List[Any] = [store, Stale()]
    found = SharedTokens(lambda: stores[-1], drop=lambda failed, error: stores.remove(failed))
    assert found.get(endpoint).value == "token-1"
    assert endpoint.fetches == 1
