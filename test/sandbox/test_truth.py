"""The truth of a sandbox agrees with its responses."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Dict, List, Optional, Set, Tuple

import pytest

from formlabs_web_api.sandbox import Sandbox
from formlabs_web_api.sandbox.instants import read, to_datetime
from formlabs_web_api.sandbox.truth import TruePrint, Truth
from test.sandbox.caller import Caller
from test.sandbox.conftest import NOW


def all_prints(caller: Caller) -> Dict[str, Dict[str, Any]]:
    renew_token(caller)
    rows: List[Dict[str, Any]] = []
    path: Optional[str] = "/prints/?per_page=100"
    while path:
        page = caller.get(path)
        rows += page["results"]
        path = page["next"]
    return {row["guid"]: row for row in rows}


def renew_token(caller: Caller) -> None:
    """Fetch a new token after the time was advanced beyond the old one's lifetime."""
    caller.headers["Authorization"] = f"Bearer {caller.token()}"


def moment(text: str) -> datetime:
    return to_datetime(read(text))


def month(seed: int, step: timedelta, printers: int = 20) -> Sandbox:
    sandbox = Sandbox(seed=seed, now=NOW, printers=printers, prints=5 * printers)
    passed = timedelta()
    while passed < timedelta(days=30):
        sandbox.advance(step)
        passed += step
    return sandbox


def everything(truth: Truth) -> Tuple[Any, ...]:
    return (
        truth.prints(),
        truth.printer_statuses(),
        truth.print_statuses(),
        truth.connections(),
        truth.ratings(),
        truth.deletions(),
        truth.consumable_changes(),
        truth.consumables(),
    )


def test_the_truth_follows_from_the_seed_and_not_from_the_steps() -> None:
    in_one, in_many = (month(7, step) for step in (timedelta(days=30), timedelta(hours=5)))
    assert everything(in_one.truth) == everything(in_many.truth)
    assert everything(in_one.truth) != everything(month(8, timedelta(days=30)).truth)
    in_one.reset()
    assert everything(in_one.truth) == everything(
        Sandbox(seed=7, now=NOW, printers=20, prints=100).truth
    )


