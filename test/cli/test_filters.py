"""Filters of listings and exports, and how their rows are shown."""

from __future__ import annotations

import csv
import json
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, List, Set

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formlabs_web_api import PrintRunWithFleetControlData
from formlabs_web_api.sandbox import Sandbox
from formlabs_web_api.tables.ended import has_ended_within
from test.cli.conftest import Run


def rows(run: Run, command: str) -> List[Dict[str, Any]]:
    ran = run(*command.split(), "--json")
    assert ran.code == 0, ran.err
    found: List[Dict[str, Any]] = json.loads(ran.out)
    return found


@pytest.mark.parametrize(
    ("listing", "field", "option", "values"),
    [
        ("prints", "status", "--status", ["FINISHED", "ERROR"]),
        ("prints", "printer", "--printer", ["SnugTapir", "ModestPenguin"]),
        ("prints", "material", "--material", ["FLGPGR05", "FLGPCL05"]),
        ("events", "type", "--type", ["PRINT_STARTED", "RESIN_LOW"]),
        ("events", "printer", "--printer", ["SnugTapir", "ModestPenguin"]),
    ],
)
def test_a_filter_given_twice_keeps_the_rows_of_both_values(
    listing: str, field: str, option: str, values: List[str], run: Run
) -> None:
    every = rows(run, f"{listing} --all")
    both = " ".join(f"{option} {value}" for value in values)
    assert rows(run, f"{listing} --all {both}") == [one for one in every if one[field] in values]


def test_a_name_given_twice_keeps_prints_with_either_in_their_name(run: Run) -> None:
    found = {one["name"] for one in rows(run, "prints --all --name lid --name GRIPPER")}
    every = {one["name"] for one in rows(run, "prints --all")}
    assert found == {name for name in every if "lid" in name or "gripper" in name}


def test_outcomes_partition_all_prints(run: Run) -> None:
    guids: List[str] = []
    for outcome in ("success", "failure", "aborted", "unrated", "in-progress", "abandoned"):
        guids += [one["guid"] for one in rows(run, f"prints --all --outcome {outcome}")]
    assert sorted(guids) == sorted(one["guid"] for one in rows(run, "prints --all"))


def test_filter_ended_selects_by_the_end_and_not_by_the_start(run: Run) -> None:
    derived = rows(run, "prints --all --derived --utc")
    for option, first, last in (
        ("--ended yesterday", datetime(2026, 6, 4), datetime(2026, 6, 5)),
        ("--ended 2026-05", datetime(2026, 5, 1), datetime(2026, 6, 1)),
        ("--ended-since 2026-06-02 --ended-until 2026-06-03", *_days(2, 4)),
    ):
        expected = {one["guid"] for one in derived if _ended_between(one, first, last)}
        assert expected
        assert {one["guid"] for one in rows(run, f"prints --all --utc {option}")} == expected


def _days(first: int, last: int) -> Any:
    return datetime(2026, 6, first), datetime(2026, 6, last)


def _ended_between(row: Dict[str, Any], first: datetime, last: datetime) -> bool:
    ended = row["ended_at"]
    return ended is not None and first <= datetime.fromisoformat(ended).replace(tzinfo=None) < last


@given(st.integers(-100, 100), st.integers(-100, 100), st.integers(-100, 100))
def test_every_end_is_in_exactly_one_of_adjacent_periods(end: int, one: int, two: int) -> None:
    def at(hours: int) -> datetime:
        return datetime(2026, 5, 1, tzinfo=timezone.utc) + timedelta(hours=hours)

    ended = at(end).isoformat()
    run = PrintRunWithFleetControlData.from_dict(
        {"status": "FINISHED", "print_finished_at": ended, "print_started_at": None}
    )
    first, second = sorted((at(one), at(two)))
    periods = [(None, first), (first, second), (second, None)]
    now = at(1000)
    assert sum(has_ended_within(run, since, until, now) for since, until in periods) == 1


def test_an_export_has_the_rows_of_the_listing_with_the_same_filters(run: Run) -> None:
    filters = "--status finished --status error --outcome failure --ended-since 60d"
    listed = [one["guid"] for one in rows(run, f"prints --all {filters}")]
    exported = run("export", "prints", *filters.split()).out
    assert [row["guid"] for row in csv.DictReader(exported.splitlines())] == listed != []


def test_a_group_filter_keeps_the_printers_of_the_group(run: Run) -> None:
    ran = run("printers", "--group", "Model Foundry", "--json")
    every = rows(run, "printers")
    expected = [one for one in every if (one["group"] or {}).get("name") == "Model Foundry"]
    assert json.loads(ran.out) == expected != []


