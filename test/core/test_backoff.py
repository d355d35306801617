"""How long the client waits before a retry."""

from __future__ import annotations

from email.utils import formatdate
from typing import Callable, List, Optional, Type

import pytest
import urllib3

from formlabs_web_api import ApiClient, ApiException, RateLimitException, ServiceException, TanksApi
from formlabs_web_api._core.pipeline import retry_after_of as retry_after
from formlabs_web_api.rest import RESTResponse
from test.support.clocks import FakeClock
from test.support.loopback import Answer, Loopback
from test.support.pipe import Pipe

YEAR = 365 * 86400


def test_backoff_doubles_with_each_retry_and_ends_after_four_attempts(
    service: Loopback, pipe: Pipe, clock: FakeClock
) -> None:
    service.queue(Answer(500))
    for _ in range(50):
        assert pipe.send().attempts == 4
    rounds = [clock.waits[start : start + 3] for start in range(0, 150, 3)]
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
def test_retry_waits_for_the_seconds_of_retry_after(
    service: Loopback, pipe: Pipe, clock: FakeClock, value: Optional[str], seconds: float
) -> None:
    service.queue(Answer(500, headers={} if value is None else {"Retry-After": value}))
    service.queue(Answer(200))
    assert pipe.send().status == 200
    (waited,) = clock.waits
    assert seconds <= waited <= seconds + 0.5


def test_retry_after_date_is_relative_to_the_date_of_the_response() -> None:
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
def test_retry_after_of_more_than_a_minute_is_an_error_with_the_seconds(
    service: Loopback,
    retrying_client_of: Callable[..., ApiClient],
    status: int,
    classes: List[Type[ApiException]],
    asked: str,
) -> None:
    service.queue(Answer(status, headers={"Retry-After": asked}))
    with pytest.raises(RateLimitException) as caught:
        TanksApi(retrying_client_of()).tanks_list()
    assert all(isinstance(caught.value, one) for one in classes)
    assert caught.value.status == status
    assert caught.value.retry_after is not None
    assert caught.value.retry_after >= 60
    assert caught.value.attempts == len(service.asked) == 1


def test_503_with_a_short_retry_after_is_not_a_rate_limit_error(
    service: Loopback, retrying_client_of: Callable[..., ApiClient]
) -> None:
    service.queue(Answer(503, headers={"Retry-After": "1"}))
    with pytest.raises(ServiceException) as caught:
        TanksApi(retrying_client_of(retries=False)).tanks_list()
    assert not isinstance(caught.value, RateLimitException)


def test_no_retry_starts_whose_wait_would_exceed_the_time_budget(
    service: Loopback, pipe: Pipe, clock: FakeClock
) -> None:
    service.queue(Answer(500, headers={"Retry-After": "50"}))
    response = pipe.send()
    assert response.attempts == 3
    assert response.elapsed == pytest.approx(sum(clock.waits))
    assert 100 <= response.elapsed < 120


def test_retry_quota_stops_retries_while_the_service_fails_every_call(
    service: Loopback, retrying_client_of: Callable[..., ApiClient]
) -> None:
    service.reply(500, "trouble")
    api = TanksApi(retrying_client_of())
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
