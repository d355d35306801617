"""A rate limiter that counts together with other processes."""

from __future__ import annotations

import threading
import time
from typing import Any, Callable, Optional, Sequence, Tuple

from formlabs_web_api._core.call_scope import sleep
from formlabs_web_api._util.fork import after_fork
from formlabs_web_api.hooks import logger
from formlabs_web_api.rate_limit import LimitWait, Quota, RateLimiter, WindowQuota, announce_wait
from formlabs_web_api.shared.store import Store, StoreUnavailable, windows_of

Limits = Sequence[Tuple[Optional[int], float]]

FALLBACK_SHARE = 0.25
"""The part of the limits that a process uses alone while the store does not work."""
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0


class SharedLimiter:
    """The limits of an account, kept by all processes that use one store.

    While the store does not work, this process keeps a quarter of the limits by itself. It warns
    once, and returns to the store as soon as that works again.

    Args:
        open_store: Opens the store; called again after a failure.
        limits: Pairs (requests, seconds), as ``Configuration.rate_limits``.
        max_share: The part of the limits that this process may use, above 0 and up to 1.
        background: Whether this process leaves the last fifth of the longest window to others.
        clock: Seconds that never go back, for this process alone.
        wait: Called with seconds to wait.
    """

    def __init__(
        self,
        open_store: Callable[[], Store],
        limits: Limits,
        max_share: float = 1.0,
        background: bool = False,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] = sleep,
    ) -> None:
        self._open_store = open_store
        self._limits = tuple(limits)
        self._background = background
        self._clock = clock
        self._wait = wait
        self._own = RateLimiter(_scaled(limits, max_share)) if max_share < 1 else None
        self._alone = RateLimiter(_scaled(limits, FALLBACK_SHARE))
        self._store: Optional[Store] = None
        # Reentrant: a signal or log handler may call the client while this thread holds the lock.
        self._lock: Any = threading.RLock()
        self._next_try = 0.0
        self._pause = _FIRST_PAUSE
        self._is_degraded = False
        self._granted = threading.local()
        after_fork(self, SharedLimiter._forget_threads)

    @property
    def is_degraded(self) -> bool:
        """True while the store does not work and this process counts alone."""
        return self._is_degraded

    @property
    def shares_limits(self) -> bool:
        """True if any limit is kept at all."""
        return bool(windows_of(self._limits))

    def acquire(self, max_wait: Optional[float]) -> float:
        """Wait for a slot: see :meth:`formlabs_web_api.rate_limit.Limiter.acquire`."""
        if not self.shares_limits:
            return 0.0
        waited = 0.0 if self._own is None else self._own.acquire(max_wait)
        left = None if max_wait is None else max(0.0, max_wait - waited)
        store = self.store()
        if store is not None:
            try:
                return waited + self._acquire_in(store, left)
            except StoreUnavailable as error:
                self._degrade(error)
        self._granted.ticket = None
        return waited + self._alone.acquire(left)

    def _acquire_in(self, store: Store, max_wait: Optional[float]) -> float:
        started = self._clock()

        def left() -> Optional[float]:
            waited = self._clock() - started
            return None if max_wait is None else max(0.0, max_wait - waited)

        while True:
            slot = store.reserve(left(), self._background)
            remaining: Optional[float] = slot.wait
            announce_wait(slot.wait)
            while remaining:
                self._wait(remaining)
                remaining = 0.0 if slot.ticket is None else store.confirm(slot.ticket)
                limit = left()
                if remaining and limit is not None and remaining > limit:
                    raise LimitWait(remaining)
            if slot.ticket is not None and remaining is not None:
                self._granted.ticket = slot.ticket
                return self._clock() - started if slot.wait else 0.0

    def renew(self, max_wait: Optional[float]) -> None:
        """Count this thread's last slot from now on, as its request is sent only now.

        A connection that takes long to open would otherwise send its request when the slot is no
        longer counted. Waits for another slot if the old one can no longer be used.
        """
        ticket = getattr(self._granted, "ticket", None)
        store = self._store
        if ticket is None or store is None:
            return
        try:
            wait = store.confirm(ticket)
            while wait:
                self._wait(wait)
                wait = store.confirm(ticket)
            if wait is None:
                self._acquire_in(store, max_wait)
        except StoreUnavailable as error:
            self._degrade(error)

    def close_gate(self, seconds: float) -> None:
        """Let no process send for a while: see :meth:`Limiter.close_gate`."""
        self._alone.close_gate(seconds)
        store = self.store()
        if store is not None:
            try:
                store.close_gate(seconds)
            except StoreUnavailable as error:
                self._degrade(error)

    @property
    def quota(self) -> Quota:
        """Return how much of the limits all processes have used."""
        store = self.store()
        if store is not None:
            try:
                usage = store.usage()
            except StoreUnavailable as error:
                self._degrade(error)
            else:
                windows = [
                    WindowQuota(
                        use.window.limit,
                        use.window.period,
                        use.used,
                        use.window.limit - use.used,
                        use.next_free_in,
                    )
                    for use in usage.windows
                ]
                longest = max(usage.windows, key=lambda use: use.window.period, default=None)
                by_program = {} if longest is None else longest.by_program
                return Quota(tuple(windows), usage.closed_for, by_program)
        return self._alone.quota

    def store(self) -> Optional[Store]:
        """Return the store, opened if need be; None while it cannot be used.

        A signal handler that has interrupted a method of the store counts alone for once: it cannot
        wait for that method, which does not go on before the handler returns.
        """
        store = self._store
        if store is not None:
            return None if store.is_in_use else store
        if self._lock._is_owned():
            return None
        with self._lock:
            if self._store is None and self._clock() >= self._next_try:
                try:
                    self._store = self._open_store()
                except StoreUnavailable as error:
                    self._note_failure(error)
                else:
                    self._note_success()
            return self._store

    def close(self) -> None:
        """Close the connection to the store."""
        with self._lock:
            store, self._store = self._store, None
        if store is not None:
            store.close()

    def _degrade(self, error: StoreUnavailable) -> None:
        with self._lock:
            store, self._store = self._store, None
            self._note_failure(error)
        if store is not None:
            store.close()

    def _note_failure(self, error: StoreUnavailable) -> None:
        self._next_try = self._clock() + self._pause
        self._pause = min(_LONGEST_PAUSE, self._pause * 2)
        if not self._is_degraded:
            self._is_degraded = True
            logger.warning(
                "The shared rate limit does not work (%s); this process keeps to %.0f %% of the"
                " limits by itself until it works again",
                error,
                100 * FALLBACK_SHARE,
            )

    def _note_success(self) -> None:
        self._pause = _FIRST_PAUSE
        if self._is_degraded:
            self._is_degraded = False
            logger.info("The shared rate limit works again")

    def _forget_threads(self) -> None:
        self._lock = threading.RLock()
        self._granted = threading.local()


def _scaled(limits: Limits, share: float) -> Limits:
    """Return the limits with a part of their requests, at least one."""
    return [
        (None if limit is None else max(1, int(limit * share)), period) for limit, period in limits
    ]
