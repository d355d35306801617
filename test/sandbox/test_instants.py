"""Date-times are formatted and parsed as the service does."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formlabs_web_api.sandbox.clock import Clock
from formlabs_web_api.sandbox.instants import (
    EPOCH_SENTINEL,
    from_datetime,
    read,
    to_datetime,
    written,
)

moments = st.datetimes(
    min_value=datetime(2008, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(timezone.utc)
)


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        ("2026-06-01T12:00:00.053000+00:00", "2026-06-01T08:00:00.053000-04:00"),
        ("2026-01-01T12:00:00+00:00", "2026-01-01T07:00:00-05:00"),
        ("2026-03-08T06:59:59+00:00", "2026-03-08T01:59:59-05:00"),
        ("2026-03-08T07:00:00+00:00", "2026-03-08T03:00:00-04:00"),
        ("2026-11-01T05:59:59+00:00", "2026-11-01T01:59:59-04:00"),
        ("2026-11-01T06:00:00+00:00", "2026-11-01T01:00:00-05:00"),
    ],
)
def test_eastern_time_changes_with_the_season(utc: str, expected: str) -> None:
    assert written(from_datetime(datetime.fromisoformat(utc))) == expected


def test_sentinel_of_an_unknown_end_is_formatted_in_1969() -> None:
    assert written(EPOCH_SENTINEL) == "1969-12-31T19:00:00.001000-05:00"


@given(moments)
def test_formatted_time_is_parsed_to_the_same_instant(moment: datetime) -> None:
    text = written(from_datetime(moment))
    assert text.endswith(("-04:00", "-05:00"))
    assert to_datetime(read(text)) == moment == datetime.fromisoformat(text)


@given(moments, st.integers(-23 * 60, 23 * 60))
def test_any_spelling_of_an_offset_is_parsed(moment: datetime, minutes: int) -> None:
    local = moment.astimezone(timezone(timedelta(minutes=minutes)))
    for text in (
        local.isoformat(),
        local.isoformat(" "),
        local.strftime("%Y-%m-%dT%H:%M:%S.%f%z"),
        moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    ):
        assert read(text) == from_datetime(moment)


def test_time_without_offset_and_date_are_read_as_eastern_time() -> None:
    assert written(read("2026-06-01T08:30")) == "2026-06-01T08:30:00-04:00"
    assert written(read("2026-12-01")) == "2026-12-01T00:00:00-05:00"


@given(st.text(max_size=40))
def test_text_that_is_not_a_time_is_a_value_error(text: str) -> None:
    try:
        read(text)
    except ValueError:
        return
    assert text.strip()[:4].isdigit()


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-01", "2026-02-30T00:00:00Z", "2026-06-01T24:00:00Z", "1"]
)
def test_a_time_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read(text)


def test_clock_with_a_naive_start_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Clock(datetime(2026, 6, 5))


def test_a_clock_stands_still_until_advanced_and_never_goes_back() -> None:
    clock = Clock(datetime(2026, 6, 5, tzinfo=timezone.utc))
    before = clock()
    clock.advance(timedelta(hours=3))
    assert clock() - before == 3 * 3600 * 1_000_000
    with pytest.raises(ValueError, match="forward"):
        clock.advance(timedelta(seconds=-1))


def test_a_clock_without_a_start_runs() -> None:
    now = datetime.now(timezone.utc)
    assert abs(to_datetime(Clock()()) - now) < timedelta(minutes=1)
