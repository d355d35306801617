"""A 429 pauses all callers, and every request takes a slot of the rate limit."""

from __future__ import annotations

import threading
from typing import Callable, Dict, List, Tuple

import pytest

from formlabs_web_api import ApiClient, Configuration, RateLimitException, TanksApi
from formlabs_web_api.retry import RetryPolicy
from test.support.clocks import FakeClock
from test.support.loopback import Answer, Asked, Loopback
from test.support.pipe import Pipe
from test.support.token_server import TOKEN_PATH

YEAR = 365 * 86400


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
def test_429_closes_the_gate_of_all_clients_that_share_the_limiter(
    service: Loopback,
    retrying_client_of: Callable[..., ApiClient],
    clock: FakeClock,
    headers: Dict[str, str],
    seconds: float,
) -> None:
    limiter = clock.limiter()
    service.queue(Answer(429, headers=headers))
    service.queue(Answer(200, b"[]"))
    with pytest.raises(RateLimitException):
        TanksApi(retrying_client_of(limiter=limiter, retries=False)).tanks_list()
    client = retrying_client_of(limiter=limiter, max_wait=None)
    assert client.quota.closed_for == pytest.approx(seconds)
    TanksApi(client).tanks_list()
    assert sum(clock.waits) == pytest.approx(seconds)


def test_429_makes_all_threads_wait_until_the_gate_opens(
    service: Loopback, pipe: Pipe, clock: FakeClock
) -> None:
    moments: List[Tuple[float, int]] = []

    def answer(asked: Asked) -> Answer:
        moments.append((clock.now, len(service.asked)))
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


def test_wait_for_the_gate_beyond_max_wait_raises_and_sends_nothing(
    service: Loopback, retrying_client_of: Callable[..., ApiClient], clock: FakeClock
) -> None:
    service.queue(Answer(429, headers={"Retry-After": "40"}))
    client = retrying_client_of(max_wait=30, retries=False)
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
    assert clock.waits == []
    client.configuration.max_wait = 50  # which applies from the next call on
    service.answer = lambda asked: Answer(200, b"[]")
    api.tanks_list()
    assert sum(clock.waits) == pytest.approx(40)


def test_each_attempt_and_each_token_request_takes_a_rate_limit_slot(
    service: Loopback, retrying_client_of: Callable[..., ApiClient], clock: FakeClock
) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path == TOKEN_PATH:
            return Answer(200, {"access_token": "t", "expires_in": 86400})
        return Answer(500 if len(service.asked) < 4 else 200, b"[]")

    service.answer = answer
    limiter = clock.limiter((100, 1.0), (1500, 3600.0))
    client = retrying_client_of(
        limiter=limiter, access_token=None, client_id="a", client_secret="b"
    )
    TanksApi(client).tanks_list()
    assert len(service.asked) == 4
    assert [window.used for window in client.quota.windows] == [4, 4]
    assert [window.left for window in client.quota.windows] == [96, 1496]
    assert client.quota.next_free_in == 0.0


def test_calls_wait_for_a_free_slot_of_the_rate_limit_window(
    service: Loopback, retrying_client_of: Callable[..., ApiClient], clock: FakeClock
):
    service.reply(200, [])
    api = TanksApi(retrying_client_of(limiter=clock.limiter((2, 10.0)), max_wait=20))
    for _ in range(5):
        api.tanks_list()
    assert clock.now == 1020.0


def test_rate_limits_can_be_set_and_turned_off_by_the_configuration(service: Loopback) -> None:
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