def test_filter_low_keeps_cartridges_in_printers_with_100_ml_or_less(run: Run) -> None:
    def is_low(row: Dict[str, Any]) -> bool:
        left = row["initial_volume_ml"] - row["volume_dispensed_ml"]
        return bool(row["inside_printer"]) and left <= 100

    found = rows(run, "cartridges --low")
    assert found == [one for one in rows(run, "cartridges") if is_low(one)] != []


def test_filter_in_printer_keeps_the_tanks_in_that_printer(run: Run) -> None:
    found = rows(run, "tanks --in-printer tidywombat")
    assert {one["inside_printer"] for one in found} == {"Form4-TidyWombat"}


def test_option_sort_orders_by_a_column_and_puts_missing_values_last(run: Run) -> None:
    volumes = [one["volume_ml"] for one in rows(run, "prints --sort -volume_ml -n 9")]
    every = [one["volume_ml"] for one in rows(run, "prints --all") if one["volume_ml"] is not None]
    assert volumes == sorted(every, reverse=True)[:9]
    ends = [one["ended_at"] for one in rows(run, "prints --all --sort ended_at --derived")]
    known = [one for one in ends if one is not None]
    assert ends == [*sorted(known), *[None] * (len(ends) - len(known))]


def test_option_columns_selects_export_columns_in_the_given_order(run: Run) -> None:
    ran = run("prints", "--columns", "name, outcome,duration", "-n", "2")
    assert ran.out.splitlines()[0].split() == ["name", "outcome", "duration"]
    assert [list(one) for one in rows(run, "prints --columns guid,outcome -n 2")] == [
        ["guid", "outcome"]
    ] * 2


def test_option_derived_adds_values_and_keeps_those_of_the_api(run: Run) -> None:
    for command in ("prints -n 5", "printers", "tanks", "cartridges", "status"):
        raw, derived = rows(run, command), rows(run, f"{command} --derived")
        assert [{name: more[name] for name in one} for one, more in zip(raw, derived)] == raw
        assert all(set(more) > set(one) for one, more in zip(raw, derived))


def test_a_printer_shows_its_five_newest_prints(run: Run) -> None:
    shown = run("printer", "ModestPenguin").out.partition("Recent prints\n")[2].splitlines()
    newest = [one["name"] for one in rows(run, "prints --printer ModestPenguin -n 5")]
    assert len(shown) == 6
    assert [name for name, line in zip(newest, shown[1:]) if name not in line] == []


def test_promote_and_demote_change_the_administrators_of_a_group(
    run_own: Run, own_sandbox: Sandbox
) -> None:
    def administrators() -> Set[str]:
        (group, *_) = json.loads(run_own("groups", "list", "--json").out)
        return {one["email"] for one in group["memberships"] if one["is_admin"]}

    before = administrators()
    command = ("Prototype Workshop", "jonas_b@example.com")
    assert run_own("groups", "promote", *command).code == 0
    assert administrators() == {*before, "jonas_b@example.com"}
    assert run_own("groups", "demote", *command).code == 0
    assert administrators() == before


def test_remote_print_is_turned_on_and_off(run_own: Run) -> None:
    for word in ("on", "off"):
        assert run_own("groups", "remote-print", "Prototype Workshop", word).code == 0
        assert f"Remote print  {word}" in run_own("groups", "list").out.split("\n\n")[0]


def test_filter_without_matches_is_not_a_failure_if_its_name_exists(run: Run) -> None:
    assert run("prints", "--printer", "TidyWombat", "--name", "never printed").code == 0


@pytest.mark.parametrize(
    "command",
    [
        "prints --material Nonsense",
        "cartridges --material Nonsense",
        "events --tank 04ffffffffffff",
        "events --cartridge 04ffffffffffff",
        "events --print 00000000-0000-4000-8000-000000000000",
        "export prints --material Nonsense",
        "export events --tank 04ffffffffffff",
    ],
)
def test_filter_with_an_unknown_name_fails_and_names_it(run: Run, command: str) -> None:
    ran = run(*command.split())
    assert ran.code == 1
    assert command.split()[-1] in ran.err


def test_filter_of_a_tank_without_events_is_no_failure(run: Run) -> None:
    tanks = json.loads(run("tanks", "--json").out)
    unused = tanks[0]["serial"]
    ran = run("events", "--tank", unused, "--since", "2026-06-05 11:59")
    assert (ran.code, ran.out) == (0, "")


@pytest.mark.parametrize("name", ["FLGPCL05", "flgpcl05", "Clear V5", "clear v5", "CLEAR-V5"])
def test_material_filter_accepts_any_spelling_of_the_name(run: Run, name: str) -> None:
    shown = json.loads(run("prints", "--all", "--json", "--material", name).out)
    assert {one["material"] for one in shown} == {"FLGPCL05"}
