"""What is told of each request: lines in the log, and calls of the hooks a program sets."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional

from typing_extensions import Protocol

logger = logging.getLogger("formlabs_web_api")
logger.addHandler(logging.NullHandler())  # silent, unless the program says where its log goes

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
"""The headers a log may show. All others, tokens and cookies above all, are not even named."""


@dataclass(frozen=True)
class Event:
    """Something that happened to a request. It holds no header, no body and no query."""

    method: str
    path: str
    attempt: int
    """1 for the first time the request is sent."""
    status: Optional[int] = None
    """HTTP status of the answer, None where there is none."""
    seconds: float = 0.0
    """How long the answer took, or how long the wait is."""
    reason: str = ""
    """Why the client waits or sends again, or what went wrong."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


Hook = Callable[[Event], Any]


class Hooks(Protocol):
    """What a program may set to be told, on its ``Configuration``."""

    on_request: Optional[Hook]
    on_response: Optional[Hook]
    on_retry: Optional[Hook]
    on_wait: Optional[Hook]


class Observer:
    """Writes the log and calls the hooks, as they are at that moment."""

    def __init__(self, hooks: Hooks) -> None:
        self._hooks = hooks

    @property
    def is_idle(self) -> bool:
        """Whether nobody wants to know of requests and answers, so that no Event need be made."""
        settings = self._hooks
        return (
            settings.on_request is None
            and settings.on_response is None
            and not logger.isEnabledFor(logging.INFO)
        )

    def request(self, event: Event, headers: Mapping[str, Any]) -> None:
        if logger.isEnabledFor(logging.DEBUG):
            logger.debug("%s: request headers %s", event, _shown(headers))
        self._call("on_request", event)

    def response(self, event: Event, headers: Optional[Mapping[str, Any]]) -> None:
        logger.info(
            "%s %s in %.0f ms (attempt %d)",
            event,
            event.status or event.reason,
            event.seconds * 1000,
            event.attempt,
        )
        if headers is not None and logger.isEnabledFor(logging.DEBUG):
            logger.debug("%s: response headers %s", event, _shown(headers))
        self._call("on_response", event)

    def retry(self, event: Event) -> None:
        logger.info("%s is sent again in %.1f s: %s", event, event.seconds, event.reason)
        self._call("on_retry", event)

    def no_retry(self, event: Event) -> None:
        logger.info("%s is not sent again: %s", event, event.reason)

    def wait(self, event: Event) -> None:
        logger.info("%s waited %.2f s: %s", event, event.seconds, event.reason)
        self._call("on_wait", event)

    def _call(self, name: str, event: Event) -> None:
        hook: Optional[Hook] = getattr(self._hooks, name)
        if hook is None:
            return
        try:
            hook(event)
        except Exception:
            # A fault in a program's metrics must not become a fault of its requests.
            logger.exception("The hook %s failed", name)


def _shown(headers: Mapping[str, Any]) -> str:
    shown = (f"{k}: {v}" for k, v in headers.items() if k.lower() in _SHOWN_HEADERS)
    return "; ".join(shown) or "none to show"
