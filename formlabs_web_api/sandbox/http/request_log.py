"""What a sandbox was asked, and how it answered: to assert on, without any secret."""

from __future__ import annotations

import threading
from collections import deque
from typing import Deque, Dict, List, Mapping, NamedTuple, Optional
from urllib.parse import parse_qs, parse_qsl, urlencode

from formlabs_web_api.sandbox.http.faults import fits

KEPT = 1000
"""How many requests are remembered; the oldest are forgotten first."""

HIDDEN = "[hidden]"
_SECRET_HEADERS = frozenset(("authorization", "proxy-authorization", "cookie"))
_PLAIN_FIELDS = frozenset(("grant_type", "client_id", "scope"))
_SECRET_PARAMETERS = frozenset(("Signature",))


class Request(NamedTuple):
    """One request and the status it was answered with."""

    method: str
    path: str
    query: Dict[str, List[str]]
    """Each parameter's values, in the order given; signatures hidden."""
    status: int
    """0 where there was no answer, because a fault was to break the connection."""
    headers: Dict[str, str]
    """By lower-case name; credentials hidden."""
    body: str
    """As text; of the token calls, only harmless fields."""


class Log:
    """Remembers the last requests; safe to read from any thread."""

    def __init__(self) -> None:
        self._requests: Deque[Request] = deque(maxlen=KEPT)
        self._lock = threading.Lock()

    def add(
        self,
        method: str,
        path: str,
        query: str,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
    ) -> None:
        """Remember one request, without what is secret in it."""
        text = body.decode("utf-8", "replace")
        request = Request(
            method=method,
            path=path,
            query={
                name: [HIDDEN] if name in _SECRET_PARAMETERS else values
                for name, values in parse_qs(query, keep_blank_values=True).items()
            },
            status=status,
            headers={
                name: HIDDEN if name in _SECRET_HEADERS else value
                for name, value in headers.items()
            },
            body=_without_secrets(text) if "/o/" in path else text,
        )
        with self._lock:
            self._requests.append(request)

    def requests(self, path: str = "*", method: Optional[str] = None) -> List[Request]:
        """The remembered requests to a path, oldest first; the path may be a pattern."""
        with self._lock:
            kept = list(self._requests)
        return [request for request in kept if fits(path, method, request.method, request.path)]

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            self._requests.clear()


def _without_secrets(form: str) -> str:
    """A form with only those values left that are known to be harmless."""
    return urlencode(
        [
            (name, value if name in _PLAIN_FIELDS else HIDDEN)
            for name, value in parse_qsl(form, keep_blank_values=True)
        ],
        safe="[]",
    )
