"""What happens to a request between the client and the wire, as one list of steps.

``retry → authorize → redirect → rate limit → log → transport``: each step does its part and calls
the next through ``proceed``. What stands inside ``retry`` happens anew for each attempt. The rate
limit stands inside ``authorize``, so that the second send after a 401, the request for a token
and a redirect pay for their slot like any other, and all of them are in the log.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from typing import Any, Callable, Dict, Iterator, Optional, Sequence, Tuple
from urllib.parse import urlsplit

from typing_extensions import Protocol

from formlabs_web_api._core.call_scope import CallScope, current_scope, sleep
from formlabs_web_api._core.request import header, set_header
from formlabs_web_api._core.service_clock import ServiceTime
from formlabs_web_api._core.token_source import TokenSource
from formlabs_web_api._util.real_time import monotonic
from formlabs_web_api._util.secrets import HiddenText
from formlabs_web_api._util.urls import join_url, parse_url
from formlabs_web_api.exceptions import ApiConnectionException, ApiException, RateLimitException
from formlabs_web_api.hooks import Event, Observer
from formlabs_web_api.rate_limit import Limiter, LimitWait
from formlabs_web_api.rest import RESTClientObject, RESTResponse, TimeoutSetting, was_not_sent
from formlabs_web_api.retry import Decision, Outcome, RetryPolicy, RetryQuota, parse_retry_after

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_MAX_DISCARDED = 65536
"""Bytes of a discarded response that are read to keep its connection."""
_FOR_ANY_HOST = frozenset({"accept", "accept-encoding", "user-agent"})
"""Headers that follow a redirect to another host. Any other may carry a secret."""
_GATE_WITHOUT_HEADER = 1.0
"""Seconds nobody asks after a 429 that does not say how long; the retry's back-off comes on top."""
_LONGEST_GATE = 3600.0
"""The service's longest window. A Retry-After beyond it is a mistake that must not stop for ever a
process that runs for months."""


@dataclass
class Request:
    """A request on its way."""

    method: str
    url: str = field(repr=False)  # a token may stand in its query
    headers: Dict[str, Any] = field(repr=False)
    body: Any = field(default=None, repr=False)
    post_params: Optional[Sequence[Any]] = field(default=None, repr=False)
    timeout: TimeoutSetting = None
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    preload: bool = True
    """Whether the body is read at once, so that one that breaks off is a reason to send again."""
    repeatable: bool = False
    """Whether it may arrive twice without harm although its method says otherwise."""
    attempts: int = 0
    """How often it was sent, or tried to be."""
    elapsed: float = 0.0

    def __post_init__(self) -> None:
        self.path = urlsplit(self.url).path

    def event(self, **facts: Any) -> Event:
        return Event(self.method, self.path, self.attempts, **facts)

    def secrets(self) -> Iterator[str]:
        """The tokens, cookies and secrets in it, which the service may repeat in its answer."""
        for value in (*self.headers.values(), *dict(self.post_params or ()).values()):
            if isinstance(value, HiddenText):
                yield from (value, value.rpartition(" ")[2])

    def account(self, made: Any) -> None:
        """Write onto an answer or an exception what was tried for it."""
        made.method, made.path = self.method, self.path
        made.attempts, made.elapsed = self.attempts, self.elapsed


Handler = Callable[[Request], RESTResponse]


class Step(Protocol):
    """One thing that happens to every request."""

    def __call__(self, request: Request, proceed: Handler) -> RESTResponse: ...


def chain(steps: Sequence[Step], transport: Handler) -> Handler:
    """The steps as one handler, the first outermost."""
    return reduce(lambda inner, step: partial(step, proceed=inner), reversed(steps), transport)


class Deadline:
    """Ends the whole call when its time is over, whatever it waits for.

    Waits for a slot of the rate limit do not count. A response that is handed out unread is not
    bounded any more.
    """

    def __init__(self, seconds: Callable[[], Optional[float]]) -> None:
        self._seconds = seconds

    def __call__(self, request: Request, proceed: Handler) -> RESTResponse:
        with CallScope(self._seconds()):
            return proceed(request)


