"""Retry policy: decides whether a failed request is retried, and after which wait.

The policy only computes: it reads no clock and does not sleep.
"""

from __future__ import annotations

import math
import random
import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Dict, FrozenSet, List, Optional

from formlabs_web_api._util.checks import check_count, check_seconds
from formlabs_web_api._util.dates import parse_http_date
from formlabs_web_api._util.fork import after_fork

if TYPE_CHECKING:
    from urllib3 import Retry

_NEVER_RETRIED = frozenset({"POST", "PATCH"})


@dataclass(frozen=True)
class Outcome:
    """The result of one attempt."""

    status: Optional[int] = None
    """HTTP status; None without a complete response."""
    retry_after: Optional[float] = None
    """Seconds the service asks to wait, see :func:`parse_retry_after`."""
    error: Optional[BaseException] = None
    """The exception that was raised in place of a response."""
    maybe_sent: bool = True
    """False only if no byte of the request can have reached the service: the connection was
    refused, the name not resolved, or TLS or the proxy's tunnel failed."""

    @property
    def timed_out(self) -> bool:
        """True if the attempt ended with a timeout."""
        # Imported when a request fails, so that importing this module stays fast.
        import socket

        from urllib3.exceptions import NewConnectionError
        from urllib3.exceptions import TimeoutError as HTTPTimeoutError

        # urllib3 derives NewConnectionError (a refused connection) from its timeouts.
        if isinstance(self.error, NewConnectionError):
            return False
        return isinstance(self.error, (TimeoutError, socket.timeout, HTTPTimeoutError))

    @property
    def is_untrusted(self) -> bool:
        """True if the certificate of the server, or of the proxy, was refused."""
        if self.error is None:
            return False
        import ssl

        causes: List[BaseException] = [self.error]
        for cause in causes:  # the loop appends to it
            if isinstance(cause, ssl.SSLCertVerificationError):
                return True
            inner = (cause.__cause__, cause.__context__, *cause.args)
            causes += [e for e in inner if isinstance(e, BaseException) and e not in causes]
        return False


@dataclass(frozen=True)
class Decision:
    """Whether to retry after a failed attempt."""

    wait: Optional[float]
    """Seconds to wait before the next attempt; None for no further attempt."""
    reason: str
    """The reason, for a log line."""
    retry_after: Optional[float] = None
    """Set when the request is not retried because the service asks for a longer wait than
    ``retry_after_max``; the client then raises a RateLimitException."""


