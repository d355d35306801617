"""The log of requests and their statuses, for assertions; it holds no credentials."""

from __future__ import annotations

import threading
from collections import deque
from typing import Callable, Deque, Dict, List, Mapping, NamedTuple, Optional

from formlabs_web_api.sandbox.http.faults import fits
from formlabs_web_api.sandbox.http.redaction import (
    redact_body,
    redact_headers,
    redact_query,
    redact_text,
)

MAX_REQUESTS = 1000
"""Number of requests that are kept; the oldest are dropped first."""


class LoggedRequest(NamedTuple):
    """One request and the status of its answer."""

    method: str
    path: str
    query: Dict[str, List[str]]
    """Values by parameter name, in the order sent; credentials are replaced by ``[hidden]``."""
    status: int
    """0 if a fault broke the connection before an answer."""
    headers: Dict[str, str]
    """Values by lower-case name; credentials are replaced by ``[hidden]``."""
    body: str
    """The decoded body; credentials are replaced by ``[hidden]``."""


class RequestLog:
    """The last requests; safe to use from any thread.

    Args:
        hide_known: replaces the sandbox's own secret and tokens, wherever a text holds them.
    """

    def __init__(self, hide_known: Callable[[str], str] = str) -> None:
        self._requests: Deque[LoggedRequest] = deque(maxlen=MAX_REQUESTS)
        self._lock = threading.Lock()
        self._hide_known = hide_known

    def add(
        self,
        method: str,
        path: str,
        query: str,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
    ) -> None:
        """Append one request, without credentials."""
        hide = self._hide_known
        text = body.decode("utf-8", "replace")
        content_type = headers.get("content-type", "")
        request = LoggedRequest(
            method=method,
            path=redact_text(hide(path)),
            query=redact_query(hide(query)),
            status=status,
            headers={name: hide(value) for name, value in redact_headers(headers).items()},
            body=hide(redact_body(text, content_type, is_token_call="/o/" in path)),
        )
        with self._lock:
            self._requests.append(request)

    def requests(self, path: str = "*", method: Optional[str] = None) -> List[LoggedRequest]:
        """Return the requests to a path, oldest first; the path may be a pattern."""
        with self._lock:
            kept = list(self._requests)
        return [request for request in kept if fits(path, method, request.method, request.path)]

    def clear(self) -> None:
        """Drop all requests."""
        with self._lock:
            self._requests.clear()
