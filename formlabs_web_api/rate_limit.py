"""Rate limiting: sliding windows shared by all threads of a process, first come, first served."""

from __future__ import annotations

import logging
import math
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import (
    Any,
    Callable,
    Deque,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Protocol,
    Sequence,
    Tuple,
)

from formlabs_web_api._core.call_scope import current_scope
from formlabs_web_api._core.wait_notice import SHORTEST, show_wait
from formlabs_web_api._util.checks import check_count, check_seconds
from formlabs_web_api._util.displayable import Displayable
from formlabs_web_api._util.fork import after_fork
from formlabs_web_api._util.real_time import monotonic
from formlabs_web_api._util.waiting import POLL_SECONDS

logger = logging.getLogger("formlabs_web_api")

_UNITS = {1.0: "s", 60.0: "min", 3600.0: "h", 86400.0: "day"}


class LimitWait(Exception):
    """No slot becomes free within ``max_wait``; none was taken."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after
        """Seconds until the slot would have been free."""

    def __str__(self) -> str:
        return f"the next request may be sent {_in(self.retry_after)}"


@dataclass(frozen=True)
class WindowQuota:
    """Usage of one window."""

    limit: int
    """Requests allowed in any ``period``."""
    period: float
    """Length of the window in seconds."""
    used: int
    """Requests that count at this moment."""
    left: int
    """Requests that could be sent now; waiting callers are deducted."""
    next_free_in: float
    """Seconds until this window would let another caller pass."""

    def __str__(self) -> str:
        unit = _UNITS.get(self.period, f"{self.period:g} s")
        counts = f"{self.used} used, {self.left} left"
        return f"{self.limit}/{unit}: {counts}, next slot {_in(self.next_free_in)}"


def _no_programs() -> Mapping[str, int]:
    return {}


@dataclass(frozen=True, repr=False)
class Quota(Displayable):
    """Usage of the limits, as counted by this process."""

    windows: Tuple[WindowQuota, ...]
    """The windows, in the order of the configuration."""
    closed_for: float = 0.0
    """Seconds for which all callers are paused after a 429."""
    by_program: Mapping[str, int] = field(default_factory=_no_programs)
    """Requests of the longest window by program, if processes share the limits."""

    @property
    def next_free_in(self) -> float:
        """Seconds until another caller could pass."""
        return max([self.closed_for, *(window.next_free_in for window in self.windows)])

    def __str__(self) -> str:
        texts = [str(window) for window in self.windows] or ["no limits"]
        if self.closed_for:
            texts.append(f"closed by the service, opens {_in(self.closed_for)}")
        return "; ".join(texts)

    def __repr__(self) -> str:
        return f"<Quota {self}>"


def _in(seconds: float) -> str:
    if seconds <= 0:
        return "now"
    return f"in {seconds:.1f} s" if seconds < 120 else f"in {seconds / 60:.0f} min"


def announce_wait(seconds: float) -> None:
    """Log and show a wait of more than a second, before it begins."""
    if SHORTEST < seconds < math.inf:
        logger.info("The next request waits %.0f s for the rate limit", seconds)
        show_wait(f"waiting {seconds:.0f} s for the rate limit", seconds)


class Limiter(Protocol):
    """Decides when a request may be sent.

    One limiter serves all threads of a process, or of several processes. Every method may be called
    from any thread at any time.
    """

    def acquire(self, max_wait: Optional[float]) -> float:
        """Wait until one request may be sent, count it in every window, return the seconds waited.

        Callers pass in order of arrival. A counted request stays counted, whatever its outcome.
        ``max_wait`` is in seconds; 0 does not wait, None waits without a limit.

        Raises LimitWait as soon as the wait is known to exceed ``max_wait``, at the start or while
        waiting. Then, and when any other exception (KeyboardInterrupt) ends the wait, nothing is
        counted and the next caller moves up.
        """
        ...

    def close_gate(self, seconds: float) -> None:
        """Pause all callers, including those already waiting, for ``seconds`` from now.

        It never shortens a pause set by an earlier call.
        """
        ...

    @property
    def quota(self) -> Quota:
        """The current usage. Reading it changes nothing and never waits."""
        ...


class _Window(NamedTuple):
    limit: int
    period: float
    span: float
    """The period and the margin: how old the request ``limit`` places before must be."""


class _Waiter:
    """A caller in the queue."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        """The latest time until which the caller waits."""
        self.slot = math.inf
        """The time at which a slot is expected to be free."""
        self.given_up = False
        """Set when the caller has stopped waiting."""
        self.woken = threading.Event()
        """Set when the caller has to check again earlier than planned."""


def _sleep(woken: threading.Event, seconds: float) -> None:
    scope = current_scope()
    if scope is None:
        woken.wait(seconds)
    else:
        scope.wait(woken, seconds)


class RateLimiter:
    """Sliding windows for all threads of this process.

    The limits hold in *any* interval of a window's length, wherever it begins. While a window is
    full, callers wait in a queue, first come first served; each has a reserved time that depends on
    the reservations before it. A slot counts from the time at which its request is really sent:
    otherwise the request of a thread that wakes late could coincide with the burst that follows.

    Args:
        windows: Pairs (requests, seconds); None for the requests disables a window.
        margin: Seconds added to each window. The service counts a request when it arrives, and the
            latency varies: a slow request followed by a fast one would arrive too close together.
            5 ms covers the jitter of a usual connection and threads that wake late, and costs half
            a percent of the shortest window. A larger jitter leads to a 429 and a closed gate, not
            to an error.
        clock: Returns seconds; monotonic.
        wait: ``wait(event, seconds)`` returns when the event is set or the time has passed, or
            earlier.

    Raises:
        ValueError: A setting is invalid.
    """

    def __init__(
        self,
        windows: Sequence[Tuple[Optional[int], float]] = ((100, 1.0), (1500, 3600.0)),
        clock: Callable[[], float] = monotonic,
        wait: Callable[[threading.Event, float], object] = _sleep,
        margin: float = 0.005,
    ) -> None:
        check_seconds("margin", margin)
        self._windows: List[_Window] = []
        for limit, period in windows:
            check_seconds("windows, period", period, zero=False)
            if limit is not None:
                check_count("windows, requests", limit, least=1)
                self._windows.append(_Window(limit, period, period + margin))
        self._clock = clock
        self._wait = wait
        self._passed: Deque[float] = deque(maxlen=max([w.limit for w in self._windows], default=0))
        self._gate = -math.inf
        self._waiters: Deque[_Waiter] = deque()
        # Reentrant: a signal handler may call the client while this thread holds the lock.
        self._lock: Any = threading.RLock()
        self._granted = threading.local()
        after_fork(self, RateLimiter._forget_threads)

    def acquire(self, max_wait: Optional[float]) -> float:
        """Wait for a slot: see :meth:`Limiter.acquire`."""
        if not (type(max_wait) is float and 0.0 <= max_wait < math.inf) and max_wait is not None:
            check_seconds("max_wait", max_wait)
        if getattr(self._granted, "is_acquiring", False) or self._lock._is_owned():
            return self._acquire_in_signal_handler(max_wait)
        try:
            self._granted.is_acquiring = True
            return self._acquire(max_wait)
        finally:
            self._granted.is_acquiring = False

    def _acquire(self, max_wait: Optional[float]) -> float:
        with self._lock:
            came = self._clock()
            if not self._waiters and self._slot_time((), came) <= came:  # as nearly always
                self._count(came)
                return 0.0
        waiter = _Waiter(math.inf if max_wait is None else came + max_wait)
        try:
            with self._lock:
                waiter.slot = self._slot_time(self._waiters, self._clock())
                self._waiters.append(waiter)
            announce_wait(waiter.slot - came)
            while True:
                with self._lock:
                    waiter.woken.clear()
                    now = self._clock()
                    if self._try_pass(waiter, now):
                        return now - came
                    if max(waiter.slot, now) > waiter.deadline:
                        raise LimitWait(max(0.0, waiter.slot - now))
                    until = waiter.slot if self._waiters[0] is waiter else waiter.deadline
                self._wait(waiter.woken, min(until - now, POLL_SECONDS))
        except BaseException:
            # Set first: a second Ctrl-C may come before the lock is taken, and others then skip it.
            waiter.given_up = True
            with self._lock:
                self._reschedule()
            raise

    def _acquire_in_signal_handler(self, max_wait: Optional[float]) -> float:
        """Acquire a slot for a signal handler that interrupted this thread in a method.

        The handler cannot stand in line: the interrupted call may be first there, or hold the lock
        that those ahead need, and does not go on before the handler returns. It passes when there
        is room for both, since the interrupted call may be about to count its own slot.
        """
        came = self._clock()
        latest = math.inf if max_wait is None else came + max_wait
        interrupted = _Waiter(latest)
        interrupted.slot = came
        while True:
            with self._lock:
                now = self._clock()
                moment = self._slot_time((interrupted,), now)
                if moment <= now:
                    self._count(now)
                    return now - came
            if moment > latest:
                raise LimitWait(moment - now)
            self._wait(threading.Event(), min(moment - now, POLL_SECONDS))

    def _count(self, now: float) -> None:
        """Count a slot of this thread; one of a signal handler may have been counted just before.

        The moments in ``_passed`` ascend.
        """
        latest = self._passed[-1] if self._passed else now
        self._passed.append(max(now, latest))
        self._granted.moment = max(now, latest)

    def renew(self, max_wait: Optional[float]) -> None:
        """Count the last slot of this thread from now on, as its request is sent only now.

        Acquires another slot if the old one is too old: others may have passed because of its age.
        """
        moment: float = getattr(self._granted, "moment", math.inf)
        with self._lock:
            now = self._clock()
            shortest = min([window.period for window in self._windows], default=math.inf)
            is_usable = now - moment <= shortest / 2
            if is_usable and moment in self._passed:
                self._passed.remove(moment)
                self._count(now)
                self._reschedule()
        if not is_usable:
            self.acquire(max_wait)

    def close_gate(self, seconds: float) -> None:
        """Pause all callers: see :meth:`Limiter.close_gate`."""
        check_seconds("seconds", seconds)
        with self._lock:
            self._gate = max(self._gate, self._clock() + seconds)
            self._reschedule()

    @property
    def quota(self) -> Quota:
        """The current usage."""
        with self._lock:
            now = self._clock()
            windows: List[WindowQuota] = []
            for window in self._windows:
                used = sum(moment + window.span > now for moment in tuple(self._passed))
                left = max(0, window.limit - used - len(self._waiters))
                next_free_in = max(0.0, self._free_at(window, self._waiters) - now)
                windows.append(WindowQuota(window.limit, window.period, used, left, next_free_in))
            return Quota(tuple(windows), closed_for=max(0.0, self._gate - now))

    def _try_pass(self, waiter: _Waiter, now: float) -> bool:
        """Take a slot if the caller is first in the queue and a slot is free."""
        while self._waiters and self._waiters[0].given_up:
            self._waiters.popleft()
        if not self._waiters or self._waiters[0] is not waiter:
            return False
        waiter.slot = self._slot_time((), now)
        if waiter.slot > now:
            return False
        self._count(now)
        self._waiters.popleft()
        self._wake_first()
        return True

    def _slot_time(self, ahead: Sequence[_Waiter], now: float) -> float:
        """Return when a caller behind ``ahead`` may pass, if those pass in time."""
        moment = max(now, self._gate)
        for window in self._windows:
            moment = max(moment, self._free_at(window, ahead))
        return moment

    def _free_at(self, window: _Window, ahead: Sequence[_Waiter]) -> float:
        """Return when the window has room for a caller behind ``ahead``."""
        before = len(ahead) - window.limit
        if before >= 0:
            return ahead[before].slot + window.span
        if -before <= len(self._passed):
            return self._passed[before] + window.span
        return -math.inf

    def _reschedule(self) -> None:
        """Recompute every waiter's slot; drop those that gave up or would exceed ``max_wait``."""
        now = self._clock()
        line: Deque[_Waiter] = deque()
        for waiter in self._waiters:
            if waiter.given_up:
                continue
            waiter.slot = self._slot_time(line, now)
            if waiter.slot > waiter.deadline:
                waiter.woken.set()  # its own thread raises LimitWait
            else:
                line.append(waiter)
        self._waiters = line
        self._wake_first()

    def _wake_first(self) -> None:
        if self._waiters:
            self._waiters[0].woken.set()

    def _forget_threads(self) -> None:
        self._lock = threading.RLock()
        self._granted = threading.local()
        self._waiters.clear()
