"""Windows of reports: zones, days of 23 and 25 hours, patterns of working hours."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formlabs_web_api.reports.spans import total
from formlabs_web_api.reports.window import HOUR, ReportWindow, WorkingHours, zone_of
from test.reports.fleets import utc

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Pacific/Kiritimati",
    "Pacific/Honolulu",
    "Australia/Lord_Howe",
    "America/Havana",
    "Asia/Kathmandu",
    "Pacific/Apia",
)
moments = st.datetimes(datetime(2011, 1, 1), datetime(2027, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=timezone.utc)
)


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2028-02-29", 24)]
)
def test_a_day_of_a_clock_change_has_23_or_25_hours(day: str, hours: int) -> None:
    start = utc(f"{day} 00:00")
    window = ReportWindow.of(start - timedelta(days=2), start + timedelta(days=3), "Europe/Berlin")
    lengths = {period.label: period.length for period in window.periods("day")}
    assert lengths[day] == hours * HOUR


def test_the_first_moment_of_a_day_whose_midnight_is_skipped_is_one_o_clock() -> None:
    window = ReportWindow.of(utc("2026-03-07 12:00"), utc("2026-03-10 12:00"), "America/Havana")
    (sunday,) = [one for one in window.periods("day") if one.label == "2026-03-08"]
    assert window.local(sunday.start).hour == 1
    assert sunday.length == 23 * HOUR


def test_a_date_that_a_zone_skipped_is_not_a_day_of_the_window() -> None:
    window = ReportWindow.of(utc("2011-12-28 12:00"), utc("2012-01-02 12:00"), "Pacific/Apia")
    assert "2011-12-30" not in [one.label for one in window.periods("day")]


@given(
    since=moments,
    length=st.timedeltas(timedelta(seconds=1), timedelta(days=70)),
    zone=st.sampled_from(ZONES),
    by=st.sampled_from(["day", "week", "month"]),
)
def test_periods_are_a_partition_of_the_window(
    since: datetime, length: timedelta, zone: str, by: str
) -> None:
    window = ReportWindow.of(since, since + length, zone)
    periods = window.periods(by)
    assert periods[0].start == window.start
    assert periods[-1].end == window.end
    assert all(one.end == after.start for one, after in zip(periods, periods[1:]))
    assert len({one.label for one in periods}) == len(periods)
    if by == "day":
        for one in periods:
            first, last = window.local(one.start), window.local(one.end - 1)
            assert first.date().isoformat() == last.date().isoformat() == one.label


def test_weeks_start_on_monday_and_have_iso_8601_names() -> None:
    window = ReportWindow.of(utc("2026-12-28 00:00"), utc("2027-01-11 00:00"))
    weeks = window.periods("week")
    assert [one.label for one in weeks] == ["2026-W53", "2027-W01"]
    assert all(one.is_whole for one in weeks)


def test_a_week_cut_by_the_window_is_marked() -> None:
    window = ReportWindow.of(utc("2026-06-03 00:00"), utc("2026-06-15 00:00"))
    assert [one.is_whole for one in window.periods("week")] == [False, True]


def test_an_empty_window_is_refused_with_both_times() -> None:
    with pytest.raises(ValueError, match=r"empty: 2026-06-02 02:00 is not before 2026-06-01 02:00"):
        ReportWindow.of(utc("2026-06-02 00:00"), utc("2026-06-01 00:00"), "Europe/Berlin")


@pytest.mark.parametrize("name", ["Mars/Base", "", "../etc/passwd", "/etc/localtime", "Europe"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a known time zone"):
        zone_of(name)


def test_window_is_cut_at_the_present_and_must_not_start_later() -> None:
    window = ReportWindow.of(utc("2026-06-01 00:00"), utc("2026-06-30 00:00"))
    assert window.until_at_most(utc("2026-06-05 12:00")).until == utc("2026-06-05 12:00")
    with pytest.raises(ValueError, match="starts in the future"):
        window.until_at_most(utc("2026-05-05 12:00"))


def test_working_hours_follow_the_local_clock_through_a_clock_change() -> None:
    window = ReportWindow.of(utc("2026-03-26 23:00"), utc("2026-03-31 22:00"), "Europe/Berlin")
    spans = WorkingHours.parse("mon-fri 08:00-18:00, sat 09:00-12:30").spans(window)
    assert [window.local(start).strftime("%a %H:%M") for start, _ in spans] == [
        "Fri 08:00",
        "Sat 09:00",
        "Mon 08:00",
        "Tue 08:00",
    ]
    assert total(spans) == 33.5 * HOUR


def test_working_hours_are_cut_at_the_window_and_may_last_all_day() -> None:
    window = ReportWindow.of(utc("2026-06-01 12:00"), utc("2026-06-02 06:00"))
    assert total(WorkingHours.parse("mon-sun 00:00-24:00").spans(window)) == 18 * HOUR


@pytest.mark.parametrize("text", ["", "always", "mon-fri", "foo 08:00-18:00", "mon 18:00-08:00"])
def test_invalid_pattern_of_working_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"pattern of hours|does not end after"):
        WorkingHours.parse(text)
