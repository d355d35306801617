"""A long wait is shown on terminals and in notebooks only."""

from __future__ import annotations

import logging
import sys
from typing import List

import pytest

from formlabs_web_api._core import wait_notice
from formlabs_web_api._core.wait_notice import WaitNotices, show_waits
from test.support.clocks import FakeClock


@pytest.fixture(autouse=True)
def no_earlier_notice() -> None:
    wait_notice._notices.reset()


def exceed_the_limit(waited: float) -> None:
    limiter = FakeClock().limiter((1, waited))
    limiter.acquire(None)
    limiter.acquire(None)


def test_long_wait_for_the_rate_limit_is_shown_before_it_begins() -> None:
    lines: List[str] = []
    with show_waits(lines.append):
        exceed_the_limit(90.0)
    assert lines == ["waiting 90 s for the rate limit"]


def test_wait_of_a_second_is_not_shown() -> None:
    lines: List[str] = []
    with show_waits(lines.append):
        exceed_the_limit(1.0)
    assert lines == []


def test_waits_that_follow_each_other_are_shown_once_in_a_while() -> None:
    lines: List[str] = []
    clock = FakeClock()
    notices = WaitNotices(clock)
    with show_waits(lines.append):
        for _ in range(20):  # each of a thousand requests waits at the hourly limit
            notices.show(f"{clock.now - 1000.0:.0f} s", 2.4)
            clock.now += 2.4
        notices.show("an hour", 3600.0)
    assert lines == ["0 s", "31 s", "an hour"]


def test_wait_is_shown_in_a_notebook(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "ps1", "In : ", raising=False)
    exceed_the_limit(90.0)
    assert capsys.readouterr().err == "waiting 90 s for the rate limit\n"


def test_wait_is_not_shown_in_a_script(capsys: pytest.CaptureFixture[str]) -> None:
    exceed_the_limit(90.0)
    assert capsys.readouterr() == ("", "")


def test_wait_is_not_shown_if_the_log_reports_it(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(sys, "ps1", "In : ", raising=False)
    caplog.set_level(logging.INFO, "formlabs_web_api")
    exceed_the_limit(90.0)
    assert "waits 90 s for the rate limit" in caplog.text
    assert capsys.readouterr().err == ""
