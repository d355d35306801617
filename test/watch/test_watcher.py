"""Changes that a watcher returns, and when they count as delivered."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Condition
from typing import Iterator, List

import pytest

pytest.importorskip("uvicorn", reason="the extra sandbox is not installed")

from formlabs_web_api import ApiClient
from formlabs_web_api.exceptions import ApiException, ApiValueError, ServiceException
from formlabs_web_api.sandbox import Sandbox
from formlabs_web_api.watch import Change, ChangeKind, Delivery, DeliveryResult, FleetPoll, Watcher
from test.watch.fleets import ENDS, NOON, client_of, ended_prints, fleet_of


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with fleet_of(printers=12) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[ApiClient]:
    with client_of(sandbox) as client:
        yield client


def keys(changes: List[Change]) -> List[str]:
    return [change.key for change in changes]


def test_first_poll_reports_no_change_and_takes_one_request(
    sandbox: Sandbox, client: ApiClient
) -> None:
    with client.watch() as watcher:
        assert watcher.poll() == []
    assert len(sandbox.requests_to("/printers/")) == 1
    assert not sandbox.requests_to("/prints/")


@pytest.mark.parametrize(("hours", "polls"), [(0.1, 60), (24, 6), (72, 2)])
def test_each_end_of_a_print_is_reported_once_at_any_interval(
    sandbox: Sandbox, client: ApiClient, hours: float, polls: int
) -> None:
    with client.watch(kinds=ENDS) as watcher:
        watcher.poll()
        before = ended_prints(client)
        found: List[Change] = []
        for _ in range(polls):
            sandbox.advance(hours=hours)
            found += watcher.poll()
    guids = [change.run.guid for change in found if change.run is not None]
    assert len(guids) == len(set(guids)) == len(found)
    assert set(guids) == ended_prints(client) - before


def test_a_rating_is_reported_after_the_end_even_days_later(
    sandbox: Sandbox, client: ApiClient
) -> None:
    order: List[str] = []
    with client.watch(kinds=["print_finished", "print_rated"]) as watcher:
        watcher.poll()
        for _ in range(6):
            sandbox.advance(hours=24)
            order += [
                f"{change.kind} {change.run and change.run.guid}" for change in watcher.poll()
            ]
    rated = [one.split()[1] for one in order if one.startswith("print_rated")]
    for guid in rated:
        finished = f"print_finished {guid}"
        assert finished not in order or order.index(finished) < order.index(f"print_rated {guid}")
    assert len(rated) > 20


def test_changes_of_a_poll_are_returned_again_after_a_crash(
    sandbox: Sandbox, client: ApiClient, tmp_path: Path
) -> None:
    state = tmp_path / "state.db"
    watcher = client.watch(state=state)
    watcher.poll()
    sandbox.advance(hours=6)
    first = watcher.poll()
    watcher._close(acknowledge=False)  # as for a killed process: nothing is recorded
    with client.watch(state=state) as again:
        assert keys(again.poll()) == keys(first) != []


def test_changes_of_a_poll_are_delivered_at_the_next_poll_or_at_close(
    sandbox: Sandbox, client: ApiClient, tmp_path: Path
) -> None:
    state = tmp_path / "state.db"
    with client.watch(state=state) as watcher:
        watcher.poll()
        sandbox.advance(hours=6)
        assert watcher.poll()
        assert watcher.poll() == []
        sandbox.advance(hours=6)
        assert watcher.poll()
    with client.watch(state=state) as watcher:
        assert watcher.poll() == []


def test_exception_in_a_with_block_does_not_acknowledge_changes(
    sandbox: Sandbox, client: ApiClient, tmp_path: Path
) -> None:
    state = tmp_path / "state.db"
    client.watch(state=state).poll()
    client.close()
    sandbox.advance(hours=6)
    seen: List[str] = []

    def handle_one() -> None:
        with client_of(sandbox) as other:
            for change in other.watch(state=state):
                seen.append(change.key)
                raise RuntimeError("the receiver failed")

    for _ in range(2):
        with pytest.raises(RuntimeError, match="the receiver failed"):
            handle_one()
    assert len(seen) == 2
    assert seen[0] == seen[1]


def test_change_is_delivered_when_the_next_one_is_requested(
    sandbox: Sandbox, client: ApiClient, tmp_path: Path
) -> None:
    state = tmp_path / "state.db"
    with client.watch(state=state) as watcher:
        watcher.poll()
        sandbox.advance(hours=6)
        first, second = next(watcher), next(watcher)
    with client.watch(state=state) as watcher:
        third = next(watcher)
    assert len({first.key, second.key, third.key}) == 3


def test_closing_the_client_closes_its_watchers(client: ApiClient, tmp_path: Path) -> None:
    watcher = client.watch(state=tmp_path / "state.db")
    client.close()
    assert watcher.is_closed
    assert list(watcher) == []
    with pytest.raises(ApiValueError, match="closed"):
        watcher.poll()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="POSIX")
def test_a_forked_child_that_closes_the_client_acknowledges_nothing(
    sandbox: Sandbox, client: ApiClient, tmp_path: Path
) -> None:
    state = tmp_path / "state.db"
    watcher = client.watch(state=state)
    watcher.poll()
    sandbox.advance(hours=6)
    first = keys(watcher.poll())
    child = os.fork()
    if child == 0:  # pragma: no cover
        client.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert not watcher.is_closed
    watcher._close(acknowledge=False)
    with client.watch(state=state) as again:
        assert keys(again.poll()) == first != []


def test_since_reports_the_changes_of_the_history_after_it(
    sandbox: Sandbox, client: ApiClient
) -> None:
    with client.watch(kinds=ENDS) as undisturbed, client_of(sandbox) as other:
        undisturbed.poll()
        sandbox.advance(hours=48)
        expected = undisturbed.poll()
        with other.watch(kinds=ENDS, since=NOON) as late:
            assert {*keys(late.poll())} == {*keys(expected)}


def test_two_watchers_make_the_same_keys(sandbox: Sandbox, client: ApiClient) -> None:
    with client.watch() as often, client.watch() as rarely:
        often.poll()
        rarely.poll()
        found: List[Change] = []
        for _ in range(24):
            sandbox.advance(hours=1)
            found += often.poll()
        ends = {change.key for change in found if change.kind in ENDS}
        assert ends == {change.key for change in rarely.poll() if change.kind in ENDS}


def test_no_change_is_lost_during_an_outage(sandbox: Sandbox, client: ApiClient) -> None:
    client.configuration.retries = False
    with client.watch(kinds=ENDS) as watcher:
        watcher.poll()
        before = ended_prints(client)
        sandbox.advance(hours=5)
        sandbox.faults.add("/printers/", status=503)
        with pytest.raises(ServiceException):
            watcher.poll()
        sandbox.faults.clear()
        sandbox.faults.add("/prints/", status=503)
        found = watcher.poll()
        sandbox.faults.clear()
        sandbox.advance(minutes=1)
        found += watcher.poll()  # too early to read the history again
        sandbox.advance(minutes=5)
        found += watcher.poll()
    guids = [change.run.guid for change in found if change.run is not None]
    assert len(guids) == len(set(guids))
    assert set(guids) == ended_prints(client) - before


def test_iteration_continues_after_an_outage_and_raises_a_refusal(
    sandbox: Sandbox, client: ApiClient
) -> None:
    client.configuration.retries = False
    waits: List[float] = []

    def pause(seconds: float) -> bool:
        waits.append(seconds)
        sandbox.advance(seconds=3600)
        if len(waits) == 3:
            sandbox.faults.clear()
        if len(waits) == 20:
            sandbox.faults.add("/printers/", status=403)
        return False

    sandbox.faults.add("/printers/", status=503)
    with Watcher(client, clock=lambda: 0.0, pause=pause) as watcher:
        assert next(watcher).kind in ChangeKind
        assert waits[:3] == [30.0, 60.0, 120.0][: len(waits)] or waits[:3] == [30.0, 60.0, 30.0]
        with pytest.raises(ApiException, match="403"):
            for _ in watcher:
                pass


def test_polls_use_at_most_half_of_the_quota_and_log_it_once(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    from formlabs_web_api import Configuration
    from test.watch.fleets import settings_of

    settings = {**settings_of(sandbox), "rate_limits": [(60, 3600.0)]}
    waits: List[float] = []
    clock = [0.0]

    def pause(seconds: float) -> bool:
        waits.append(seconds)
        clock[0] += seconds
        return len(waits) == 5

    with ApiClient(Configuration(**settings)) as client:
        watcher = Watcher(client, every=30, clock=lambda: clock[0], pause=pause)
        assert list(watcher) == []
    assert all(wait > 100 for wait in waits)
    assert caplog.text.count("half of the request allowance") == 1


def test_kinds_and_printers_limit_the_reported_changes(sandbox: Sandbox, client: ApiClient) -> None:
    with client.watch() as all_of_them:
        all_of_them.poll()
        serial = sorted(all_of_them.serials)[0]
        with client.watch(kinds="print_started", printers=serial) as watcher:
            watcher.poll()
            sandbox.advance(hours=48)
            found = watcher.poll()
        expected = [
            change.key
            for change in all_of_them.poll()
            if change.kind == "print_started" and change.printer == serial
        ]
    assert sorted(keys(found)) == sorted(expected) != []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kinds": ["print_finnished"]}, "print_finnished.*kinds of changes are print_started"),
        ({"every": 0}, "every"),
        ({"steps": [100]}, "steps"),
        ({"steps": [10**400]}, "steps"),
        ({"low_ml": 10**400}, "low_ml"),
        ({"low_ml": -1}, "low_ml"),
    ],
)
def test_invalid_watch_argument_is_refused_at_once(
    client: ApiClient,
    options: dict,
    message: str,  # type: ignore[type-arg]
) -> None:
    with pytest.raises(ValueError, match=message):
        client.watch(**options)


def test_steps_and_low_ml_may_be_integers_of_numpy(client: ApiClient) -> None:
    numpy = pytest.importorskip("numpy", reason="the extra pandas is not installed")
    client.watch(steps=numpy.array([25, 50]), low_ml=numpy.int64(80)).close()


def test_change_round_trips_through_json(sandbox: Sandbox, client: ApiClient) -> None:
    import json

    with client.watch(steps=[25, 50, 75]) as watcher:
        watcher.poll()
        for _ in range(10):
            sandbox.advance(hours=7)
            for change in watcher.poll():
                assert Change.from_dict(json.loads(json.dumps(change.to_dict()))) == change
                assert change.at <= change.seen_at
                assert str(change)


class Collector:
    """A sink that keeps the changes it receives."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.keys: List[str] = []
        self.is_closed = False
        self._changed = Condition()

    def deliver(self, change: Change) -> Delivery:
        with self._changed:
            self.keys.append(change.key)
            self._changed.notify_all()
        return Delivery(DeliveryResult.DELIVERED)

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.keys) >= count, 60)

    def close(self) -> None:
        self.is_closed = True


