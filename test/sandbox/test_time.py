"""Changes of the fleet while time passes, which depend on seed and time only."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, Iterator, List, Set

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formlabs_web_api.sandbox import Sandbox
from formlabs_web_api.sandbox.clock import Clock
from formlabs_web_api.sandbox.http.rows import Rows
from formlabs_web_api.sandbox.instants import HOUR, to_datetime
from test.sandbox.caller import Caller
from test.sandbox.conftest import NOW

SENTINEL = "1969-12-31T19:00:00.001000-05:00"
Row = Dict[str, Any]


class Watch:
    """A sandbox without HTTP, read as its rows."""

    def __init__(self, **settings: Any) -> None:
        self.sandbox = Sandbox(**{"seed": 1, "now": NOW, **settings})
        self.world = self.sandbox.world

    @property
    def rows(self) -> Rows:
        return Rows(self.world.clock(), "http://pictures.example.com/{}".format)

    def printers(self) -> List[Row]:
        return [self.rows.printer(printer) for printer in self.world.printers.values()]

    def prints(self) -> List[Row]:
        return [self.rows.print_(run) for run in self.world.prints.select({}).newest(0, 10**6)]

    def events(self) -> List[Row]:
        return [self.rows.event(event) for event in self.world.events.select({}).newest(0, 10**6)]

    def text(self) -> str:
        cartridges = [self.rows.cartridge(item) for item in self.world.cartridges]
        tanks = [self.rows.tank(item) for item in self.world.tanks]
        queues = [
            self.rows.queue_item(item) for group in self.world.groups.mine() for item in group.queue
        ]
        return json.dumps(
            [self.printers(), self.prints(), self.events(), cartridges, tanks, queues]
        )

    def looks(self, every: timedelta, count: int) -> Iterator[List[Row]]:
        for _ in range(count):
            self.sandbox.advance(every)
            yield self.printers()


@pytest.fixture(scope="module")
def month() -> Watch:
    """A fleet after a simulated month."""
    watch = Watch()
    watch.sandbox.advance(days=30)
    return watch


def since_the_start(rows: List[Row]) -> List[Row]:
    return [row for row in rows if datetime.fromisoformat(row["created_at"]) > NOW]


def now_minus(text: str, watch: Watch) -> timedelta:
    return to_datetime(watch.world.clock()) - moment(text)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


# Determined by seed and time


@settings(deadline=None, max_examples=6)
@given(st.lists(st.integers(1, 40 * 3600), max_size=20))
def test_fleet_does_not_depend_on_the_steps_in_which_time_is_advanced(steps: List[int]) -> None:
    at_once, stepped = Watch(seed=3), Watch(seed=3)
    at_once.sandbox.advance(seconds=sum(steps))
    for seconds in steps:
        stepped.sandbox.advance(seconds=seconds)
    assert stepped.text() == at_once.text()


def test_reading_does_not_change_the_fleet_and_the_seed_does() -> None:
    watched, alone, other = Watch(), Watch(), Watch(seed=2)
    for _ in watched.looks(timedelta(hours=6), 8):
        pass
    alone.sandbox.advance(days=2)
    other.sandbox.advance(days=2)
    assert watched.text() == alone.text() != other.text()


# A job


def test_a_running_job_and_the_fleet_continue(caller: Caller, sandbox: Sandbox) -> None:
    def job(serial: str) -> Any:
        return caller.get(f"/printers/{serial}/")["printer_status"]["current_print_run"]

    printers = caller.get("/printers/")
    form_3 = printers[2]["serial"]
    heating = next(
        row["serial"]
        for row in printers
        if (row["printer_status"]["current_print_run"] or {}).get("status") == "PREHEAT"
    )
    before, events = job(form_3), caller.get("/events/")["count"]
    sandbox.advance(minutes=30)
    after = job(form_3)
    assert after["elapsed_duration_ms"] - before["elapsed_duration_ms"] == 30 * 60_000
    assert after["currently_printing_layer"] > before["currently_printing_layer"]
    assert job(heating)["status"] == "PRINTING"
    assert job(heating)["currently_printing_layer"] >= 0
    sandbox.advance(hours=20)
    assert caller.get("/events/")["count"] > events
    done = caller.get(f"/printers/{form_3}/prints/?per_page=100")["results"]
    (over,) = [row for row in done if row["guid"] == before["guid"]]
    assert over["status"] == "FINISHED"
    assert over["currently_printing_layer"] == over["layer_count"] - 1
    assert done[0]["guid"] != over["guid"], "the printer has begun something new"


def test_prints_are_listed_newest_first_with_the_observed_outcomes(month: Watch) -> None:
    new = since_the_start(month.prints())
    created = [moment(row["created_at"]) for row in month.prints()]
    assert created == sorted(created, reverse=True)
    assert max(created) <= NOW + timedelta(days=30)
    outcomes = Counter(
        (row["status"], (row["print_run_success"] or {}).get("print_run_success")) for row in new
    )
    assert {
        ("FINISHED", "SUCCESS"),
        ("FINISHED", None),
        ("FINISHED", "FAILURE"),
        ("ABORTED", None),
        ("ERROR", "FAILURE"),
    } <= set(outcomes)
    assert outcomes["ABORTED", "SUCCESS"] == outcomes["ERROR", "SUCCESS"] == 0
    assert len({row["guid"] for row in month.prints()}) == len(month.prints())


def test_print_times_have_the_digits_of_the_printer_family(month: Watch) -> None:
    for row in since_the_start(month.prints()):
        finished = row["print_finished_at"] or ""
        if row["printer"].startswith("Form4"):
            assert all(
                "." not in t or t[23:26] == "000" for t in (row["print_started_at"], finished)
            )
        else:
            assert "." not in row["print_started_at"] + finished


def test_part_of_the_form_4_jobs_freeze_while_the_printer_pings() -> None:
    watch = Watch()
    layers: Dict[str, List[int]] = {}
    for printers in watch.looks(timedelta(minutes=20), 300):
        for row in printers:
            status = row["printer_status"]
            run = status["current_print_run"]
            if status["status"] == "PRINTING" and run is not None:
                layers.setdefault(run["guid"], []).append(run["currently_printing_layer"])
                assert now_minus(status["last_pinged_at"], watch) < timedelta(seconds=27)
    runs = {row["guid"]: row for row in watch.prints()}
    frozen = [runs[guid] for guid, seen in layers.items() if seen[-4:] == [seen[-1]] * 4]
    assert len(frozen) >= 5
    assert all(row["printer"].startswith("Form4") for row in frozen)
    for row in frozen:
        assert row["currently_printing_layer"] == layers[row["guid"]][-1] < row["layer_count"] - 1
        assert (row["status"], row["print_finished_at"]) == ("FINISHED", SENTINEL)


def test_a_job_from_the_queue_keeps_its_name_and_leaves_the_queue(month: Watch) -> None:
    first = Watch()
    types = {(p.group, p.kind.machine_type_id) for p in first.world.printers.values()}
    waiting = {
        item.id: item
        for group in first.world.groups.mine()
        for item in group.queue
        if any((group, type_) in types for type_ in item.machine_type_ids)
    }
    assert waiting
    still = {item.id for group in month.world.groups.mine() for item in group.queue}
    queued = {
        row["cloud_queue_item"]["id"]: row
        for row in since_the_start(month.prints())
        if row["cloud_queue_item"]
    }
    assert set(waiting) <= set(queued), "all jobs that waited a month ago have been printed"
    assert not still & set(queued)
    for key, item in waiting.items():
        row = queued[key]
        assert (row["name"], row["volume_ml"]) == (item.name, item.volume_ml)
        assert row["print_intent"]["initiated_on"] == "REMOTE"
    assert len(queued) > len(waiting)


def test_prints_are_filtered_by_their_current_status(month: Watch) -> None:
    prints = month.world.prints
    runs = prints.select({}).newest(0, 10**6)
    for status in {run.status for run in runs}:
        found = prints.select({"status": [status]}).newest(0, 10**6)
        assert found == [run for run in runs if run.status == status]


# Consumables


def test_a_cartridge_empties_while_a_job_runs_in_steps_on_form_4() -> None:
    watch = Watch()
    seen: Dict[str, List[float]] = {}
    for printers in watch.looks(timedelta(minutes=30), 400):
        for row in printers:
            statuses = row["cartridge_status"]
            for slot in statuses if isinstance(statuses, list) else [statuses]:
                if slot["cartridge"] is not None:
                    volumes = seen.setdefault(slot["cartridge"]["serial"], [])
                    volumes.append(slot["cartridge"]["volume_dispensed_ml"])
    assert all(volumes == sorted(volumes) for volumes in seen.values())
    families = {item.serial: item.machine_type_id for item in watch.world.cartridges}
    form_4 = [v for serial, v in seen.items() if families[serial] in ("FORM-4-0", "FRML-4-0")]
    assert all(volume % 100 == 0 for volumes in form_4 for volume in volumes)
    assert any(len(set(volumes)) > 5 for volumes in form_4)
    form_3 = [v for serial, v in seen.items() if families[serial] == "FORM-3-2"]
    assert any(len(set(volumes)) > 20 for volumes in form_3)
    assert max(map(max, seen.values())) <= 1000


def test_an_empty_cartridge_halts_the_job_until_it_is_replaced(month: Watch) -> None:
    requests = [
        row
        for row in since_the_start(month.events())
        if row["type"] == "PRINT_RESOLUTION_REQUEST" and row["cartridge"]
    ]
    assert requests
    cartridges = {item.serial: item for item in month.world.cartridges}
    for request in requests:
        left = cartridges[request["cartridge"]]
        assert left.used_ml == pytest.approx(left.initial_ml, abs=0.01)
    replaced = [row for row in requests if cartridges[row["cartridge"]].printer is None]
    assert replaced
    assert all(cartridges[row["cartridge"]].is_empty for row in replaced)
    low = {row["cartridge"] for row in month.events() if row["type"] == "RESIN_LOW"}
    assert low & {row["cartridge"] for row in requests}


def test_a_halted_job_ends_later_by_the_time_it_was_halted() -> None:
    watch = Watch()
    (waiting,) = [
        row
        for row in watch.printers()
        if row["printer_status"]["status"] == "WAITING_FOR_RESOLUTION"
    ]
    run = waiting["printer_status"]["current_print_run"]
    printer = watch.world.printers[waiting["serial"]]
    sandbox = watch.sandbox
    while printer.status == "WAITING_FOR_RESOLUTION":
        sandbox.advance(minutes=5)
        row = watch.rows.printer(printer)
        if printer.status == "WAITING_FOR_RESOLUTION":
            assert row["printer_status"]["current_print_run"] == {
                **row["printer_status"]["current_print_run"],
                "elapsed_duration_ms": run["elapsed_duration_ms"],
                "currently_printing_layer": run["currently_printing_layer"],
            }
    assert row["tank_status"]["tank"] is not None
    after = row["printer_status"]["current_print_run"]
    assert after["status"] == "PRINTING"
    behind = after["elapsed_duration_ms"] - run["elapsed_duration_ms"]
    assert 0 <= behind <= 5 * 60_000


def test_the_layers_of_a_tank_count_up() -> None:
    watch = Watch()
    tank = next(p.tank for p in watch.world.printers.values() if p.tank and p.status == "PRINTING")
    counts = [watch.rows.tank(tank)["layer_count"]]
    for _ in watch.looks(timedelta(minutes=10), 6):
        row = watch.rows.tank(tank)
        counts.append(row["layer_count"])
        assert row["layers_printed"] == row["layer_count"]
    assert counts == sorted(counts)
    assert len(set(counts)) == len(counts)


# Connections


def test_an_offline_printer_flaps_with_the_same_old_ping() -> None:
    watch = Watch(seed=4)
    away = [p for p in watch.world.printers.values() if p.status == "UNKNOWN"]
    pings = {p.serial: p.last_ping for p in away}
    looks: List[str] = []
    for _ in range(1800):
        watch.sandbox.advance(seconds=45)
        for printer in away:
            status = watch.rows.printer(printer)["printer_status"]
            assert printer.last_ping == pings[printer.serial]
            looks.append(status["status"])
            assert now_minus(status["last_pinged_at"], watch) > timedelta(days=2)
    flaps = len(looks) - looks.count("UNKNOWN")
    assert 3 <= flaps < 60
    assert set(looks) == {"UNKNOWN", "IDLE", "PRIMED"}


def test_printers_go_offline_and_come_back(month: Watch) -> None:
    silent = Counter(row["printer_status"]["status"] for row in Watch().printers())["UNKNOWN"]
    assert silent == 2
    watch = Watch()
    gone_and_back = set()
    off: Dict[str, bool] = {}
    for printers in watch.looks(timedelta(hours=4), 180):
        for row in printers:
            unknown = row["printer_status"]["status"] == "UNKNOWN"
            if off.get(row["serial"]) and not unknown:
                gone_and_back.add(row["serial"])
            off[row["serial"]] = unknown
            if unknown:
                assert row["printer_status"]["current_print_run"] is None
    assert len(gone_and_back) >= 4


def test_a_print_made_offline_is_uploaded_later(month: Watch) -> None:
    watch = Watch()
    watch.sandbox.advance(days=90)
    late = [
        row
        for row in since_the_start(watch.prints())
        if moment(row["created_at"]) - moment(row["print_started_at"]) > timedelta(hours=3)
    ]
    assert late
    for row in late:
        assert not row["printer"].startswith("Form4")
        assert row["status"] == "FINISHED"
        assert moment(row["print_finished_at"]) < moment(row["created_at"])


def test_every_observed_status_occurs_within_a_month() -> None:
    watch = Watch()
    seen: Set[str] = set()
    for _ in range(10_000):
        watch.sandbox.advance(minutes=4)
        seen.update(printer.status for printer in watch.world.printers.values())
    assert seen == {
        "UNKNOWN",
        "IDLE",
        "PRINTING",
        "PRIMED",
        "CHECK_PRINTER",
        "WAITING_FOR_RESOLUTION",
    }


# Events


def test_changes_of_the_fleet_create_events(month: Watch) -> None:
    events = since_the_start(month.events())
    assert [row["id"] for row in events] == sorted((row["id"] for row in events), reverse=True)
    assert {
        "PRINT_START",
        "PRINT_FINISHED",
        "PRINT_ABORTED",
        "PRINT_ERROR",
        "RESIN_LOW",
        "PRINT_RESOLUTION_REQUEST",
        "PRINT_RESOLUTION",
    } <= {row["type"] for row in events}
    ends = {"PRINT_FINISHED": "FINISHED", "PRINT_ABORTED": "ABORTED", "PRINT_ERROR": "ERROR"}
    for row in events:
        if row["type"] in ends:
            assert row["print_run"]["status"] == ends[row["type"]]
    started = {row["print_run"]["guid"] for row in events if row["type"] == "PRINT_START"}
    assert started == {row["guid"] for row in since_the_start(month.prints())}


def test_a_fleet_stays_consistent_for_months() -> None:
    watch = Watch(printers=6, prints=12)
    watch.sandbox.advance(days=300)
    printers = watch.printers()
    assert len(watch.prints()) > 2000
    latest = max(moment(row["created_at"]) for row in watch.prints())
    assert to_datetime(watch.world.clock()) - latest < timedelta(days=1)
    assert all(row["previous_print_run"] for row in printers)


# Speed of the clock


def test_speed_applies_to_the_fleet_and_not_to_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    real = [1_780_000_000_000_000_000]
    monkeypatch.setattr("formlabs_web_api.sandbox.clock.elapsed_ns", lambda: real[0])
    clock = Clock(NOW, speed=600)
    real[0] += 60 * 10**9
    assert to_datetime(clock()) == NOW + timedelta(hours=10)
    assert to_datetime(clock.client_time()) == NOW + timedelta(minutes=1)
    clock.speed = 0
    real[0] += 3600 * 10**9
    assert to_datetime(clock()) == NOW + timedelta(hours=10)
    assert to_datetime(clock.client_time()) == NOW + timedelta(minutes=1)
    clock.speed = 2
    real[0] += 30 * 10**9
    clock.advance(timedelta(days=1))
    assert to_datetime(clock()) == NOW + timedelta(days=1, hours=10, minutes=1)
    assert to_datetime(clock.client_time()) == NOW + timedelta(days=1, seconds=90)
    clock.restart()
    assert to_datetime(clock()) == NOW


@pytest.mark.parametrize(
    "speed", [-1, float("nan"), float("inf"), 1e308, 10**400, 1_000_001, "9", True]
)
def test_a_speed_out_of_range_is_refused(speed: Any) -> None:
    with pytest.raises(ValueError, match="speed"):
        Sandbox(now=NOW, speed=speed)
    sandbox = Sandbox(now=NOW, speed=1_000_000)
    with pytest.raises(ValueError, match="speed"):
        sandbox.speed = speed
    assert sandbox.speed == 1_000_000


def test_time_stays_within_the_range_of_datetime(monkeypatch: pytest.MonkeyPatch) -> None:
    real = [0]
    monkeypatch.setattr("formlabs_web_api.sandbox.clock.elapsed_ns", lambda: real[0])
    clock = Clock(NOW, speed=1_000_000)
    real[0] += 10**19
    assert to_datetime(clock()).year == 9909
    with pytest.raises(ValueError, match="calendar"):
        clock.advance(timedelta(days=1))


def test_time_stands_still_by_default_only_with_now() -> None:
    assert Sandbox(now=NOW).speed == 0
    assert Sandbox().speed == 1
    assert Sandbox(speed=600).speed == 600
    assert Sandbox(now=NOW).world.clock() % HOUR == 0
    assert datetime.now(timezone.utc) - to_datetime(Sandbox().world.clock()) < timedelta(minutes=1)
