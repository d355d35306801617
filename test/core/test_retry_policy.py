"""Decisions of the retry policy, its conversion from settings, and Retry-After."""

from __future__ import annotations

import math
import os
import pickle
import subprocess
import sys
import time
from dataclasses import FrozenInstanceError, replace
from email.utils import formatdate
from typing import Any, List

import pytest
import urllib3
from hypothesis import given
from hypothesis import strategies as st
from urllib3.exceptions import NewConnectionError, ProtocolError, ReadTimeoutError

from formlabs_web_api.retry import Outcome, RetryPolicy, RetryQuota, parse_retry_after

REPEATABLE = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]
OTHERS = ["POST", "PATCH", "PURGE"]
NOT_SENT = Outcome(maybe_sent=False)
BROKEN = Outcome(error=ConnectionResetError())
STATUSES = sorted({200, 204, 302, 400, 401, 403, 404, 409, 422, 499, 501, 505})
BELOW_ONE = 1.0 - 2**-53  # the largest random number
IN_2015 = 1445412480.0  # Wed, 21 Oct 2015 07:28:00 GMT


def wait_of(method: str, outcome: Outcome, attempt: int = 1, **settings: Any) -> Any:
    return RetryPolicy(**settings).decide(method, attempt, outcome, elapsed=0.0).wait


# --- which failures are retried -------------------------------------------------------------


@pytest.mark.parametrize("method", REPEATABLE + OTHERS)
@pytest.mark.parametrize(
    "outcome",
    [NOT_SENT, Outcome(429), Outcome(429, retry_after=2.0), Outcome(503, retry_after=2.0)],
)
def test_any_method_is_retried_if_the_request_had_no_effect(method: str, outcome: Outcome):
    assert wait_of(method, outcome) is not None


@pytest.mark.parametrize("method", REPEATABLE)
@pytest.mark.parametrize("outcome", [BROKEN, *map(Outcome, [408, 500, 502, 503, 504])])
def test_idempotent_methods_are_retried_after_any_failure(method: str, outcome: Outcome):
    assert wait_of(method, outcome) is not None
    assert wait_of(method.lower(), outcome) is not None


@pytest.mark.parametrize("method", OTHERS)
@pytest.mark.parametrize("outcome", [BROKEN, *map(Outcome, [408, 500, 502, 503, 504])])
def test_post_and_patch_that_may_have_had_effect_are_not_retried(method: str, outcome: Outcome):
    assert wait_of(method, outcome) is None
    assert wait_of(method.lower(), outcome) is None


@pytest.mark.parametrize("method", REPEATABLE + OTHERS)
@pytest.mark.parametrize("status", STATUSES)
def test_other_statuses_are_not_retried(method: str, status: int):
    assert wait_of(method, Outcome(status, retry_after=1.0)) is None


def test_decision_reason_is_one_line():
    policy = RetryPolicy()
    reasons: List[str] = [
        policy.decide("GET", 1, Outcome(502), 0.0).reason,
        policy.decide("GET", 4, NOT_SENT, 0.0).reason,
        policy.decide("POST", 1, BROKEN, 0.0).reason,
        policy.decide("GET", 1, Outcome(404), 0.0).reason,
        policy.decide("GET", 2, Outcome(429, retry_after=3600.0), 0.0).reason,
        policy.decide("GET", 2, BROKEN, 130.0).reason,
    ]
    assert reasons == [
        "status 502, attempt 1 of 4",
        "not sent, attempt 4 of 4",
        "a POST that may have arrived is not sent again",
        "a GET is not sent again after status 404",
        "status 429, attempt 2 of 4, Retry-After of 3600 s is longer than 60 s",
        "no whole answer, attempt 2 of 4, no time left of 120 s",
    ]


# --- waits and attempts ---------------------------------------------------------------------


def test_backoff_doubles_up_to_its_maximum_with_full_jitter():
    policy = RetryPolicy(attempts=9)
    longest = [policy.decide("GET", n, BROKEN, 0.0, lambda: 1.0).wait for n in range(1, 9)]
    shortest = [policy.decide("GET", n, BROKEN, 0.0, lambda: 0.0).wait for n in range(1, 9)]
    assert longest == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0]
    assert shortest == [0.0] * 8


def test_random_wait_is_added_to_retry_after():
    policy = RetryPolicy()
    asked = Outcome(503, retry_after=7.0)
    assert policy.decide("POST", 1, asked, 0.0, lambda: 0.0).wait == 7.0
    assert policy.decide("POST", 3, asked, 0.0, lambda: 0.5).wait == 8.0


