"""Observations 1.3: times of prints and printers, corrected for errors of the service."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from test.support.shapes import (
    HOUR_MS,
    NOW,
    SENTINEL,
    ago,
    frozen,
    print_run,
    print_run_row,
    printer_with,
    rating,
    status_row,
    tank,
)
from test.support.shapes import printer as printer_of


def test_1_3_times_with_an_eastern_offset_are_converted_to_utc() -> None:
    run = print_run(print_started_at="2026-01-15T08:00:00.250000-05:00")
    assert run.started_at == datetime(2026, 1, 15, 13, 0, 0, 250_000, tzinfo=timezone.utc)
    assert run.started_at is not None
    assert run.started_at.utcoffset() == timedelta()
    assert run.print_started_at is not None
    assert run.print_started_at.utcoffset() == timedelta(hours=-5)


def test_1_3_times_of_the_form_3_family_and_fuse_have_no_fraction() -> None:
    assert print_run(print_started_at="2026-06-05T08:00:00-04:00").started_at == NOW


def test_1_3_print_finished_at_of_1969_is_not_known() -> None:
    run = print_run(status="FINISHED", print_finished_at=SENTINEL)
    assert run.ended_at_source != "reported"
    assert run.ended_at is not None
    assert run.ended_at.year == 2026
    assert run.duration is not None
    assert run.duration > timedelta()
    assert run.print_finished_at is not None
    assert run.print_finished_at.year == 1969, "the raw field is untouched"


def test_1_3_print_is_stale_while_its_printer_still_calls() -> None:
    run = frozen()
    assert run.progress == 0.31
    assert run.is_stale(NOW)
    assert run.is_open(NOW)
    status = status_row("PRINTING", current_print_run=print_run_row())
    status["current_print_run"].update(run.to_dict())
    printer = printer_of(status)
    assert printer.is_online(NOW)
    assert printer.state(NOW) == "printing"


def test_1_3_print_with_a_recent_report_is_not_stale() -> None:
    assert not print_run().is_stale(NOW)
    assert print_run().is_stale(NOW, after=timedelta(seconds=50))


@pytest.mark.parametrize("status", ["PAUSED", "WAITING_FOR_RESOLUTION", "PREHEAT", "FINISHED"])
def test_1_3_paused_or_heating_print_is_not_stale(status: str) -> None:
    assert not frozen(status=status).is_stale(NOW)


def test_1_3_last_progress_is_start_plus_elapsed() -> None:
    assert frozen().last_progress_at == NOW - timedelta(hours=7)


def test_1_3_eta_is_start_plus_elapsed_plus_remaining_even_when_frozen() -> None:
    assert frozen().eta == NOW - timedelta(hours=2)
    assert print_run().eta == NOW + timedelta(minutes=59)


def test_1_3_frozen_finished_print_ended_at_its_expected_end() -> None:
    run = frozen(status="FINISHED", print_finished_at=SENTINEL)
    assert (run.ended_at, run.ended_at_source) == (NOW - timedelta(hours=2), "estimated")
    assert run.duration == timedelta(hours=8)
    assert run.eta is None


STANDING_STILL = [
    {"status": "QUEUED"},
    {"status": "PREHEAT", "currently_printing_layer": -1},
    {"status": "PRECOAT"},
    {"status": "PAUSING"},
    {"status": "PAUSED"},
    {"status": "WAITING_FOR_RESOLUTION"},
    {"status": "PRINTING", "currently_printing_layer": -1},
]


@pytest.mark.parametrize("changes", STANDING_STILL, ids=lambda changes: changes["status"])
def test_1_3_eta_of_a_paused_print_moves_with_the_present(changes: Any) -> None:
    run = frozen(**changes)
    assert run.eta_at(NOW) == NOW + timedelta(hours=5)
    assert run.eta_at(NOW + timedelta(hours=1)) == NOW + timedelta(hours=6)
    assert run.eta_at(NOW - timedelta(days=1)) == NOW - timedelta(hours=2), "as it was reported"
    assert not run.is_stale(NOW)
    assert run.is_open(NOW)
    assert not run.is_open(NOW + timedelta(days=3)), (
        "it is given up by its last report all the same"
    )


def test_1_3_eta_of_a_heating_print_is_the_whole_remaining_time_away() -> None:
    heating = {
        "print_started_at": ago(minutes=46),
        "elapsed_duration_ms": 45_000,
        "estimated_time_remaining_ms": 1_830_000,
        "currently_printing_layer": -1,
    }
    for status in ("PREHEAT", "PRINTING"):
        run = print_run(status=status, **heating)
        assert run.eta_at(NOW) == NOW + timedelta(minutes=30.5)
        assert not run.is_stale(NOW)


def test_1_3_eta_of_a_running_print_does_not_depend_on_now() -> None:
    for status in ("PRINTING", "POSTCOAT", "ABORTING"):
        run = frozen(status=status)
        assert run.eta_at(NOW) == run.eta_at(NOW + timedelta(days=1)) == run.eta


def test_1_3_eta_without_start_or_remaining_is_none() -> None:
    assert frozen(status="PAUSED", print_started_at=None).eta_at(NOW) is None
    assert frozen(status="PAUSED", estimated_time_remaining_ms=None).eta_at(NOW) is None


def test_1_3_end_is_never_later_than_the_response() -> None:
    early = print_run(status="FINISHED", print_finished_at=SENTINEL)
    assert early.end_at(NOW) == early.last_progress_at == NOW - timedelta(minutes=1)
    assert early.duration_at(NOW) == early.elapsed == timedelta(minutes=59)
    assert early.ended_at_source == "estimated"
    later = NOW + timedelta(hours=1)
    assert early.end_at(later) == NOW + timedelta(minutes=59)
    assert early.duration_at(later) == timedelta(hours=1, minutes=59)


def test_1_3_reported_or_rated_end_does_not_depend_on_now() -> None:
    reported = print_run(status="FINISHED", print_finished_at=ago(hours=-1))
    assert reported.end_at(NOW) == NOW + timedelta(hours=1)
    rated = print_run(status="FINISHED", print_run_success=rating("SUCCESS", minutes=2))
    assert (rated.end_at(NOW), rated.ended_at_source) == (NOW - timedelta(minutes=2), "rated")


@pytest.mark.parametrize("status", ["ABORTED", "ERROR"])
def test_1_3_a_frozen_print_that_failed_ended_no_earlier_than_its_last_report(status: str) -> None:
    run = frozen(status=status, print_finished_at=SENTINEL)
    assert (run.ended_at, run.ended_at_source) == (NOW - timedelta(hours=7), "estimated")


@pytest.mark.parametrize(
    ("seconds", "online"), [(27, True), (122, True), (299, True), (301, False)]
)
def test_1_3_printer_is_online_up_to_five_minutes_after_its_last_call(
    seconds: int, online: bool
) -> None:
    printer = printer_with("IDLE", last_pinged_at=ago(seconds=seconds))
    assert printer.is_online(NOW) is online
    assert printer.state(NOW) == ("idle" if online else "offline")


def test_1_3_caller_sets_the_maximum_age_of_the_last_call() -> None:
    printer = printer_with("IDLE", last_pinged_at=ago(minutes=9))
    assert printer.is_online(NOW, within=timedelta(minutes=10))
    assert printer.state(NOW, within=timedelta(minutes=10)) == "idle"


def test_1_3_slow_local_clock_does_not_make_a_printer_offline() -> None:
    assert printer_with("IDLE").is_online(NOW - timedelta(minutes=7))


def test_1_3_rating_time_is_the_latest_possible_end() -> None:
    estimated = frozen(
        status="FINISHED", print_finished_at=SENTINEL, print_run_success=rating("SUCCESS", hours=1)
    )
    assert (estimated.ended_at, estimated.ended_at_source) == (
        NOW - timedelta(hours=2),
        "estimated",
    )
    rated = frozen(
        status="FINISHED", print_finished_at=SENTINEL, print_run_success=rating("FAILURE", hours=6)
    )
    assert (rated.ended_at, rated.ended_at_source) == (NOW - timedelta(hours=6), "rated")


def test_1_3_rating_days_later_is_not_the_end() -> None:
    finish = ago(days=3)
    run = print_run(
        status="FINISHED",
        print_started_at=ago(days=3, hours=2),
        print_finished_at=finish,
        print_run_success=rating("SUCCESS", minutes=5),
    )
    assert (run.ended_at, run.ended_at_source) == (NOW - timedelta(days=3), "reported")
    assert run.rated_at == NOW - timedelta(minutes=5)


def test_1_3_rating_time_is_the_end_without_other_data() -> None:
    run = print_run(
        status="FINISHED",
        print_started_at=None,
        print_run_success=rating("SUCCESS", minutes=5),
    )
    assert (run.ended_at, run.ended_at_source) == (NOW - timedelta(minutes=5), "rated")
    assert run.duration is None


def test_1_3_print_finished_at_may_be_null_or_missing() -> None:
    null = frozen(status="FINISHED")
    assert null.ended_at_source == "estimated"
    row = {**null.to_dict()}
    del row["print_finished_at"]
    missing = type(null).from_dict(row)
    assert missing is not None
    assert missing.ended_at == null.ended_at


def test_1_3_print_finished_at_before_the_start_is_ignored() -> None:
    run = frozen(status="FINISHED", print_finished_at=ago(hours=11))
    assert run.ended_at_source == "estimated"


def test_1_3_end_without_any_data_is_unknown() -> None:
    run = print_run(status="FINISHED", print_started_at=None, print_finished_at=SENTINEL)
    assert (run.ended_at, run.ended_at_source, run.duration) == (None, "unknown", None)


def test_1_3_a_slot_record_may_be_older_than_its_cartridge() -> None:
    printer = printer_of()
    (slot,) = printer.cartridge_slots
    created = printer.cartridges[0].created_at
    assert created is not None
    assert slot.last_modified < created


def test_1_3_a_tank_is_seen_before_it_is_filled_and_ages_from_its_filling() -> None:
    assert tank().age(NOW) == timedelta(days=100)
    assert tank(first_fill_date=None).age(NOW) == timedelta(days=100, minutes=3)
    assert tank(first_fill_date=None, created_at=None).age(NOW) is None
    assert tank(first_fill_date=ago(days=-1)).age(NOW) == timedelta()


def test_durations_are_timedeltas_beside_the_raw_milliseconds() -> None:
    run = print_run()
    assert run.elapsed == timedelta(minutes=59)
    assert run.remaining == timedelta(hours=1)
    assert run.estimated_duration == timedelta(hours=2)
    assert run.estimated_time_remaining_ms == HOUR_MS


def test_naive_now_is_taken_as_local_time() -> None:
    local = NOW.astimezone().replace(tzinfo=None)
    assert print_run().is_stale(local) is print_run().is_stale(NOW)
    assert tank().age(local) == tank().age(NOW)


def test_derived_values_are_judged_at_the_present_by_default() -> None:
    moment = datetime.now(timezone.utc)
    assert printer_with("IDLE", last_pinged_at=moment.isoformat()).is_online()
    assert not printer_with("IDLE", last_pinged_at="2020-01-01T00:00:00-05:00").is_online()
    paused = frozen(status="PAUSED")
    assert paused.eta is not None
    assert paused.eta >= moment + timedelta(hours=5)
    soon = print_run(status="FINISHED", print_started_at=moment.isoformat())
    assert soon.ended_at == moment + timedelta(minutes=59), "the earliest"
    assert soon.duration == timedelta(minutes=59)
