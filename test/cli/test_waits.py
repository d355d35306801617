"""A wait for the rate limit is shown in a terminal."""

from __future__ import annotations

import sys

import pytest

from formlabs_web_api._core.call_scope import CallScope
from formlabs_web_api.sandbox import Sandbox
from test.cli.conftest import Run

NOTICE = "waiting 20 s before another attempt: status 429, attempt 1 of 4\n"


@pytest.fixture
def busy_service(own_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    own_sandbox.faults.add(path="*/tanks/", status=429, headers={"Retry-After": "20"}, times=1)
    monkeypatch.setattr(CallScope, "sleep", lambda self, seconds: None)
    # The limiter's own wait, after the 429 has closed it.
    monkeypatch.setattr("formlabs_web_api.rate_limit.RateLimiter.close_gate", lambda *_: None)


@pytest.mark.usefixtures("busy_service")
@pytest.mark.parametrize("arguments", ["tanks", "tanks --json", "export tanks --format jsonl"])
def test_wait_is_shown_on_a_terminal(
    run_own: Run, monkeypatch: pytest.MonkeyPatch, arguments: str
) -> None:
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda self: self is sys.stderr)
    ran = run_own(*arguments.split())
    assert (ran.code, ran.err) == (0, NOTICE)
    assert NOTICE not in ran.out


@pytest.mark.usefixtures("busy_service")
def test_wait_is_not_shown_in_a_pipe(run_own: Run) -> None:
    ran = run_own("tanks")
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.usefixtures("busy_service")
def test_quiet_command_shows_no_wait(run_own: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda self: self is sys.stderr)
    ran = run_own("tanks", "--quiet")
    assert (ran.code, ran.err) == (0, "")