def test_the_true_prints_are_those_of_the_service(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.advance(days=20)
    rows, truth = all_prints(caller), {each.guid: each for each in sandbox.truth.prints()}
    assert set(rows) == set(truth)
    for guid, row in rows.items():
        true = truth[guid]
        assert (row["status"], row["printer"], row["name"]) == (
            *(true.status, true.printer, true.name),
        )
        assert moment(row["print_started_at"]) == true.started
        assert moment(row["created_at"]) == true.created
        rating = row["print_run_success"]
        assert (rating and rating["print_run_success"]) == true.rating
        finished = row["print_finished_at"] and moment(row["print_finished_at"])
        if finished and finished.year > 1970:
            assert finished == true.ended
        assert (true.outcome is None) == (true.ended is None)


def test_an_end_that_the_service_never_learns_is_known(sandbox: Sandbox) -> None:
    sandbox.advance(days=200)
    forgotten = [each for each in sandbox.truth.prints() if each.ended and not each.is_end_known]
    assert len(forgotten) > 2
    assert {each.status for each in forgotten} == {"PRINTING"}
    assert {each.outcome for each in forgotten} <= {"FINISHED", "ABORTED", "ERROR"}
    late = [each for each in sandbox.truth.prints() if is_late(each)]
    assert late
    assert all(each.ended is not None and each.ended < each.created for each in late)


def is_late(run: TruePrint) -> bool:
    return run.ended is not None and run.created - run.started > timedelta(hours=2)


def test_printers_are_seen_in_the_statuses_of_the_truth(caller: Caller, sandbox: Sandbox) -> None:
    seen: List[Tuple[datetime, Dict[str, str], Set[str]]] = []
    for _ in range(300):
        sandbox.advance(minutes=11, seconds=7)
        now = sandbox.truth.now()
        renew_token(caller)
        rows = caller.get("/printers/")
        statuses = {row["serial"]: row["printer_status"] for row in rows}
        online = {
            serial
            for serial, status in statuses.items()
            if now - moment(status["last_pinged_at"]) < timedelta(seconds=60)
        }
        seen.append((now, {serial: each["status"] for serial, each in statuses.items()}, online))
    changes, intervals = sandbox.truth.printer_statuses(), sandbox.truth.connections()
    first = {change.printer: change.before for change in reversed(changes)}
    for now, statuses, online in seen:
        expected = {**{serial: statuses[serial] for serial in statuses}, **first}
        expected.update({each.printer: each.after for each in changes if each.at <= now})
        assert statuses == expected
        pinging = {
            each.printer
            for each in intervals
            if each.is_online and each.begin <= now and (each.end is None or now < each.end)
        }
        silent_for_a_minute = {
            each.printer
            for each in intervals
            if not each.is_online
            and each.begin + timedelta(seconds=60) <= now
            and (each.end is None or now < each.end)
        }
        assert pinging <= online
        assert not silent_for_a_minute & online
    assert any(not each.is_online and each.end for each in intervals)


def test_connections_alternate_without_gaps() -> None:
    truth = month(2, timedelta(days=30)).truth
    by_printer: Dict[str, List[Any]] = {}
    for each in truth.connections():
        by_printer.setdefault(each.printer, []).append(each)
    assert len(by_printer) == 20
    for intervals in by_printer.values():
        assert intervals[0].begin == truth.started()
        assert intervals[-1].end is None
        for earlier, later in zip(intervals, intervals[1:]):
            assert earlier.end == later.begin
            assert earlier.is_online != later.is_online


def test_consumable_changes_result_in_the_current_consumables() -> None:
    sandbox = month(5, timedelta(days=10))
    inside: Dict[Tuple[str, str, str], Optional[str]] = {}
    for each in sandbox.truth.consumable_changes():
        place = (each.printer, each.kind, each.slot)
        assert each.before != each.after
        assert inside.get(place, each.before) == each.before
        inside[place] = each.after
    assert inside
    place_of = {level.serial: level.printer for level in sandbox.truth.consumables()}
    for (printer, _, _), serial in inside.items():
        assert serial is None or place_of[serial] == printer


def test_ratings_are_changed_later_and_each_change_is_in_the_truth() -> None:
    truth = month(1, timedelta(days=30), printers=50).truth
    times = Counter(each.print_run for each in truth.ratings())
    again = [guid for guid, count in times.items() if count > 1]
    assert len(again) > 5
    latest = {each.print_run: each for each in truth.ratings()}
    for run in truth.prints():
        if run.rating is None:
            assert run.guid not in latest
        else:
            assert (run.rating, run.rated) == (latest[run.guid].rating, latest[run.guid].at)


def test_rate_print_changes_the_responses_and_the_truth(caller: Caller, sandbox: Sandbox) -> None:
    run = next(each for each in sandbox.truth.prints() if each.rating == "SUCCESS")
    sandbox.rate_print(run.guid, "FAILURE")
    row = all_prints(caller)[run.guid]
    assert row["print_run_success"]["print_run_success"] == "FAILURE"
    assert sandbox.truth.ratings()[-1] == (NOW, run.guid, "FAILURE")
    with pytest.raises(ValueError, match="SUCCESS or FAILURE"):
        sandbox.rate_print(run.guid, "GOOD")
    with pytest.raises(KeyError, match="no print run"):
        sandbox.rate_print("nothing", "SUCCESS")
    running = next(each for each in sandbox.truth.prints() if each.ended is None)
    with pytest.raises(ValueError, match="not ended"):
        sandbox.rate_print(running.guid, "SUCCESS")


@pytest.mark.parametrize("query", ["", "&printer={printer}", "&status={status}", "&name={name}"])
def test_a_deleted_print_is_in_no_list_but_in_the_truth(
    caller: Caller, sandbox: Sandbox, query: str
) -> None:
    run = sandbox.truth.prints()[5]
    query = query.format(printer=run.printer, status=run.status, name=run.name.replace(" ", "%20"))
    before = caller.get("/prints/?per_page=100" + query)
    sandbox.delete_print(run.guid)
    after = caller.get("/prints/?per_page=100" + query)
    assert before["count"] - after["count"] == 1
    assert run.guid not in all_prints(caller)
    assert sandbox.truth.deletions() == [(NOW, run.guid)]
    assert sandbox.truth.prints()[5] == run._replace(deleted=NOW)
    sandbox.advance(days=3)
    assert run.guid not in all_prints(caller)
    with pytest.raises(KeyError):
        sandbox.delete_print(run.guid)
    sandbox.reset()
    assert run.guid in all_prints(caller)


def test_a_print_that_a_printer_shows_is_not_deleted(sandbox: Sandbox) -> None:
    shown = next(printer.previous for printer in sandbox.world.printers.values())
    assert shown is not None
    with pytest.raises(ValueError, match="still shows"):
        sandbox.delete_print(shown.guid)


def test_the_truth_is_plain_data() -> None:
    truth = month(3, timedelta(days=30), printers=3).truth
    rows = [each._asdict() for each in truth.prints()]
    assert len(json.dumps(rows, default=str)) > 1000


def test_used_resin_is_the_sum_over_ended_and_running_prints(sandbox: Sandbox) -> None:
    before = {each.serial: each.used_ml for each in sandbox.truth.consumables()}
    sandbox.advance(hours=30)
    after = {each.serial: each.used_ml for each in sandbox.truth.consumables()}
    assert set(before) <= set(after)
    for serial, used in before.items():
        assert used is None or (after[serial] or 0.0) >= used - 1e-9
