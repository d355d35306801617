"""Ctrl-C ends each kind of wait and leaves the client usable."""

from __future__ import annotations

import os
import signal
import threading
from typing import Callable, Iterator, Optional

import pytest

from formlabs_web_api import ApiClient, Configuration, TanksApi
from formlabs_web_api.rate_limit import RateLimiter
from test.support.clocks import FakeClock
from test.support.loopback import Answer, Loopback
from test.support.wire import Wire, ok


class Interrupted(BaseException):
    """Stand-in for KeyboardInterrupt, which would end pytest."""


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
def test_ctrl_c_ends_the_wait_before_a_retry_at_once(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    """A real signal in a real wait of a minute."""
    service.queue(Answer(503, headers={"Retry-After": "60"}))
    client = client_of()
    client.configuration.on_retry = interrupt_soon
    with pytest.raises(Interrupted):
        TanksApi(client).tanks_list()
    assert len(service.asked) == 1
    service.answer = lambda asked: Answer(200, b"[]")
    TanksApi(client).tanks_list()


def test_ctrl_c_while_waiting_for_the_rate_limit_returns_the_slot(
    service: Loopback, retrying_client_of: Callable[..., ApiClient], clock: FakeClock
) -> None:
    service.reply(200, [])

    def interrupted(_: object, seconds: float) -> None:
        raise KeyboardInterrupt

    limiter = RateLimiter([(1, 10.0)], clock=clock, wait=interrupted, margin=0.0)
    api = TanksApi(retrying_client_of(limiter=limiter))
    api.tanks_list()
    with pytest.raises(KeyboardInterrupt):
        api.tanks_list()
    assert len(service.asked) == 1
    clock.now += 10
    api.tanks_list()
    assert len(service.asked) == 2


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_while_waiting_for_a_response_discards_the_connection() -> None:
    def script(number: int) -> Optional[bytes]:
        if number > 0:
            return ok(b"fine")
        interrupt_soon(None)
        return None

    wire = Wire(script)
    with ApiClient(Configuration(host=wire.url)) as client:
        with pytest.raises(Interrupted):
            client.call_api("GET", f"{wire.url}/x/")
        # Not on the connection on which the first response may still arrive.
        assert client.call_api("GET", f"{wire.url}/x/").data == b"fine"
    wire.close()
    assert wire.connections == len(wire.requests) == 2
