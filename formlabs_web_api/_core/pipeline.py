"""The path of a request from the client to the wire, as one list of steps.

``retry → authorize → redirect → rate limit → log → transport``: each step does its part and calls
the next through ``proceed``. Steps inside ``retry`` run for each attempt. The rate limit stands
inside ``authorize``, so that the second send after a 401, the request for a token and a redirect
take a slot like any other, and all of them are in the log.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial, reduce
from typing import TYPE_CHECKING, Callable, Optional, Sequence, Tuple

from typing_extensions import Protocol

from formlabs_web_api._core.call_scope import CallScope, current_scope, sleep
from formlabs_web_api._core.request import Request
from formlabs_web_api._core.serialization import header, set_header
from formlabs_web_api._core.service_clock import ServiceClock
from formlabs_web_api._core.token_source import TokenSource
from formlabs_web_api._core.wait_notice import show_wait
from formlabs_web_api._util.real_time import monotonic
from formlabs_web_api._util.secrets import HiddenText, redact_error
from formlabs_web_api._util.urls import join_url, parse_url
from formlabs_web_api.exceptions import ApiConnectionException, ApiException, RateLimitException
from formlabs_web_api.hooks import RequestReporter
from formlabs_web_api.rate_limit import Limiter, LimitWait
from formlabs_web_api.rest import RESTClientObject, RESTResponse, was_not_sent
from formlabs_web_api.retry import Decision, Outcome, RetryQuota, parse_retry_after

if TYPE_CHECKING:
    from formlabs_web_api.configuration import Configuration

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_MAX_DISCARDED = 65536
"""Bytes of a discarded response that are read to keep its connection."""
_FOR_ANY_HOST = frozenset({"accept", "accept-encoding", "user-agent"})
"""Headers that follow a redirect to another host. Any other may carry a secret."""
_GATE_WITHOUT_HEADER = 1.0
"""Seconds of pause after a 429 without Retry-After; the back-off of the retry comes on top."""
_LATE = 0.004
"""Seconds after which a slot is counted again; less than the margin of the limiter's windows."""
_LONGEST_GATE = 3600.0
"""The service's longest window. A longer Retry-After is a mistake, which must not stop a process
that runs for months."""


Handler = Callable[[Request], RESTResponse]


class Step(Protocol):
    """A step of the pipeline."""

    def __call__(self, request: Request, proceed: Handler) -> RESTResponse: ...


