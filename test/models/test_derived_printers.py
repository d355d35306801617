"""Observations 1.4 and 1.5: type, state, cartridges and tank of a printer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from formlabs_web_api.models import DeveloperAPIMyPrinter, MyPrintRunReadOnly
from formlabs_web_api.models.derived import PrinterState
from test.support.shapes import (
    NOW,
    SENTINEL,
    ago,
    cartridge_row,
    frozen_row,
    print_run_row,
    printer,
    printer_with,
    slot,
    status_row,
)


@pytest.mark.parametrize(
    ("serial", "alias", "label"),
    [
        ("Form4-QuietOtter", "QuietOtter", "QuietOtter"),
        ("AmberFinch", None, "AmberFinch"),
        ("AmberFinch", "", "AmberFinch"),
    ],
)
def test_1_4_label_is_the_alias_or_else_the_serial(serial: str, alias: Any, label: str) -> None:
    assert printer(serial=serial, alias=alias).label == label


def test_1_4_location_group_form_cell_and_temperature_may_be_null() -> None:
    one = printer(group=None, location=None, previous_print_run=None)
    assert one.state(NOW) == "idle"


def test_1_4_an_ended_print_stays_the_current_one_on_a_form_4() -> None:
    job = frozen_row(status="FINISHED", print_finished_at=SENTINEL)
    one = printer_with("IDLE", current_print_run=job)
    assert one.state(NOW) == "idle"
    assert "FINISHED" in one.state_reason(NOW)
    assert one.current_run is not None
    assert one.current_run.outcome_at(NOW) == "unrated"


def test_1_4_finished_print_on_an_unconfirmed_platform_has_state_finished() -> None:
    unconfirmed = {"build_platform_contents": "BUILD_PLATFORM_CONTENTS_UNCONFIRMED"}
    job = print_run_row(status="FINISHED", print_finished_at=ago(hours=1))
    assert printer_with("IDLE", current_print_run=job, **unconfirmed).state(NOW) == "finished"
    assert printer_with("IDLE", **unconfirmed).state(NOW) == "idle"
    job["status"] = "ABORTED"
    assert printer_with("IDLE", current_print_run=job, **unconfirmed).state(NOW) == "idle"


def test_1_4_the_current_print_is_null_without_a_job() -> None:
    assert printer_with("UNKNOWN").current_run is None


def test_1_4_cartridge_status_is_an_object_on_printers_with_one_slot() -> None:
    one = printer(cartridge_status=slot(cartridge_row()))
    assert [cartridge.serial for cartridge in one.cartridges] == ["04a1b2c3d4e501"]
    assert [each.cartridge_slot for each in one.cartridge_slots] == [""]


def test_1_4_cartridge_status_is_a_list_on_printers_with_two_slots() -> None:
    front, back = cartridge_row(), cartridge_row(serial="04a1b2c3d4e502")
    one = printer(cartridge_status=[slot(front, "FRONT"), slot(back, "BACK")])
    assert [cartridge.serial[-1] for cartridge in one.cartridges] == ["1", "2"]
    assert [each.cartridge_slot for each in one.cartridge_slots] == ["FRONT", "BACK"]


@pytest.mark.parametrize("status", [slot(None), [slot(None, "FRONT"), slot(None, "BACK")]])
def test_1_4_a_slot_may_be_empty(status: Any) -> None:
    one = printer(cartridge_status=status)
    assert one.cartridges == []
    assert len(one.cartridge_slots) == (2 if isinstance(status, list) else 1)


@pytest.mark.parametrize("status", [None, [], ["04a1b2c3d4e501"], "04a1b2c3d4e501", 7])
def test_1_4_cartridge_status_may_be_null_or_something_else(status: Any) -> None:
    one = printer(cartridge_status=status)
    assert one.cartridges == one.cartridge_slots == []
    assert one.to_dict()["cartridge_status"] == status


@pytest.mark.parametrize("status", [{"tank": None, "last_modified": ago(days=1)}, None])
def test_1_4_tank_is_none_in_a_fuse_or_if_it_is_removed(status: Any) -> None:
    assert printer(tank_status=status).tank is None


def test_1_4_tank_is_that_of_tank_status() -> None:
    tank = printer().tank
    assert tank is not None
    assert tank.layers == 30_000


def test_1_4_fields_of_one_printer_family_are_unchanged() -> None:
    corrections = [{"MaterialCode": "FLFL8001", "LayerThickness_um": 100}]
    one = printer_with(
        "IDLE",
        current_temperature=31.5,
        hopper_level=1,
        hopper_material="FLP12G01",
        material_credit=2_790_000_000.0,
        outer_boundary_offset_corrections=corrections,
        last_printer_cooldown_started=ago(days=3),
        tank_mixer_state="TANK_MIXER_STATE_MISSING",
        camera_status="UNKNOWN",
    )
    assert one.state(NOW) == "idle"
    assert one.printer_status.material_credit == 2_790_000_000.0
    assert one.printer_status.outer_boundary_offset_corrections == corrections


def test_1_4_printer_offline_for_months_is_still_ready() -> None:
    one = printer_with(
        "UNKNOWN", ready_to_print="READY_TO_PRINT_READY", last_pinged_at=ago(days=120)
    )
    assert not one.is_online(NOW)
    assert one.state(NOW) == "offline"


def test_1_4_unknown_is_off_line_even_after_a_fresh_call() -> None:
    one = printer_with("UNKNOWN", last_pinged_at=ago(seconds=20))
    assert not one.is_online(NOW)
    assert one.state(NOW) == "offline"


@pytest.mark.parametrize("status", ["IDLE", "PRIMED"])
def test_1_4_a_printer_off_line_for_months_may_show_idle_for_a_moment(status: str) -> None:
    one = printer_with(status, last_pinged_at=ago(days=90))
    assert not one.is_online(NOW)
    assert one.state(NOW) == "offline"
    assert status in one.state_reason(NOW)


def test_1_4_primed_is_idle_before_a_job_and_after_one() -> None:
    assert printer_with("PRIMED").state(NOW) == "idle"
    job = print_run_row(status="FINISHED")
    assert printer_with("PRIMED", current_print_run=job).state(NOW) == "idle"


def test_1_4_check_printer_during_a_job_needs_attention() -> None:
    job = print_run_row(currently_printing_layer=102, layer_count=1648)
    assert printer_with("CHECK_PRINTER", current_print_run=job).state(NOW) == "needs_attention"


def test_1_4_waiting_for_resolution_needs_attention() -> None:
    job = print_run_row(status="WAITING_FOR_RESOLUTION")
    assert printer_with("WAITING_FOR_RESOLUTION").state(NOW) == "needs_attention"
    assert printer_with("PRINTING", current_print_run=job).state(NOW) == "needs_attention"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("PAUSED", "paused"),
        ("PAUSING", "paused"),
        ("ERROR", "error"),
        ("FINISHED", "finished"),
        ("OFFLINE", "offline"),
        ("PREHEAT", "preparing"),
        ("POSTCOAT", "printing"),
    ],
)
def test_1_4_statuses_of_prints_are_mapped_for_printers_too(status: str, state: str) -> None:
    assert printer_with(status).state(NOW) == state


@pytest.mark.parametrize("status", ["CALIBRATING", "", None, 7, ["IDLE"], {"is": "IDLE"}])
def test_1_4_unknown_status_gives_state_unknown_and_names_it(status: Any) -> None:
    one = printer_with(status)
    assert one.state(NOW) is PrinterState.UNKNOWN
    assert one.is_online(NOW)
    assert ("CALIBRATING" in one.state_reason(NOW)) is (status == "CALIBRATING")


@pytest.mark.parametrize("job", ["QUEUED", "PREPRINT", "PREHEAT", "PRECOAT"])
@pytest.mark.parametrize("status", ["IDLE", "PRINTING"])
def test_1_4_idle_printer_with_a_heating_job_is_preparing(status: str, job: str) -> None:
    row = print_run_row(status=job, currently_printing_layer=-1, elapsed_duration_ms=45_000)
    assert printer_with(status, current_print_run=row).state(NOW) == "preparing"


def test_1_4_layer_minus_one_means_preparing() -> None:
    row = print_run_row(currently_printing_layer=-1)
    assert printer_with("PRINTING", current_print_run=row).state(NOW) == "preparing"


def test_1_4_idle_printer_with_a_reporting_job_is_printing() -> None:
    one = printer_with("IDLE", current_print_run=print_run_row())
    assert one.state(NOW) == "printing"
    assert "IDLE" in one.state_reason(NOW)


def test_1_4_idle_printer_with_a_stale_job_is_idle() -> None:
    assert printer_with("IDLE", current_print_run=frozen_row()).state(NOW) == "idle"


def test_1_4_abandoned_job_does_not_keep_a_printer_busy() -> None:
    row = frozen_row(status="PREHEAT", print_started_at=ago(days=30))
    assert printer_with("IDLE", current_print_run=row).state(NOW) == "idle"


@pytest.mark.parametrize(("job", "state"), [("PAUSED", "paused"), ("PAUSING", "paused")])
def test_1_4_status_of_the_job_refines_the_state(job: str, state: str) -> None:
    for status in ("PRINTING", "IDLE"):
        row = frozen_row(status=job)
        assert printer_with(status, current_print_run=row).state(NOW) == state


def test_1_4_printing_printer_with_an_ended_job_is_printing() -> None:
    row = print_run_row(status="FINISHED")
    assert printer_with("PRINTING", current_print_run=row).state(NOW) == "printing"


def test_1_4_printer_without_a_last_call_is_unknown() -> None:
    one = printer_with("IDLE", last_pinged_at=None)
    assert one.state(NOW) == "unknown"
    assert not one.is_online(NOW)
    assert one.last_seen_at is None


def test_state_reason_explains_the_state() -> None:
    assert printer_with("IDLE").state_reason(NOW) == "its status is IDLE"
    seen = NOW - timedelta(hours=1)
    assert f"{seen:%H:%M} UTC" in printer_with("IDLE", last_pinged_at=ago(hours=1)).state_reason(
        NOW
    )


def test_printer_state_equals_its_text() -> None:
    state = printer_with("IDLE").state(NOW)
    assert state == "idle"
    assert f"{state}|{state:>6}" == "idle|  idle"
    assert {state: 1}["idle"] == 1  # type: ignore[index]


def test_1_4_the_printers_status_may_be_missing_altogether() -> None:
    row = {"serial": "AmberFinch"}
    one = DeveloperAPIMyPrinter.from_dict(row)
    assert one is not None
    assert (one.state(NOW), one.label, one.cartridges) == ("unknown", "AmberFinch", [])


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("FORM-4-0", "Form 4"),
        ("FRML-4-0", "Form 4L"),
        ("FORM-3-2", "Form 3+"),
        ("FRML-3-0", "Form 3L"),
        ("FS30-1-0", "Fuse 1+ 30W"),
        ("FORM-9-0", "FORM-9-0"),
    ],
)
def test_1_5_types_have_names_and_unknown_codes_are_unchanged(code: str, name: str) -> None:
    assert printer(machine_type_id=code).model_name == name


def test_raw_status_is_unchanged() -> None:
    row = status_row("IDLE")
    assert printer(row).to_dict()["printer_status"]["status"] == "IDLE"


def test_previous_run_is_a_print_run_with_derived_values() -> None:
    one = printer(previous_print_run=print_run_row(status="FINISHED"))
    run = one.previous_run
    assert isinstance(run, MyPrintRunReadOnly)
    assert run.to_dict().keys() == one.previous_print_run.keys()
    assert run.outcome is not None


@pytest.mark.parametrize("found", [None, {}, [], "text", 7])
def test_previous_run_of_a_printer_that_never_printed_is_none(found: Any) -> None:
    assert printer(previous_print_run=found).previous_run is None