@dataclass(frozen=True)
class RetryPolicy:
    """The rules for retrying a request.

    ====================  =================================  =================================
    result                GET, HEAD, PUT, DELETE, OPTIONS    POST, PATCH and any other method
    ====================  =================================  =================================
    not sent              retry                              retry
    certificate refused   no retry                           no retry
    429                   retry                              retry
    503 with Retry-After  retry                              retry
    408, 500, 502, 503,   retry                              no retry: it may have had effect
    504
    truncated or late     retry                              no retry: it may have had effect
    response
    any other             no retry                           no retry
    ====================  =================================  =================================

    The wait before retry n (0, 1, 2 ...) is a random number from 0 to ``backoff_base`` · 2ⁿ
    seconds, at most ``backoff_max`` ("full jitter": clients that failed together do not retry at
    the same time). A Retry-After is waited in full, plus the random wait for the same reason. One
    longer than ``retry_after_max`` is not waited for, and no wait begins that would end after
    ``total``.

    An invalid setting raises ValueError.
    """

    attempts: int = 4
    """Maximum number of times a request is sent, including the first."""
    backoff_base: float = 0.5
    """Maximum back-off before the first retry, in seconds; it doubles with each retry."""
    backoff_max: float = 8.0
    """Maximum back-off before any retry, in seconds."""
    total: float = 120.0
    """Seconds for all attempts and the waits between them."""
    retry_after_max: float = 60.0
    """Maximum Retry-After that is waited for, in seconds."""
    statuses: FrozenSet[int] = frozenset({408, 500, 502, 503, 504})
    """Statuses after which requests with one of ``methods`` are retried."""
    methods: FrozenSet[str] = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
    """Methods that are safe to repeat; POST and PATCH are not accepted."""
    connect_retries: Optional[int] = None
    """Maximum retries after a request that was not sent; None: limited by ``attempts`` only."""
    read_retries: Optional[int] = None
    """Maximum retries after a truncated or late response; None: limited by ``attempts`` only."""
    status_retries: Optional[int] = None
    """Maximum retries after an error status; None: limited by ``attempts`` only."""

    def __post_init__(self) -> None:
        check_count("attempts", self.attempts, least=1)
        for name in ("connect_retries", "read_retries", "status_retries"):
            if getattr(self, name) is not None:
                check_count(name, getattr(self, name), least=0)
        for name in ("backoff_base", "backoff_max", "total", "retry_after_max"):
            check_seconds(name, getattr(self, name))
        for name, fits, what in (
            ("statuses", _is_status, "HTTP statuses, 100 to 599,"),
            ("methods", _is_method, "methods in capitals, not POST or PATCH,"),
        ):
            object.__setattr__(self, name, _frozen(name, getattr(self, name), fits, what))

    def decide(
        self,
        method: str,
        attempt: int,
        outcome: Outcome,
        elapsed: float,
        random: Callable[[], float] = random.random,
    ) -> Decision:
        """Decide whether to retry after an attempt.

        Args:
            method: HTTP method of the request.
            attempt: Number of the attempt; the first is 1.
            outcome: Its result.
            elapsed: Seconds since the first attempt began.
            random: Returns a random number from 0 to 1.
        """
        status, repeatable = outcome.status, method.upper() in self.methods
        if outcome.is_untrusted:
            return Decision(None, "the certificate is not trusted")
        if status is None and not outcome.maybe_sent:
            cause, retries = "not sent", self.connect_retries
        elif status is None and repeatable:
            cause, retries = "no whole answer", self.read_retries
        elif status is None:
            return Decision(None, f"a {method} that may have arrived is not sent again")
        elif (
            status == 429
            or (status == 503 and outcome.retry_after is not None)
            or (repeatable and status in self.statuses)
        ):
            cause, retries = f"status {status}", self.status_retries
        else:
            return Decision(None, f"a {method} is not sent again after status {status}")

        attempts = self.attempts if retries is None else min(self.attempts, retries + 1)
        cause = f"{cause}, attempt {attempt} of {attempts}"
        if attempt >= attempts:
            return Decision(None, cause)
        asked = outcome.retry_after or 0.0
        if asked > self.retry_after_max:
            longest = f"{self.retry_after_max:g} s"
            reason = f"{cause}, Retry-After of {asked:g} s is longer than {longest}"
            return Decision(None, reason, retry_after=asked)
        doublings = min(attempt - 1, 64)  # enough for any back-off; a larger power would overflow
        wait = asked + random() * min(self.backoff_max, self.backoff_base * 2.0**doublings)
        if elapsed + wait >= self.total:
            return Decision(None, f"{cause}, no time left of {self.total:g} s")
        return Decision(wait, cause)

    @classmethod
    def of(cls, value: object) -> RetryPolicy:
        """Return the policy for a value of the setting ``retries``.

        ``None`` and ``True``: the default. A policy: itself. A number n: n retries, so n + 1
        attempts. ``False``: one attempt. A ``urllib3.Retry`` is converted:

        ==============================  ==========================================================
        ``urllib3.Retry``               ``RetryPolicy``
        ==============================  ==========================================================
        ``total``                       ``attempts`` - 1. False: 0. None: the largest of
                                        ``connect``, ``read`` and ``status``, or the default
        ``connect, read, status``       ``connect_retries``, ``read_retries``, ``status_retries``;
                                        all retries count together, so there are never more
        ``allowed_methods``             ``methods``, without POST and PATCH; any method: the
                                        default
        ``status_forcelist``            ``statuses``; empty: the default
        ``backoff_factor``              ``backoff_base``; 0: the default
        ``backoff_max``                 ``backoff_max``; urllib3's default: ours
        ``retry_after_max``             ``retry_after_max``; urllib3's default: ours
        ``backoff_jitter``              ignored: the whole back-off is random
        ``respect_retry_after_header``  ignored: Retry-After is always respected
        ``raise_on_status, ..redirect`` ignored: every status but success raises
        ``redirect, other, history,``   ignored
        ``remove_headers_on_redirect``
        ==============================  ==========================================================

        Raises:
            TypeError: The value has another type.
            ValueError: The number is negative.
        """
        if value is None or value is True:
            return _DEFAULT
        if isinstance(value, cls):
            return value
        if isinstance(value, int):
            if value < 0:
                raise ValueError(f"retries: a number of retries is 0 or more, not {value}")
            return cls(attempts=value + 1)

        from urllib3 import Retry

        if isinstance(value, Retry):
            return cls._of_urllib3(value)
        raise TypeError(
            "retries: a number, False, a RetryPolicy or a urllib3.Retry is needed, "
            f"not {type(value).__name__}"
        )

    @classmethod
    def _of_urllib3(cls, retry: Retry) -> RetryPolicy:
        counts = {
            name: max(0, int(count))
            for name in ("total", "connect", "read", "status")
            for count in [getattr(retry, name)]
            if count is not None
        }
        settings: Dict[str, Any] = {
            "methods": frozenset(map(str.upper, retry.allowed_methods or ())) - _NEVER_RETRIED,
            "statuses": frozenset(retry.status_forcelist),
            "backoff_base": retry.backoff_factor,
            "backoff_max": _unless_default(retry, "backoff_max"),
            "retry_after_max": _unless_default(retry, "retry_after_max"),
        }
        settings = {name: value for name, value in settings.items() if value}
        settings.update({f"{name}_retries": counts[name] for name in counts if name != "total"})
        if counts:
            settings["attempts"] = counts.get("total", max(counts.values())) + 1
        return cls(**settings)


