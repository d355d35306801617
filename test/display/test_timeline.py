"""The chart over time above a list of prints in a notebook."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import List, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formlabs_web_api import PaginatedPrintRunWithFleetControlDataList
from formlabs_web_api.display.timeline import time_bars
from formlabs_web_api.notebook import show
from test.support.operations import data_of

UTC = timezone.utc
FIRST = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
times = st.datetimes(datetime(2020, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))


@given(st.lists(st.tuples(times, st.sampled_from(["success", "failure", "odd"])), max_size=40))
def test_bars_count_every_model_once_and_leave_out_no_day(
    states: List[Tuple[datetime, str]],
) -> None:
    bars = time_bars(states, UTC)
    if len(states) < 3 or len({at.date() for at, _ in states}) < 2:
        assert bars == []
        return
    assert len(bars) <= 60
    assert sum(bar.total for bar in bars) == len(states)
    assert bars[0].first == min(states)[0].date()
    assert bars[-1].last == max(states)[0].date()
    for bar, following in zip(bars, bars[1:]):
        assert following.first - bar.last == timedelta(days=1)
    for bar in bars:
        assert bar.total == sum(bar.first <= at.date() <= bar.last for at, _ in states)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_list_of_few_models_has_no_chart(count: int) -> None:
    assert time_bars([(FIRST + timedelta(days=at), "success") for at in range(count)], UTC) == []


def test_chart_days_are_those_of_the_time_zone() -> None:
    late = [(FIRST.replace(hour=23), "success")] * 3 + [(FIRST, "failure")]
    assert time_bars(late, UTC) == []
    bars = time_bars(late, timezone(timedelta(hours=2)))
    assert [bar.label for bar in bars] == ["2026-06-01: 1 failure", "2026-06-02: 3 success"]


def test_list_of_prints_has_a_chart_with_a_tooltip_for_each_day() -> None:
    page = PaginatedPrintRunWithFleetControlDataList.from_dict(data_of("prints"))
    html = show(page, tz=UTC).html()
    assert html.count("<svg") == 1
    tooltips = re.findall(r"<title>([\d-]+)(?: to [\d-]+)?: ([^<]+)</title>", html)
    assert tooltips
    counts = [int(count) for _, text in tooltips for count in re.findall(r"\d+", text)]
    assert page is not None
    assert sum(counts) == len(page.results or ())


def test_list_of_printers_has_no_chart() -> None:
    from formlabs_web_api import Printer

    printers = [Printer.from_dict(row) for row in data_of("printers")]
    assert "<svg" not in show(printers).html()
