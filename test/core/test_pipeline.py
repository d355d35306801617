"""What the core promises when the service or the network does not keep its side."""

from __future__ import annotations

import gc
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import traceback
import weakref
from email.utils import formatdate
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple, Type

import pytest
import urllib3
from pydantic import ValidationError

from formlabs_web_api import (
    ApiClient,
    ApiConnectionException,
    ApiException,
    ApiTimeoutException,
    ApiValueError,
    AuthenticationException,
    Configuration,
    NotFoundException,
    PrintersApi,
    RateLimitException,
    ServiceException,
    TanksApi,
    UnauthorizedException,
)
from formlabs_web_api._core.pipeline import KeepLimit, Log, Request, Retry, Transport, chain
from formlabs_web_api._core.pipeline import retry_after_of as retry_after
from formlabs_web_api._core.service_clock import ServiceTime
from formlabs_web_api.hooks import Event, Observer
from formlabs_web_api.rate_limit import RateLimiter
from formlabs_web_api.rest import RESTClientObject, RESTResponse
from formlabs_web_api.retry import RetryPolicy, RetryQuota
from test.support.loopback import Answer, Asked, Loopback
from test.support.wire import Wire, ok

REPEATABLE = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]
OTHERS = ["POST", "PATCH"]
AT_ONCE = RetryPolicy(backoff_base=0)
"""The default policy without its waits."""
TOKEN_PATH = "/developer/v1/o/token/"
YEAR = 365 * 86400


