"""A store that loses its memory: no window is exceeded, as the service counts."""

from __future__ import annotations

from typing import Any, List, Optional, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from formlabs_web_api.rate_limit import LimitWait
from formlabs_web_api.shared.limiter import SharedLimiter
from formlabs_web_api.shared.store import (
    SharedUsage,
    Slot,
    StateLost,
    StoreUnavailable,
    Ticket,
    UnknownSlots,
    Window,
)
from test.shared.conftest import HostClock

LIMITS = ((4, 10.0), (9, 600.0))
WINDOWS = [Window(limit, period) for limit, period in LIMITS]
SETTLING = WINDOWS[0].span


class Memory:
    """What a server keeps until it is restarted."""

    def __init__(self, clock: HostClock) -> None:
        self.clock = clock
        self.is_down = False
        self.forget()

    def forget(self) -> None:
        self.generation = int(1000 * self.clock.now)
        self.stamps: List[float] = []
        self.settled: Optional[float] = None
        self.restored = -1


class ForgetfulStore:
    """The simplest store: it counts in lists, and grants no slot ahead."""

    shares_token = False
    is_in_use = False

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._check()
        self.generation = memory.generation

    def _check(self) -> None:
        if self._memory.is_down:
            raise StoreUnavailable("connection refused", may_pass=True)

    def reserve(self, max_wait: Optional[float], background: bool) -> Slot:
        self._check()
        memory, now = self._memory, self._memory.clock.now
        if memory.generation != self.generation:
            raise StateLost("lost")
        moments = [now, memory.settled or now]
        for window in WINDOWS:
            stamps = sorted(memory.stamps)[-window.limit :]
            if len(stamps) == window.limit:
                moments.append(stamps[0] + window.span)
        if max(moments) > now:
            raise LimitWait(max(moments) - now)
        memory.stamps.append(now)
        return Slot((memory.generation + len(memory.stamps) - 1,), 0.0)

    def confirm(self, ticket: Ticket) -> Optional[float]:
        raise AssertionError("no slot is reserved ahead")

    def restore(self, slots: Sequence[UnknownSlots], are_lost: bool) -> int:
        self._check()
        memory = self._memory
        if are_lost and memory.settled is None:
            memory.settled = memory.clock.now + SETTLING
        for after, last, age in slots:
            count = 1 if last < 0 else last - max(after, memory.restored)
            memory.stamps += [memory.clock.now - age] * min(count, WINDOWS[-1].limit)
            memory.restored = max(memory.restored, last)
        return memory.generation + len(memory.stamps) - 1

    def close_gate(self, seconds: float) -> None:
        raise AssertionError("no request is refused")

    def usage(self) -> SharedUsage:
        raise NotImplementedError

    def close(self) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(name)  # nothing of the token


class Fleet:
    """Three processes on one server, whose requests the service counts."""

    def __init__(self) -> None:
        self.clock = HostClock()
        self.memory = Memory(self.clock)
        self.sent: List[float] = []
        self.processes = [self.started() for _ in range(3)]

    def started(self) -> SharedLimiter:
        def wait(seconds: float) -> None:
            self.clock.now += seconds

        limiter = SharedLimiter(
            lambda: ForgetfulStore(self.memory), LIMITS, clock=self.clock, wait=wait
        )
        limiter.store()
        return limiter

    def send(self, process: int) -> None:
        try:
            self.processes[process].acquire(0)
        except LimitWait:
            return
        self.sent.append(self.clock.now)

    def restart(self) -> None:
        """Restart the server without its data; the process of the last request asks soon."""
        self.clock.now += 1
        self.memory.forget()

    def most_in(self, period: float) -> int:
        return max(
            [sum(0 <= other - one < period for other in self.sent) for one in self.sent], default=0
        )


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.lists(st.integers(0, 2), min_size=4, max_size=4)),
        st.tuples(st.just("pass"), st.sampled_from([1, 4, 11, 150, 601])),
        st.tuples(st.just("lose"), st.permutations(range(3))),
    ),
    max_size=60,
)


@given(_STEPS)
@example(
    [
        *[("send", [0, 1, 2, 0]), ("pass", 11), ("send", [0, 1, 2, 0]), ("lose", [0, 1, 2])],
        *[("pass", 11), ("send", [0, 1, 2, 0])],
    ]
)
def test_windows_hold_when_all_processes_ask_soon_after_the_loss(steps: List[Any]) -> None:
    fleet = Fleet()
    for step, value in steps:
        if step == "pass":
            fleet.clock.now += value
            continue
        if step == "lose":
            fleet.restart()
        for process in value:
            fleet.send(process)
    for limit, period in LIMITS:
        assert fleet.most_in(period) <= limit


def test_requests_of_an_ended_process_are_restored_by_another() -> None:
    fleet = Fleet()
    for process in (0, 1, 1, 1, 2):
        fleet.send(process)
        fleet.clock.now += 11
    fleet.processes[1] = fleet.started()
    fleet.restart()
    fleet.send(0)
    fleet.send(2)
    fleet.clock.now += 11
    for _ in range(9):
        fleet.send(1)
        fleet.clock.now += 11
    assert len(fleet.sent) == 9


def test_requests_that_were_counted_alone_count_after_the_return() -> None:
    fleet = Fleet()
    fleet.memory.is_down = True
    fleet.send(0)
    assert fleet.processes[0].is_degraded
    fleet.memory.is_down = False
    fleet.clock.now += 40
    fleet.send(0)
    assert not fleet.processes[0].is_degraded
    assert len(fleet.memory.stamps) == 2


def test_idle_account_expires_without_a_pause() -> None:
    fleet = Fleet()
    fleet.send(0)
    fleet.clock.now += 4 * WINDOWS[-1].span
    fleet.memory.forget()
    assert fleet.processes[0].acquire(0) == 0.0


def test_pause_of_the_service_survives_the_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = Fleet()
    closed: List[float] = []
    monkeypatch.setattr(ForgetfulStore, "close_gate", lambda _, seconds: closed.append(seconds))
    fleet.send(0)
    fleet.processes[0].close_gate(500)
    fleet.restart()
    fleet.send(0)
    assert closed == [500, pytest.approx(500, abs=60)]
