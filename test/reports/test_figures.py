"""Figures of reports against numbers computed by hand and against an independent slow oracle."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Dict, List, Optional

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formlabs_web_api import PrintRun
from formlabs_web_api.rate_limit import Quota, WindowQuota
from formlabs_web_api.reports.drawn import MAX_DRAWN, select_drawn
from formlabs_web_api.reports.figures.consumables import forecast, stock_table
from formlabs_web_api.reports.figures.history import (
    estimate_table,
    lanes_of,
    throughput_table,
)
from formlabs_web_api.reports.figures.material import (
    consumption_of,
    material_table,
    missing_prices,
)
from formlabs_web_api.reports.figures.queue import queue_table
from formlabs_web_api.reports.figures.quota import limits_table, programs_table
from formlabs_web_api.reports.figures.success import closed_within, success_table
from formlabs_web_api.reports.figures.usage import (
    day_table,
    not_counted,
    usage_table,
    utilisation,
)
from formlabs_web_api.reports.prices import parse_prices
from formlabs_web_api.reports.report import report_of
from formlabs_web_api.reports.sections.section import Choices
from formlabs_web_api.reports.window import DAY, HOUR, ReportWindow, WorkingHours, micros_of
from test.reports import oracle
from test.reports.fleets import NOW, fleet_of, print_run, printer, utc
from test.reports.test_windows import ZONES

SENTINEL = "1970-01-01 00:00"
HAND = [
    # Two that overlap: together 08:00 to 12:00.
    print_run("1", "2026-03-27 08:00", "2026-03-27 11:00", rating="SUCCESS"),
    print_run("2", "2026-03-27 10:00", "2026-03-27 12:00", rating="FAILURE"),
    # Across midnight of Berlin (23:00 UTC): one hour on the 27th, two on the 28th.
    print_run("3", "2026-03-27 22:00", "2026-03-28 01:00", rating="SUCCESS"),
    # Over the start of summer time: 23:00 UTC is 00:00, 03:00 UTC is 05:00; four hours.
    print_run("4", "2026-03-28 23:00", "2026-03-29 03:00", rating="SUCCESS"),
    # An end of 1970, so that the end is start + elapsed: two hours on the 30th.
    print_run(
        "5",
        "2026-03-30 08:00",
        SENTINEL,
        elapsed_duration_ms=7_200_000,
        estimated_time_remaining_ms=0,
        rating=None,
    ),
    # PRINTING without an end: it counts up to its last report, one hour.
    print_run(
        "6",
        "2026-03-30 12:00",
        None,
        status="PRINTING",
        elapsed_duration_ms=3_600_000,
        estimated_time_remaining_ms=3_600_000,
        currently_printing_layer=50,
    ),
    # Aborted at half its layers.
    print_run(
        "7", "2026-03-30 16:00", "2026-03-30 17:00", status="ABORTED", currently_printing_layer=50
    ),
    # An error at a quarter.
    print_run(
        "8", "2026-03-30 18:00", "2026-03-30 19:00", status="ERROR", currently_printing_layer=25
    ),
    # Without any time.
    print_run("9", None, None, status="PRINTING", created_at=utc("2026-03-30 01:00").isoformat()),
    # Before and after the window, and over its end: three of eight hours count.
    print_run("10", "2026-03-20 08:00", "2026-03-20 11:00", rating="SUCCESS"),
    print_run("11", "2026-03-31 19:00", "2026-04-01 03:00", rating="SUCCESS"),
    # On another printer, of another material.
    print_run(
        "12",
        "2026-03-27 08:00",
        "2026-03-27 09:00",
        printer="B",
        material="FLTO2011",
        material_name="Tough 2000 V2",
        rating="SUCCESS",
    ),
]
FLEET = fleet_of(HAND, [printer("A"), printer("B")])
WINDOW = ReportWindow.of(utc("2026-03-26 23:00"), utc("2026-03-31 22:00"), "Europe/Berlin")
"""Five local days, of which one has 23 hours: 119 hours."""


def row(table: Any, label: str) -> Dict[str, Any]:
    (found,) = [one for one in table.rows if one[0] == label]
    return dict(zip([measure.name for measure in table.measures], found))


def test_usage_equals_the_numbers_computed_by_hand() -> None:
    assert WINDOW.length == 119 * HOUR
    used = row(usage_table(FLEET, WINDOW), "printer A")
    assert used["printing"] == (4 + 3 + 4 + 2 + 1 + 1 + 1 + 3) * HOUR
    assert used["prints"] == 9
    assert used["utilisation"] == pytest.approx(19 / 119)
    assert utilisation(FLEET, WINDOW) == pytest.approx(20 / 238)


def test_printing_is_counted_on_the_day_on_which_it_happened() -> None:
    rows = [one for one in day_table(FLEET, WINDOW).rows if one[1] == "A"]
    assert {one[2]: (one[3] // HOUR, one[4] // HOUR) for one in rows} == {
        "2026-03-27": (24, 5),
        "2026-03-28": (24, 2),
        "2026-03-29": (23, 4),
        "2026-03-30": (24, 5),
        "2026-03-31": (24, 3),
    }


def test_a_print_without_times_is_listed_as_not_counted() -> None:
    assert not_counted(FLEET, WINDOW).column("print") == ["part 9"]


def test_utilisation_of_working_hours_divides_by_working_hours() -> None:
    table = usage_table(FLEET, WINDOW, "printer", WorkingHours.parse("fri 08:00-18:00"))
    # 08:00 to 12:00 UTC is 09:00 to 13:00 in Berlin on that Friday.
    assert row(table, "printer A")["working_utilisation"] == pytest.approx(4 / 10)


def test_outcomes_are_those_of_the_models() -> None:
    table = success_table(FLEET, WINDOW, "printer")
    found = row(table, "printer A")
    # 11 ends after the window, 10 before it.
    names = ("success", "failure", "aborted", "unrated", "abandoned")
    assert [found[one] for one in names] == [3, 2, 1, 1, 2]
    assert found["rated_rate"] == pytest.approx(3 / 5)
    assert found["completion_rate"] == pytest.approx(3 / 6)
    by_guid = {one["guid"]: PrintRun.from_dict(one) for one in HAND}
    for run in FLEET.runs:
        assert run.outcome == by_guid[run.guid].outcome_at(NOW)


def test_fewer_than_five_prints_have_counts_and_no_rate() -> None:
    found = row(success_table(FLEET, WINDOW, "printer"), "printer B")
    assert (found["success"], found["rated_rate"], found["rated_low"]) == (1, None, None)


def test_success_by_hour_uses_the_hour_of_the_zone() -> None:
    assert "09:00" in success_table(FLEET, WINDOW, "hour").column("hour")


PRICES = """
currency = "EUR"
[[material]]
code = "FLGPCL05"
per_litre = 100
[[material]]
code = "FLGPCL05"
per_litre = 200.50
from = 2026-03-28
[[machine]]
per_hour = "1.50"
[[machine]]
printer = "B"
per_hour = 3
"""


def test_material_counts_stopped_prints_by_the_share_of_their_layers() -> None:
    found = row(material_table(FLEET, WINDOW, "material"), "Clear V5 (FLGPCL05)")
    assert found["used_ml"] == pytest.approx(100 * 5 + 50 + 50 + 25 + 100)
    assert found["estimated_ml"] == pytest.approx(50 + 50 + 25 + 100)
    # Wasted: 2 (rated a failure), 6 and 9 (no end reported), 7 (aborted), 8 (error).
    assert found["wasted_ml"] == pytest.approx(100 + 50 + 100 + 50 + 25)


def test_a_cost_uses_the_price_of_the_day_on_which_the_print_started() -> None:
    used = {one.run.guid: one for one in consumption_of(FLEET, WINDOW, parse_prices(PRICES))}
    assert used["3"].material_cost == Decimal("10.00")  # 23:00 in Berlin on the 27th
    assert used["4"].material_cost == Decimal("20.05")
    assert used["8"].material_cost == Decimal("5.01")
    assert used["3"].machine_cost == Decimal("4.50")
    assert used["12"].machine_cost == Decimal("3.00")


def test_a_missing_price_is_listed_and_never_zero() -> None:
    prices = parse_prices(PRICES)
    found = row(material_table(FLEET, WINDOW, "material", prices), "Tough 2000 V2 (FLTO2011)")
    assert (found["material_cost"], found["without_price"]) == (None, 1)
    missing = missing_prices(FLEET, consumption_of(FLEET, WINDOW, prices))
    assert missing.rows == [("Tough 2000 V2 (FLTO2011)", 1, 100.0)]


@pytest.mark.parametrize("by", ["printer", "user", "group", "month", "day", "week", "material"])
def test_the_parts_of_a_cost_add_up_to_its_total_however_they_are_grouped(by: str) -> None:
    prices = parse_prices(PRICES)
    table = material_table(FLEET, WINDOW, by, prices)
    used = consumption_of(FLEET, WINDOW, prices)
    expected = sum(
        (one.material_cost or Decimal()) + (one.machine_cost or Decimal()) for one in used
    )
    assert sum(cost for cost in table.column("cost") if cost is not None) == expected
    assert sum(table.column("prints")) == len(used)


def test_throughput_has_a_row_for_a_day_without_a_print() -> None:
    table = throughput_table(FLEET, WINDOW)
    assert dict(zip(table.column("day"), table.column("prints"))) == {
        "2026-03-27": 3,
        "2026-03-28": 1,
        "2026-03-29": 1,
        "2026-03-30": 5,
        "2026-03-31": 0,
    }


def test_lanes_are_cut_at_the_window() -> None:
    lanes = lanes_of(FLEET, WINDOW)
    assert lanes["A"][-1].span[1] == WINDOW.end
    assert len(lanes["B"]) == 1


def test_duration_against_estimate_is_a_ratio_of_sums() -> None:
    prints = [
        print_run("1", "2026-06-01 00:00", "2026-06-01 01:00", estimated_duration_ms=3_600_000),
        print_run("2", "2026-06-01 02:00", "2026-06-01 06:00", estimated_duration_ms=7_200_000),
        print_run("3", "2026-06-01 07:00", "2026-06-01 09:00"),
    ]
    window = ReportWindow.of(utc("2026-06-01 00:00"), utc("2026-06-02 00:00"))
    found = row(estimate_table(fleet_of(prints), window), "printer A")
    assert (found["prints"], found["ratio"]) == (2, pytest.approx(5 / 3))


def test_time_after_the_last_contact_of_an_offline_printer_is_offline() -> None:
    fleet = fleet_of([], [printer("A", "UNKNOWN", "2026-06-04 12:00")])
    window = ReportWindow.of(utc("2026-06-03 12:00"), NOW)
    used = row(usage_table(fleet, window), "printer A")
    assert [used[one] // HOUR for one in ("printing", "idle", "offline", "unknown")] == [
        *(0, 0, 24, 24)
    ]


def test_sample_separates_idle_from_offline_for_at_most_an_hour() -> None:
    samples = pd.DataFrame(
        {
            "printer": ["A", "A", "A"],
            "at": pd.to_datetime(
                ["2026-06-04 00:00", "2026-06-04 00:30", "2026-06-04 12:00"], utc=True
            ),
            "is_online": [True, False, True],
        }
    )
    window = ReportWindow.of(utc("2026-06-04 00:00"), utc("2026-06-05 00:00"))
    used = row(usage_table(fleet_of([], samples=samples), window), "printer A")
    assert [used[one] / HOUR for one in ("printing", "idle", "offline", "unknown")] == [
        *(0, 1.5, 1, 21.5)
    ]


def test_a_forecast_needs_five_prints_and_two_weeks() -> None:
    now = micros_of(NOW)
    uses = [(now - day * DAY, 100.0) for day in range(1, 5)]
    assert forecast(1000, uses, now, now - 90 * DAY, 30).ml_per_day is None
    uses.append((now - 6 * DAY, 100.0))
    assert forecast(1000, uses, now, now - 90 * DAY, 30).ml_per_day == pytest.approx(500 / 28)
    assert forecast(1000, uses, now, now - 13 * DAY, 30).ml_per_day is None


def test_a_steady_use_gives_an_exact_range_and_the_same_one_each_time() -> None:
    now = micros_of(NOW)
    uses = [(now - 7 * week * DAY - DAY, 70.0) for week in range(13)]
    found = forecast(200, uses, now, now - 91 * DAY, 30)
    assert (found.days_low, found.days_high, found.order_ml) == (20, 20, 100)
    uneven = [(at, float(at // DAY % 5)) for at, _ in uses]
    first = forecast(200, uneven, now, now - 91 * DAY, 30)
    assert first == forecast(200, uneven, now, now - 91 * DAY, 30)
    assert first.days_low is not None
    assert first.days_high is not None
    assert first.days_low < first.days_high


def test_stock_lists_a_material_without_use_and_a_use_without_stock() -> None:
    cartridges = pd.DataFrame(
        {"material": ["FLGPBK05", "FLGPBK05", "FLGPBK05"], "remaining_ml": [400.0, 0.0, None]}
    )
    table = stock_table(fleet_of(HAND[:4], cartridges=cartridges))
    found = row(table, "FLGPBK05")
    assert (found["cartridges"], found["remaining_ml"], found["level_unknown"]) == (1, 400.0, 1)
    assert row(table, "Clear V5 (FLGPCL05)")["note"] == "not enough data to forecast"


def test_the_queue_has_depth_and_wait_by_material() -> None:
    queue = pd.DataFrame(
        {
            "material_name": ["Clear", "Clear", "Grey"],
            "volume_ml": [10.0, 20.0, None],
            "created_at": pd.to_datetime(
                ["2026-06-05 10:00", "2026-06-05 06:00", "2026-06-05 11:00"], utc=True
            ),
            "estimated_duration_ms": [3_600_000, None, 60_000],
        }
    )
    table = queue_table(fleet_of([], queue=queue))
    assert table.rows[0] == ("Clear", 2, 30.0, HOUR, 2 * HOUR, 6 * HOUR)


def test_the_queue_by_group_counts_all_materials() -> None:
    queue = pd.DataFrame(
        {
            "material_name": ["Clear", "Grey", "Grey"],
            "group_name": ["Lab", "Lab", None],
            "volume_ml": [10.0, 20.0, 5.0],
            "created_at": pd.to_datetime(["2026-06-05 10:00"] * 3, utc=True),
            "estimated_duration_ms": [None, None, None],
        }
    )
    rows = queue_table(fleet_of([], queue=queue), "group").rows
    assert [row[:3] for row in rows] == [("Lab", 2, 30.0), ("not stated", 1, 5.0)]


def test_quota_has_the_use_of_each_limit_and_of_each_program() -> None:
    windows = (WindowQuota(100, 1.0, 2, 98, 0.0), WindowQuota(1500, 3600.0, 375, 1125, 0.0))
    quota = Quota(windows, 0.0, {"nightly": 75, "watch": 300})
    assert limits_table(quota).rows == [
        ("1 hour", 1500, 375, 1125, 0.25),
        ("1 second", 100, 2, 98, 0.02),
    ]
    assert programs_table(quota).rows == [("watch", 300, 0.8), ("nightly", 75, 0.2)]
    report = report_of("quota", fleet_of([], quota=quota), WINDOW, Choices())
    assert report.sections[0].title == "375 of 1,500 requests in 1 hour used, 25 %"
    assert report.sections[1].title == "Most requests by watch: 300, 80 %"
    unknown = report_of("quota", fleet_of([]), WINDOW, Choices())
    assert unknown.sections[0].title == "The use of the limits is not known from this source"
    book = report_of("all", FLEET, WINDOW, Choices())
    assert "quota" not in [chapter.kind for chapter in book.chapters]


def test_hidden_users_are_numbered_and_not_named() -> None:
    people = ("zoe@example.com", "abe@example.com", "zoe@example.com", None)
    prints = [
        {
            **print_run(str(at), "2026-03-27 08:00", "2026-03-27 09:00"),
            "user": None
            if name is None
            else {
                "id": at,
                "username": name,
                "first_name": "",
                "last_name": "",
                "email": name,
                "custom_label": None,
            },
        }
        for at, name in enumerate(people)
    ]
    fleet = fleet_of(prints, hide_users=True)
    assert [run.user for run in fleet.runs] == ["User 2", "User 1", "User 2", ""]
    table = material_table(fleet, WINDOW, "user")
    assert sorted(row[0] for row in table.rows) == ["User 1", "User 2", "not stated"]


# Against the oracle.

BASES = ("2026-03-27 00:00", "2026-10-23 00:00", "2028-02-28 00:00")


@st.composite
def histories(draw: Any) -> Any:
    base = utc(draw(st.sampled_from(BASES)))
    count = draw(st.integers(0, 8))
    prints: List[Dict[str, Any]] = []
    for number in range(count):
        start = base + timedelta(minutes=draw(st.integers(0, 5 * 24 * 60)))
        end = start + timedelta(minutes=draw(st.integers(0, 40 * 60)))
        status = draw(st.sampled_from(["FINISHED", "FINISHED", "ABORTED", "ERROR"]))
        rated = draw(st.sampled_from(["SUCCESS", "FAILURE", None]))
        prints.append(
            print_run(
                str(number),
                start.strftime("%Y-%m-%d %H:%M"),
                end.strftime("%Y-%m-%d %H:%M"),
                printer=draw(st.sampled_from("AB")),
                status=status,
                rating=rated if status == "FINISHED" else None,
                material=draw(st.sampled_from(["M1", "M2"])),
                material_name=None,
                currently_printing_layer=draw(st.integers(0, 100)),
                volume_ml=draw(st.integers(0, 500)) / 4,
            )
        )
    since = base + timedelta(minutes=draw(st.integers(0, 3 * 24 * 60)))
    until = since + timedelta(minutes=draw(st.integers(1, 3 * 24 * 60)))
    return prints, since, until, draw(st.sampled_from(ZONES))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories())
def test_figures_equal_those_of_an_independent_computation(history: Any) -> None:
    prints, since, until, zone = history
    now = datetime.fromisoformat("2028-04-01T00:00:00+00:00")
    fleet = fleet_of(prints, [printer("A"), printer("B")], now)
    window = ReportWindow.of(since, until, zone)
    days = day_table(fleet, window)
    for serial in "AB":
        expected = oracle.printing_minutes_by_day(prints, serial, since, until, window.zone)
        rows = [one for one in days.rows if one[1] == serial]
        assert {one[2]: one[4] // (HOUR // 60) for one in rows if one[4]} == expected
        assert all(one[3] == sum(one[4:8]) for one in rows)
        assert sum(one[3] for one in rows) == window.length
        used = row(usage_table(fleet, window), f"printer {serial}")
        assert used["printing"] == sum(one[4] for one in rows)

    counted = {}
    table = success_table(fleet, window, "printer")
    for one in table.rows:
        found = row(table, one[0])
        words = {word: found[word] for word in ("success", "failure", "aborted", "unrated")}
        counted[one[0][-1]] = {word: count for word, count in words.items() if count}
    assert counted == oracle.outcomes(prints, since, until)

    materials = material_table(fleet, window, "material")
    volumes = dict(zip(materials.column("material"), materials.column("used_ml")))
    assert volumes == pytest.approx(oracle.used_ml(prints, since, until))
    assert len(closed_within(fleet, window)) == sum(materials.column("prints"))


@settings(max_examples=20, deadline=None)
@given(histories(), st.integers(1, 99))
def test_a_window_cut_in_two_has_the_sums_of_its_parts(history: Any, percent: int) -> None:
    prints, since, until, zone = history
    now = datetime.fromisoformat("2028-04-01T00:00:00+00:00")
    fleet = fleet_of(prints, [printer("A"), printer("B")], now)
    cut = since + (until - since) * percent / 100
    parts = [ReportWindow.of(*pair, zone) for pair in ((since, cut), (cut, until))]
    whole = ReportWindow.of(since, until, zone)

    def printing(window: ReportWindow) -> int:
        return sum(usage_table(fleet, window).column("printing"))

    assert printing(whole) == sum(map(printing, parts))
    assert len(closed_within(fleet, whole)) == sum(len(closed_within(fleet, one)) for one in parts)


@given(
    st.lists(st.one_of(st.none(), st.floats(-5, 5)), max_size=120),
    st.sampled_from(["day", "printer"]),
)
def test_a_chart_draws_the_last_periods_or_the_highest_ranks(
    ranks: List[Optional[float]], by: str
) -> None:
    rows = list(enumerate(ranks))
    drawn, note = select_drawn(rows, by, lambda row: row[1], "the most")
    assert len(drawn) == min(MAX_DRAWN, len(rows))
    assert bool(note) == (len(rows) > MAX_DRAWN)
    if not note or by == "day":
        assert drawn == rows[-MAX_DRAWN:]
        return
    known = [rank for rank in ranks if rank is not None]
    highest: List[Optional[float]] = sorted(known, reverse=True)[:MAX_DRAWN]
    assert [rank for _, rank in drawn] == highest + [None] * (MAX_DRAWN - len(highest))
