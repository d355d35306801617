"""The generated fleet: deterministic by seed, with every deviation observed live."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, Iterator, List

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formlabs_web_api.sandbox.fleet.build import build_fleet
from formlabs_web_api.sandbox.fleet.kinds import MATERIAL_NAMES
from formlabs_web_api.sandbox.fleet.records import Fleet
from formlabs_web_api.sandbox.http.rows import Rows
from formlabs_web_api.sandbox.instants import DAY, from_datetime, to_datetime

NOW = from_datetime(datetime(2026, 6, 5, 12, 0, tzinfo=timezone.utc))
SENTINEL = "1969-12-31T19:00:00.001000-05:00"

Row = Dict[str, Any]


def words(text: str) -> List[str]:
    return text.split()


PRINT_RUN = words(
    "guid name printer status using_open_mode z_height_offset_mm print_started_at "
    "print_finished_at layer_count volume_ml material layer_thickness_mm currently_printing_layer "
    "estimated_duration_ms elapsed_duration_ms estimated_time_remaining_ms created_at "
    "print_run_success firmware_version cartridge front_cartridge back_cartridge tank cylinder "
    "note print_thumbnail post_print_photo_url user user_custom_label group adaptive_thickness "
    "message print_job material_name print_settings_name print_settings_code form_auto_serial "
    "form_auto_fw_version harvest_status"
)
PRINTER = words(
    "serial alias machine_type_id printer_status cartridge_status tank_status group "
    "previous_print_run firmware_version location"
)
PRINTER_STATUS = words(
    "status last_pinged_at hopper_level material_credit hopper_material last_modified "
    "current_temperature current_print_run form_cell last_printer_cooldown_started "
    "outer_boundary_offset_corrections build_platform_contents tank_mixer_state ready_to_print "
    "printer_capabilities printernet_capabilities camera_status"
)
CARTRIDGE = words(
    "serial material consumable_type initial_volume_ml volume_dispensed_ml display_name is_empty "
    "inside_printer connected_group created_at last_print_date machine_type_id"
)
TANK = words(
    "serial material print_time_ms layers_printed first_fill_date heatmap heatmap_gif display_name "
    "layer_count inside_printer tank_type connected_group created_at last_print_date"
)


class Seen:
    """A fleet as rows."""

    def __init__(self, fleet: Fleet, now: int = NOW) -> None:
        rows = Rows(now, "http://pictures.example.com/{}".format)
        self.printers: List[Row] = [rows.printer(printer) for printer in fleet.printers]
        self.prints: List[Row] = [rows.print_(run) for run in fleet.prints]
        self.events: List[Row] = [rows.event(event) for event in fleet.events]
        self.cartridges: List[Row] = [rows.cartridge(item) for item in fleet.cartridges]
        self.tanks: List[Row] = [rows.tank(item) for item in fleet.tanks]

    def text(self) -> str:
        return json.dumps(vars(self))

    def kind(self, machine_type_id: str) -> List[Row]:
        return [row for row in self.printers if row["machine_type_id"] == machine_type_id]

    def by_status(self, status: str) -> List[Row]:
        return [row for row in self.printers if row["printer_status"]["status"] == status]

    def prints_of(self, *prefixes: str) -> Iterator[Row]:
        kinds = {row["serial"]: row["machine_type_id"] for row in self.printers}
        return (row for row in self.prints if kinds[row["printer"]].startswith(prefixes))


@pytest.fixture(scope="module")
def seen() -> Seen:
    return Seen(build_fleet(1, NOW))


def test_the_same_seed_and_moment_give_the_same_fleet(seen: Seen) -> None:
    assert Seen(build_fleet(1, NOW)).text() == seen.text()
    assert Seen(build_fleet(2, NOW)).text() != seen.text()


def test_a_fleet_has_the_requested_size(seen: Seen) -> None:
    assert len(seen.printers) == 12
    assert len(seen.prints) == len({row["guid"] for row in seen.prints}) == 400
    kinds = {row["machine_type_id"] for row in seen.printers}
    assert {"FORM-4-0", "FRML-4-0", "FORM-3-2", "FRML-3-0", "FS30-1-0"} <= kinds
    dates = [datetime.fromisoformat(row["created_at"]) for row in seen.prints]
    assert max(dates) - min(dates) > timedelta(days=85)
    assert len(seen.events) > 400
    assert len(seen.cartridges) > 20
    assert len(seen.tanks) > 20


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(-(10**6), 10**6),
    printers=st.integers(1, 40),
    many=st.integers(2, 12),
    now=st.datetimes(
        datetime(2010, 1, 1), datetime(2090, 1, 1), timezones=st.just(timezone.utc)
    ).map(from_datetime),
)
def test_any_seed_generates_a_consistent_fleet(
    seed: int, printers: int, many: int, now: int
) -> None:
    fleet = build_fleet(seed, now, printers, printers * many)
    assert len(fleet.printers) == len({printer.serial for printer in fleet.printers}) == printers
    assert len(fleet.prints) == len({run.guid for run in fleet.prints}) == printers * many
    assert all(event.created <= now for event in fleet.events)
    for run in fleet.prints:
        assert now - 91 * DAY < run.started < run.created <= now
        assert run.status in ("PRINTING", "PREHEAT", "WAITING_FOR_RESOLUTION") or run.ends <= now
    json.loads(Seen(fleet, now).text())


@pytest.mark.parametrize(("printers", "prints"), [(0, 10), (10, 19)])
def test_a_fleet_that_is_too_small_is_refused(printers: int, prints: int) -> None:
    with pytest.raises(ValueError, match="must be at least"):
        build_fleet(1, NOW, printers, prints)


def test_rows_have_the_fields_seen_live_in_their_order(seen: Seen) -> None:
    for printer in seen.printers:
        assert list(printer) == PRINTER
        assert list(printer["printer_status"]) == PRINTER_STATUS
        for run in (printer["previous_print_run"], printer["printer_status"]["current_print_run"]):
            assert run is None or list(run) == PRINT_RUN
    for run in seen.prints:
        assert list(run)[:41] == [*PRINT_RUN, "cloud_queue_item", "parts"]
        assert list(run)[41:] in ([], ["print_intent"])
    for cartridge in seen.cartridges:
        assert list(cartridge)[:12] == CARTRIDGE
    for tank in seen.tanks:
        assert list(tank)[:14] == TANK
    intents = [run.get("print_intent", "absent") for run in seen.prints]
    assert {type(intent) for intent in intents} == {type(None), str, dict}
    assert "absent" in intents


def test_cartridge_status_is_an_object_or_a_list_by_kind(seen: Seen) -> None:
    for printer in seen.printers:
        status = printer["cartridge_status"]
        if printer["machine_type_id"] in ("FRML-4-0", "FRML-3-0"):
            assert [slot["cartridge_slot"] for slot in status] == ["FRONT", "BACK"]
        else:
            assert status["cartridge_slot"] == ""
    assert all(slot["cartridge"] is None for slot in seen.kind("FRML-3-0")[0]["cartridge_status"])


def test_serials_and_aliases_follow_the_family(seen: Seen) -> None:
    for printer in seen.printers:
        prefix = {"FORM-4-0": "Form4-", "FRML-4-0": "Form4L-"}.get(printer["machine_type_id"])
        if prefix is None:
            assert printer["alias"] is None
            assert "-" not in printer["serial"]
        else:
            assert printer["serial"] == prefix + printer["alias"]
    forms = {row["serial"][:3] for row in seen.cartridges}
    assert forms == {"4c-"} | {
        row["serial"][:3] for row in seen.cartridges if len(row["serial"]) == 14
    }


def test_powder_printers_have_a_hopper_and_no_resin(seen: Seen) -> None:
    (fuse,) = seen.kind("FS30-1-0")
    status = fuse["printer_status"]
    assert fuse["cartridge_status"]["cartridge"] is fuse["tank_status"]["tank"] is None
    assert (status["hopper_level"], status["hopper_material"]) == (1, "FLP12G01")
    assert status["material_credit"] > 1e9
    for run in seen.prints_of("FS30"):
        assert run["cylinder"].startswith("BC-FS1-120V-")
        assert run["tank"] is run["cartridge"] is run["front_cartridge"] is None


def test_only_the_form_3l_names_front_and_back_cartridges(seen: Seen) -> None:
    for run in seen.prints_of("FRML-3"):
        assert run["cartridge"] is None
        assert run["front_cartridge"] != run["back_cartridge"]
    for run in seen.prints_of("FORM", "FRML-4"):
        assert run["cartridge"] is not None
        assert run["front_cartridge"] is run["back_cartridge"] is None


def test_blank_and_null_fields_depend_on_the_printer_family(seen: Seen) -> None:
    for run in seen.prints_of("FORM-4", "FRML-4"):
        assert run["harvest_status"] is run["message"] is run["using_open_mode"] is None
    for run in seen.prints_of("FORM-3", "FRML-3"):
        assert (run["harvest_status"], run["message"], run["using_open_mode"]) == ("", "", False)
        assert (run["form_auto_serial"], run["form_auto_fw_version"]) == ("DISCONNECTED", "NONE")


def test_times_have_the_digits_of_the_printer_family(seen: Seen) -> None:
    for run in seen.prints_of("FORM-3", "FRML-3", "FS30"):
        assert "." not in run["print_started_at"] + (run["print_finished_at"] or "")
    newer = [run["print_started_at"][:-6] for run in seen.prints_of("FORM-4", "FRML-4")]
    fractions = {text.partition(".")[2] for text in newer}
    assert len(fractions) > 50
    assert all(fraction == "" or fraction[3:] == "000" for fraction in fractions)
    offsets = {run["print_started_at"][-6:] for run in Seen(build_fleet(1, NOW - 60 * DAY)).prints}
    assert offsets == {"-04:00", "-05:00"}


def test_part_of_the_finished_form_4_prints_finish_in_1969(seen: Seen) -> None:
    finished = [run for run in seen.prints_of("FORM-4", "FRML-4") if run["status"] == "FINISHED"]
    sentinels = [run for run in finished if run["print_finished_at"] == SENTINEL]
    assert 0.4 < len(sentinels) / len(finished) < 0.75
    for run in sentinels:
        assert run["currently_printing_layer"] < run["layer_count"] - 1
        assert run["estimated_time_remaining_ms"] > 0
    others = list(seen.prints_of("FORM-3", "FRML-3", "FS30"))
    assert SENTINEL not in [run["print_finished_at"] for run in others]
    assert all(
        run["currently_printing_layer"] == run["layer_count"] - 1
        for run in others
        if run["status"] == "FINISHED"
    )


def test_shares_of_outcomes_are_those_observed(seen: Seen) -> None:
    outcomes = Counter(
        (run["status"], (run["print_run_success"] or {}).get("print_run_success"))
        for run in seen.prints
    )
    assert set(outcomes) == {
        ("FINISHED", "SUCCESS"),
        ("FINISHED", None),
        ("FINISHED", "FAILURE"),
        ("ABORTED", None),
        ("ERROR", "FAILURE"),
        ("PRINTING", None),
        ("PREHEAT", None),
        ("WAITING_FOR_RESOLUTION", None),
    }
    assert outcomes["FINISHED", "SUCCESS"] > 200


def test_one_print_stays_printing_and_one_was_uploaded_late(seen: Seen) -> None:
    current = {
        (row["printer_status"]["current_print_run"] or {}).get("guid") for row in seen.printers
    }
    stuck = [
        run for run in seen.prints if run["status"] == "PRINTING" and run["guid"] not in current
    ]
    late = [
        run
        for run in seen.prints
        if datetime.fromisoformat(run["created_at"])
        > datetime.fromisoformat(run["print_started_at"]) + timedelta(days=40)
    ]
    assert len(stuck) == len(late) == 1


def test_fleet_contains_every_observed_situation(seen: Seen) -> None:
    statuses = Counter(row["printer_status"]["status"] for row in seen.printers)
    assert statuses["PRINTING"] >= 3
    assert set(statuses) == {"PRINTING", "IDLE", "PRIMED", "UNKNOWN", "WAITING_FOR_RESOLUTION"}
    (primed,) = seen.by_status("PRIMED")
    assert primed["printer_status"]["ready_to_print"] == "READY_TO_PRINT_READY"
    assert primed["printer_status"]["current_print_run"]["status"] == "FINISHED"
    assert primed["printer_status"]["current_print_run"] == primed["previous_print_run"]
    (waiting,) = seen.by_status("WAITING_FOR_RESOLUTION")
    assert waiting["printer_status"]["tank_mixer_state"] == "TANK_MIXER_STATE_MISSING"
    assert waiting["tank_status"]["tank"] is None
    heating = [
        row
        for row in seen.by_status("IDLE")
        if (row["printer_status"]["current_print_run"] or {}).get("status") == "PREHEAT"
    ]
    assert [
        row["printer_status"]["current_print_run"]["currently_printing_layer"] for row in heating
    ] == [-1]
    for printer in seen.by_status("UNKNOWN"):
        ping = datetime.fromisoformat(printer["printer_status"]["last_pinged_at"])
        assert to_datetime(NOW) - ping > timedelta(days=2)
        assert printer["printer_status"]["current_print_run"] is None


def test_online_printers_pinged_within_half_a_minute(seen: Seen) -> None:
    for printer in seen.printers:
        status = printer["printer_status"]
        if status["status"] != "UNKNOWN":
            age = to_datetime(NOW) - datetime.fromisoformat(status["last_pinged_at"])
            assert timedelta(0) <= age < timedelta(seconds=27)


def test_running_jobs_have_consistent_progress(seen: Seen) -> None:
    fresh = 0
    for printer in seen.by_status("PRINTING"):
        run = printer["printer_status"]["current_print_run"]
        assert run["print_finished_at"] is None
        assert 0 < run["currently_printing_layer"] < run["layer_count"]
        started = datetime.fromisoformat(run["print_started_at"])
        reported = started + timedelta(milliseconds=run["elapsed_duration_ms"])
        total = run["elapsed_duration_ms"] + run["estimated_time_remaining_ms"]
        assert total == pytest.approx(run["estimated_duration_ms"], rel=0.08)
        silent = to_datetime(NOW) - reported
        fresh += silent < timedelta(seconds=1)
        assert silent < timedelta(seconds=1) or timedelta(minutes=59) < silent < timedelta(hours=2)
    assert fresh >= 3


def test_dispensed_volume_has_steps_on_form_4_only(seen: Seen) -> None:
    for cartridge in seen.cartridges:
        if cartridge["machine_type_id"] in ("FORM-4-0", "FRML-4-0"):
            assert cartridge["volume_dispensed_ml"] % 100 == 0
    free = [row for row in seen.cartridges if row["machine_type_id"].startswith("FORM-3")]
    assert any(row["volume_dispensed_ml"] % 100 for row in free)
    used_up = [
        row
        for row in seen.cartridges
        if row["inside_printer"] and row["volume_dispensed_ml"] >= 1000
    ]
    assert used_up
    assert not any(row["is_empty"] for row in used_up)


def test_loose_consumables_have_blanks_and_nulls(seen: Seen) -> None:
    loose = [row for row in seen.cartridges if row["inside_printer"] == ""]
    assert None in {row["connected_group"] for row in loose}
    assert None in {row["material"] for row in loose}
    assert "CARTRIDGE_V9" in {row["consumable_type"] for row in loose}
    tanks = [row for row in seen.tanks if row["inside_printer"] == ""]
    assert any(row["created_at"] is None for row in tanks)


def test_names_are_long_and_not_only_ascii(seen: Seen) -> None:
    names = [run["name"] for run in seen.prints]
    assert not all(name.isascii() for name in names)
    assert max(map(len, names)) >= 60
    assert all(MATERIAL_NAMES[run["material"]] for run in seen.prints)


def test_events_hold_print_runs_and_nulls(seen: Seen) -> None:
    assert [row["id"] for row in seen.events] == sorted({row["id"] for row in seen.events})
    types = {row["type"] for row in seen.events}
    assert {
        "PRINT_START",
        "PRINT_FINISHED",
        "PRINT_ERROR",
        "RESIN_LOW",
        "GROUP_INVITATION",
    } <= types
    assert "SOMETHING_NEW" in types
    for row in seen.events:
        if row["print_run"] is not None:
            assert list(row["print_run"]) == PRINT_RUN
            assert row["print_run"]["name"] in row["message"]
    account = [row for row in seen.events if row["printer"] is None]
    assert any(row["group"] is None for row in account)