def test_sink_gets_every_change_from_its_first_poll_on(
    sandbox: Sandbox, client: ApiClient, tmp_path: Path
) -> None:
    state = tmp_path / "state.db"
    hook = Collector("hook")
    with client.watch(state=state, sinks=[hook]) as watcher:
        watcher.poll()
        sandbox.advance(hours=6)
        first = keys(watcher.poll())
    assert hook.is_closed
    sandbox.advance(hours=6)
    again, late = Collector("hook"), Collector("late")
    with client.watch(state=state, sinks=[again, late]) as watcher:
        second = keys(watcher.poll())
        again.wait_for(len(first) + len(second) - len(hook.keys))
        late.wait_for(len(second))
    assert hook.keys + again.keys == first + second
    assert late.keys == second


def test_two_sinks_of_one_name_are_refused(client: ApiClient) -> None:
    with pytest.raises(ValueError, match="sinks: each needs a name of its own, not hook"):
        client.watch(sinks=[Collector("hook"), Collector("hook")])
    with pytest.raises(ValueError, match="not caller"):
        client.watch(sinks=[Collector("caller")])


class Board(Collector):
    """A sink that shows the fleet too."""

    def __init__(self) -> None:
        super().__init__("board")
        self.polls: List[FleetPoll] = []

    def observe(self, poll: FleetPoll) -> None:
        self.polls.append(poll)


def test_sink_that_shows_the_fleet_gets_the_printers_of_each_poll(
    sandbox: Sandbox, client: ApiClient
) -> None:
    board, chosen = Board(), Board()
    serials = [printer.serial for printer in client.printers.list()]
    with client.watch(sinks=[board], every=45) as watcher:
        for _ in range(2):
            sandbox.advance(minutes=1)
            watcher.poll()
        assert list(watcher.printers) == list(board.polls[-1].printers)
    with client.watch(sinks=[chosen], printers=serials[:2]) as watcher:
        watcher.poll()
    first, second = board.polls
    assert [printer.serial for printer in first.printers] == serials
    assert (first.serials, first.interval) == (frozenset(serials), 45)
    assert (second.at - first.at).total_seconds() == pytest.approx(60, abs=5)
    assert [printer.serial for printer in chosen.polls[0].printers] == serials[:2]
    assert chosen.polls[0].serials == frozenset(serials[:2])