def test_too_long_retry_after_is_reported_in_the_decision():
    policy = RetryPolicy()
    a_minute = policy.decide("GET", 1, Outcome(429, retry_after=60.0), 0.0)
    longer = policy.decide("GET", 1, Outcome(429, retry_after=60.5), 0.0)
    a_year = policy.decide("POST", 1, Outcome(503, retry_after=31536000.0), 0.0)
    assert (a_minute.wait is not None, a_minute.retry_after) == (True, None)
    assert (longer.wait, longer.retry_after) == (None, 60.5)
    assert (a_year.wait, a_year.retry_after) == (None, 31536000.0)


def test_no_retry_after_the_last_attempt():
    assert wait_of("GET", BROKEN, attempt=3) is not None
    assert wait_of("GET", BROKEN, attempt=4) is None
    assert wait_of("GET", BROKEN, attempt=1, attempts=1) is None


def test_last_attempt_with_a_long_retry_after_is_not_reported_as_too_long():
    decision = RetryPolicy(attempts=1).decide("GET", 1, Outcome(503, retry_after=3600.0), 0.0)
    assert (decision.wait, decision.retry_after) == (None, None)


def test_wait_that_would_exceed_the_time_budget_does_not_begin():
    policy = RetryPolicy(total=10.0)
    asked = Outcome(429, retry_after=4.0)
    assert policy.decide("GET", 1, asked, 5.9, lambda: 0.0).wait == 4.0
    assert policy.decide("GET", 1, asked, 6.0, lambda: 0.0).wait is None
    assert policy.decide("GET", 1, asked, 5.9, lambda: 0.3).wait is None


def test_each_kind_of_failure_can_have_its_own_limit():
    policy = RetryPolicy(attempts=6, connect_retries=3, read_retries=0, status_retries=1)
    allowed = {
        name: [n for n in range(1, 8) if policy.decide("GET", n, outcome, 0.0).wait is not None]
        for name, outcome in {"not sent": NOT_SENT, "broken": BROKEN, "429": Outcome(429)}.items()
    }
    assert allowed == {"not sent": [1, 2, 3], "broken": [], "429": [1]}


seconds = st.floats(0, 1e6)
outcomes = st.builds(
    Outcome,
    status=st.none() | st.integers(100, 599),
    retry_after=st.none() | st.floats(0, allow_nan=False),
    maybe_sent=st.booleans(),
)
policies = st.builds(
    RetryPolicy,
    attempts=st.integers(1, 5000),
    backoff_base=st.floats(0, allow_infinity=False),
    backoff_max=seconds,
    total=seconds,
    retry_after_max=seconds,
    connect_retries=st.none() | st.integers(0, 10),
    read_retries=st.none() | st.integers(0, 10),
    status_retries=st.none() | st.integers(0, 10),
)


@given(
    policy=policies,
    method=st.sampled_from(REPEATABLE + OTHERS),
    attempt=st.integers(1, 6000),
    outcome=outcomes,
    elapsed=st.floats(0, 1e7),
    draw=st.floats(0, BELOW_ONE),
)
def test_every_decision_is_within_its_limits(
    policy: RetryPolicy, method: str, attempt: int, outcome: Outcome, elapsed: float, draw: float
):
    decision = policy.decide(method, attempt, outcome, elapsed, lambda: draw)
    assert decision.reason
    assert "\n" not in decision.reason
    if decision.wait is None:
        if decision.retry_after is not None:
            assert decision.retry_after == outcome.retry_after > policy.retry_after_max
        return
    assert decision.retry_after is None
    assert decision.wait >= (outcome.retry_after or 0.0)
    assert decision.wait <= (outcome.retry_after or 0.0) + policy.backoff_max
    assert elapsed + decision.wait < policy.total
    assert attempt < policy.attempts
    if method in OTHERS:
        asked_to = outcome.status == 503 and outcome.retry_after is not None
        not_sent = outcome.status is None and not outcome.maybe_sent
        assert asked_to or not_sent or outcome.status == 429


