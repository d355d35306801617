"""A rate limiter that counts together with other processes."""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import suppress
from typing import Any, Callable, Deque, Dict, Optional, Sequence, Tuple, TypeVar

from formlabs_web_api._core.call_scope import sleep
from formlabs_web_api._util.fork import after_fork
from formlabs_web_api.hooks import logger
from formlabs_web_api.rate_limit import LimitWait, Quota, RateLimiter, WindowQuota, announce_wait
from formlabs_web_api.shared.store import (
    StateLost,
    Store,
    StoreUnavailable,
    Ticket,
    UnknownSlots,
    windows_of,
)

Limits = Sequence[Tuple[Optional[int], float]]

FALLBACK_SHARE = 0.25
"""The part of the limits that a process uses alone while the store does not work."""
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
_PATIENCE = 5.0
"""Seconds for which calls wait for a server that is out of reach, such as one that restarts."""
_POLL = 0.1
_CHECK = 5.0
"""Seconds after which a waiting caller asks the store again, which may have lost its slots."""
T = TypeVar("T")
_Left = Callable[[], Optional[float]]
"""Returns the seconds for which a caller may still wait; None for no limit."""


class _Sent:
    """A request that this process may send or has sent."""

    __slots__ = ("generation", "moment", "ticket")

    def __init__(self, moment: float, generation: int = 0, ticket: int = -1) -> None:
        self.moment = moment
        self.generation = generation
        """Generation of the store that granted the slot."""
        self.ticket = ticket
        """Ticket of the slot in the first ring; -1 for a request that was counted alone."""