class Time:
    """A clock that only waits move."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: List[float] = []

    def clock(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def limiter(self, *windows: Tuple[int, float]) -> RateLimiter:
        return RateLimiter(
            windows, clock=self.clock, wait=lambda _, seconds: self.wait(seconds), margin=0.0
        )


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def patient(service: Loopback, time: Time) -> Iterator[Callable[..., ApiClient]]:
    """Make clients that send again at once and keep the rate limit by the clock of the test."""
    made: List[ApiClient] = []

    def make(limiter: Optional[RateLimiter] = None, **settings: Any) -> ApiClient:
        settings = {"retries": AT_ONCE, "access_token": "token-of-a-test", **settings}
        configuration = Configuration(host=service.url, **settings)
        configuration.rate_limiter = limiter or time.limiter()
        made.append(ApiClient(configuration))
        return made[-1]

    yield make
    for client in made:
        client.close()


class Pipe:
    """The steps around the wire, with the clock of the test."""

    def __init__(self, service: Loopback, time: Time) -> None:
        self.configuration = Configuration(host=service.url, access_token="a-token")
        self.rest = RESTClientObject(self.configuration)
        self.limiter = time.limiter()
        self.max_wait: Optional[float] = 60.0
        observer = Observer(self.configuration)
        steps = [
            Retry(RetryQuota(10**6), observer, wait=time.wait, clock=time.clock),
            KeepLimit(self.limiter, lambda: self.max_wait, observer),
            Log(observer),
        ]
        self._send = chain(steps, Transport(lambda: self.rest, ServiceTime()))
        self._url = service.url

    def send(self, method: str = "GET", policy: Optional[RetryPolicy] = None) -> RESTResponse:
        request = Request(method, f"{self._url}/x/", {}, policy=policy or RetryPolicy())
        return self._send(request)


@pytest.fixture
def pipe(service: Loopback, time: Time) -> Iterator[Pipe]:
    made = Pipe(service, time)
    yield made
    made.rest.close()


# --- which requests are sent again -------------------------------------------------------------

AGAIN = {"429": Answer(429), "503 Retry-After": Answer(503, headers={"Retry-After": "0"})}
UNSAFE = {
    **{str(status): Answer(status) for status in (408, 500, 502, 503, 504)},
    "closed without an answer": Answer(close=True),
    "cut short": Answer(200, b"[1, 2, 3]", cut=4),
}
NEVER = {str(status): Answer(status) for status in (400, 401, 403, 404, 409, 410, 422, 501, 505)}


def sent(service: Loopback, client: ApiClient, method: str, answer: Answer) -> int:
    """How often a request arrives that always gets this answer."""
    service.queue(answer)
    try:
        assert client.call_api(method, f"{service.url}/x/").status >= 400
    except ApiConnectionException:
        assert answer.close or answer.cut
    return len(service.asked)


@pytest.mark.parametrize("method", REPEATABLE + OTHERS)
@pytest.mark.parametrize("what", AGAIN)
def test_what_was_not_acted_on_is_sent_four_times(
    service: Loopback, patient: Callable[..., ApiClient], method: str, what: str
) -> None:
    assert sent(service, patient(), method, AGAIN[what]) == 4


@pytest.mark.parametrize(
    ("method", "what"),
    [
        (method, what)
        for method in REPEATABLE
        for what in UNSAFE
        if (method, what) != ("HEAD", "cut short")  # an answer to HEAD has no body
    ],
)
def test_what_may_have_been_acted_on_is_sent_four_times_where_that_is_safe(
    service: Loopback, patient: Callable[..., ApiClient], method: str, what: str
) -> None:
    assert sent(service, patient(), method, UNSAFE[what]) == 4


@pytest.mark.parametrize("method", OTHERS)
@pytest.mark.parametrize("what", UNSAFE)
def test_and_never_twice_where_it_is_not(
    service: Loopback, patient: Callable[..., ApiClient], method: str, what: str
) -> None:
    assert sent(service, patient(), method, UNSAFE[what]) == 1


@pytest.mark.parametrize("method", REPEATABLE + OTHERS)
@pytest.mark.parametrize("what", NEVER)
def test_what_is_wrong_is_not_sent_again(
    service: Loopback, patient: Callable[..., ApiClient], method: str, what: str
) -> None:
    assert sent(service, patient(), method, NEVER[what]) == 1


@pytest.mark.parametrize("method", REPEATABLE + OTHERS)
def test_a_refused_connection_is_tried_four_times(method: str) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))  # bound and not listening: refuses
        host = f"http://127.0.0.1:{holder.getsockname()[1]}"
        client = ApiClient(Configuration(host=host, retries=AT_ONCE))
        with client, pytest.raises(ApiConnectionException) as caught:
            client.call_api(method, f"{host}/x/")
    assert caught.value.attempts == 4
    assert isinstance(caught.value, urllib3.exceptions.NewConnectionError)


@pytest.mark.parametrize(("method", "times"), [("GET", 4), ("DELETE", 4), ("POST", 1)])
def test_an_answer_that_does_not_come_in_time(method: str, times: int) -> None:
    arrived = threading.Semaphore(0)
    wire = Wire(lambda number: arrived.release())
    client = ApiClient(Configuration(host=wire.url, retries=AT_ONCE, timeout=(5.0, 0.05)))
    with client, pytest.raises(ApiTimeoutException) as caught:
        client.call_api(method, f"{wire.url}/x/")
    for _ in range(times):  # which may be later than the client gave up
        assert arrived.acquire(timeout=20)
    wire.close()
    assert caught.value.attempts == len(wire.requests) == times


def test_the_answer_that_comes_at_last_is_given(
    service: Loopback, patient: Callable[..., ApiClient]
) -> None:
    for answer in (Answer(500), Answer(close=True), Answer(200, b"[1]", cut=1)):
        service.queue(answer)
    service.reply(200, {"serial": "Form4-QuietOtter", "alias": "Otto"})
    client = patient()
    assert PrintersApi(client).printers_retrieve("Form4-QuietOtter").alias == "Otto"
    assert len(service.asked) == 4
    response = client.call_api("GET", f"{service.url}/x/")
    assert response.attempts == 1


def test_a_raw_answer_is_sent_again_for_its_status_too(
    service: Loopback, patient: Callable[..., ApiClient]
) -> None:
    service.reply(500, "trouble")
    service.reply(200, [])
    response = TanksApi(patient()).tanks_list_without_preload_content()
    assert (response.status, response.read()) == (200, b"[]")
    assert len(service.asked) == 2


# --- how long it waits -------------------------------------------------------------------------


def test_the_back_off_doubles_and_ends(service: Loopback, pipe: Pipe, time: Time) -> None:
    service.queue(Answer(500))
    for _ in range(50):
        assert pipe.send().attempts == 4
    rounds = [time.waits[start : start + 3] for start in range(0, 150, 3)]
    for nth, most in enumerate([0.5, 1.0, 2.0]):
        longest = max(waits[nth] for waits in rounds)
        assert most / 2 < longest <= most


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("1.5", 1.5),
        (" 0 ", 0.0),
        ("60", 60.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("99999999999999999999 GMT", 0.0),
        (None, 0.0),
    ],
)
def test_retry_after_is_waited_for(
    service: Loopback, pipe: Pipe, time: Time, value: Optional[str], seconds: float
) -> None:
    service.queue(Answer(500, headers={} if value is None else {"Retry-After": value}))
    service.queue(Answer(200))
    assert pipe.send().status == 200
    (waited,) = time.waits
    assert seconds <= waited <= seconds + 0.5


def test_a_date_is_waited_for_by_the_clock_of_the_service() -> None:
    def seconds(date: Optional[str], until: str) -> Optional[float]:
        headers = {"Retry-After": until, **({"Date": date} if date else {})}
        return retry_after(RESTResponse(urllib3.HTTPResponse(b"", headers, 503)))

    long_ago = "Wed, 21 Oct 2015 07:28:00 GMT"
    assert seconds(long_ago, "Wed, 21 Oct 2015 07:28:30 GMT") == 30
    assert seconds(long_ago, "Wed, 21 Oct 2015 07:27:30 GMT") == 0
    assert seconds(None, long_ago) == 0
    assert seconds("nonsense", long_ago) == 0
    soon = seconds(None, formatdate(usegmt=True, timeval=2**33))
    assert soon is not None
    assert soon > YEAR


@pytest.mark.parametrize("asked", ["61", str(YEAR), formatdate(usegmt=True, timeval=2**33)])
@pytest.mark.parametrize(("status", "classes"), [(429, []), (503, [ServiceException])])
def test_a_wait_of_more_than_a_minute_is_an_error_that_says_how_long(
    service: Loopback,
    patient: Callable[..., ApiClient],
    status: int,
    classes: List[Type[ApiException]],
    asked: str,
) -> None:
    service.queue(Answer(status, headers={"Retry-After": asked}))
    with pytest.raises(RateLimitException) as caught:
        TanksApi(patient()).tanks_list()
    assert all(isinstance(caught.value, one) for one in classes)
    assert caught.value.status == status
    assert caught.value.retry_after is not None
    assert caught.value.retry_after >= 60
    assert caught.value.attempts == len(service.asked) == 1


def test_an_ordinary_503_is_no_rate_limit(
    service: Loopback, patient: Callable[..., ApiClient]
) -> None:
    service.queue(Answer(503, headers={"Retry-After": "1"}))
    with pytest.raises(ServiceException) as caught:
        TanksApi(patient(retries=False)).tanks_list()
    assert not isinstance(caught.value, RateLimitException)


def test_no_wait_begins_that_would_end_after_the_budget(
    service: Loopback, pipe: Pipe, time: Time
) -> None:
    service.queue(Answer(500, headers={"Retry-After": "50"}))
    response = pipe.send()
    assert response.attempts == 3
    assert response.elapsed == pytest.approx(sum(time.waits))
    assert 100 <= response.elapsed < 120


def test_a_dead_service_is_left_alone(service: Loopback, patient: Callable[..., ApiClient]) -> None:
    service.reply(500, "trouble")
    api = TanksApi(patient())
    calls = 100
    for _ in range(calls):
        with pytest.raises(ServiceException):
            api.tanks_list()
    assert len(service.asked) == calls + 100  # 500 of stock, 5 for each retry
    service.answer = lambda asked: Answer(200, b"[]")
    for _ in range(10):  # each success gives back 1
        api.tanks_list()
    service.answer = None
    with pytest.raises(ServiceException) as caught:
        api.tanks_list()
    assert caught.value.attempts == 3


# --- what the error and the answer say ---------------------------------------------------------


def test_an_error_says_what_was_tried(service: Loopback, pipe: Pipe, time: Time) -> None:
    service.queue(Answer(close=True))
    with pytest.raises(ApiConnectionException) as caught:
        pipe.send()
    error = caught.value
    assert (error.attempts, error.method, error.path) == (4, "GET", "/x/")
    assert error.elapsed == pytest.approx(sum(time.waits))
    assert str(error).endswith("(GET /x/, 4 attempts)")
    assert isinstance(error, urllib3.exceptions.ProtocolError)
    assert isinstance(error, urllib3.exceptions.MaxRetryError)


def test_an_error_of_the_service_says_so_too(
    service: Loopback, patient: Callable[..., ApiClient]
) -> None:
    service.reply(404, {"detail": "No Printer matches the given query."})
    with pytest.raises(NotFoundException) as caught:
        PrintersApi(patient()).printers_retrieve("Form4-X")
    text = "404 Not Found: No Printer matches the given query."
    assert str(caught.value) == f"{text} (GET /developer/v1/printers/Form4-X/, 1 attempt)"


# --- Configuration.retries and _retries --------------------------------------------------------


@pytest.mark.parametrize(
    ("retries", "times"),
    [
        (None, 4),
        (0, 1),
        (False, 1),
        (2, 3),
        (RetryPolicy(attempts=2, backoff_base=0), 2),
        (urllib3.Retry(total=1), 2),
        (urllib3.Retry(total=False), 1),
        (urllib3.Retry(total=3, status=1), 2),
        (urllib3.Retry(total=2, allowed_methods=["PUT"]), 1),
    ],
)
@pytest.mark.parametrize("where", ["configuration", "client", "call"])
def test_how_often_is_a_setting_of_all_calls_or_of_one(
    service: Loopback, time: Time, retries: Any, times: int, where: str
) -> None:
    service.reply(500, "trouble")
    configuration = Configuration(host=service.url, access_token="a-token", retries=AT_ONCE)
    if where == "configuration":
        configuration.retries = retries
    with ApiClient(configuration) as client:
        if where == "client":
            configuration.retries = retries
        here = {"_retries": retries} if where == "call" else {}
        with pytest.raises(ServiceException) as caught:
            quickly(lambda: TanksApi(client).tanks_list(**here))
    assert caught.value.attempts == len(service.asked) == times


def quickly(call: Callable[[], Any]) -> Any:
    """Make a call whose back-off is the default one, without the wait."""
    original = RetryPolicy.decide
    settings: Dict[str, Any] = {"random": lambda: 0.0}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            RetryPolicy, "decide", lambda *args, **kw: original(*args, **{**kw, **settings})
        )
        return call()


def test_the_statuses_and_methods_of_urllib3_reach_the_wire(service: Loopback) -> None:
    service.reply(418, "a teapot")
    retries = urllib3.Retry(total=2, status_forcelist=[418], allowed_methods=["GET"])
    with ApiClient(Configuration(host=service.url, retries=retries)) as client:
        quickly(lambda: client.call_api("GET", f"{service.url}/x/"))
        assert len(service.asked) == 3
        quickly(lambda: client.call_api("DELETE", f"{service.url}/x/"))
        assert len(service.asked) == 4


@pytest.mark.parametrize("wrong", [-1, 2.5, "three", object()])
def test_a_nonsense_number_of_retries_is_named(service: Loopback, wrong: Any) -> None:
    with pytest.raises(ValidationError, match="retries") as caught:
        TanksApi(ApiClient(Configuration(host=service.url))).tanks_list(_retries=wrong)
    assert caught.value.errors()[0]["loc"] == ("_retries",)
    assert service.asked == []


# --- the rate limit ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "30"}, 30.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({}, 1.0),
        ({"Retry-After": "soon"}, 1.0),
        ({"Retry-After": "-30"}, 1.0),
        ({"Retry-After": str(YEAR)}, 3600.0),
    ],
)
def test_a_429_closes_the_gate_for_all_who_share_it(
    service: Loopback,
    patient: Callable[..., ApiClient],
    time: Time,
    headers: Dict[str, str],
    seconds: float,
) -> None:
    limiter = time.limiter()
    service.queue(Answer(429, headers=headers))
    service.queue(Answer(200, b"[]"))
    with pytest.raises(RateLimitException):
        TanksApi(patient(limiter=limiter, retries=False)).tanks_list()
    client = patient(limiter=limiter, max_wait=None)
    assert client.quota.closed_for == pytest.approx(seconds)
    TanksApi(client).tanks_list()
    assert sum(time.waits) == pytest.approx(seconds)


def test_all_threads_wait_for_the_gate(service: Loopback, pipe: Pipe, time: Time) -> None:
    moments: List[Tuple[float, int]] = []

    def answer(asked: Asked) -> Answer:
        moments.append((time.now, len(service.asked)))
        first = len(service.asked) == 1
        return Answer(429, headers={"Retry-After": "20"}) if first else Answer(200)

    service.answer = answer
    pipe.send(policy=RetryPolicy(attempts=1))
    threads = [threading.Thread(target=pipe.send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (closed_at, _), *later = sorted(moments)
    assert len(later) == 8
    assert all(moment >= closed_at + 20 for moment, _ in later)


def test_a_wait_that_would_be_too_long_is_refused_and_nothing_is_sent(
    service: Loopback, patient: Callable[..., ApiClient], time: Time
) -> None:
    service.queue(Answer(429, headers={"Retry-After": "40"}))
    client = patient(max_wait=30, retries=False)
    api = TanksApi(client)
    for attempts in (1, 0):
        with pytest.raises(RateLimitException) as caught:
            api.tanks_list()
        assert caught.value.attempts == attempts
    assert len(service.asked) == 1
    assert caught.value.status is None
    assert caught.value.retry_after == pytest.approx(40)
    assert "Not sent, for the rate limit" in str(caught.value)
    assert "0 attempts" in str(caught.value)
    assert time.waits == []
    client.configuration.max_wait = 50  # which counts from the next call on
    service.answer = lambda asked: Answer(200, b"[]")
    api.tanks_list()
    assert sum(time.waits) == pytest.approx(40)


def test_each_attempt_and_each_request_for_a_token_takes_a_slot(
    service: Loopback, patient: Callable[..., ApiClient], time: Time
) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path == TOKEN_PATH:
            return Answer(200, {"access_token": "t", "expires_in": 86400})
        return Answer(500 if len(service.asked) < 4 else 200, b"[]")

    service.answer = answer
    limiter = time.limiter((100, 1.0), (1500, 3600.0))
    client = patient(limiter=limiter, access_token=None, client_id="a", client_secret="b")
    TanksApi(client).tanks_list()
    assert len(service.asked) == 4
    assert [window.used for window in client.quota.windows] == [4, 4]
    assert [window.left for window in client.quota.windows] == [96, 1496]
    assert client.quota.next_free_in == 0.0


def test_the_windows_are_kept(service: Loopback, patient: Callable[..., ApiClient], time: Time):
    service.reply(200, [])
    api = TanksApi(patient(limiter=time.limiter((2, 10.0)), max_wait=20))
    for _ in range(5):
        api.tanks_list()
    assert time.now == 1020.0


def test_a_limit_can_be_set_and_turned_off(service: Loopback) -> None:
    service.reply(200, [])
    limited = Configuration(host=service.url, rate_limits=[(2, 3600.0), (None, 1.0)], max_wait=0)
    unlimited = Configuration(host=service.url, rate_limits=None, max_wait=0)
    with ApiClient(limited) as client:
        for _ in range(2):
            TanksApi(client).tanks_list()
        with pytest.raises(RateLimitException):
            TanksApi(client).tanks_list()
        assert [window.limit for window in client.quota.windows] == [2]
    with ApiClient(unlimited) as client:
        for _ in range(150):
            TanksApi(client).tanks_list()
        assert client.quota.windows == ()


# --- tokens ------------------------------------------------------------------------------------

CREDENTIALS = {"access_token": None, "client_id": "an-id", "client_secret": "hush"}


class Tokens:
    """Gives out t1, t2 ... and takes the answers to all else from a list."""

    def __init__(self, service: Loopback, *answers: Answer) -> None:
        self.service = service
        self.answers = list(answers)
        self.troubles: List[Answer] = []
        self.given = 0
        service.answer = self.answer

    def answer(self, asked: Asked) -> Answer:
        if asked.path != TOKEN_PATH:
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if self.troubles:
            return self.troubles.pop(0) if len(self.troubles) > 1 else self.troubles[0]
        self.given += 1
        return Answer(200, {"access_token": f"t{self.given}", "expires_in": 86400})

    @property
    def bearers(self) -> List[str]:
        asked = (one for one in self.service.asked if one.path != TOKEN_PATH)
        return [one.headers["authorization"] for one in asked]


def test_a_refused_token_is_replaced_outside_the_retry_count(
    service: Loopback, patient: Callable[..., ApiClient]
) -> None:
    tokens = Tokens(service, Answer(401), Answer(500), Answer(401), Answer(200, b"[]"))
    client = patient(**CREDENTIALS, retries=RetryPolicy(attempts=2, backoff_base=0))
    TanksApi(client).tanks_list()
    assert tokens.bearers == ["Bearer t1", "Bearer t2", "Bearer t2", "Bearer t3"]


def test_a_second_401_is_an_error(service: Loopback, patient: Callable[..., ApiClient]) -> None:
    tokens = Tokens(service, Answer(401, {"detail": "Token is no longer good."}))
    with pytest.raises(UnauthorizedException) as caught:
        TanksApi(patient(**CREDENTIALS)).tanks_list()
    assert tokens.bearers == ["Bearer t1", "Bearer t2"]
    assert caught.value.attempts == 2
    assert caught.value.detail == "Token is no longer good."
    assert not isinstance(caught.value, AuthenticationException)


@pytest.mark.parametrize(
    ("answer", "kind", "attempts"),
    [
        (Answer(500, {"error": "server_error"}), ServiceException, 4),
        (Answer(502, "<html>Bad Gateway</html>"), ServiceException, 4),
        (Answer(429, "", {"Retry-After": "300"}), RateLimitException, 1),
    ],
    ids=["500", "HTML", "429"],
)
def test_a_service_that_gives_nobody_a_token_says_nothing_of_the_credentials(
    service: Loopback,
    patient: Callable[..., ApiClient],
    answer: Answer,
    kind: Type[ApiException],
    attempts: int,
) -> None:
    tokens = Tokens(service, Answer(200, b"[]"))
    tokens.troubles = [answer]
    with pytest.raises(kind) as caught:
        TanksApi(patient(**CREDENTIALS)).tanks_list()
    assert not isinstance(caught.value, UnauthorizedException)
    assert (caught.value.path, caught.value.attempts) == (TOKEN_PATH, attempts)
    assert getattr(caught.value, "retry_after", 300) == 300


@pytest.mark.parametrize("trouble", [*AGAIN.values(), *UNSAFE.values()], ids=[*AGAIN, *UNSAFE])
def test_the_request_for_a_token_is_sent_again_though_it_is_a_post(
    service: Loopback, patient: Callable[..., ApiClient], trouble: Answer
) -> None:
    tokens = Tokens(service, Answer(200, b"[]"))
    fine = Answer(200, {"access_token": "t9", "expires_in": 86400})
    tokens.troubles = [trouble, trouble, trouble, fine]
    TanksApi(patient(**CREDENTIALS)).tanks_list()
    assert tokens.bearers == ["Bearer t9"]
    assert len(service.asked) == 5


@pytest.mark.parametrize(
    ("answer", "error", "description", "attempts"),
    [
        (
            Answer(400, {"error": "invalid_grant", "error_description": "Invalid credentials."}),
            "invalid_grant",
            "Invalid credentials.",
            1,
        ),
        (Answer(401, {"error": "invalid_client"}), "invalid_client", None, 1),
        (Answer(302, b"", {"Location": "https://elsewhere.example.com/"}), None, None, 1),
        (Answer(200, "<html>maintenance</html>"), None, None, 1),
        (Answer(200, {"token": "x"}), None, None, 1),
    ],
    ids=["400", "401", "redirect", "200 HTML", "200 without"],
)
def test_a_refused_token_is_one_kind_of_error(
    service: Loopback,
    patient: Callable[..., ApiClient],
    answer: Answer,
    error: Optional[str],
    description: Optional[str],
    attempts: int,
) -> None:
    tokens = Tokens(service, Answer(200, b"[]"))
    tokens.troubles = [answer]
    with pytest.raises(AuthenticationException) as caught:
        TanksApi(patient(**CREDENTIALS)).tanks_list()
    assert (caught.value.error, caught.value.error_description) == (error, description)
    assert caught.value.attempts == attempts
    assert caught.value.path == TOKEN_PATH
    assert {asked.path for asked in service.asked} == {TOKEN_PATH}


@pytest.mark.parametrize("trouble", [Answer(500), Answer(close=True)], ids=["500", "closed"])
def test_trouble_with_the_second_token_is_not_tried_four_times_four(
    service: Loopback, patient: Callable[..., ApiClient], trouble: Answer
) -> None:
    tokens = Tokens(service, Answer(200, b"[]"), Answer(401))
    client = patient(**CREDENTIALS)
    TanksApi(client).tanks_list()
    tokens.troubles = [trouble]
    service.asked.clear()
    with pytest.raises(ApiException) as caught:
        TanksApi(client).tanks_list()
    assert [asked.path for asked in service.asked] == ["/developer/v1/tanks/", *[TOKEN_PATH] * 4]
    assert (caught.value.path, caught.value.attempts) == (TOKEN_PATH, 4)


def test_a_token_that_cannot_be_revoked_does_not_keep_a_client_from_closing(
    service: Loopback, patient: Callable[..., ApiClient], caplog: pytest.LogCaptureFixture
) -> None:
    Tokens(service, Answer(200, b"[]"), Answer(500))
    client = patient(**CREDENTIALS, revoke_on_close=True)
    TanksApi(client).tanks_list()
    client.close()
    assert "could not be revoked: 500" in caplog.text
    client.close()


def test_a_closed_client_revokes_nothing(
    service: Loopback, patient: Callable[..., ApiClient]
) -> None:
    Tokens(service, Answer(200, b"[]"))
    client = patient(**CREDENTIALS)
    TanksApi(client).tanks_list()
    client.close()
    service.asked.clear()
    with pytest.raises(ApiValueError, match="closed"):
        client.revoke()
    assert service.asked == []


# --- log and hooks -----------------------------------------------------------------------------


def test_the_log_has_a_line_for_each_request(
    service: Loopback, patient: Callable[..., ApiClient], caplog: pytest.LogCaptureFixture
) -> None:
    service.queue(Answer(500))
    service.queue(Answer(close=True))
    service.reply(200, [], X_Request_Id="r-1", Set_Cookie="session=hush", X_Other="other")
    with caplog.at_level(logging.INFO, "formlabs_web_api"):
        TanksApi(patient()).tanks_list(page=3)
    patterns = [
        r"GET /developer/v1/tanks/ 500 in \d+ ms \(attempt 1\)",
        r"GET /developer/v1/tanks/ is sent again in 0\.0 s: status 500, attempt 1 of 4",
        r"GET /developer/v1/tanks/ ProtocolError: .* in \d+ ms \(attempt 2\)",
        r"GET /developer/v1/tanks/ is sent again in 0\.0 s: no whole answer, attempt 2 of 4",
        r"GET /developer/v1/tanks/ 200 in \d+ ms \(attempt 3\)",
    ]
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == len(patterns)
    for message, pattern in zip(messages, patterns):
        assert re.fullmatch(pattern, message)
    assert {record.levelname for record in caplog.records} == {"INFO"}

    caplog.clear()
    with caplog.at_level(logging.DEBUG, "formlabs_web_api"):
        TanksApi(patient()).tanks_list(page=3, _headers={"X-Mine": "hush"})
    request, _, response = (record.getMessage() for record in caplog.records)
    assert "User-Agent: formlabs_web_api" in request
    assert "X-Request-Id: r-1" in response
    assert not re.search("hush|token-of-a-test|X-Mine|X-Other|Cookie|page=3", caplog.text)


def test_hooks_tell_the_same(
    service: Loopback, patient: Callable[..., ApiClient], time: Time
) -> None:
    told: List[Tuple[str, Event]] = []

    def hook(name: str) -> Callable[[Event], None]:
        return lambda event: told.append((name, event))

    service.queue(Answer(500))
    service.queue(Answer(close=True))
    service.reply(200, [])
    client = patient(limiter=time.limiter((1, 10.0)))
    for name in ("request", "response", "retry", "wait"):
        setattr(client.configuration, f"on_{name}", hook(name))
    TanksApi(client).tanks_list(page=3)
    assert [(name, event.attempt, event.status) for name, event in told] == [
        ("request", 1, None),
        ("response", 1, 500),
        ("retry", 1, None),
        ("wait", 2, None),
        ("request", 2, None),
        ("response", 2, None),
        ("retry", 2, None),
        ("wait", 3, None),
        ("request", 3, None),
        ("response", 3, 200),
    ]
    assert {str(event) for _, event in told} == {"GET /developer/v1/tanks/"}
    assert [event.seconds for name, event in told if name == "wait"] == [10.0, 10.0]
    assert told[5][1].reason.startswith("ProtocolError")
    assert told[2][1].reason == "status 500, attempt 1 of 4"


def test_a_hook_that_fails_is_logged_and_does_no_harm(
    service: Loopback, patient: Callable[..., ApiClient], caplog: pytest.LogCaptureFixture
) -> None:
    service.reply(200, [])
    client = patient()
    client.configuration.on_response = lambda event: 1 / 0
    TanksApi(client).tanks_list()
    assert "The hook on_response failed" in caplog.text


# --- waits can be interrupted ------------------------------------------------------------------


class Interrupted(BaseException):
    """Stands for KeyboardInterrupt, which pytest would take for its own."""


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C raises Interrupted."""

    def interrupt(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGINT, interrupt)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt_soon(_: object) -> None:
    threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGINT)).start()


