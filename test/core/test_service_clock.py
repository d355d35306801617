"""The current time by the clock of the service."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Callable, Optional

import pytest

from formlabs_web_api import ApiClient, TanksApi
from formlabs_web_api._core.service_clock import ServiceClock
from test.support.clocks import FakeClock
from test.support.loopback import Answer, Loopback

NOON = datetime(2026, 6, 5, 12, 0, tzinfo=timezone.utc)


def test_service_clock_advances_from_the_date_of_the_last_response() -> None:
    clock = FakeClock()
    time = ServiceClock(clock)
    time.update({"Date": "Fri, 05 Jun 2026 12:00:00 GMT"})
    assert time.now() == NOON
    clock.now += 90
    assert time.now() == NOON + timedelta(seconds=90)
    time.update({"Date": "Fri, 05 Jun 2026 12:00:10 GMT"})
    assert time.now() == NOON + timedelta(seconds=10)


@pytest.mark.parametrize("date", [None, "", "soon", "Fri, 99 Jun 2026 12:00:00 GMT", "0"])
def test_service_clock_without_a_valid_date_is_local_time(date: Optional[str]) -> None:
    time = ServiceClock()
    time.update({} if date is None else {"Date": date})
    assert abs(time.now() - datetime.now(timezone.utc)) < timedelta(minutes=1)


def test_client_updates_its_service_clock_from_each_response(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    service.answer = lambda asked: Answer(
        200, b"[]", {"Date": "Mon, 01 Jun 2026 08:00:00 GMT", "Content-Type": "application/json"}
    )
    client = client_of(access_token="t")
    TanksApi(client).tanks_list()
    assert abs(client.now() - datetime(2026, 6, 1, 8, 0, tzinfo=timezone.utc)) < timedelta(
        minutes=1
    )
