"""Dates as people write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Dict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formlabs_web_api.cli.dates import span
from test.cli.conftest import NOW

LOCAL = timezone(timedelta(hours=2))
FRIDAY = datetime(2026, 6, 5, 14, 0, tzinfo=LOCAL)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LOCAL)  # type: ignore[misc, arg-type]


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-05-01", local(2026, 5, 1), local(2026, 5, 2)),
        ("20260501", local(2026, 5, 1), local(2026, 5, 2)),
        ("2026/05/01", local(2026, 5, 1), local(2026, 5, 2)),
        ("2026-05", local(2026, 5, 1), local(2026, 6, 1)),
        ("may 2026", local(2026, 5, 1), local(2026, 6, 1)),
        ("1 May", local(2026, 5, 1), local(2026, 5, 2)),
        ("May 1st", local(2026, 5, 1), local(2026, 5, 2)),
        ("25.12.2025", datetime.fromisoformat("2025-12-25T00:00+01:00"), None),
        ("12/25/2025", datetime.fromisoformat("2025-12-25T00:00+01:00"), None),
        ("2 july", local(2025, 7, 2), local(2025, 7, 3)),
        ("yesterday", local(2026, 6, 4), local(2026, 6, 5)),
        ("Today", local(2026, 6, 5), local(2026, 6, 6)),
        ("friday", local(2026, 6, 5), local(2026, 6, 6)),
        ("last friday", local(2026, 5, 29), local(2026, 5, 30)),
        ("mon", local(2026, 6, 1), local(2026, 6, 2)),
        ("last  Monday", local(2026, 6, 1), local(2026, 6, 2)),
        ("this week", local(2026, 6, 1), local(2026, 6, 8)),
        ("last week", local(2026, 5, 25), local(2026, 6, 1)),
        ("last month", local(2026, 5, 1), local(2026, 6, 1)),
        ("2026-5-1", local(2026, 5, 1), local(2026, 5, 2)),
        ("2026/5/1", local(2026, 5, 1), local(2026, 5, 2)),
        ("mon 1 june", local(2026, 6, 1), local(2026, 6, 2)),
    ],
)
def test_a_date_is_a_span_of_local_time(text: str, start: datetime, end: datetime) -> None:
    assert span(text, NOW) == (start, end or start + timedelta(days=1))


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", NOW),
        ("7d", FRIDAY - timedelta(days=7)),
        ("7 days ago", FRIDAY - timedelta(days=7)),
        ("12h", NOW - timedelta(hours=12)),
        ("90 min", NOW - timedelta(minutes=90)),
        ("2w", FRIDAY - timedelta(weeks=2)),
        ("1 month ago", local(2026, 5, 5, 14, 0)),
        ("2026-05-01 14:30", local(2026, 5, 1, 14, 30)),
        ("2026-05-01T14:30:00Z", datetime(2026, 5, 1, 14, 30, tzinfo=timezone.utc)),
        ("2026-05-01 14:30 -04:00", datetime.fromisoformat("2026-05-01T14:30-04:00")),
        ("1 May 9:15", local(2026, 5, 1, 9, 15)),
        ("9:15", local(2026, 6, 5, 9, 15)),
        ("2 pm", local(2026, 6, 5, 14, 0)),
        ("2026-5-1 9:15", local(2026, 5, 1, 9, 15)),
        ("yesterday 14:00", local(2026, 6, 4, 14, 0)),
        ("last monday at 9:15", local(2026, 6, 1, 9, 15)),
        ("a week ago", FRIDAY - timedelta(weeks=1)),
        ("an hour ago", NOW - timedelta(hours=1)),
        ("1.5h", NOW - timedelta(minutes=90)),
        ("0.5 h", NOW - timedelta(minutes=30)),
    ],
)
def test_moment_is_a_span_of_zero_length(text: str, moment: datetime) -> None:
    assert span(text, NOW) == (moment, moment)


@pytest.mark.usefixtures("environment")
def test_days_ago_keep_the_time_of_day_when_the_clocks_change() -> None:
    sunday = datetime(2026, 3, 29, 12, 0, tzinfo=timezone.utc)  # summer time began that night
    start, _ = span("1d", sunday)
    assert start == datetime.fromisoformat("2026-03-28T14:00+01:00")


@pytest.mark.usefixtures("environment")
def test_dates_are_read_in_utc_on_request() -> None:
    assert span("2026-05-01", NOW, utc=True)[0] == datetime(2026, 5, 1, tzinfo=timezone.utc)
    assert span("yesterday", NOW, utc=True)[0] == datetime(2026, 6, 4, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "7", "foo", "last foo", "next monday", "-3d", "2026-13-01", "30 feb"),
        *("1h30", "1h 30m", "1,5h", "1.5d", "2.5", "5.6", "1.5", "12.30", "12 30", "5.6."),
        *("mon 3", "3 mon", "5th", "a day", "last week 9:00", "yesterday 25:00"),
    ],
)
def test_invalid_date_error_has_examples(text: str) -> None:
    with pytest.raises(ValueError, match=f'"{text}" is not a date; write 2026-05-01'):
        span(text, NOW)


def test_date_with_two_meanings_is_refused() -> None:
    with pytest.raises(ValueError, match="is 2026-04-03 or 2026-03-04; write one of these"):
        span("03/04/2026", NOW)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3M", "is 3 minutes or 3 months; write 3min or 3mo"),
        ("tue 1 june", "does not exist: 2026-06-01 was a Monday"),
    ],
)
def test_contradictory_or_ambiguous_date_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f'"{text}" {message}'):
        span(text, NOW)


@given(st.integers(0, 99), st.integers(0, 99), st.sampled_from([".", ",", " "]))
def test_two_numbers_are_not_a_date(one: int, two: int, between: str) -> None:
    for text in (f"{one}{between}{two}", f"{one}{between}{two:02}"):
        with pytest.raises(ValueError, match="is not a date"):
            span(text, NOW)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_every_iso_date_is_parsed_as_its_day(day: date) -> None:
    start, end = span(day.isoformat(), NOW, utc=True)
    assert start == datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
    assert end - start == timedelta(days=1)


@given(st.integers(0, 100_000), st.sampled_from(["d", " day", " days ago", "D"]))
def test_amount_of_days_ago_is_subtracted_exactly(count: int, unit: str) -> None:
    assert span(f"{count}{unit}", NOW, utc=True)[0] == NOW - timedelta(days=count)


@given(st.text(max_size=30) | st.from_regex(r"[0-9a-z:/. +-]{0,20}", fullmatch=True))
def test_any_text_is_parsed_as_a_date_or_refused(text: str) -> None:
    try:
        start, end = span(text, NOW, utc=True)
    except ValueError:
        return
    assert start <= end
    assert start.utcoffset() is not None


UNITS: Dict[str, int] = {"m": 60, "h": 3600}


@given(st.integers(0, 100_000), st.sampled_from(sorted(UNITS)))
def test_hours_and_minutes_ago_are_exact(count: int, unit: str) -> None:
    assert span(f"{count}{unit}", NOW)[0] == NOW - timedelta(seconds=count * UNITS[unit])
