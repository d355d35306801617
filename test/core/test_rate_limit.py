"""The rate limiter, with a clock that only a test advances."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import threading
from typing import Any, Callable, Dict, List, Optional, Sequence, Set, Tuple

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from formlabs_web_api.rate_limit import Limiter, LimitWait, Quota, RateLimiter, WindowQuota
from test.support.clocks import FakeClock

Windows = Sequence[Tuple[Optional[int], float]]


def limiter_on(
    clock: FakeClock, windows: Windows = ((2, 1.0),), margin: float = 0.0
) -> RateLimiter:
    return RateLimiter(windows, clock=clock, wait=clock.wait, margin=margin)


class ThreadClock:
    """A clock for many threads, which is stopped while any of them has work to do."""

    def __init__(self, windows: Windows, margin: float = 0.0) -> None:
        self.now = 0.0
        self.limiter = RateLimiter(windows, clock=self._time, wait=self._wait, margin=margin)
        self.refused: Dict[int, LimitWait] = {}
        self.interrupted: Set[int] = set()
        self.waiting: List[int] = []
        self.on_interrupt: Callable[[], None] = lambda: None
        self._passed: List[Tuple[float, int]] = []
        self._changed = threading.Condition()
        self._busy = 0
        self._asleep: Dict[int, Tuple[threading.Event, float]] = {}
        self._names: Dict[int, int] = {}

    @property
    def passed(self) -> List[Tuple[float, int]]:
        """The times and names of slots taken; those of the same time in the order of arrival."""
        return sorted(self._passed)

    def _time(self) -> float:
        return self.now

    def _wait(self, woken: threading.Event, seconds: float) -> None:
        assert seconds >= 0.0
        name = self._names[threading.get_ident()]
        with self._changed:
            self._asleep[name] = (woken, self.now + seconds)
            self._busy -= 1
            self._changed.notify()
        woken.wait()
        with self._changed:
            del self._asleep[name]
            self._busy += 1
        if name in self.interrupted:
            self.on_interrupt()
            raise KeyboardInterrupt

    def start(self, name: int, max_wait: Optional[float] = None, times: int = 1) -> None:
        """Let a thread take ``times`` slots."""

        def run() -> None:
            self._names[threading.get_ident()] = name
            try:
                for _ in range(times):
                    came = self.now
                    waited = self.limiter.acquire(max_wait)
                    self._passed.append((self.now, name))
                    assert waited == self.now - came
            except LimitWait as refusal:
                self.refused[name] = refusal
            except KeyboardInterrupt:
                pass
            with self._changed:
                self.waiting.remove(name)
                self._busy -= 1
                self._changed.notify()

        with self._changed:
            self._busy += 1
            self.waiting.append(name)
        threading.Thread(target=run, daemon=True).start()

    def settle(self) -> None:
        """Return when all threads sleep and nothing would wake them."""

        def at_rest() -> bool:
            return not self._busy and not any(w.is_set() for w, _ in self._asleep.values())

        with self._changed:
            assert self._changed.wait_for(at_rest, timeout=60.0), "a thread never came back"

    def come(self, name: int, max_wait: Optional[float] = None) -> None:
        self.start(name, max_wait)
        self.settle()

    def interrupt(self, name: int) -> None:
        """Interrupt a waiting thread as Ctrl-C would."""
        self.interrupted.add(name)
        self._asleep[name][0].set()
        self.settle()

    def advance(self, seconds: float) -> None:
        """Advance the time; each thread wakes when its wait ends."""
        end = self.now + seconds
        self.settle()
        while self._asleep and min(until for _, until in self._asleep.values()) <= end:
            self.now = max(self.now, min(until for _, until in self._asleep.values()))
            self._wake(sorted(self._asleep))
        self.now = end

    def stall(self, seconds: float, order: Callable[[List[int]], Sequence[int]]) -> None:
        """Advance the time while no thread runs, then wake the overdue threads in this order."""
        self.now += seconds
        self._wake(order(sorted(self._asleep)))

    def _wake(self, names: Sequence[int]) -> None:
        for name in names:
            if name in self._asleep and self._asleep[name][1] <= self.now:
                self._asleep[name][0].set()
                self.settle()

    def finish(self) -> None:
        while self.waiting:
            self.advance(60.0)


def most_in_any(period: float, moments: Sequence[float]) -> int:
    """Return the largest number of moments in an interval of this length, both ends included."""
    most = first = 0
    for last, moment in enumerate(moments):
        while moments[first] < moment - period:
            first += 1
        most = max(most, last - first + 1)
    return most


# --- the windows -----------------------------------------------------------------------------


def test_caller_waits_until_the_oldest_request_leaves_a_full_window():
    clock = FakeClock()
    limiter = limiter_on(clock, ((2, 10.0),))
    assert limiter.acquire(None) == 0.0
    clock.now += 4.0
    assert [limiter.acquire(None) for _ in range(3)] == [0.0, 6.0, 4.0]


def test_strictest_window_determines_the_wait():
    clock = FakeClock()
    limiter = limiter_on(clock, ((2, 1.0), (3, 60.0)))
    assert [limiter.acquire(None) for _ in range(4)] == [0.0, 0.0, 1.0, 59.0]


def test_margin_is_added_to_each_window():
    limiter = limiter_on(FakeClock(), ((1, 1.0),), margin=0.25)
    assert [limiter.acquire(None) for _ in range(2)] == [0.0, 1.25]


def test_limiter_without_windows_never_waits():
    limiter = limiter_on(FakeClock(), ((None, 1.0), (None, 3600.0)))
    assert {limiter.acquire(0.0) for _ in range(5000)} == {0.0}


@pytest.mark.parametrize(
    ("windows", "period", "allowed", "duration"),
    [
        (((100, 1.0), (None, 3600.0)), 1.0, 100, 30.0),
        (((100, 1.0), (1500, 3600.0)), 3600.0, 1500, 3 * 3600.0),
    ],
)
def test_load_uses_the_whole_limit_and_never_exceeds_it(
    windows: Windows, period: float, allowed: int, duration: float
):
    clock = FakeClock()
    limiter = RateLimiter(windows, clock=clock, wait=clock.wait)
    moments: List[float] = []
    while clock.now < 1000.0 + duration:
        limiter.acquire(None)
        moments.append(clock.now)
    assert most_in_any(1.0, moments) == 100
    assert most_in_any(period, moments) == allowed
    assert len(moments) >= 0.98 * allowed * duration / period


def test_many_threads_share_one_limit():
    thread_clock = ThreadClock(((5, 1.0), (40, 10.0)))
    for name in range(16):
        thread_clock.start(name, times=20)
    thread_clock.finish()
    moments = [moment for moment, _ in thread_clock.passed]
    assert len(moments) == 320
    assert most_in_any(0.999, moments) == 5
    assert most_in_any(9.999, moments) == 40
    assert moments[-1] == 77.0  # 8 · 40, in each ten seconds at 0, 1, 2 ... 7


# --- order, refusal, interruption ------------------------------------------------------------


def test_waiters_get_slots_in_order_of_arrival_whenever_they_wake():
    thread_clock = ThreadClock(((2, 1.0),))
    for name in range(9):
        thread_clock.come(name)
    thread_clock.stall(1.0, lambda names: names[::-1])
    thread_clock.stall(5.5, lambda names: names[::-1])
    thread_clock.finish()
    assert [name for _, name in thread_clock.passed] == list(range(9))
    assert most_in_any(0.999, [moment for moment, _ in thread_clock.passed]) == 2


def test_new_caller_does_not_overtake_waiters():
    thread_clock = ThreadClock(((1, 1.0),))
    thread_clock.come(0)
    thread_clock.come(1)
    thread_clock.now = (
        1.0  # the slot is free, but reserved for the other thread, which still sleeps
    )
    thread_clock.come(2, max_wait=3.0)
    thread_clock.finish()
    assert thread_clock.passed == [(0.0, 0), (1.0, 1), (2.0, 2)]


def test_wait_longer_than_max_wait_is_refused_immediately_and_takes_no_slot():
    clock = FakeClock()
    limiter = limiter_on(clock, ((1, 10.0),))
    limiter.acquire(0.0)
    with pytest.raises(LimitWait, match=r"may be sent in 10\.0 s") as refusal:
        limiter.acquire(9.9)
    assert refusal.value.retry_after == 10.0
    assert clock.now == 1000.0
    assert limiter.acquire(10.0) == 10.0


def test_refused_wait_includes_the_waiters_in_the_queue():
    thread_clock = ThreadClock(((1, 1.0),))
    for name in range(4):
        thread_clock.come(name)
    thread_clock.come(4, max_wait=3.5)
    assert thread_clock.refused[4].retry_after == 4.0
    thread_clock.come(5, max_wait=4.0)
    thread_clock.finish()
    assert thread_clock.passed[-1] == (4.0, 5)


def test_waiter_that_wakes_after_max_wait_is_refused():
    thread_clock = ThreadClock(((1, 1.0),))
    for name, max_wait in enumerate([0.0, None, 2.5]):
        thread_clock.come(name, max_wait)
    thread_clock.stall(3.0, lambda names: [2])
    assert list(thread_clock.refused) == [2]
    thread_clock.finish()
    assert thread_clock.passed == [(0.0, 0), (3.0, 1)]


def test_interrupted_waiter_gives_its_slot_to_the_next():
    thread_clock = ThreadClock(((1, 0.75),))
    for name in range(4):
        thread_clock.come(name)
    thread_clock.interrupt(1)
    thread_clock.finish()
    assert thread_clock.passed == [(0.0, 0), (0.75, 2), (1.5, 3)]


def test_second_interrupt_of_a_waiter_does_not_block_the_others():
    class Refusing:
        def __enter__(self) -> None:
            thread_clock.limiter._lock = lock
            raise KeyboardInterrupt

        def __exit__(self, *_: Any) -> None:
            raise AssertionError

    def hold_the_lock() -> None:
        thread_clock.limiter._lock = Refusing()  # type: ignore[assignment]

    thread_clock = ThreadClock(((1, 1.0),))
    lock = thread_clock.limiter._lock
    for name in range(4):
        thread_clock.come(name)
    thread_clock.on_interrupt = hold_the_lock
    thread_clock.interrupt(1)
    thread_clock.finish()
    assert [name for _, name in thread_clock.passed] == [0, 2, 3]


# --- the gate --------------------------------------------------------------------------------


def test_closed_gate_stops_all_callers():
    clock = FakeClock()
    limiter = limiter_on(clock)
    limiter.close_gate(5.0)
    limiter.close_gate(2.0)  # does not shorten it
    with pytest.raises(LimitWait) as refusal:
        limiter.acquire(4.0)
    assert refusal.value.retry_after == 5.0
    assert [limiter.acquire(60.0) for _ in range(3)] == [5.0, 0.0, 1.0]


def test_waiters_wait_for_the_gate_too_or_are_refused_immediately():
    thread_clock = ThreadClock(((1, 1.0),))
    for name, max_wait in enumerate([0.0, 60.0, 10.0, None]):
        thread_clock.come(name, max_wait)
    thread_clock.limiter.close_gate(30.0)
    thread_clock.settle()
    assert thread_clock.now == 0.0
    assert {name: refusal.retry_after for name, refusal in thread_clock.refused.items()} == {
        2: 31.0
    }
    thread_clock.finish()
    assert thread_clock.passed == [(0.0, 0), (30.0, 1), (31.0, 3)]


def test_gate_works_without_windows():
    limiter = limiter_on(FakeClock(), ())
    limiter.close_gate(0.5)
    assert [limiter.acquire(None) for _ in range(2)] == [0.5, 0.0]


# --- the quota -------------------------------------------------------------------------------


def test_quota_has_the_remaining_requests():
    clock = FakeClock()
    limiter = limiter_on(clock, ((2, 1.0), (5, 3600.0), (None, 60.0)))
    for _ in range(3):
        limiter.acquire(None)
    quota = limiter.quota
    assert quota.windows == (
        WindowQuota(limit=2, period=1.0, used=1, left=1, next_free_in=0.0),
        WindowQuota(limit=5, period=3600.0, used=3, left=2, next_free_in=0.0),
    )
    assert quota.next_free_in == 0.0
    for _ in range(2):
        limiter.acquire(None)
    assert limiter.quota.windows[1] == WindowQuota(5, 3600.0, 5, 0, next_free_in=3598.0)
    assert limiter.quota.next_free_in == 3598.0


def test_quota_counts_waiters_in_the_queue():
    thread_clock = ThreadClock(((2, 1.0), (9, 60.0)))
    for name in range(5):
        thread_clock.come(name)
    second, minute = thread_clock.limiter.quota.windows
    assert (second.used, second.left, second.next_free_in) == (2, 0, 2.0)
    assert (minute.used, minute.left, minute.next_free_in) == (2, 4, 0.0)
    thread_clock.finish()


def test_quota_text_is_a_sentence():
    clock = FakeClock()
    limiter = limiter_on(clock, ((3, 1.0), (3, 3600.0), (7, 15.0)))
    for _ in range(3):
        limiter.acquire(None)
    limiter.close_gate(42.0)
    assert repr(limiter.quota) == (
        "<Quota 3/s: 3 used, 0 left, next slot in 1.0 s; "
        "3/h: 3 used, 0 left, next slot in 60 min; "
        "7/15 s: 3 used, 4 left, next slot now; "
        "closed by the service, opens in 42.0 s>"
    )
    assert str(Quota(())) == "no limits"


# --- settings and lifetime -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        *(({"windows": [(limit, 1.0)]}, "windows") for limit in (0, -1, 1.5, True, "9")),
        *(({"windows": [(1, period)]}, "windows") for period in (0, -1.0, math.nan, math.inf, "1")),
        *(({"margin": margin}, "margin") for margin in (-0.1, math.nan, math.inf, "0", True)),
    ],
)
def test_invalid_limiter_setting_is_refused_by_name(wrong: Any, named: str):
    with pytest.raises(ValueError, match=f"^{named}.* is needed"):
        RateLimiter(**wrong)


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf, "1"])
def test_invalid_max_wait_is_refused_by_name(value: Any):
    limiter: Limiter = RateLimiter()
    with pytest.raises(ValueError, match=r"^max_wait: "):
        limiter.acquire(value)
    with pytest.raises(ValueError, match=r"^seconds: "):
        limiter.close_gate(value)
    assert limiter.quota.windows[1].used == 0


FORK = """
import os, threading
from formlabs_web_api.rate_limit import RateLimiter
from formlabs_web_api.retry import Outcome, RetryQuota

