"""A watcher that is ended by SIGKILL at any moment loses nothing and repeats what was in hand."""

from __future__ import annotations

import os

import pytest

pytest.importorskip("uvicorn", reason="the extra sandbox is not installed")

from benchmarks.watch_month import Month, Row, run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL")


@pytest.fixture(scope="module")
def month() -> tuple[Month, list[Row]]:
    return run(printers=10, prints=150, days=3.0, kills=6, seed=3, every=300.0)


def test_every_change_that_the_history_shows_is_reported(month: tuple[Month, list[Row]]) -> None:
    _, rows = month
    assert {row.kind: row.missing for row in rows if row.missing} == {}
    assert sum(row.true for row in rows) > 100


def test_nothing_is_reported_that_did_not_happen(month: tuple[Month, list[Row]]) -> None:
    _, rows = month
    assert {row.kind: row.false for row in rows if row.false} == {}


def test_at_most_one_change_is_repeated_for_each_kill(month: tuple[Month, list[Row]]) -> None:
    lived, rows = month
    assert lived.kills == 6
    assert sum(row.repeated for row in rows) <= 6