def _unless_default(retry: Retry, name: str) -> Optional[float]:
    value = getattr(retry, name, None)  # old versions of urllib3 lack some attributes
    return None if value == getattr(retry, f"DEFAULT_{name.upper()}", None) else value


def _frozen(name: str, value: Any, fits: Callable[[Any], bool], what: str) -> FrozenSet[Any]:
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise ValueError(f"{name}: a set of {what} is needed, not {value!r}")
    members = tuple(value)
    for member in members:
        if not fits(member):
            raise ValueError(f"{name}: a set of {what} is needed, without {member!r}")
    return frozenset(members)


def _is_status(value: Any) -> bool:
    return isinstance(value, int) and 100 <= value <= 599


def _is_method(value: Any) -> bool:
    return isinstance(value, str) and value.isupper() and value not in _NEVER_RETRIED


_DEFAULT = RetryPolicy()

_SECONDS = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")


def parse_retry_after(value: Optional[str], now: float) -> Optional[float]:
    """Parse a Retry-After header, a number of seconds or an HTTP date; return seconds to wait.

    A date in the past returns 0.0; a missing or invalid header returns None. There is no upper
    limit.

    Args:
        value: The value of the header.
        now: Seconds since 1970 by the clock that wrote the date: that of the response's Date
            header, if it has one.
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        seconds = float(text)
        return seconds if math.isfinite(seconds) else None
    date = parse_http_date(text)
    return None if date is None else max(0.0, date.timestamp() - now)


class RetryQuota:
    """A budget of retries shared by all threads of a client.

    Each retry costs ``retry_cost`` of ``capacity``, or ``timeout_cost`` after a timeout; a success
    refunds the cost. Single failures are therefore always retried, but while the service is down
    the threads do not multiply the load by retrying every request.
    """

    def __init__(self, capacity: int = 500, retry_cost: int = 5, timeout_cost: int = 10) -> None:
        check_count("capacity", capacity, least=0)
        check_count("retry_cost", retry_cost, least=0)
        check_count("timeout_cost", timeout_cost, least=0)
        self._capacity = capacity
        self._retry_cost = retry_cost
        self._timeout_cost = timeout_cost
        self._left = capacity
        # Reentrant: a signal handler may call the client while this thread holds the lock.
        self._lock = threading.RLock()
        after_fork(self, RetryQuota._renew_lock)

    @property
    def left(self) -> int:
        """The rest of the capacity."""
        return self._left

    def acquire(self, outcome: Outcome) -> Optional[int]:
        """Pay for a retry after ``outcome``; return its cost, or None if too little is left."""
        cost = self._timeout_cost if outcome.timed_out else self._retry_cost
        with self._lock:
            if cost > self._left:
                return None
            self._left -= cost
        return cost

    def release(self, cost: int) -> None:
        """Refund after a success: the cost of a retry, or 1 for a first attempt."""
        if self._left >= self._capacity:  # the usual case, without the lock
            return
        with self._lock:
            self._left = min(self._capacity, self._left + cost)

    def _renew_lock(self) -> None:
        self._lock = threading.RLock()