@pytest.mark.usefixtures("interruptible")
def test_who_interrupts_a_wait_is_free_at_once(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    """By a real signal in a real wait, of which there would be a minute."""
    service.queue(Answer(503, headers={"Retry-After": "60"}))
    client = client_of()
    client.configuration.on_retry = interrupt_soon
    with pytest.raises(Interrupted):
        TanksApi(client).tanks_list()
    assert len(service.asked) == 1
    service.answer = lambda asked: Answer(200, b"[]")
    TanksApi(client).tanks_list()


def test_who_interrupts_a_wait_for_the_limit_leaves_no_gap(
    service: Loopback, patient: Callable[..., ApiClient], time: Time
) -> None:
    service.reply(200, [])

    def interrupted(_: object, seconds: float) -> None:
        raise KeyboardInterrupt

    limiter = RateLimiter([(1, 10.0)], clock=time.clock, wait=interrupted, margin=0.0)
    api = TanksApi(patient(limiter=limiter))
    api.tanks_list()
    with pytest.raises(KeyboardInterrupt):
        api.tanks_list()
    assert len(service.asked) == 1
    time.now += 10
    api.tanks_list()
    assert len(service.asked) == 2


@pytest.mark.usefixtures("interruptible")
def test_a_request_can_be_interrupted_too() -> None:
    def script(number: int) -> Optional[bytes]:
        if number > 0:
            return ok(b"fine")
        interrupt_soon(None)
        return None

    wire = Wire(script)
    with ApiClient(Configuration(host=wire.url)) as client:
        with pytest.raises(Interrupted):
            client.call_api("GET", f"{wire.url}/x/")
        # Not on the connection on which the first answer may still come.
        assert client.call_api("GET", f"{wire.url}/x/").data == b"fine"
    wire.close()
    assert wire.connections == len(wire.requests) == 2


# --- lifetime ----------------------------------------------------------------------------------


def test_a_call_ends_when_its_client_is_closed(
    service: Loopback, patient: Callable[..., ApiClient]
) -> None:
    service.queue(Answer(500))
    client = patient()
    client.configuration.on_retry = lambda event: client.close()
    with pytest.raises(ApiValueError, match="closed"):
        TanksApi(client).tanks_list()
    assert len(service.asked) == 1
    assert len(client.rest_client.pool_manager.pools) == 0


PREAMBLE = """
import gc, os, sys, threading, warnings
from formlabs_web_api import *
from test.support.loopback import Answer, Loopback

service = Loopback()
configuration = Configuration(host=service.url, client_id="id", client_secret="secret")
"""


def in_a_process_of_its_own(script: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *options, "-c", PREAMBLE + script]
    folder = str(Path(__file__).parents[2])
    return subprocess.run(
        command, capture_output=True, text=True, timeout=100, cwd=folder, check=False
    )


FORK = """
warnings.simplefilter("ignore", DeprecationWarning)  # of forking with threads, which is the point
asking, go_on, peers = threading.Event(), threading.Event(), set()

def answer(asked):
    if asked.path.endswith("/token/"):
        if not asking.is_set():
            asking.set()
            go_on.wait(50)
        return Answer(200, {"access_token": "t", "expires_in": 86400})
    return Answer(200, b"[]")

service.answer = answer
service._lock = threading.RLock()
client = ApiClient(configuration)
api = TanksApi(client)

class Free:
    def __enter__(self): pass
    def __exit__(self, *error): pass

service._lock = Free()  # so that one request can be answered while another waits

# Another thread holds the lock of the token while the process forks.
other = threading.Thread(target=api.tanks_list)
other.start()
assert asking.wait(50)
child = os.fork()
if child == 0:
    api.tanks_list()
    api.tanks_list()
    os._exit(0)
_, status = os.waitpid(child, 0)
go_on.set()
other.join()
api.tanks_list()
client.close()
service.close()
assert status == 0, status
print("fine", len(service.asked))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
def test_a_forked_child_uses_the_client_of_its_parent() -> None:
    done = in_a_process_of_its_own(FORK)
    assert (done.stderr, done.stdout) == ("", "fine 6\n")


SOCKETS = """
class Peers:
    ports = set()

def answer(asked):
    return Answer(200, b"[]")

service.answer = answer
handler = service._server.RequestHandlerClass
setup = handler.setup
def remember(self):
    Peers.ports.add(self.client_address[1])
    setup(self)
handler.setup = remember
configuration.access_token = "token"
api = TanksApi(ApiClient(configuration))
api.tanks_list()
for _ in range(3):
    child = os.fork()
    if child == 0:
        api.tanks_list()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    api.tanks_list()
print("connections", len(Peers.ports))
service.close()
api.api_client.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
def test_a_forked_child_does_not_speak_on_the_connections_of_its_parent() -> None:
    done = in_a_process_of_its_own(SOCKETS, "-W", "ignore::DeprecationWarning")
    assert (done.stderr, done.stdout) == ("", "connections 4\n")


DROPPED = """
def use():
    client = ApiClient(configuration)
    for answer in (Answer(200, b"[]"), Answer(404), Answer(200, b"[1, 2]", cut=2), Answer(200)):
        service.answer = lambda asked: (
            answer
            if not asked.path.endswith("/token/")
            else Answer(200, {"access_token": "t", "expires_in": 86400})
        )
        try:
            TanksApi(client).tanks_list(_retries=0)
        except ApiException:
            pass

for _ in range(3):
    use()
    gc.collect()
service.close()
gc.collect()
print("fine")
"""


def test_a_client_nobody_closed_warns_of_nothing() -> None:
    done = in_a_process_of_its_own(DROPPED, "-X", "dev", "-W", "error")
    assert (done.stderr, done.stdout) == ("", "fine\n")


QUIET = """
service.reply(200, [{"serial": 5, "new": "x"}])
api = TanksApi(ApiClient(configuration))
configuration.access_token = "token"
configuration.on_request = lambda event: 1 / 0
api.tanks_list()
service.close()
assert len(api.api_client.drift) > 1
"""


def test_it_writes_nothing_unless_the_program_sets_up_a_log() -> None:
    done = in_a_process_of_its_own(QUIET)
    assert (done.stderr, done.stdout) == ("", "")


FIRST = """
configuration.access_token = "token"
configuration.rate_limits = None
service.reply(200, {"count": 0, "next": None, "previous": None, "results": []})
client = ApiClient(configuration)
calls = [
    TanksApi(client).tanks_list,
    CartridgesApi(client).cartridges_list,
    PrintsApi(client).prints_list,
    EventsApi(client).events_list,
    PrintersApi(client).printers_list,
    PrinterGroupsApi(client).groups_list,
]
together, trouble = threading.Barrier(24), []

def call(number):
    together.wait()
    try:
        calls[number % len(calls)]()
    except BaseException as error:
        trouble.append(error)

threads = [threading.Thread(target=call, args=[number]) for number in range(24)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
client.close()
service.close()
assert not trouble, trouble
print("fine")
"""


def test_the_first_calls_of_many_threads_may_come_at_once() -> None:
    """When validators and models are built that all threads then share."""
    for _ in range(2):
        done = in_a_process_of_its_own(FIRST, "-W", "error")
        assert (done.stderr, done.stdout) == ("", "fine\n")


# --- secrets in local variables ----------------------------------------------------------------

HUSH = "hush-7Qx9"
BROKEN: Dict[str, List[Answer]] = {
    "closed": [Answer(close=True)],
    "cut": [Answer(200, b"[1, 2, 3]", cut=5)],
    "500": [Answer(500, "trouble")],
    "garbage": [Answer(200, f'{{"url": "{HUSH}'.encode())],
    "refused by the service": [Answer(401, {"detail": "no"})],
}
SECRETS: Dict[str, Any] = {
    "token": {"access_token": HUSH},
    "client secret": {"access_token": None, "client_id": "id", "client_secret": HUSH},
    "cookie": {"cookie": HUSH},
    "request_auth": {"_request_auth": {"in": "header", "key": "X-Key", "value": HUSH, "type": ""}},
    "header": {"_headers": {"X-Key": HUSH}},
}


@pytest.mark.parametrize("spelling", ["", "_with_http_info", "_without_preload_content"])
@pytest.mark.parametrize("what", BROKEN)
@pytest.mark.parametrize("secret", SECRETS)
def test_no_local_variable_of_a_traceback_shows_a_secret(
    service: Loopback, secret: str, what: str, spelling: str
) -> None:
    """As tools show them that report errors."""
    service.answer = lambda asked: BROKEN[what][0]
    error, mine = failing(service.url, dict(SECRETS[secret]), spelling)
    if error is None:
        assert spelling == "_without_preload_content"  # gives the answer whatever it is
        return
    for told in all_of(traceback.TracebackException.from_exception(error, capture_locals=True)):
        for frame in told.stack:
            if frame.name != mine:
                assert HUSH not in str(frame.locals), f"{frame.filename} {frame.name}"


def test_nor_when_nobody_listens(time: Time) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        host = f"http://127.0.0.1:{holder.getsockname()[1]}"
        for secret in SECRETS.values():
            error, mine = failing(host, dict(secret), "")
            assert isinstance(error, ApiConnectionException)
            told = traceback.TracebackException.from_exception(error, capture_locals=True)
            frames = [frame for one in all_of(told) for frame in one.stack if frame.name != mine]
            assert HUSH not in "".join(str(frame.locals) for frame in frames)


def failing(host: str, secret: Dict[str, Any], spelling: str) -> Tuple[Any, str]:
    """The error of a call with a secret, and the name of the frame that knows it from outside."""
    here = {name: secret.pop(name) for name in list(secret) if name.startswith("_")}
    cookie = secret.pop("cookie", None)
    settings = {"access_token": "a-token", "retries": False, **secret}
    with ApiClient(Configuration(host=host, **settings), cookie=cookie) as client:
        try:
            getattr(TanksApi(client), f"tanks_list{spelling}")(**here)
        except ApiException as error:
            return error, "failing"
    return None, "failing"


def all_of(told: Optional[traceback.TracebackException]) -> Iterator[traceback.TracebackException]:
    """A traceback and those of its causes, as far as they are shown."""
    if told is not None:
        yield told
        yield from all_of(told.__cause__)
        if not told.__suppress_context__:
            yield from all_of(told.__context__)


def test_an_error_is_gone_when_nobody_holds_it(
    service: Loopback, patient: Callable[..., ApiClient]
) -> None:
    """Without waiting for the garbage collector: it keeps an answer and its connection alive."""
    service.queue(Answer(close=True))
    client = patient()

    def failure() -> weakref.ref[ApiException]:
        try:
            TanksApi(client).tanks_list()
        except ApiConnectionException as error:
            return weakref.ref(error)
        raise AssertionError("it did not fail")

    gc.disable()
    try:
        assert failure()() is None
    finally:
        gc.enable()
