"""A watcher ended by SIGKILL loses no change and repeats at most the undelivered one."""

from __future__ import annotations

import os

import pytest

pytest.importorskip("uvicorn", reason="the extra sandbox is not installed")

from benchmarks.watch_month import Month, Row, run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL")


@pytest.fixture(scope="module")
def month() -> tuple[Month, list[Row]]:
    return run(printers=10, prints=150, days=3.0, kills=6, seed=3, every=300.0)


def test_killed_watcher_reports_every_change_of_the_history(month: tuple[Month, list[Row]]) -> None:
    _, rows = month
    assert {row.kind: row.missing for row in rows if row.missing} == {}
    assert sum(row.true for row in rows) > 100


def test_killed_watcher_invents_no_change(month: tuple[Month, list[Row]]) -> None:
    _, rows = month
    assert {row.kind: row.false for row in rows if row.false} == {}


def test_killed_watcher_repeats_at_most_one_change_for_each_kill(
    month: tuple[Month, list[Row]],
) -> None:
    lived, rows = month
    assert lived.kills == 6
    assert sum(row.repeated for row in rows) <= 6