def chain(steps: Sequence[Step], transport: Handler) -> Handler:
    """Compose the steps into one handler, the first outermost."""
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
    """Retry a request as its policy and the retry quota allow."""

    def __init__(
        self,
        quota: RetryQuota,
        reporter: RequestReporter,
        wait: Callable[[float], object] = sleep,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._quota = quota
        self._reporter = reporter
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
                request.annotate(response)
                return response
            if isinstance(error, RateLimitException):  # nothing was sent
                break
            wait, paid = self._next(request, attempt, response, error)
            if wait is None:
                break
            if response is not None:
                discard(response)
            self._wait(wait)
        request.annotate(response or error)
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
            self._reporter.no_retry(request.event(reason=why))
            return None, None
        self._reporter.retry(request.event(seconds=decision.wait, reason=decision.reason))
        show_wait(
            f"waiting {decision.wait:.0f} s before another attempt: {decision.reason}",
            decision.wait,
        )
        return decision.wait, cost


class Authorize:
    """Add the token of a request; the only step that reads tokens.

    The configured ``access_token`` is sent as it is, and so is a default header. The client's own
    token is fetched, renewed early, and replaced once if the service refuses it.
    """

    def __init__(self, configuration: Configuration, tokens: TokenSource) -> None:
        self._configuration = configuration
        self._tokens = tokens

    def __call__(self, request: Request, proceed: Handler) -> RESTResponse:
        present = header(request.headers, "Authorization")
        if self._tokens.owns(present):  # of an earlier attempt, or of a program's own call_api
            return self._with_own_token(request, proceed)
        if not request.secured:
            return proceed(request)
        # In no variable of a frame that calls others: a traceback could show the token in it.
        if _authorize(request, self._configuration):
            request.secured = False  # done, for later attempts too
            return proceed(request)
        if present is not None:
            return proceed(request)
        if self._configuration.client_id:
            return self._with_own_token(request, proceed)
        response = proceed(request)
        response.lacked_credentials = response.status == 401
        return response

    def _with_own_token(self, request: Request, proceed: Handler) -> RESTResponse:
        authorization = self._tokens.header()
        set_header(request.headers, "Authorization", authorization)
        response = proceed(request)
        if response.status == 401:
            discard(response)
            self._tokens.forget(authorization.token)
            set_header(request.headers, "Authorization", self._tokens.header())
            response = proceed(request)
        return response


def _authorize(request: Request, configuration: Configuration) -> bool:
    """Add the configured token; return False without one."""
    setting = configuration.auth_settings().get("bearerAuth")
    if setting is None:
        return False
    request.authorize(setting)
    return True


class Redirect:
    """Follows redirects of GET and HEAD; sends no header that may be secret to another host."""

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


class RateLimit:
    """Acquire a slot before sending; a 429 pauses all callers until Retry-After."""

    def __init__(
        self, limiter: Limiter, max_wait: Callable[[], Optional[float]], reporter: RequestReporter
    ) -> None:
        self._limiter = limiter
        self._max_wait = max_wait
        self._reporter = reporter

    def __call__(self, request: Request, proceed: Handler) -> RESTResponse:
        scope = current_scope()
        try:
            waited = self._limiter.acquire(self._max_wait())
            request.attempts += 1
            if waited > 0:
                if scope is not None:
                    scope.extend(waited)
                self._reporter.wait(request.event(seconds=waited, reason="rate limit"))
            if scope is not None:
                scope.slot_acquired_at, scope.on_connect = monotonic(), self._renew_late_slot
            response = proceed(request)
        except LimitWait as wait:
            error = RateLimitException(reason=f"Not sent, for the rate limit: {wait}")
            error.retry_after = wait.retry_after
            raise error from None
        if response.status == 429:
            asked = retry_after_of(response)
            closed = _GATE_WITHOUT_HEADER if asked is None else min(asked, _LONGEST_GATE)
            self._limiter.close_gate(closed)
        return response

    def _renew_late_slot(self, scope: CallScope) -> None:
        """Count the slot from now on if the connection took long to open.

        The service counts a request when it arrives: slots that were acquired before forty slow
        handshakes are no longer counted when the requests are sent, all at once.
        """
        started = monotonic()
        renew: Optional[Callable[[Optional[float]], None]] = getattr(self._limiter, "renew", None)
        if renew is not None and started - scope.slot_acquired_at > _LATE:
            renew(self._max_wait())
            scope.extend(monotonic() - started)


class Log:
    """Report each request that is really sent to log and hooks."""

    def __init__(
        self, reporter: RequestReporter, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._reporter = reporter
        self._clock = clock

    def __call__(self, request: Request, proceed: Handler) -> RESTResponse:
        if self._reporter.is_idle:
            return proceed(request)
        self._reporter.request(request.event(), request.headers)
        started = self._clock()
        try:
            response = proceed(request)
        except ApiConnectionException as error:
            seconds = self._clock() - started
            self._reporter.response(request.event(seconds=seconds, reason=error.reason), None)
            raise
        seconds = self._clock() - started
        event = request.event(status=response.status, seconds=seconds)
        self._reporter.response(event, response.headers)
        return response


class Transport:
    """Send a request, and read the body if it is wanted; the innermost step."""

    def __init__(
        self, rest_client: Callable[[], RESTClientObject], service_clock: ServiceClock
    ) -> None:
        self._rest_client = rest_client
        self._service_clock = service_clock

    def __call__(self, request: Request) -> RESTResponse:
        try:
            response = self._rest_client().request(
                request.method,
                request.url,
                headers=request.headers,
                body=request.body,
                post_params=request.post_params,
                _request_timeout=request.timeout,
            )
            self._service_clock.update(response.headers)
            if request.preload:
                response.read()
        except ApiConnectionException as error:  # its text may quote a line of the response
            redact_error(error, request.secrets())
            raise
        return response


def retry_after_of(response: RESTResponse) -> Optional[float]:
    """Return the Retry-After of a response in seconds; a date is compared with its ``Date``."""
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
