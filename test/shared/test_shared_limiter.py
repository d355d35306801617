"""The limiter on a store: it waits, caps a process, and works alone if the store fails."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Callable, List, Optional, Tuple, TypeVar

import pytest

from formlabs_web_api.rate_limit import LimitWait
from formlabs_web_api.shared.limiter import SharedLimiter
from formlabs_web_api.shared.sqlite_store import SqliteStore
from formlabs_web_api.shared.store import Store, StoreUnavailable, Window
from test.shared.conftest import HostClock, OpenStore

T = TypeVar("T")
LIMITS = ((4, 1.0), (12, 60.0))
WINDOWS = [Window(4, 1.0), Window(12, 60.0)]


def limiter_on(
    open_store: OpenStore, clock: HostClock, share: float = 1.0, background: bool = False
) -> SharedLimiter:
    def wait(seconds: float) -> None:
        clock.now += seconds

    return SharedLimiter(
        lambda: open_store(windows=WINDOWS), LIMITS, share, background, clock=clock, wait=wait
    )


def test_two_processes_share_each_window(open_store: OpenStore, clock: HostClock) -> None:
    limiters = [limiter_on(open_store, clock) for _ in range(2)]
    waits = [limiters[number % 2].acquire(None) for number in range(8)]
    assert waits[:4] == [0.0] * 4
    assert waits[4] == pytest.approx(WINDOWS[0].span)
    assert limiters[0].quota.windows[1].used == 8


def test_wait_beyond_max_wait_is_refused(open_store: OpenStore, clock: HostClock) -> None:
    limiter = limiter_on(open_store, clock)
    for _ in range(4):
        limiter.acquire(0)
    with pytest.raises(LimitWait):
        limiter.acquire(0.5)


def test_pause_of_one_process_holds_the_other(open_store: OpenStore, clock: HostClock) -> None:
    first, second = (limiter_on(open_store, clock) for _ in range(2))
    first.close_gate(9.0)
    assert second.acquire(None) == pytest.approx(9.0)


def test_requests_are_counted_by_program(open_store: OpenStore, clock: HostClock) -> None:
    limiter = limiter_on(open_store, clock)
    limiter.acquire(None)
    assert limiter.quota.by_program == {"worker": 1}


def test_without_limits_no_store_is_needed() -> None:
    def fail() -> SqliteStore:
        raise AssertionError("the store must not be opened")

    assert SharedLimiter(fail, ()).acquire(0) == 0.0


class Flaky:
    """Opener of a store that fails until it is repaired."""

    def __init__(self, open_store: OpenStore) -> None:
        self._open_store = open_store
        self.is_broken = True

    def __call__(self) -> SqliteStore:
        if self.is_broken:
            raise StoreUnavailable("the disk is full")
        return self._open_store(windows=WINDOWS)


def test_process_keeps_a_quarter_alone_warns_once_and_returns(
    open_store: OpenStore, clock: HostClock, caplog: pytest.LogCaptureFixture
) -> None:
    store = Flaky(open_store)
    limiter = SharedLimiter(store, LIMITS, clock=clock, wait=lambda _: None)
    with caplog.at_level(logging.INFO, "formlabs_web_api"):
        limiter.acquire(0)
        with pytest.raises(LimitWait):
            limiter.acquire(0)
        assert limiter.is_degraded
        assert limiter.quota.windows[0].limit == 1
        store.is_broken = False
        clock.now += 60
        limiter.acquire(0)
    warnings = [line for line in caplog.messages if "does not work" in line]
    assert len(warnings) == 1
    assert "25 %" in warnings[0]
    assert "The shared rate limit works again" in caplog.messages
    assert not limiter.is_degraded


class Restarting:
    """Opener of a store that can stop working and keeps its data, like a restarted server."""

    def __init__(self, open_store: OpenStore, clock: HostClock) -> None:
        self._open_store = open_store
        self._clock = clock
        self.down_until = 0.0
        self.down_for_after_reserve = 0.0

    def __call__(self) -> SqliteStore:
        self._check()
        store = self._open_store(windows=WINDOWS)
        for name in ("reserve", "confirm"):
            setattr(store, name, self._unless_down(getattr(store, name)))
        return store

    def _check(self) -> None:
        if self._clock.now < self.down_until:
            raise StoreUnavailable("connection refused", may_pass=True)

    def _unless_down(self, method: Callable[..., T]) -> Callable[..., T]:
        def call(*args: Any) -> T:
            self._check()
            result = method(*args)
            if self.down_for_after_reserve:
                self.down_until = self._clock.now + self.down_for_after_reserve
                self.down_for_after_reserve = 0.0
            return result

        return call


def restarting_limiter(
    open_store: OpenStore, clock: HostClock
) -> Tuple[Restarting, SharedLimiter, List[float]]:
    server = Restarting(open_store, clock)
    waits: List[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        clock.now += seconds

    return server, SharedLimiter(server, LIMITS, clock=clock, wait=wait), waits


def test_calls_wait_for_a_server_that_is_restarted(
    open_store: OpenStore, clock: HostClock, caplog: pytest.LogCaptureFixture
) -> None:
    server, limiter, _ = restarting_limiter(open_store, clock)
    limiter.acquire(None)
    server.down_until = clock.now + 3.0
    assert limiter.acquire(None) == pytest.approx(3.0, abs=0.2)
    assert limiter.quota.windows[1].used == 2
    assert not limiter.is_degraded
    assert caplog.messages == []


def test_slot_that_was_reserved_before_a_restart_is_used_after_it(
    open_store: OpenStore, clock: HostClock
) -> None:
    server, limiter, _ = restarting_limiter(open_store, clock)
    for _ in range(4):
        limiter.acquire(None)
    server.down_for_after_reserve = 1.3
    assert limiter.acquire(None) == pytest.approx(1.3, abs=0.15)
    assert limiter.quota.windows[1].used == 5


def test_process_counts_alone_when_the_server_stays_away(
    open_store: OpenStore, clock: HostClock, caplog: pytest.LogCaptureFixture
) -> None:
    server, limiter, waits = restarting_limiter(open_store, clock)
    limiter.acquire(None)
    server.down_until = clock.now + 60.0
    limiter.acquire(None)
    assert limiter.is_degraded
    assert sum(waits) == pytest.approx(5.0, abs=0.2)
    assert len([line for line in caplog.messages if "connection refused" in line]) == 1
    clock.now += 120.0
    limiter.acquire(None)
    assert not limiter.is_degraded


def test_caller_with_max_wait_0_counts_alone_at_once(
    open_store: OpenStore, clock: HostClock
) -> None:
    server, limiter, waits = restarting_limiter(open_store, clock)
    limiter.acquire(None)
    server.down_until = clock.now + 3.0
    assert limiter.acquire(0) == 0.0
    assert waits == []


def test_process_that_starts_during_a_restart_waits_as_well(
    open_store: OpenStore, clock: HostClock
) -> None:
    server, limiter, _ = restarting_limiter(open_store, clock)
    server.down_until = clock.now + 3.0
    assert limiter.acquire(None) == pytest.approx(3.0, abs=0.2)
    assert limiter.quota.windows[1].used == 1


def test_damaged_file_degrades_instead_of_failing(
    tmp_path: Path, clock: HostClock, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "state.sqlite3"
    path.write_bytes(b"this is not a database, and long enough to be taken for one" * 40)

    def opened() -> SqliteStore:
        return SqliteStore(path, "a", WINDOWS, "p", clock=clock, epoch="e")

    limiter = SharedLimiter(opened, LIMITS, clock=clock, wait=lambda _: None)
    assert limiter.acquire(0) == 0.0
    assert limiter.is_degraded
    assert "not a database" in caplog.text


def test_file_damaged_in_mid_run_degrades(
    open_store: OpenStore, clock: HostClock, tmp_path: Path
) -> None:
    limiter = limiter_on(open_store, clock)
    limiter.acquire(None)
    store: Optional[object] = limiter.store()
    assert isinstance(store, SqliteStore)
    store.close()
    for path in tmp_path.glob("state.sqlite3*"):
        path.unlink()
    (tmp_path / "state.sqlite3").write_bytes(b"damaged" * 1000)
    waits: List[float] = [limiter.acquire(0)]
    assert waits == [0.0]
    assert limiter.is_degraded


def test_late_request_moves_its_slot(open_store: OpenStore, clock: HostClock) -> None:
    limiter = limiter_on(open_store, clock)
    for _ in range(4):
        limiter.acquire(None)
    clock.now += 0.4
    limiter.renew(None)
    assert limiter.acquire(None) == pytest.approx(WINDOWS[0].span - 0.4)
    assert limiter.quota.windows[1].used == 5


def test_share_caps_one_process(open_store: OpenStore, clock: HostClock) -> None:
    limiter = limiter_on(open_store, clock, share=0.5)
    limiter.acquire(0)
    limiter.acquire(0)
    with pytest.raises(LimitWait):
        limiter.acquire(0)
    limiter_on(open_store, clock).acquire(0)


def test_store_that_another_thread_has_opened_again_is_used(
    open_store: OpenStore, clock: HostClock
) -> None:
    """This may happen between two checks of this thread after a restart."""
    limiter = limiter_on(open_store, clock)
    limiter.acquire(None)
    found = limiter.store
    missing: List[Optional[Store]] = [None]

    def store() -> Optional[Store]:
        return missing.pop() if missing else found()

    limiter.store = store  # type: ignore[method-assign]
    limiter.acquire(0)
    assert not limiter.is_degraded
    missing.append(None)
    assert limiter.awaited_store() is not None
    assert limiter.quota.windows[1].used == 2