@given(policies, st.lists(outcomes, min_size=1), st.floats(0, BELOW_ONE))
def test_call_ends_within_its_attempts_and_its_time_budget(
    policy: RetryPolicy, kinds: List[Outcome], draw: float
):
    elapsed, attempt = 0.0, 0
    while True:
        attempt += 1
        outcome = kinds[attempt % len(kinds)]
        wait = policy.decide("GET", attempt, outcome, elapsed, lambda: draw).wait
        if wait is None:
            break
        elapsed += wait
        assert elapsed < policy.total
    assert attempt <= policy.attempts


# --- settings --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("attempts", value) for value in (0, -1, 1.5, True, "4", None, math.nan)),
        *(
            (name, value)
            for name in ("backoff_base", "backoff_max", "total", "retry_after_max")
            for value in (-0.1, math.nan, math.inf, 10**400, True, "1", None)
        ),
        *(
            (name, value)
            for name in ("connect_retries", "read_retries", "status_retries")
            for value in (-1, 0.5, False, "1")
        ),
        *(("statuses", value) for value in (503, "503", [99], [600], ["503"], [[503]])),
        *(("methods", value) for value in ("GET", ["get"], ["POST"], ["PATCH"], [1], [["GET"]], 7)),
    ],
)
def test_invalid_policy_setting_is_refused_by_name(name: str, value: Any):
    with pytest.raises(ValueError, match=f"^{name}: .* is needed"):
        RetryPolicy(**{name: value})


def test_policies_with_equal_settings_are_equal():
    policy = RetryPolicy(statuses={500}, methods=["GET"])  # type: ignore[arg-type]
    assert policy == RetryPolicy(statuses=frozenset([500]), methods=frozenset(["GET"]))
    assert hash(policy) == hash(replace(policy))
    assert pickle.loads(pickle.dumps(policy)) == policy
    with pytest.raises(FrozenInstanceError):
        policy.attempts = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    ("setting", "attempts"), [(None, 4), (True, 4), (False, 1), (0, 1), (1, 2), (9, 10)]
)
def test_number_of_retries_is_converted_to_a_policy(setting: Any, attempts: int):
    assert RetryPolicy.of(setting) == RetryPolicy(attempts=attempts)


def test_policy_given_as_retries_is_used_unchanged():
    policy = RetryPolicy(attempts=2)
    assert RetryPolicy.of(policy) is policy


@pytest.mark.parametrize(
    ("setting", "error"),
    [(-1, ValueError), ("3", TypeError), (2.0, TypeError), ([], TypeError), (object(), TypeError)],
)
def test_retries_of_another_type_are_refused_by_name(setting: Any, error: Any):
    with pytest.raises(error, match=r"^retries: "):
        RetryPolicy.of(setting)


URLLIB3_METHODS = frozenset([*REPEATABLE, "TRACE"])


@pytest.mark.parametrize(
    ("retry", "changes"),
    [
        ({}, {"attempts": 11}),
        ({"total": 3}, {"attempts": 4}),
        ({"total": 0}, {"attempts": 1}),
        ({"total": False}, {"attempts": 1}),
        ({"total": -1}, {"attempts": 1}),
        ({"total": None}, {}),
        (
            {"total": None, "connect": 5, "read": 2},
            {"attempts": 6, "connect_retries": 5, "read_retries": 2},
        ),
        (
            {"total": 3, "connect": 1, "read": False, "status": 0},
            {"attempts": 4, "connect_retries": 1, "read_retries": 0, "status_retries": 0},
        ),
        ({"total": 1, "backoff_factor": 0.2}, {"attempts": 2, "backoff_base": 0.2}),
        ({"total": 1, "status_forcelist": [429, 500]}, {"attempts": 2, "statuses": {429, 500}}),
        ({"total": 1, "allowed_methods": ["get", "POST"]}, {"attempts": 2, "methods": {"GET"}}),
        ({"total": 1, "allowed_methods": None}, {"attempts": 2, "methods": set(REPEATABLE)}),
        ({"total": 1, "redirect": 0, "raise_on_status": False}, {"attempts": 2}),
        ({"total": 1, "respect_retry_after_header": False}, {"attempts": 2}),
    ],
)
def test_urllib3_retry_is_converted_to_a_policy(retry: Any, changes: Any):
    expected = {"methods": URLLIB3_METHODS, **changes}
    assert RetryPolicy.of(urllib3.Retry(**retry)) == RetryPolicy(**expected)


@pytest.mark.parametrize("name", ["backoff_max", "retry_after_max"])
def test_maxima_set_on_a_urllib3_retry_are_kept(name: str):
    retry = urllib3.Retry(1)
    setattr(retry, name, 17.0)  # older versions do not take all of them as an argument
    assert getattr(RetryPolicy.of(retry), name) == 17.0


