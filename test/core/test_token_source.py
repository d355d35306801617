"""Fetching, renewal and expiry of a token, with a clock that only a test advances."""

from __future__ import annotations

import threading
from typing import Any, List, Optional, Tuple

import pytest

from formlabs_web_api._core.token_source import TokenSource


class Service:
    """Issues tokens t1, t2 ... when the test allows it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.fetches = 0
        self.life: Optional[float] = 86400.0
        self.trouble: Optional[Exception] = None

    def fetch(self) -> Tuple[str, Optional[float]]:
        self.fetches += 1
        if self.trouble is not None:
            raise self.trouble
        return f"t{self.fetches}", self.life

    def source(self, jitter: float = 0.0) -> TokenSource:
        return TokenSource(self.fetch, clock=lambda: self.now, jitter=lambda: jitter)


@pytest.fixture
def service() -> Service:
    return Service()


def test_a_token_is_fetched_on_first_need_and_kept(service: Service) -> None:
    source = service.source()
    assert source.current is None
    assert service.fetches == 0
    assert [source.get() for _ in range(3)] == ["t1"] * 3
    assert source.current == "t1"


@pytest.mark.parametrize(
    ("jitter", "margin"), [(0.0, 300.0), (1.0, 600.0)], ids=["latest", "earliest"]
)
def test_token_is_renewed_before_it_expires(service: Service, jitter: float, margin: float) -> None:
    source = service.source(jitter)
    source.get()
    service.now += 86400.0 - margin - 1
    assert source.get() == "t1"
    service.now += 2
    assert source.get() == "t2"


def test_short_lived_token_is_used_for_most_of_its_life(service: Service) -> None:
    service.life = 60.0
    source = service.source(jitter=1.0)
    source.get()
    service.now += 47
    assert source.get() == "t1"
    service.now += 2
    assert source.get() == "t2"


@pytest.mark.parametrize("life", [None, 0, -5, float("nan")])
def test_missing_or_invalid_expires_in_counts_as_an_hour(
    service: Service, life: Optional[float]
) -> None:
    service.life = life
    source = service.source()
    source.get()
    service.now += 3200
    assert source.get() == "t1"
    service.now += 500
    assert source.get() == "t2"


def test_huge_expires_in_is_limited(service: Service) -> None:
    service.life = 10**400
    source = service.source()
    source.get()
    service.now += 1e8
    assert source.get() == "t1"


def test_valid_token_is_used_if_its_renewal_fails(service: Service) -> None:
    source = service.source()
    source.get()
    service.now += 86400.0 - 200
    service.trouble = OSError("down")
    assert source.get() == "t1"
    service.now += 300
    with pytest.raises(OSError, match="down"):
        source.get()


def test_failed_renewal_is_not_repeated_immediately(service: Service) -> None:
    source = service.source()
    source.get()
    service.now += 86400.0 - 200
    service.trouble = OSError("down")
    assert [source.get() for _ in range(5)] == ["t1"] * 5
    assert service.fetches == 2
    service.now += 31
    service.trouble = None
    assert source.get() == "t3"


def test_refused_token_is_discarded_but_not_its_successor(service: Service) -> None:
    source = service.source()
    source.get()
    source.forget("t1")
    assert source.get() == "t2"
    source.forget("t1")
    assert source.get() == "t2"


def test_token_source_owns_the_headers_it_made(service: Service) -> None:
    source = service.source()
    old = source.header()
    source.forget("t1")
    source.get()
    assert source.owns(old)  # also after its token was replaced
    assert source.owns("Bearer t2")
    assert not source.owns("Bearer of-the-caller")
    assert not source.owns(None)


def _together(count: int, call: Any) -> List[Any]:
    """Run ``call`` on many threads and give what each returned or raised."""
    results: List[Any] = []

    def run() -> None:
        try:
            results.append(call())
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def _source_that_waits_for(threads: int, service: Service) -> TokenSource:
    """A source whose fetch ends after the given number of threads have read the clock."""
    looked = threading.Semaphore(0)

    def clock() -> float:
        looked.release()
        return service.now

    def fetch() -> Tuple[str, Optional[float]]:
        for _ in range(threads + 1):  # the fetching thread reads it twice
            looked.acquire()
        return service.fetch()

    return TokenSource(fetch, clock=clock)


def test_many_threads_wait_for_one_fetch(service: Service) -> None:
    source = _source_that_waits_for(16, service)
    assert _together(16, source.get) == ["t1"] * 16
    assert service.fetches == 1


def test_waiting_threads_get_the_failure_as_separate_exceptions(
    service: Service,
) -> None:
    source = _source_that_waits_for(16, service)
    service.trouble = OSError("down")
    errors = _together(16, source.get)
    assert [str(error) for error in errors] == ["down"] * 16
    assert len(set(map(id, errors))) == 16
    assert service.fetches == 1


def test_refused_token_waits_for_the_fetch_in_progress(service: Service) -> None:
    started, go_on = threading.Event(), threading.Event()

    def fetch() -> Tuple[str, Optional[float]]:
        if service.fetches == 1:
            started.set()
            go_on.wait()
        return service.fetch()

    source = TokenSource(fetch, clock=lambda: service.now)
    old = source.get()
    source.forget(old)
    first = threading.Thread(target=source.get)
    first.start()
    started.wait()
    waiting = threading.Semaphore(0)

    def refused() -> str:
        source.forget(old)
        waiting.release()
        return source.get()

    def release() -> None:
        for _ in range(8):
            waiting.acquire()
        go_on.set()

    threading.Thread(target=release).start()
    assert _together(8, refused) == ["t2"] * 8
    first.join()
    assert service.fetches == 2


def test_ctrl_c_in_the_fetching_thread_does_not_stop_others(service: Service) -> None:
    started, go_on = threading.Event(), threading.Event()

    def fetch() -> Tuple[str, Optional[float]]:
        if not started.is_set():
            started.set()
            go_on.wait()
            raise KeyboardInterrupt
        return service.fetch()

    source = TokenSource(fetch, clock=lambda: service.now)

    def interrupted() -> None:
        with pytest.raises(KeyboardInterrupt):
            source.get()

    first = threading.Thread(target=interrupted)
    first.start()
    started.wait()
    threading.Timer(0, go_on.set).start()
    assert _together(4, source.get) == ["t1"] * 4
    first.join()


def test_a_token_under_renewal_serves_all_other_threads(service: Service) -> None:
    started, go_on = threading.Event(), threading.Event()

    def fetch() -> Tuple[str, Optional[float]]:
        if service.fetches == 1:
            started.set()
            go_on.wait()
        return service.fetch()

    source = TokenSource(fetch, clock=lambda: service.now, jitter=lambda: 0.0)
    source.get()
    service.now += 86400.0 - 100
    renewing = threading.Thread(target=source.get)
    renewing.start()
    started.wait()
    assert _together(8, source.get) == ["t1"] * 8
    go_on.set()
    renewing.join()
    assert source.get() == "t2"


def test_repr_of_the_token_source_shows_no_token(service: Service) -> None:
    source = service.source()
    service.fetch = lambda: ("the-secret", 60.0)  # type: ignore[method-assign]
    source = TokenSource(service.fetch, clock=lambda: service.now)
    source.get()
    assert "the-secret" not in repr(source) + str(vars(source)["_token"])
