"""A pipeline on a fake clock."""

from __future__ import annotations

from typing import Optional

from formlabs_web_api import Configuration
from formlabs_web_api._core.pipeline import Log, RateLimit, Request, Retry, Transport, chain
from formlabs_web_api._core.service_clock import ServiceClock
from formlabs_web_api.hooks import Observer
from formlabs_web_api.rest import RESTClientObject, RESTResponse
from formlabs_web_api.retry import RetryPolicy, RetryQuota
from test.support.clocks import FakeClock
from test.support.loopback import Loopback


class Pipe:
    """The pipeline of a client without authorization, on the test's clock."""

    def __init__(self, service: Loopback, clock: FakeClock) -> None:
        self.configuration = Configuration(host=service.url, access_token="a-token")
        self.rest = RESTClientObject(self.configuration)
        self.limiter = clock.limiter()
        self.max_wait: Optional[float] = 60.0
        observer = Observer(self.configuration)
        steps = [
            Retry(RetryQuota(10**6), observer, wait=clock.sleep, clock=clock),
            RateLimit(self.limiter, lambda: self.max_wait, observer),
            Log(observer),
        ]
        self._send = chain(steps, Transport(lambda: self.rest, ServiceClock()))
        self._url = service.url

    def send(self, method: str = "GET", policy: Optional[RetryPolicy] = None) -> RESTResponse:
        request = Request(method, f"{self._url}/x/", {}, policy=policy or RetryPolicy())
        return self._send(request)