def test_retry_module_does_not_import_urllib3():
    code = "import sys, formlabs_web_api.retry; sys.exit('urllib3' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], env=environment).returncode == 0


# --- Retry-After -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("120", 120.0),
        (" 3 ", 3.0),
        ("0", 0.0),
        ("1.5", 1.5),
        (".25", 0.25),
        ("31536000", 31536000.0),
        ("Wed, 21 Oct 2015 07:28:30 GMT", 30.0),
        ("Wed, 21 Oct 2015 09:29:00 +0200", 60.0),
        ("Wednesday, 21-Oct-15 07:28:10 GMT", 10.0),
        ("Wed Oct 21 07:28:05 2015", 5.0),
        ("Wed, 21 Oct 2015 07:27:59 GMT", 0.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
        ("Thu, 20 Oct 2016 07:28:00 GMT", 31536000.0),
    ],
)
def test_retry_after_may_be_a_number_or_a_date(header: str, expected: float):
    assert parse_retry_after(header, IN_2015) == expected


@pytest.mark.parametrize(
    "header",
    [
        *(None, "", " ", "soon", "-1", "-0.5", "nan", "inf", "Infinity", "1e3", "1_000", "+5"),
        *("5, 5", "٣", "0x10", "5 s", "9" * 400, "2015-13-45", ", , ,", "Wed", "()"),
        *("Wed, 21 Foo 2015 07:28:00 GMT", "Wed, 21 Oct 99999999 07:28:00 GMT"),
    ],
)
def test_invalid_retry_after_is_ignored(header: Any):
    assert parse_retry_after(header, IN_2015) is None


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system has one time zone only")
def test_retry_after_date_without_a_zone_is_gmt(monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        assert parse_retry_after("Wed Oct 21 07:28:05 2015", IN_2015) == 5.0
        assert parse_retry_after("Wed, 21 Oct 2015 07:28:05 GMT", IN_2015) == 5.0
    time.tzset()


@given(st.text() | st.text("0123456789.,:+- GMTWedOct()", max_size=40))
def test_no_retry_after_raises_or_is_negative(header: str):
    wait = parse_retry_after(header, IN_2015)
    assert wait is None or 0.0 <= wait < math.inf


@given(st.integers(0, 4102444800), st.integers(0, 4102444800))
def test_every_http_date_format_is_parsed(moment: int, now: int):
    assert parse_retry_after(formatdate(moment, usegmt=True), now) == max(0, moment - now)


# --- the quota -------------------------------------------------------------------------------


def test_quota_stops_retries_while_the_service_is_down_and_recovers_gradually():
    quota = RetryQuota(capacity=12)
    assert [quota.acquire(BROKEN) for _ in range(3)] == [5, 5, None]
    assert quota.left == 2
    for _ in range(3):
        quota.release(1)
    assert quota.acquire(BROKEN) == 5


def test_successful_retry_costs_no_quota_and_quota_has_a_maximum():
    quota = RetryQuota(capacity=10)
    cost = quota.acquire(Outcome(503))
    assert cost == 5
    quota.release(cost)
    quota.release(1)
    assert quota.left == 10


@pytest.mark.parametrize(
    ("error", "cost"),
    [
        (None, 5),
        (ConnectionRefusedError(), 5),
        (NewConnectionError(None, "refused"), 5),  # type: ignore[arg-type]
        (ProtocolError("broken off"), 5),
        (TimeoutError(), 10),
        (ReadTimeoutError(None, "/", "late"), 10),  # type: ignore[arg-type]
    ],
)
def test_timeout_costs_more_quota(error: Any, cost: int):
    assert RetryQuota().acquire(Outcome(error=error)) == cost


@given(st.integers(0, 50), st.lists(st.booleans()))
def test_quota_stays_between_zero_and_capacity(capacity: int, steps: List[bool]):
    quota = RetryQuota(capacity)
    for fails in steps:
        if fails:
            quota.acquire(BROKEN)
        else:
            quota.release(1)
        assert 0 <= quota.left <= capacity


@pytest.mark.parametrize("name", ["capacity", "retry_cost", "timeout_cost"])
def test_invalid_quota_setting_is_refused_by_name(name: str):
    with pytest.raises(ValueError, match=f"^{name}: "):
        RetryQuota(**{name: -1})
