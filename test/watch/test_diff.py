"""Changes that a poll finds: each rule alone, and all rules on random fleets."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from formlabs_web_api.models import DeveloperAPIMyPrinter
from formlabs_web_api.watch import AtSource, Change, ChangeKind
from formlabs_web_api.watch.comparison import Rules
from formlabs_web_api.watch.diff import compare
from formlabs_web_api.watch.lookback import lookback
from formlabs_web_api.watch.records import FleetRecord
from test.watch.rows import Job, cartridge_row, printer_model

DATA = Path(__file__).parents[1] / "support" / "data"
NOON = datetime(2026, 6, 5, 12, tzinfo=timezone.utc)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Polls:
    """Polls of one fleet, half a minute apart unless a time is given."""

    def __init__(self, rules: Optional[Rules] = None) -> None:
        self.fleet = FleetRecord()
        self.now = NOON
        self.rules = rules or Rules()

    def poll(
        self,
        *printers: Any,
        after: timedelta = timedelta(seconds=30),
        history: Sequence[Job] = (),
    ) -> List[Change]:
        if not self.fleet.is_new:
            self.now += after
        past = [job.model() for job in history]
        changes, update = compare(self.fleet, printers, past, self.now, self.rules)
        self.fleet.apply(update)
        return changes

    def printer(self, **values: Any) -> Any:
        values.setdefault("pinged", self.now + timedelta(days=1))  # fresh at the next poll too
        return printer_model("A", **values)


def kinds(changes: List[Change]) -> List[str]:
    return [str(change.kind) for change in changes]


def job(guid: str = "g", created: datetime = NOON + MINUTE, **values: Any) -> Job:
    return Job(guid, "A", created, **values)


def finished(one: Job, at: datetime) -> Job:
    return Job(
        *(one.guid, one.printer, one.created, "FINISHED", one.duration, one.duration, at),
    )


def test_the_first_poll_is_a_baseline() -> None:
    polls = Polls()
    old = job(created=NOON - HOUR)
    assert polls.poll(polls.printer(current=old, cartridge=cartridge_row("c", 999))) == []


def test_a_print_is_started_and_finished_once() -> None:
    polls = Polls()
    polls.poll(polls.printer())
    running, done = job(), finished(job(), NOON + 2 * MINUTE)
    (started,) = polls.poll(polls.printer(status="PRINTING", current=running), after=2 * MINUTE)
    assert (started.kind, started.at, started.at_source) == (
        *(ChangeKind.PRINT_STARTED, running.created, AtSource.REPORTED),
    )
    (ended,) = polls.poll(polls.printer(current=done, previous=done), after=2 * MINUTE)
    assert (ended.kind, ended.before, ended.after) == (
        *(ChangeKind.PRINT_FINISHED, {"status": "PRINTING"}, {"status": "FINISHED"}),
    )
    # A Form 4 still shows the print, then moves it, then shows it as running once more.
    assert polls.poll(polls.printer(current=done, previous=done)) == []
    assert polls.poll(polls.printer(previous=done)) == []
    assert polls.poll(polls.printer(status="PRINTING", current=running)) == []


def test_a_print_between_two_polls_is_started_and_finished() -> None:
    polls = Polls()
    polls.poll(polls.printer())
    done = finished(job(), NOON + 5 * MINUTE)
    found = polls.poll(polls.printer(previous=done), after=10 * MINUTE)
    assert kinds(found) == ["print_started", "print_finished"]
    assert all(change.at < change.seen_at for change in found)


def test_print_finished_and_then_rated_a_failure_is_reported_as_both() -> None:
    polls = Polls()
    polls.poll(polls.printer(current=job(created=NOON - HOUR)))
    done = finished(job(created=NOON - HOUR), NOON + MINUTE)
    assert kinds(polls.poll(polls.printer(previous=done))) == ["print_finished"]
    done.rating, done.rated = "FAILURE", NOON + 2 * MINUTE
    (rated,) = polls.poll(polls.printer(), history=[done], after=HOUR)
    assert (rated.kind, rated.after) == (ChangeKind.PRINT_RATED, {"rating": "FAILURE"})
    done.rating, done.rated = "SUCCESS", NOON + 3 * MINUTE
    (again,) = polls.poll(polls.printer(), history=[done])
    assert again.before == {"rating": "FAILURE"}
    assert again.key != rated.key


def test_the_keys_are_made_from_the_data_of_the_service() -> None:
    found: List[List[Change]] = []
    for delay in (MINUTE, HOUR):
        polls = Polls()
        polls.poll(polls.printer())
        done = finished(job(created=NOON + timedelta(seconds=1)), NOON + timedelta(seconds=20))
        found.append(polls.poll(polls.printer(previous=done), after=delay))
    assert [one.key for one in found[0]] == [one.key for one in found[1]]
    assert all("." not in change.key for change in found[0])


def test_pauses_and_attention_are_reported_with_their_number() -> None:
    polls = Polls()
    polls.poll(polls.printer(status="PRINTING", current=job(created=NOON - HOUR)))
    keys = set()
    for status, kind in (
        ("PAUSED", "print_paused"),
        ("PRINTING", "print_resumed"),
        ("WAITING_FOR_RESOLUTION", "print_needs_attention"),
        ("SOMETHING_NEW", None),
        ("PRINTING", "print_resumed"),
        ("PAUSED", "print_paused"),
    ):
        one = job(created=NOON - HOUR, status=status)
        found = polls.poll(polls.printer(status="PRINTING", current=one))
        assert kinds(found) == ([] if kind is None else [kind])
        keys |= {change.key for change in found}
    assert len(keys) == 5


def test_check_printer_is_reported_as_needs_attention() -> None:
    polls = Polls()
    one = job(created=NOON - HOUR)
    polls.poll(polls.printer(status="PRINTING", current=one))
    found = polls.poll(polls.printer(status="CHECK_PRINTER", current=one))
    assert kinds(found) == ["print_needs_attention"]


def test_an_offline_printer_is_reported_after_two_polls_and_back_once() -> None:
    polls = Polls()
    polls.poll(polls.printer())
    ping = polls.now
    assert polls.poll(polls.printer(status="UNKNOWN", pinged=ping)) == []
    (off,) = polls.poll(polls.printer(status="UNKNOWN", pinged=ping))
    assert (off.kind, off.at) == (ChangeKind.PRINTER_OFFLINE, ping)
    # The printer seems to be on line for a moment, with its old ping.
    assert polls.poll(polls.printer(status="IDLE", pinged=ping), after=HOUR) == []
    assert polls.poll(polls.printer(status="UNKNOWN", pinged=ping)) == []
    polls.now += HOUR
    (back,) = polls.poll(polls.printer(pinged=polls.now))
    assert back.kind is ChangeKind.PRINTER_ONLINE


def test_a_printer_that_was_online_between_two_polls_is_reported_as_both() -> None:
    polls = Polls()
    polls.poll(polls.printer())
    (first,) = polls.poll(polls.printer(status="UNKNOWN", pinged=NOON), after=HOUR)
    late = polls.printer(status="UNKNOWN", pinged=NOON + MINUTE)  # its last ping, shown late
    assert polls.poll(late) == []
    found = polls.poll(polls.printer(status="UNKNOWN", pinged=NOON + 9 * HOUR), after=24 * HOUR)
    assert kinds(found) == ["printer_online", "printer_offline"]
    assert found[1].at == NOON + 9 * HOUR
    assert found[1].key != first.key


def test_single_offline_poll_with_an_old_ping_is_reported() -> None:
    polls = Polls()
    polls.poll(polls.printer())
    found = polls.poll(polls.printer(status="UNKNOWN", pinged=NOON), after=HOUR)
    assert kinds(found) == ["printer_offline"]


def test_single_offline_poll_with_a_recent_ping_is_not_reported() -> None:
    polls = Polls()
    polls.poll(polls.printer())
    for _ in range(3):
        assert polls.poll(polls.printer(status="UNKNOWN")) == []
        assert polls.poll(polls.printer()) == []


def test_a_printer_is_removed_after_three_lists_and_may_come_back() -> None:
    polls = Polls()
    polls.poll(polls.printer())
    assert kinds([*polls.poll(), *polls.poll()]) == []
    assert kinds(polls.poll()) == ["printer_removed"]
    assert polls.poll() == []
    (first,) = polls.poll(polls.printer())
    assert first.kind is ChangeKind.PRINTER_ADDED
    for _ in range(3):
        polls.poll()
    (second,) = polls.poll(polls.printer())
    assert second.key != first.key


def test_printer_missing_from_one_list_is_not_reported() -> None:
    polls = Polls()
    polls.poll(polls.printer())
    assert [*polls.poll(), *polls.poll(polls.printer()), *polls.poll(), *polls.poll()] == []


def test_firmware_cartridge_and_tank_changes_are_reported_even_back_and_forth() -> None:
    polls = Polls()

    def seen(version: str, cartridge: str, tank: str) -> List[Change]:
        return polls.poll(
            polls.printer(
                firmware=version,
                cartridge=cartridge_row(cartridge, 0),
                tank={"serial": tank, "material": "FLGPCL05", "layer_count": 7},
            )
        )

    seen("1.0", "c1", "t1")
    keys = [
        change.key
        for _ in range(2)
        for names in (("2.0", "c2", "t2"), ("1.0", "c1", "t1"))
        for change in seen(*names)
    ]
    assert len(keys) == len(set(keys)) == 12
    assert seen("1.0", "c1", "t1") == []


def test_cartridge_or_tank_taken_out_and_put_back_is_not_reported() -> None:
    polls = Polls()
    tank = {"serial": "t", "layer_count": 7}
    polls.poll(polls.printer(cartridge=cartridge_row("c", 0), tank=tank))
    assert polls.poll(polls.printer()) == []
    assert polls.poll(polls.printer(cartridge=cartridge_row("c", 0), tank=tank)) == []


def test_a_low_cartridge_is_reported_once_wherever_it_is_put() -> None:
    polls = Polls(Rules(low_ml=150.0))
    polls.poll(polls.printer(cartridge=cartridge_row("c", 0)))
    (low,) = polls.poll(polls.printer(cartridge=cartridge_row("c", 850)))
    assert low.kind is ChangeKind.CARTRIDGE_LOW
    assert low.after["remaining_ml"] == 150.0
    assert polls.poll(polls.printer(cartridge=cartridge_row("c", 900))) == []
    assert kinds(polls.poll(polls.printer(cartridge=cartridge_row("d", 0)))) == [
        "cartridge_changed"
    ]
    assert kinds(polls.poll(polls.printer(cartridge=cartridge_row("c", 900)))) == [
        "cartridge_changed"
    ]
    (empty,) = polls.poll(polls.printer(cartridge=cartridge_row("c", 1000)))
    assert empty.kind is ChangeKind.CARTRIDGE_EMPTY
    assert polls.poll(polls.printer(cartridge=cartridge_row("c", 840))) == []
    assert polls.poll(polls.printer(cartridge=cartridge_row("c", 100))) == []
    (again,) = polls.poll(polls.printer(cartridge=cartridge_row("c", 850)))
    assert again.key != low.key


def test_the_highest_step_of_progress_is_reported() -> None:
    polls = Polls(Rules(steps=(25.0, 50.0, 75.0)))
    polls.poll(polls.printer(status="PRINTING", current=job(created=NOON - HOUR)))
    found: List[Any] = []
    for minutes in (30, 60, 61, 190, 200):
        one = job(created=NOON - HOUR, elapsed=minutes * MINUTE)
        found += polls.poll(polls.printer(status="PRINTING", current=one))
    assert [change.after["percent"] for change in found] == [25.0, 75.0]


def test_a_frozen_print_is_reported_once_and_again_when_it_freezes_again() -> None:
    polls = Polls()
    frozen = job(created=NOON - HOUR, elapsed=30 * MINUTE)
    found = [
        change
        for _ in range(60)
        for change in polls.poll(polls.printer(status="PRINTING", current=frozen), after=MINUTE)
    ]
    assert kinds(found) == ["print_stalled"]
    frozen = job(created=NOON - HOUR, elapsed=35 * MINUTE)
    found = [
        change
        for _ in range(60)
        for change in polls.poll(polls.printer(status="PRINTING", current=frozen), after=MINUTE)
    ]
    assert kinds(found) == ["print_stalled"]


def test_a_print_that_goes_on_after_a_long_pause_is_not_stalled() -> None:
    polls = Polls()
    for minute in range(90):
        one = job(created=NOON - 3 * HOUR, elapsed=(30 + minute) * MINUTE)
        found = polls.poll(polls.printer(status="PRINTING", current=one), after=MINUTE)
        assert found == []


def test_no_change_repeats_a_signed_address() -> None:
    polls = Polls()
    polls.poll(polls.printer())
    for change in polls.poll(polls.printer(current=job())):
        assert "Signature" not in str(change.to_dict())


def test_malformed_rows_do_not_affect_other_rows() -> None:
    polls = Polls()
    nameless: Any = None
    odd = polls.printer(current=job(guid=nameless, status=""), previous=job(guid=nameless))
    polls.poll(odd, None, 7, printer_model("B", None, status=""))
    assert polls.poll(odd, None, 7, printer_model("B", None, status="")) == []


@pytest.mark.parametrize("path", sorted(DATA.glob("printer*.json")), ids=lambda path: path.stem)
def test_unchanged_rows_report_no_change(path: Path) -> None:
    for row in _rows_in(json.loads(path.read_text("utf-8"))):
        printer: Any = DeveloperAPIMyPrinter.from_dict(row)
        polls = Polls()
        polls.now = printer.last_seen_at
        assert [polls.poll(printer) for _ in range(5)] == [[]] * 5


def _rows_in(content: Any) -> List[Any]:
    if isinstance(content, dict):
        return list(content.get("results", [content]))
    return list(content)


class RandomFleet(RuleBasedStateMachine):
    """Two printers whose prints start, pause, end, are rated and disappear at random.

    The watcher polls at random, so its data has gaps. The history gives only what
    reading it has to give: rows created since the time asked for. In the end each print was
    started, ended and rated once, in this order.
    """

    SERIALS = ("A", "B")

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.fleet = FleetRecord()
        self.jobs: List[Job] = []
        self.current: Dict[str, Optional[Job]] = dict.fromkeys(self.SERIALS)
        self.previous: Dict[str, Optional[Job]] = dict.fromkeys(self.SERIALS)
        self.silent_since: Dict[str, datetime] = {}
        self.found: List[Change] = []
        self.poll()

    @rule(serial=st.sampled_from(SERIALS), keeps=st.booleans())
    def start(self, serial: str, keeps: bool) -> None:
        running = self.current[serial]
        if running is None or running.ended is not None:
            self.now += timedelta(seconds=1)
            self.current[serial] = Job(f"g{len(self.jobs)}", serial, self.now)
            self.jobs.append(self.current[serial])  # type: ignore[arg-type]

    @rule(
        serial=st.sampled_from(SERIALS),
        status=st.sampled_from(["FINISHED", "ERROR", "ABORTED"]),
        keeps=st.booleans(),
    )
    def end(self, serial: str, status: str, keeps: bool) -> None:
        running = self.current[serial]
        if running is not None and running.ended is None:
            self.now += timedelta(seconds=1)
            running.status, running.ended = status, self.now
            self.previous[serial] = running
            if not keeps:
                self.current[serial] = None

    @rule(serial=st.sampled_from(SERIALS))
    def pause_or_resume(self, serial: str) -> None:
        running = self.current[serial]
        if running is not None and running.ended is None:
            running.status = "PAUSED" if running.status == "PRINTING" else "PRINTING"

    @precondition(lambda self: self.jobs)
    @rule(number=st.integers(0, 99), rating=st.sampled_from(["SUCCESS", "FAILURE"]))
    def rate(self, number: int, rating: str) -> None:
        one = self.jobs[number % len(self.jobs)]
        if one.ended is not None and one.rating is None:
            self.now += timedelta(seconds=1)
            one.rating, one.rated = rating, self.now

    @rule(serial=st.sampled_from(SERIALS))
    def go_offline_or_come_back(self, serial: str) -> None:
        if self.silent_since.pop(serial, None) is None:
            self.silent_since[serial] = self.now

    @rule(minutes=st.sampled_from([1, 5, 30, 300, 4000]))
    def let_time_pass(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule(flaps=st.booleans())
    def poll(self, flaps: bool = False) -> None:
        printers = [self.row(serial, flaps) for serial in self.SERIALS]
        plan = lookback(self.fleet, printers, self.now, 600.0)
        past = [
            one.model()
            for reading in plan.readings
            for one in self.jobs
            if one.created >= reading.since and reading.printer in (None, one.printer)
        ]
        changes, update = compare(self.fleet, printers, past, self.now, Rules())
        assert (changes, vars(update)) == _again(self.fleet, printers, past, self.now)
        keys = {change.key for change in self.found}
        self.found += [
            change
            for change in changes
            # The outbox takes each key once: off line again with the same ping is the same outage.
            if not (change.kind.startswith("printer_") and change.key in keys)
        ]
        if plan.is_sweep:
            update.times["swept"] = self.now.timestamp()
        if plan.is_deep:
            update.times["deep"] = self.now.timestamp()
        self.fleet.apply(update)

    def row(self, serial: str, flaps: bool) -> Any:
        silent = self.silent_since.get(serial)
        if silent is not None:
            status = "IDLE" if flaps else "UNKNOWN"
            return printer_model(serial, silent, status, None, self.previous[serial])
        return printer_model(
            serial, self.now, "PRINTING", self.current[serial], self.previous[serial]
        )

    @invariant()
    def no_key_comes_twice(self) -> None:
        keys = [change.key for change in self.found]
        assert len(keys) == len(set(keys))

    def teardown(self) -> None:
        self.silent_since.clear()
        self.poll()
        self.now += 25 * HOUR  # ratings of prints that no printer shows are read once a day
        self.poll()
        for one in self.jobs:
            of_one = [
                change
                for change in self.found
                if change.run is not None and change.run.guid == one.guid
            ]
            order = [str(change.kind) for change in of_one]
            ends = {"FINISHED": "print_finished", "ERROR": "print_failed"}
            expected = ["print_started"]
            if one.ended is not None:
                expected.append(ends.get(one.status, "print_aborted"))
            if one.rating is not None:
                expected.append("print_rated")
            reported = [kind for kind in order if kind in {*expected, "print_started"}]
            assert reported == expected


def _again(fleet: FleetRecord, printers: Any, past: Any, now: datetime) -> Any:
    """Repeat a poll that was not stored; the result is the same."""
    changes, update = compare(fleet, printers, past, now, Rules())
    return changes, vars(update)


RandomFleet.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestRandomFleet = RandomFleet.TestCase
