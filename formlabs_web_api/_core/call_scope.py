"""The remaining time of this thread's call, and its cancellation by another thread.

A read timeout bounds each read; a service that sends one byte within each would keep a call waiting
without end. Every call therefore has a scope with a deadline. Scopes nest: the request for a token
ends with the call that needs it, and all calls of a background thread end when it is cancelled.
"""

from __future__ import annotations

import math
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Callable, Optional, Type

from formlabs_web_api._util.real_time import monotonic

_POLL_SECONDS = 0.05
"""Seconds between two checks for cancellation during a wait."""


class CallCancelled(Exception):
    """The call was given up because its listing or its client was closed."""


class CallScope:
    """Bounds the calls of this thread while it is entered.

    Args:
        seconds: How long the scope may last, without waits for the rate limit; None for no bound.
        can_be_cancelled: True if another thread may call :meth:`cancel`.
    """

    __slots__ = ("_cancelled", "_ends_at", "_outer", "_socket", "on_connect", "slot_acquired_at")

    def __init__(self, seconds: Optional[float] = None, can_be_cancelled: bool = False) -> None:
        self._ends_at = math.inf if seconds is None else monotonic() + seconds
        self._outer: Optional[CallScope] = None
        self._cancelled = threading.Event() if can_be_cancelled else None
        self._socket: Optional[socket.socket] = None
        self.on_connect: Optional[Callable[[CallScope], None]] = None
        """Called when a connection was opened, before the request is sent on it."""
        self.slot_acquired_at = 0.0
        """When the rate limit granted the request's slot."""

    def __enter__(self) -> CallScope:
        self._outer = current_scope()
        _thread.scope = self
        return self

    def __exit__(
        self,
        exc_type: Optional[Type[BaseException]],
        exc_value: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        _thread.scope = self._outer
        # A response that is read after its call, as a stream, is not bounded any more.
        self._outer, self._ends_at = None, math.inf
        # An idle connection keeps its last response, and that this scope: without this, a client
        # that was not closed would never be freed.
        self.on_connect = None

    def remaining(self) -> float:
        """Return the seconds left, 0 or less when the time is over; ``inf`` without a bound.

        Raises:
            CallCancelled: another thread has cancelled this scope or one around it.
        """
        ends_at = self._ends_at
        scope: Optional[CallScope] = self
        while scope is not None:
            if scope._cancelled is not None and scope._cancelled.is_set():
                raise CallCancelled
            ends_at = min(ends_at, scope._ends_at)
            scope = scope._outer
        return ends_at - monotonic()

    def extend(self, seconds: float) -> None:
        """Allow more time, also to the scopes around: a wait for the rate limit does not count."""
        scope: Optional[CallScope] = self
        while scope is not None:
            scope._ends_at += seconds
            scope = scope._outer

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Wait for an event; return earlier when the scope is cancelled."""
        if self._canceller() is None:
            event.wait(seconds)
            return
        ends_at = monotonic() + seconds
        while not event.wait(min(_POLL_SECONDS, max(0.0, ends_at - monotonic()))):
            self.remaining()
            if monotonic() >= ends_at:
                return

    def sleep(self, seconds: float) -> None:
        """Wait for ``seconds``; raise CallCancelled as soon as the scope is cancelled."""
        canceller = self._canceller()
        event = threading.Event() if canceller is None else canceller
        event.wait(seconds)
        self.remaining()

    def watch(self, connected: Optional[socket.socket]) -> None:
        """Shut down this socket if the scope is cancelled while a request waits for it."""
        scope: Optional[CallScope] = self
        while scope is not None:
            if scope._cancelled is not None:
                scope._socket = connected
                if scope._cancelled.is_set():
                    raise CallCancelled
            scope = scope._outer

    def cancel(self) -> None:
        """End what the thread of this scope is doing; may be called by any thread."""
        assert self._cancelled is not None
        self._cancelled.set()
        connected = self._socket
        if connected is not None:
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)

    def _canceller(self) -> Optional[threading.Event]:
        scope: Optional[CallScope] = self
        while scope is not None:
            if scope._cancelled is not None:
                return scope._cancelled
            scope = scope._outer
        return None


class _Thread(threading.local):
    scope: Optional[CallScope] = None


_thread = _Thread()


def current_scope() -> Optional[CallScope]:
    """Return the innermost scope of this thread."""
    return _thread.scope


def sleep(seconds: float) -> None:
    """Wait for ``seconds``, or until the scope of this thread is cancelled."""
    (current_scope() or CallScope()).sleep(seconds)