def wait(woken, seconds):
    waits.set()
    threading.Event().wait()

now, waits = 0.0, threading.Event()
limiter = RateLimiter([(2, 10.0), (9, 60.0)], clock=lambda: now, wait=wait)
quota = RetryQuota()
limiter.acquire(0.0)
limiter.acquire(0.0)
threading.Thread(target=limiter.acquire, args=[None], daemon=True).start()
waits.wait()
now = 20.0
with limiter._lock, quota._lock:  # as another thread may hold them at that moment
    child = os.fork()
    if child == 0:
        limiter.acquire(0.0)
        quota.acquire(Outcome())
        os._exit(10 + limiter.quota.windows[1].used)
os._exit(os.waitpid(child, 0)[1] >> 8)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_forked_child_keeps_counts_and_waits_for_no_lock_or_thread_of_its_parent():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-W", "ignore", "-c", FORK]
    assert subprocess.run(command, env=environment, timeout=60).returncode == 13


# --- random sequences ---------------------------------------------------------------------

# Whole multiples of 1/64 s, so that the model and the limiter calculate alike to the last bit.
ticks = st.integers(0, 640).map(lambda n: n / 64)
periods = st.integers(1, 512).map(lambda n: n / 64)
one_window = st.tuples(st.integers(1, 5), periods)


