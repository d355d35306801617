"""Observations 1.6: progress and outcome of a print."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from formlabs_web_api.models import PrintRunWithFleetControlData
from formlabs_web_api.models.derived import PrintOutcome
from test.support.shapes import (
    HOUR_MS,
    NOW,
    SENTINEL,
    ago,
    frozen,
    model,
    print_run,
    print_run_row,
    rating,
)


@pytest.mark.parametrize(
    ("status", "rated", "outcome"),
    [
        ("FINISHED", "SUCCESS", "success"),
        ("FINISHED", None, "unrated"),
        ("FINISHED", "UNKNOWN", "unrated"),
        ("FINISHED", "SPLENDID", "unrated"),
        ("FINISHED", "FAILURE", "failure"),
        ("ERROR", "FAILURE", "failure"),
        ("ERROR", None, "failure"),
        ("ABORTED", None, "aborted"),
        ("PRINTING", None, "in_progress"),
        ("ABORTING", None, "in_progress"),
        ("PAUSED", None, "in_progress"),
        ("SOMETHING_NEW", None, "in_progress"),
    ],
)
def test_1_6_outcome_combines_status_and_rating(status: str, rated: Any, outcome: str) -> None:
    success = None if rated is None else rating(rated, minutes=1)
    run = print_run(status=status, print_run_success=success)
    assert run.outcome_at(NOW) == outcome


def test_1_6_note_rating_user_and_intent_may_be_null_or_missing() -> None:
    row = print_run_row(note=None, print_run_success=None, user=None)
    run = model(PrintRunWithFleetControlData, row)
    assert run.outcome_at(NOW) == "in_progress"


def test_1_6_print_that_stays_printing_is_abandoned() -> None:
    run = frozen(print_started_at=ago(days=60))
    assert run.outcome_at(NOW) is PrintOutcome.ABANDONED
    assert not run.is_open(NOW)
    assert (run.ended_at, run.ended_at_source) == (None, "unknown")


def test_1_6_print_paused_over_the_weekend_is_not_abandoned() -> None:
    run = frozen(status="PAUSED", print_started_at=ago(hours=72))
    assert run.is_open(NOW)
    assert run.is_open(NOW + timedelta(hours=8))
    assert not run.is_open(NOW + timedelta(hours=9))


def test_print_with_only_created_at_is_abandoned_after_three_days() -> None:
    run = print_run(print_started_at=None, created_at=ago(days=4))
    assert not run.is_open(NOW)
    assert print_run(print_started_at=None, created_at=ago(days=2)).is_open(NOW)


@pytest.mark.parametrize("status", ["FINISHED", "ABORTED", "ERROR"])
def test_an_ended_print_is_not_open(status: str) -> None:
    assert not print_run(status=status).is_open(NOW)
    assert print_run(status=status).eta is None


def test_1_6_finished_may_be_shown_with_few_layers_done() -> None:
    run = print_run(
        status="FINISHED",
        currently_printing_layer=90,
        layer_count=1300,
        print_finished_at=SENTINEL,
    )
    assert run.progress == 1.0
    assert run.outcome == "unrated"
    assert run.currently_printing_layer == 90


@pytest.mark.parametrize(
    ("layer", "layers", "progress"),
    [
        (600, 1200, 0.5),
        (0, 1200, 0.0),
        (-1, 60, 0.0),
        (1199, 1200, 1199 / 1200),
        (1300, 1200, 1.0),
        (5, 0, 0.0),
        (None, 1200, 0.0),
        (5, None, 0.0),
        ("5", 10, 0.0),
        (True, 10, 0.0),
    ],
)
def test_1_6_progress_is_the_share_of_layers(layer: Any, layers: Any, progress: float) -> None:
    assert print_run(currently_printing_layer=layer, layer_count=layers).progress == progress


def test_1_6_aborted_print_keeps_its_progress() -> None:
    assert print_run(status="ABORTED", currently_printing_layer=300).progress == 0.25


def test_1_6_elapsed_may_exceed_the_estimate_of_a_good_print() -> None:
    run = print_run(
        estimated_duration_ms=2 * HOUR_MS,
        elapsed_duration_ms=int(2.2 * HOUR_MS),
        estimated_time_remaining_ms=0,
    )
    assert run.eta == run.last_progress_at == NOW - timedelta(hours=1) + timedelta(hours=2.2)


def test_1_6_form_3_and_fuse_end_at_the_last_layer_with_nothing_remaining() -> None:
    run = print_run(
        status="FINISHED",
        print_finished_at=ago(seconds=10),
        currently_printing_layer=1199,
        estimated_time_remaining_ms=0,
    )
    assert (run.progress, run.ended_at_source) == (1.0, "reported")


def test_1_6_placeholder_values_are_unchanged() -> None:
    run = print_run(
        message="", harvest_status="", form_auto_serial="DISCONNECTED", form_auto_fw_version="NONE"
    )
    assert run.outcome_at(NOW) == "in_progress"
    assert (run.form_auto_serial, run.harvest_status) == ("DISCONNECTED", "")


@pytest.mark.parametrize(
    "serials",
    [
        {"cartridge": "04a1b2c3d4e501"},
        {"cartridge": None, "front_cartridge": "4c-0001", "back_cartridge": "4c-0002"},
        {"cartridge": None, "tank": None, "cylinder": "BC-FS1-120V-00042"},
    ],
)
def test_1_6_consumables_are_those_of_the_kind_of_printer(serials: Any) -> None:
    run = print_run(**serials)
    assert {name: getattr(run, name) for name in serials} == serials


@pytest.mark.parametrize(
    "intent", [None, "00000000-0000-4000-8000-000000006001", {"initiated_on": "REMOTE"}]
)
def test_1_6_print_intent_is_null_an_id_or_an_object(intent: Any) -> None:
    run = model(PrintRunWithFleetControlData, print_run_row(print_intent=intent))
    assert run.outcome_at(NOW) == "in_progress"
    assert run.to_dict()["print_intent"] == intent


def test_1_6_a_late_upload_has_its_own_times() -> None:
    run = print_run(
        status="FINISHED",
        print_started_at=ago(days=60, hours=2),
        print_finished_at=ago(days=60),
        created_at=ago(days=19),
    )
    assert run.duration == timedelta(hours=2)
