"""Clients and pipelines with a clock that only waits advance."""

from __future__ import annotations

from typing import Any, Callable, Iterator, List, Optional

import pytest

from formlabs_web_api import ApiClient, Configuration
from formlabs_web_api.rate_limit import RateLimiter
from test.support.clocks import FakeClock
from test.support.loopback import Loopback
from test.support.pipe import Pipe
from test.support.retrying import WITHOUT_BACKOFF


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def retrying_client_of(service: Loopback, clock: FakeClock) -> Iterator[Callable[..., ApiClient]]:
    """Make clients that retry without backoff and keep the rate limit by the test's clock."""
    made: List[ApiClient] = []

    def make(limiter: Optional[RateLimiter] = None, **settings: Any) -> ApiClient:
        settings = {"retries": WITHOUT_BACKOFF, "access_token": "token-of-a-test", **settings}
        configuration = Configuration(host=service.url, **settings)
        configuration.rate_limiter = limiter or clock.limiter()
        made.append(ApiClient(configuration))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def pipe(service: Loopback, clock: FakeClock) -> Iterator[Pipe]:
    made = Pipe(service, clock)
    yield made
    made.rest.close()