class LimiterMachine(RuleBasedStateMachine):
    """Callers arrive, give up, are interrupted and wake late, while the gate closes."""

    @initialize(
        windows=st.lists(one_window, max_size=3), margin=st.sampled_from([0.0, 1 / 64, 1 / 4])
    )
    def begin(self, windows: List[Tuple[int, float]], margin: float) -> None:
        self.thread_clock = ThreadClock(windows, margin)
        self.windows = windows
        self.margin = margin
        self.gate = -math.inf
        self.latest: Dict[int, float] = {}
        self.stalled = False

    def plan(self, callers: int) -> List[float]:
        """Compute when the callers would pass: the same rules as simple code."""
        moments = [moment for moment, _ in self.thread_clock.passed]
        for _ in range(callers):
            moment = max(self.thread_clock.now, self.gate)
            for limit, period in self.windows:
                if len(moments) >= limit:
                    moment = max(moment, moments[-limit] + period + self.margin)
            moments.append(moment)
        return moments[len(moments) - callers :]

    @rule(max_wait=st.none() | ticks)
    def come(self, max_wait: Optional[float]) -> None:
        if not self.thread_clock.waiting:
            self.stalled = False
        name = len(self.latest)
        self.latest[name] = math.inf if max_wait is None else self.thread_clock.now + max_wait
        moment = self.plan(len(self.thread_clock.waiting) + 1)[-1]
        self.thread_clock.come(name, max_wait)
        if self.stalled:  # the reserved times may be a little early
            return
        assert (name in self.thread_clock.refused) == (moment > self.latest[name])
        if name in self.thread_clock.refused:
            assert self.thread_clock.refused[name].retry_after == moment - self.thread_clock.now

    @rule(seconds=ticks)
    def advance(self, seconds: float) -> None:
        names = list(self.thread_clock.waiting)
        moments = self.plan(len(names))
        self.thread_clock.advance(seconds)
        due = [pair for pair in zip(moments, names) if pair[0] <= self.thread_clock.now]
        assert self.stalled or set(due) <= set(self.thread_clock.passed)

    @rule(seconds=ticks, data=st.data())
    def stall(self, seconds: float, data: Any) -> None:
        self.stalled = True
        self.thread_clock.stall(seconds, lambda names: data.draw(st.permutations(names)))

    @rule(seconds=ticks)
    def close_gate(self, seconds: float) -> None:
        self.gate = max(self.gate, self.thread_clock.now + seconds)
        self.thread_clock.limiter.close_gate(seconds)
        self.thread_clock.settle()

    @rule(place=st.integers(0, 9))
    def interrupt(self, place: int) -> None:
        if place < len(self.thread_clock.waiting):
            self.thread_clock.interrupt(self.thread_clock.waiting[place])

    @invariant()
    def no_window_is_exceeded(self) -> None:
        moments = [moment for moment, _ in self.thread_clock.passed]
        for limit, period in self.windows:
            ends = zip(moments, moments[limit:])
            assert all(later - earlier >= period + self.margin for earlier, later in ends)

    @invariant()
    def callers_keep_their_order(self) -> None:
        names = [name for _, name in self.thread_clock.passed]
        assert names == sorted(names)

    @invariant()
    def no_slot_is_left_unused_while_somebody_waits(self) -> None:
        if self.thread_clock.waiting:
            assert self.plan(1)[0] > self.thread_clock.now

    @invariant()
    def max_wait_is_never_exceeded(self) -> None:
        assert all(self.thread_clock.now <= self.latest[name] for name in self.thread_clock.waiting)

    @invariant()
    def the_quota_is_right(self) -> None:
        now, waiting = self.thread_clock.now, len(self.thread_clock.waiting)
        quota = self.thread_clock.limiter.quota
        assert quota.closed_for == max(0.0, self.gate - now)
        if not self.stalled:
            assert quota.next_free_in == self.plan(waiting + 1)[-1] - now
        for window, (limit, period) in zip(quota.windows, self.windows):
            span = period + self.margin
            assert window.used == sum(moment + span > now for moment, _ in self.thread_clock.passed)
            assert window.left == max(0, limit - window.used - waiting)

    def teardown(self) -> None:
        if hasattr(self, "thread_clock"):
            self.thread_clock.finish()
            self.no_window_is_exceeded()
            self.callers_keep_their_order()
            accounted = [name for _, name in self.thread_clock.passed]
            accounted += [*self.thread_clock.refused, *self.thread_clock.interrupted]
            assert sorted(accounted) == sorted(self.latest)


