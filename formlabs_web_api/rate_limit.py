"""The service's request limits, kept for all threads of a process, first come first served."""

from __future__ import annotations

import logging
import math
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any, Callable, Deque, List, NamedTuple, Optional, Protocol, Sequence, Tuple

from formlabs_web_api._core.call_scope import current_scope
from formlabs_web_api._util.checks import check_count, check_seconds
from formlabs_web_api._util.displayable import Displayable
from formlabs_web_api._util.fork import after_fork
from formlabs_web_api._util.real_time import monotonic
from formlabs_web_api._util.waiting import LOOK_AGAIN

logger = logging.getLogger("formlabs_web_api")

_ANNOUNCED = 1.0
"""Seconds; a longer wait is logged when it begins."""
_UNITS = {1.0: "s", 60.0: "min", 3600.0: "h", 86400.0: "day"}


class LimitWait(Exception):
    """A slot was not to be had within ``max_wait``; none was taken."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after
        """Seconds until the slot would have come."""

    def __str__(self) -> str:
        return f"the next request may be sent {_in(self.retry_after)}"


@dataclass(frozen=True)
class WindowQuota:
    """How things stand in one window."""

    limit: int
    """Requests allowed in any ``period``."""
    period: float
    """Length of the window in seconds."""
    used: int
    """Requests that count at this moment."""
    left: int
    """Requests that could pass at once, those that wait already deducted."""
    next_free_in: float
    """Seconds until a caller that comes now could pass, as far as this window is concerned."""

    def __str__(self) -> str:
        unit = _UNITS.get(self.period, f"{self.period:g} s")
        counts = f"{self.used} used, {self.left} left"
        return f"{self.limit}/{unit}: {counts}, next slot {_in(self.next_free_in)}"


@dataclass(frozen=True, repr=False)
class Quota(Displayable):
    """How much of the limits is used, as this process counts it."""

    windows: Tuple[WindowQuota, ...]
    """The windows that are kept, in the order in which they were given."""
    closed_for: float = 0.0
    """Seconds for which nobody passes, because the service said so (429)."""

    @property
    def next_free_in(self) -> float:
        """Seconds until a caller that comes now could pass."""
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
    """Log that a caller waits for more than a second, before it does."""
    if _ANNOUNCED < seconds < math.inf:
        logger.info("The next request waits %.0f s for the rate limit", seconds)


class Limiter(Protocol):
    """Who says when a request may be sent.

    One limiter serves all threads of a process, or of several processes. Every method may be called
    by any of them at any time.
    """

    def acquire(self, max_wait: Optional[float]) -> float:
        """Wait until one request may be sent, count it in every window, return the seconds waited.

        Callers pass in the order in which they came. A counted request stays counted, whatever
        becomes of it. ``max_wait`` is in seconds; 0 means now or not at all, None as long as it
        takes.

        Raises LimitWait as soon as it is known that the wait would be longer than ``max_wait``,
        also when that is found out while waiting. Then, and when any other exception
        (KeyboardInterrupt) ends the wait, nothing is counted and the next in line moves up.
        """
        ...

    def close_gate(self, seconds: float) -> None:
        """Let nobody pass for so many seconds from now, those who wait already included.

        It never shortens what an earlier call closed.
        """
        ...

    @property
    def quota(self) -> Quota:
        """How things stand now; it changes nothing and never waits."""
        ...


class _Window(NamedTuple):
    limit: int
    period: float
    span: float
    """The period and the margin: how old the request ``limit`` places before must be."""


class _Turn:
    """A place in the line."""

    def __init__(self, latest: float) -> None:
        self.latest = latest
        """Until when the caller is ready to wait."""
        self.moment = math.inf
        """When it will be its turn, as far as one can tell."""
        self.given_up = False
        """Set when the caller waits no longer."""
        self.woken = threading.Event()
        """Set when there is reason to look again earlier than planned."""


def _sleep(woken: threading.Event, seconds: float) -> None:
    scope = current_scope()
    if scope is None:
        woken.wait(seconds)
    else:
        scope.wait(woken, seconds)


class RateLimiter:
    """The limits as sliding windows, for all threads of this process.

    ``windows`` are pairs (requests, seconds); None for the requests turns a window off. Not one
    request too many passes in *any* interval of a window's length, wherever it begins. Who comes
    when a window is full stands in line, with a moment reserved that follows from those before it.
    What counts for those behind is when it passes in fact: a thread that wakes late would otherwise
    meet the burst that follows.

    ``margin`` (seconds) is added to each window. The service counts when a request arrives, and two
    requests are not under way equally long: one that was slow, followed by one that was fast, would
    be too close together. 5 ms covers the jitter of a usual line and costs half a percent of the
    shortest window; threads that wake late need some of the allowance as well. What exceeds it ends
    in a 429 and a closed gate, not in an error.

    ``clock`` gives seconds and never goes back. ``wait(event, seconds)`` returns when the event is
    set or the seconds are over, or earlier. A wrong setting raises ValueError.
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
        self._line: Deque[_Turn] = deque()
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
            if not self._line and self._moment((), came) <= came:  # as nearly always
                self._count(came)
                return 0.0
        turn = _Turn(math.inf if max_wait is None else came + max_wait)
        try:
            with self._lock:
                turn.moment = self._moment(self._line, self._clock())
                self._line.append(turn)
            announce_wait(turn.moment - came)
            while True:
                with self._lock:
                    turn.woken.clear()
                    now = self._clock()
                    if self._passes(turn, now):
                        return now - came
                    if max(turn.moment, now) > turn.latest:
                        raise LimitWait(max(0.0, turn.moment - now))
                    until = turn.moment if self._line[0] is turn else turn.latest
                self._wait(turn.woken, min(until - now, LOOK_AGAIN))
        except BaseException:
            # First of all, for a second Ctrl-C may keep the lock from us: the others then skip it.
            turn.given_up = True
            with self._lock:
                self._plan_anew()
            raise

    def _acquire_in_signal_handler(self, max_wait: Optional[float]) -> float:
        """Acquire a slot for a signal handler that interrupted this thread in a method.

        The handler cannot stand in line: the interrupted call may be first there, or hold the lock
        that those ahead need, and does not go on before the handler returns. It passes when there
        is room for both, since the interrupted call may be about to count its own slot.
        """
        came = self._clock()
        latest = math.inf if max_wait is None else came + max_wait
        interrupted = _Turn(latest)
        interrupted.moment = came
        while True:
            with self._lock:
                now = self._clock()
                moment = self._moment((interrupted,), now)
                if moment <= now:
                    self._count(now)
                    return now - came
            if moment > latest:
                raise LimitWait(moment - now)
            self._wait(threading.Event(), min(moment - now, LOOK_AGAIN))

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
                self._plan_anew()
        if not is_usable:
            self.acquire(max_wait)

    def close_gate(self, seconds: float) -> None:
        """Let nobody pass for a while: see :meth:`Limiter.close_gate`."""
        check_seconds("seconds", seconds)
        with self._lock:
            self._gate = max(self._gate, self._clock() + seconds)
            self._plan_anew()

    @property
    def quota(self) -> Quota:
        """How things stand now."""
        with self._lock:
            now = self._clock()
            windows: List[WindowQuota] = []
            for window in self._windows:
                used = sum(moment + window.span > now for moment in tuple(self._passed))
                left = max(0, window.limit - used - len(self._line))
                next_free_in = max(0.0, self._freed(window, self._line) - now)
                windows.append(WindowQuota(window.limit, window.period, used, left, next_free_in))
            return Quota(tuple(windows), closed_for=max(0.0, self._gate - now))

    def _passes(self, turn: _Turn, now: float) -> bool:
        """Let the caller pass, if it is its turn."""
        while self._line and self._line[0].given_up:
            self._line.popleft()
        if not self._line or self._line[0] is not turn:
            return False
        turn.moment = self._moment((), now)
        if turn.moment > now:
            return False
        self._count(now)
        self._line.popleft()
        self._wake_first()
        return True

    def _moment(self, ahead: Sequence[_Turn], now: float) -> float:
        """When a caller behind these may pass, if they pass in time."""
        moment = max(now, self._gate)
        for window in self._windows:
            moment = max(moment, self._freed(window, ahead))
        return moment

    def _freed(self, window: _Window, ahead: Sequence[_Turn]) -> float:
        """When the window has room for a caller behind these."""
        before = len(ahead) - window.limit
        if before >= 0:
            return ahead[before].moment + window.span
        if -before <= len(self._passed):
            return self._passed[before] + window.span
        return -math.inf

    def _plan_anew(self) -> None:
        """Reserve again for all in line, without those who gave up or would now wait too long."""
        now = self._clock()
        line: Deque[_Turn] = deque()
        for turn in self._line:
            if turn.given_up:
                continue
            turn.moment = self._moment(line, now)
            if turn.moment > turn.latest:
                turn.woken.set()  # to find that out itself
            else:
                line.append(turn)
        self._line = line
        self._wake_first()

    def _wake_first(self) -> None:
        if self._line:
            self._line[0].woken.set()

    def _forget_threads(self) -> None:
        self._lock = threading.RLock()
        self._granted = threading.local()
        self._line.clear()