class Retry:
    """Sends again what may be sent again, as the policy says and the quota allows."""

    def __init__(
        self,
        quota: RetryQuota,
        observer: Observer,
        wait: Callable[[float], object] = sleep,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._quota = quota
        self._observer = observer
        self._wait = wait
        self._clock = clock

    def __call__(self, request: Request, proceed: Handler) -> RESTResponse:
        started = self._clock()
        paid: Optional[int] = None
        attempt = 0
        while True:
            attempt += 1
            try:
                response, error = proceed(request), None
            except (ApiConnectionException, RateLimitException) as failure:
                if failure.attempts:  # of the request for a token, which has its own retries
                    raise
                response, error = None, failure
            request.elapsed = self._clock() - started
            if response is not None and response.status < 400:
                self._quota.release(1 if paid is None else paid)
                request.account(response)
                return response
            if isinstance(error, RateLimitException):  # nothing was sent
                break
            wait, paid = self._next(request, attempt, response, error)
            if wait is None:
                break
            if response is not None:
                discard(response)
            self._wait(wait)
        request.account(response or error)
        try:
            if response is None:
                assert error is not None
                raise error
            return response
        finally:
            error = None  # else it, its traceback and this frame would keep each other alive

    def _next(
        self,
        request: Request,
        attempt: int,
        response: Optional[RESTResponse],
        error: Optional[ApiException],
    ) -> Tuple[Optional[float], Optional[int]]:
        """Seconds until the next attempt and what it cost; None for no other attempt."""
        if response is not None:
            outcome = Outcome(response.status, retry_after_of(response))
        else:
            assert error is not None
            outcome = Outcome(error=error.__cause__, maybe_sent=not was_not_sent(error))
        method = "GET" if request.repeatable else request.method
        decision = request.policy.decide(method, attempt, outcome, request.elapsed)
        scope = current_scope()
        if decision.wait is not None and scope is not None and scope.remaining() <= decision.wait:
            decision = Decision(None, f"{decision.reason}, no time left before the deadline")
        if response is not None:
            response.refused_wait = decision.retry_after
        if decision.wait is None:
            return None, None
        cost = self._quota.acquire(outcome)
        if cost is None:
            why = f"{decision.reason}, but too many retries of this client have failed"
            self._observer.no_retry(request.event(reason=why))
            return None, None
        self._observer.retry(request.event(seconds=decision.wait, reason=decision.reason))
        return decision.wait, cost


class Authorize:
    """Keeps the client's own token fresh, and replaces it once where the service refuses it.

    A token of the caller's own is left alone.
    """

    def __init__(self, tokens: TokenSource) -> None:
        self._tokens = tokens

    def __call__(self, request: Request, proceed: Handler) -> RESTResponse:
        if not self._tokens.issued(header(request.headers, "Authorization")):
            return proceed(request)
        token = self._tokens.get()
        set_header(request.headers, "Authorization", HiddenText(f"Bearer {token}"))
        response = proceed(request)
        if response.status == 401:
            discard(response)
            self._tokens.forget(token)
            token = self._tokens.get()
            set_header(request.headers, "Authorization", HiddenText(f"Bearer {token}"))
            response = proceed(request)
        return response


class Redirect:
    """Follows redirects of GET and HEAD. What may be a secret never goes to another host."""

    def __call__(self, request: Request, proceed: Handler) -> RESTResponse:
        response = proceed(request)
        for _ in range(_MOST_REDIRECTS):
            if response.status not in _REDIRECTS or request.method not in ("GET", "HEAD"):
                break
            target = response.getheader("Location")
            if not target:
                break
            kept = request.headers
            try:
                url = target = HiddenText(join_url(request.url, target))  # it may be a signed one
                here, there = parse_url(request.url), parse_url(url)
            except ValueError:  # an address that cannot be trusted
                break
            is_downgrade = here.scheme == "https" and there.scheme != "https"
            if is_downgrade or there.scheme not in ("https", "http"):
                break
            if here.origin != there.origin:
                kept = {name: v for name, v in kept.items() if name.lower() in _FOR_ANY_HOST}
            discard(response)
            request = replace(request, url=url, headers=kept, attempts=request.attempts - 1)
            response = proceed(request)
        return response


class KeepLimit:
    """Waits for a free slot of the rate limit; a 429 closes the gate for everybody."""

    def __init__(
        self, limiter: Limiter, max_wait: Callable[[], Optional[float]], observer: Observer
    ) -> None:
        self._limiter = limiter
        self._max_wait = max_wait
        self._observer = observer

    def __call__(self, request: Request, proceed: Handler) -> RESTResponse:
        try:
            waited = self._limiter.acquire(self._max_wait())
        except LimitWait as wait:
            error = RateLimitException(reason=f"Not sent, for the rate limit: {wait}")
            error.retry_after = wait.retry_after
            raise error from None
        request.attempts += 1
        if waited > 0:
            scope = current_scope()
            if scope is not None:
                scope.extend(waited)
            self._observer.wait(request.event(seconds=waited, reason="rate limit"))
        response = proceed(request)
        if response.status == 429:
            asked = retry_after_of(response)
            closed = _GATE_WITHOUT_HEADER if asked is None else min(asked, _LONGEST_GATE)
            self._limiter.close_gate(closed)
        return response


class Log:
    """Tells of each request that is really sent."""

    def __init__(self, observer: Observer, clock: Callable[[], float] = time.perf_counter) -> None:
        self._observer = observer
        self._clock = clock

    def __call__(self, request: Request, proceed: Handler) -> RESTResponse:
        if self._observer.is_idle:
            return proceed(request)
        self._observer.request(request.event(), request.headers)
        started = self._clock()
        try:
            response = proceed(request)
        except ApiConnectionException as error:
            seconds = self._clock() - started
            self._observer.response(request.event(seconds=seconds, reason=error.reason), None)
            raise
        seconds = self._clock() - started
        event = request.event(status=response.status, seconds=seconds)
        self._observer.response(event, response.headers)
        return response


class Transport:
    """The innermost: sends, and reads the body if that is wanted."""

    def __init__(
        self, rest_client: Callable[[], RESTClientObject], service_time: ServiceTime
    ) -> None:
        self._rest_client = rest_client
        self._service_time = service_time

    def __call__(self, request: Request) -> RESTResponse:
        response = self._rest_client().request(
            request.method,
            request.url,
            headers=request.headers,
            body=request.body,
            post_params=request.post_params,
            _request_timeout=request.timeout,
        )
        self._service_time.hear(response.headers)
        if request.preload:
            response.read()
        return response


def retry_after_of(response: RESTResponse) -> Optional[float]:
    """The seconds a response asks to wait, by its own clock where it tells the time."""
    value = response.getheader("Retry-After")
    if value is None:
        return None
    date = parse_retry_after(response.getheader("Date"), 0.0)
    return parse_retry_after(value, date or time.time())


def discard(response: RESTResponse) -> None:
    """Give up a response and free its connection for the next request."""
    length = response.getheader("Content-Length") or ""
    if length.isdecimal() and len(length) < 7 and int(length) <= _MAX_DISCARDED:
        response.response.drain_conn()
        response.response.release_conn()
    else:  # reading the rest could cost more than a new connection
        response.response.close()