LimiterMachine.TestCase.settings = settings(
    deadline=None, max_examples=60, suppress_health_check=list(HealthCheck)
)
TestLimiterMachine = LimiterMachine.TestCase


class InterruptedClock(FakeClock):
    """A clock that runs a function once, within one of the limiter's reads of it."""

    def __init__(self, reads_before: int) -> None:
        super().__init__()
        self.interrupt: Callable[[], object] = lambda: None
        self._reads_left = reads_before

    def __call__(self) -> float:
        self._reads_left -= 1
        if self._reads_left == -1:
            self.interrupt()
        return self.now


@pytest.mark.parametrize("reads_before", range(4))
@pytest.mark.parametrize(
    "method", ["acquire", "renew", "close_gate", "quota"], ids=lambda name: f"in {name}"
)
def test_signal_handler_gets_a_slot_while_its_thread_holds_the_lock(
    method: str,
    reads_before: int,
    raise_signal: Callable[[Callable[[], object]], None],
) -> None:
    clock = InterruptedClock(reads_before)
    limiter = limiter_on(clock, ((2, 1.0),))
    sent: List[float] = []

    def send() -> None:
        limiter.acquire(None)
        sent.append(clock.now)

    clock.interrupt = lambda: raise_signal(send)
    for _ in range(4):
        if method == "quota":
            limiter.quota  # noqa: B018
        elif method == "renew":
            limiter.renew(None)
        elif method == "close_gate":
            limiter.close_gate(0.1)
        send()
    assert len(sent) == 5
    assert all(later - first >= 1.0 for first, later in zip(sent, sent[2:]))


def test_signal_handler_gets_a_slot_while_its_thread_waits_in_the_queue(
    raise_signal: Callable[[Callable[[], object]], None],
) -> None:
    clock = FakeClock()
    sent: List[float] = []

    def wait(woken: threading.Event, seconds: float) -> None:
        if not sent:
            sent.append(0.0)  # once
            raise_signal(send)
        clock.wait(woken, seconds)

    limiter = RateLimiter(((2, 1.0),), clock=clock, wait=wait, margin=0.0)

    def send() -> None:
        limiter.acquire(None)
        sent.append(clock.now)

    limiter.acquire(None)
    limiter.acquire(None)
    send()
    assert sent[1:] == [1001.0, 1002.0]  # the interrupted wait continues after the handler