class SharedLimiter:
    """The limits of an account, kept by all processes that use one store.

    While the store does not work, this process keeps a quarter of the limits by itself. It warns
    once, and returns to the store as soon as that works again. Before, calls wait some seconds for
    a server that cannot be reached. A store that was away, or has lost its slots, is given those
    that this process knows of.

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
        self._failed_at: Optional[float] = None
        self._failure = StoreUnavailable("it was not opened yet")
        self._granted = threading.local()
        windows = windows_of(limits)
        self._longest = max([window.span for window in windows], default=0.0)
        # One more than a window holds: what is older bounds how many slots others have used.
        self._sent: Deque[_Sent] = deque(maxlen=1 + max([w.limit for w in windows], default=0))
        self._last_contact: Optional[Tuple[int, float]] = None
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
        started = self._clock()

        def left() -> Optional[float]:
            spent = waited + self._clock() - started
            return None if max_wait is None else max(0.0, max_wait - spent)

        try:
            return waited + self._acquire_shared(left)
        except StoreUnavailable:
            self._granted.ticket = None
            waited += self._alone.acquire(left())
            self._note_sent(_Sent(self._clock()))
            return waited

    def _acquire_shared(self, left: _Left) -> float:
        """Wait for a slot of the store, ``left()`` seconds at most; return the seconds waited."""
        started = self._clock()
        is_announced = False
        while True:
            generation, slot = self._in_store(
                lambda store: (store.generation, store.reserve(left(), self._background)), left
            )
            self._last_contact = generation, self._clock()
            remaining: Optional[float] = slot.wait
            if remaining and not is_announced:
                announce_wait(remaining)
                is_announced = True
            while remaining:
                self._wait(min(remaining, _CHECK))
                remaining = 0.0 if slot.ticket is None else self._confirm(slot.ticket, left)
                limit = left()
                if remaining and limit is not None and remaining > limit:
                    raise LimitWait(remaining)
            if slot.ticket is not None and remaining is not None:
                self._granted.ticket = slot.ticket
                self._note_sent(_Sent(self._clock(), generation, slot.ticket[0]))
                waited = self._clock() - started
                return waited if slot.wait or waited >= _POLL else 0.0

    def renew(self, max_wait: Optional[float]) -> None:
        """Count this thread's last slot from now on, as its request is sent only now.

        A connection that takes long to open would otherwise send its request when the slot is no
        longer counted. Waits for another slot if the old one can no longer be used.
        """
        ticket = getattr(self._granted, "ticket", None)
        if ticket is None or self._store is None:
            return
        try:
            wait = self._confirm(ticket)
            while wait:
                self._wait(wait)
                wait = self._confirm(ticket)
            if wait is None:
                self._acquire_shared(lambda: max_wait)
            else:
                self._granted.sent.moment = self._clock()
        except StoreUnavailable:
            return

    def _confirm(self, ticket: Ticket, left: _Left = lambda: None) -> Optional[float]:
        return self._in_store(lambda store: store.confirm(ticket), left)

    def _in_store(self, use: Callable[[Store], T], left: _Left) -> T:
        """Use the store; wait a little, ``left()`` at most, for one that has stopped working.

        A server that is restarted keeps its data: were each process to count alone until then, all
        of them together could exceed the limits.

        Raises:
            StoreUnavailable: it does not work; this process has to count alone.
        """
        while True:
            store = self.store()
            if store is not None:
                try:
                    return use(store)
                except StoreUnavailable as error:
                    self.drop(store, error)
            elif self._is_interrupted():
                raise StoreUnavailable("it is in use by this thread")
            limit = left()
            if self._may_return_soon() and (limit is None or limit >= _POLL):
                self._wait(_POLL)
                continue
            with self._lock:
                if self._failed_at is not None:  # else another thread has just opened it again
                    self._degrade()
                    raise StoreUnavailable(str(self._failure))

    def close_gate(self, seconds: float) -> None:
        """Let no process send for a while: see :meth:`Limiter.close_gate`."""
        self._alone.close_gate(seconds)
        store = self.store()
        if store is not None:
            try:
                store.close_gate(seconds)
            except StoreUnavailable as error:
                self.drop(store, error)

    @property
    def quota(self) -> Quota:
        """Return how much of the limits all processes have used."""
        store = self.store()
        if store is not None:
            try:
                usage = store.usage()
            except StoreUnavailable as error:
                self.drop(store, error)
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
                    self._store = self._opened()
                except StoreUnavailable as error:
                    self._note_failure(error)
                else:
                    self._note_success()
            return self._store

    def _opened(self) -> Store:
        """Open the store, and restore what it does not know."""
        store = self._open_store()
        try:
            self._restore(store)
        except BaseException:
            store.close()
            raise
        return store

    def _restore(self, store: Store) -> None:
        """Count in the store what it does not know, since it was away or has lost its slots.

        Tickets are numbered through: those of this process bound how many slots all processes have
        used between them, also processes that have ended.
        """
        now, generation = self._clock(), store.generation
        are_lost = False
        if self._last_contact is not None:
            known, moment = self._last_contact
            # What nobody has used for longer may have expired.
            are_lost = known != generation and now - moment < 3 * self._longest
        unknown: Dict[_Sent, UnknownSlots] = {}
        previous = -1
        for sent in sorted(self._sent, key=lambda sent: (sent.ticket, sent.moment)):
            is_alone = sent.ticket < 0
            after = -1 if is_alone else max(previous, sent.generation - 1)
            if is_alone or sent.generation != generation:
                unknown[sent] = UnknownSlots(after, sent.ticket, now - sent.moment)
            previous = sent.ticket
        counted = [slots for slots in unknown.values() if slots.age < self._longest]
        closed_for = self._alone.quota.closed_for
        if are_lost and closed_for:
            store.close_gate(closed_for)
        if counted or are_lost:
            last = store.restore(counted, are_lost)
            for sent in unknown:
                with suppress(ValueError):  # another thread has added one, and the oldest gave way
                    self._sent.remove(sent)
            self._sent.append(_Sent(now, generation, last))
        self._last_contact = generation, now

    def _note_sent(self, sent: _Sent) -> None:
        self._granted.sent = sent
        self._sent.append(sent)

    def close(self) -> None:
        """Close the connection to the store."""
        with self._lock:
            store, self._store = self._store, None
        if store is not None:
            store.close()

    def awaited_store(self) -> Optional[Store]:
        """Return the store; wait a little for one that is out of reach, see :meth:`acquire`."""
        while True:
            store = self.store()
            if store is not None or self._is_interrupted():
                return store
            if self._may_return_soon():
                self._wait(_POLL)
            elif self._failed_at is not None:  # else another thread has just opened it again
                return None

    def drop(self, failed: Store, error: StoreUnavailable) -> None:
        """Close a store that has failed, unless another thread has done so and opened a new one."""
        with self._lock:
            if self._store is not failed:
                return
            self._store = None
            if not isinstance(error, StateLost):  # it may be opened again at once
                self._note_failure(error)
        failed.close()

    def _is_interrupted(self) -> bool:
        """Return True in a signal handler that has interrupted a method of the store."""
        store = self._store
        return bool(self._lock._is_owned()) or (store is not None and store.is_in_use)

    def _may_return_soon(self) -> bool:
        """Return True while calls wait for the store instead of counting alone."""
        failed_at = self._failed_at
        if failed_at is None or self._is_degraded:
            return False
        return self._failure.may_pass and self._clock() - failed_at < _PATIENCE

    def _note_failure(self, error: StoreUnavailable) -> None:
        now = self._clock()
        self._failure = error
        if self._failed_at is None:
            self._failed_at = now
        if self._may_return_soon():
            self._next_try = now + _POLL
            return
        self._next_try = now + self._pause
        self._pause = min(_LONGEST_PAUSE, self._pause * 2)
        self._degrade()

    def _degrade(self) -> None:
        if not self._is_degraded:
            self._is_degraded = True
            logger.warning(
                "The shared rate limit does not work (%s); this process keeps to %.0f %% of the"
                " limits by itself until it works again",
                self._failure,
                100 * FALLBACK_SHARE,
            )

    def _note_success(self) -> None:
        self._pause = _FIRST_PAUSE
        self._failed_at = None
        if self._is_degraded:
            self._is_degraded = False
            logger.info("The shared rate limit works again")

    def _forget_threads(self) -> None:
        self._lock = threading.RLock()
        self._granted = threading.local()
        self._sent.clear()  # the parent process restores them


def _scaled(limits: Limits, share: float) -> Limits:
    """Return the limits with a part of their requests, at least one."""
    return [
        (None if limit is None else max(1, int(limit * share)), period) for limit, period in limits
    ]
