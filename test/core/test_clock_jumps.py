"""A wall clock that jumps by hours, as after a suspend or a correction, changes nothing."""

from __future__ import annotations

import time
from itertools import cycle
from typing import Callable, List

import pytest

from formlabs_web_api import ApiClient
from formlabs_web_api.rate_limit import RateLimiter
from test.support.loopback import Loopback
from test.support.token_server import TokenServer

_HOUR = 3_600.0


@pytest.mark.parametrize(
    "hours",
    [[0, 30, -30], [0, -0.001, -5, -1_000], [25, 50, 75]],
    ids=["back and forward", "back", "forward"],
)
def test_jumps_of_the_wall_clock_keep_token_and_limits(
    hours: List[float],
    service: Loopback,
    retrying_client_of: Callable[..., ApiClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tokens = TokenServer(service)
    settings = {"access_token": None, "client_id": "an-id", "client_secret": "hush"}
    client = retrying_client_of(RateLimiter(), **settings)
    wall, jumps = time.time, cycle(hours)
    monkeypatch.setattr(time, "time", lambda: wall() + _HOUR * next(jumps))
    for _ in range(12):
        client.prints.list()
    assert tokens.issued == ["t1"]
    used = {window.limit: window.used for window in client.quota.windows}
    assert used[1500] == 13  # none has left the window of an hour, none is counted twice
