"""Request logging and user hooks."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from typing_extensions import Protocol

logger = logging.getLogger("formlabs_web_api")
logger.addHandler(logging.NullHandler())  # silent unless the program configures logging

_SHOWN_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "allow",
        "content-encoding",
        "content-length",
        "content-type",
        "date",
        "retry-after",
        "server",
        "user-agent",
        "x-request-id",
    }
)
"""The headers that are logged; of all others, tokens and cookies among them, not even the name."""


@dataclass(frozen=True)
class RequestEvent:
    """An event of a request: sent, response received, retry or wait. It contains no secrets."""

    method: str
    path: str
    attempt: int
    """1 for the first time the request is sent."""
    status: Optional[int] = None
    """HTTP status of the response; None without a response."""
    seconds: float = 0.0
    """Seconds until the response, or of the wait."""
    reason: str = ""
    """The reason of the wait or retry, or the error."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


Event = RequestEvent
"""Old name of :class:`RequestEvent`."""

Hook = Callable[[RequestEvent], Any]
_HOOK_NAMES = ("on_request", "on_response", "on_retry", "on_wait")


_registration = threading.RLock()
"""One lock for all registries, so that a configuration can be pickled."""


class RequestHooks:
    """A registry of any number of hooks: metrics, tracing and a program's own can coexist.

    Example::

        remove = configuration.hooks.add(on_response=print)
        ...
        remove()
    """

    def __init__(self) -> None:
        self._hooks: Dict[str, Tuple[Hook, ...]] = {}

    def add(
        self,
        on_request: Optional[Hook] = None,
        on_response: Optional[Hook] = None,
        on_retry: Optional[Hook] = None,
        on_wait: Optional[Hook] = None,
    ) -> Callable[[], None]:
        """Add functions of a :class:`RequestEvent`; return a function that removes them.

        Args:
            on_request: Called before a request is sent.
            on_response: Called after the response, or after a failure.
            on_retry: Called before the wait that precedes another attempt.
            on_wait: Called after a wait for the rate limit.

        Raises:
            TypeError: A hook is not callable.
        """
        given = zip(_HOOK_NAMES, (on_request, on_response, on_retry, on_wait))
        added: List[Tuple[str, Hook]] = []
        for name, hook in given:
            if hook is None:
                continue
            if not callable(hook):
                raise TypeError(f"{name}: a function of a RequestEvent is needed, not {hook!r}")
            added.append((name, hook))
        with _registration:
            for name, hook in added:
                self._hooks[name] = (*self._hooks.get(name, ()), hook)

        def remove() -> None:
            with _registration:
                while added:
                    name, hook = added.pop()
                    kept = list(self._hooks[name])
                    kept.remove(hook)
                    self._hooks[name] = tuple(kept)

        return remove

    def of(self, name: str) -> Tuple[Hook, ...]:
        """Return the hooks of one kind (``on_request`` …) in the order they were added."""
        return self._hooks.get(name, ())

    @property
    def is_watching_requests(self) -> bool:
        """True if a hook is called for each request or response."""
        return bool(self._hooks.get("on_request") or self._hooks.get("on_response"))

    def __deepcopy__(self, memo: Dict[int, object]) -> RequestHooks:
        """Return a new registry with the same functions."""
        twin = RequestHooks()
        twin._hooks = dict(self._hooks)
        return twin

    def __repr__(self) -> str:
        counts = ", ".join(f"{name}: {len(self.of(name))}" for name in _HOOK_NAMES if self.of(name))
        return f"<RequestHooks {counts or 'empty'}>"


class Hooks(Protocol):
    """The hooks of a configuration."""

    on_request: Optional[Hook]
    on_response: Optional[Hook]
    on_retry: Optional[Hook]
    on_wait: Optional[Hook]
    hooks: RequestHooks


class _Running(threading.local):
    """The hooks that are running in this thread, and whether this thread is writing the log."""

    def __init__(self) -> None:
        self.hooks: List[Hook] = []
        self.is_logging = False


class RequestReporter:
    """Write the log and call the hooks of a configuration.

    A hook or a log handler may use the client. To avoid endless recursion, a hook is not called
    for its own requests, and the requests of a log handler are not logged.
    """

    def __init__(self, hooks: Hooks) -> None:
        self._hooks = hooks
        self._running = _Running()

    @property
    def is_idle(self) -> bool:
        """True if requests and responses are neither logged nor passed to hooks."""
        settings = self._hooks
        return (
            settings.on_request is None
            and settings.on_response is None
            and not getattr(settings, "hooks", _NO_HOOKS).is_watching_requests
            and not logger.isEnabledFor(logging.INFO)
        )

    def request(self, event: RequestEvent, headers: Mapping[str, object]) -> None:
        """Report that a request is about to be sent."""
        if logger.isEnabledFor(logging.DEBUG):
            self._log(logging.DEBUG, "%s: request headers %s", event, _shown(headers))
        self._call("on_request", event)

    def response(self, event: RequestEvent, headers: Optional[Mapping[str, object]]) -> None:
        """Report a response, or a failure."""
        self._log(
            logging.INFO,
            "%s %s in %.0f ms (attempt %d)",
            event,
            event.status or event.reason,
            event.seconds * 1000,
            event.attempt,
        )
        if headers is not None and logger.isEnabledFor(logging.DEBUG):
            self._log(logging.DEBUG, "%s: response headers %s", event, _shown(headers))
        self._call("on_response", event)

    def retry(self, event: RequestEvent) -> None:
        """Report that a request will be retried after a wait."""
        self._log(
            logging.INFO, "%s is sent again in %.1f s: %s", event, event.seconds, event.reason
        )
        self._call("on_retry", event)

    def no_retry(self, event: RequestEvent) -> None:
        """Report that a request is not retried although its policy allows it."""
        self._log(logging.INFO, "%s is not sent again: %s", event, event.reason)

    def wait(self, event: RequestEvent) -> None:
        """Report a wait for the rate limit that is over."""
        self._log(logging.INFO, "%s waited %.2f s: %s", event, event.seconds, event.reason)
        self._call("on_wait", event)

    def _log(self, level: int, message: str, *args: object) -> None:
        if self._running.is_logging:
            return
        self._running.is_logging = True
        try:
            logger.log(level, message, *args)
        finally:
            self._running.is_logging = False

    def _all_of(self, name: str) -> Tuple[Hook, ...]:
        added: Tuple[Hook, ...] = getattr(self._hooks, "hooks", _NO_HOOKS).of(name)
        return added

    def _call(self, name: str, event: RequestEvent) -> None:
        own: Optional[Hook] = getattr(self._hooks, name)
        for hook in (*(() if own is None else (own,)), *self._all_of(name)):
            if hook in self._running.hooks:
                continue
            self._running.hooks.append(hook)
            try:
                hook(event)
            except Exception:
                # A bug in a program's metrics must not make its requests fail.
                logger.exception("The hook %s failed", name)
            finally:
                self._running.hooks.remove(hook)


_NO_HOOKS = RequestHooks()
Observer = RequestReporter
"""Old name of :class:`RequestReporter`."""


def _shown(headers: Mapping[str, object]) -> str:
    shown = (f"{k}: {v}" for k, v in headers.items() if k.lower() in _SHOWN_HEADERS)
    return "; ".join(shown) or "none"
