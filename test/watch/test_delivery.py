"""Delivery of the outbox: order, repetition, dead letters, receivers that are independent."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Dict, Iterator, List, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formlabs_web_api.watch import (
    AtSource,
    Change,
    ChangeKind,
    Delivery,
    DeliveryResult,
    DeliveryStatus,
    Outbox,
)
from formlabs_web_api.watch.dispatcher import Dispatcher
from formlabs_web_api.watch.sinks import DELIVERED, RETRY_DELAYS, retry_delay
from formlabs_web_api.watch.state import State
from test.support.clocks import FakeClock

NOON = datetime(2026, 6, 5, 12, tzinfo=timezone.utc)


def change(number: int, printer: str = "A") -> Change:
    return Change(
        kind=ChangeKind.TANK_CHANGED,
        printer=printer,
        at=NOON + timedelta(seconds=number),
        at_source=AtSource.SEEN,
        seen_at=NOON + timedelta(seconds=number),
        key=f"evt_{number}",
    )


class Receiver:
    """A sink with prepared results by key; it delivers a change without one."""

    def __init__(self, name: str, answers: Dict[str, List[Delivery]]) -> None:
        self.name = name
        self.answers = answers
        self.seen: List[str] = []
        self.is_closed = False

    def deliver(self, change: Change) -> Delivery:
        self.seen.append(change.key)
        answers = self.answers.get(change.key)
        return answers.pop(0) if answers else DELIVERED

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def state() -> Iterator[State]:
    state = State(None)
    yield state
    state.close()


def filled(state: State, changes: List[Change], *sinks: str) -> Outbox:
    outbox = Outbox(state)
    with state.transaction() as database:
        outbox.add(database, changes, sinks)
    return outbox


def dispatcher(outbox: Outbox, receiver: Receiver, clock: FakeClock) -> Dispatcher:
    return Dispatcher(outbox, receiver, clock, chance=lambda: 0.5)


RETRY = Delivery(DeliveryResult.RETRY, "500 Internal Server Error")


def test_changes_are_delivered_in_order_and_marked(state: State) -> None:
    outbox = filled(state, [change(n) for n in range(5)], "hook")
    receiver = Receiver("hook", {})
    assert dispatcher(outbox, receiver, FakeClock(0.0)).deliver_due() == 5
    assert receiver.seen == [f"evt_{n}" for n in range(5)]
    assert not outbox.pending("hook")
    assert {letter.status for letter in outbox.log()} == {DeliveryStatus.DELIVERED}


def test_a_failed_delivery_is_repeated_after_growing_delays(state: State) -> None:
    outbox = filled(state, [change(0)], "hook")
    receiver, clock = Receiver("hook", {"evt_0": [RETRY] * 3}), FakeClock(0.0)
    sender = dispatcher(outbox, receiver, clock)
    waits = []
    while outbox.pending("hook"):
        sender.deliver_due()
        due = outbox.next_due_at("hook")
        if due is not None:
            waits.append(due - clock.now)
            clock.now = due
    assert waits == list(RETRY_DELAYS[:3])
    assert receiver.seen == ["evt_0"] * 4


def test_later_changes_of_a_printer_wait_for_its_failed_one_and_others_do_not(
    state: State,
) -> None:
    changes = [change(0, "A"), change(1, "B"), change(2, "A"), change(3, "B")]
    outbox = filled(state, changes, "hook")
    receiver, clock = Receiver("hook", {"evt_0": [RETRY]}), FakeClock(0.0)
    sender = dispatcher(outbox, receiver, clock)
    sender.deliver_due()
    assert receiver.seen == ["evt_0", "evt_1", "evt_3"]
    clock.now = 5.0
    sender.deliver_due()
    assert receiver.seen[3:] == ["evt_0", "evt_2"]


def test_unreachable_receiver_is_retried_without_limit(state: State) -> None:
    away = Delivery(DeliveryResult.RETRY, "no connection", retry_in=15.0)
    outbox = filled(state, [change(0), change(1)], "hook")
    receiver, clock = Receiver("hook", {"evt_0": [away] * 1_000}), FakeClock(0.0)
    sender = dispatcher(outbox, receiver, clock)
    for _ in range(1_000):
        assert sender.deliver_due() == 0
        clock.now += 15.0
        assert outbox.next_due_at("hook") == clock.now
    assert (outbox.pending("hook")[0].attempts, outbox.pending("hook")[0].reason) == (
        0,
        away.reason,
    )
    assert sender.deliver_due() == 2
    assert receiver.seen[-2:] == ["evt_0", "evt_1"]


def test_a_change_is_given_up_after_the_last_attempt_and_sent_again_on_request(
    state: State,
) -> None:
    outbox = filled(state, [change(0), change(1)], "hook")
    attempts = len(RETRY_DELAYS) + 1
    receiver, clock = Receiver("hook", {"evt_0": [RETRY] * attempts}), FakeClock(0.0)
    sender = dispatcher(outbox, receiver, clock)
    while outbox.pending("hook"):
        sender.deliver_due()
        clock.now = outbox.next_due_at("hook") or clock.now
    assert receiver.seen == ["evt_0"] * attempts + ["evt_1"]
    (dead,) = outbox.log(DeliveryStatus.DEAD)
    assert (dead.change.key, dead.attempts, dead.reason) == ("evt_0", attempts, RETRY.reason)
    assert clock.now == pytest.approx(75 * 3600, rel=0.05)
    assert outbox.retry() == 1
    sender.deliver_due()
    assert receiver.seen[-1] == "evt_0"
    assert not outbox.log(DeliveryStatus.DEAD)


def test_disabled_receiver_gets_no_change_until_a_retry(state: State) -> None:
    outbox = filled(state, [change(0), change(1)], "hook", "file")
    gone = Delivery(DeliveryResult.DISABLED, "410 Gone")
    hook, file = Receiver("hook", {"evt_0": [gone]}), Receiver("file", {})
    clock = FakeClock(0.0)
    sender = dispatcher(outbox, hook, clock)
    sender.deliver_due()
    clock.now = 1e9
    assert sender.deliver_due() == 0
    assert hook.seen == ["evt_0"]
    assert outbox.disabled_reason("hook") == "410 Gone"
    assert dispatcher(outbox, file, clock).deliver_due() == 2
    outbox.retry("hook")
    assert sender.deliver_due() == 2


def test_an_exception_of_a_receiver_counts_as_a_failure(state: State) -> None:
    class Broken(Receiver):
        def deliver(self, change: Change) -> Delivery:
            raise OSError("no route to host\x1b[31m")

    outbox = filled(state, [change(0)], "hook")
    dispatcher(outbox, Broken("hook", {}), FakeClock(0.0)).deliver_due()
    (letter,) = outbox.pending("hook")
    assert letter.attempts == 1
    assert letter.reason.startswith("OSError: no route to host")
    assert "\x1b" not in letter.reason


def test_retry_after_of_a_receiver_is_kept(state: State) -> None:
    outbox = filled(state, [change(0)], "hook")
    busy = Delivery(DeliveryResult.RETRY, "429", retry_after=777.0)
    dispatcher(outbox, Receiver("hook", {"evt_0": [busy]}), FakeClock(0.0)).deliver_due()
    assert outbox.next_due_at("hook") == 777.0


def test_outbox_adds_a_change_of_one_key_once(state: State) -> None:
    outbox = filled(state, [change(0)], "hook")
    with state.transaction() as database:
        outbox.add(database, [change(0)], ["hook"])
    assert len(outbox.pending("hook")) == 1


def test_change_is_deleted_a_week_after_every_receiver_got_it(state: State) -> None:
    outbox = filled(state, [change(0), change(1)], "hook", "file")
    outbox.mark_delivered("hook", [1, 2], now=0.0)
    outbox.mark_delivered("file", [1], now=0.0)
    for now, left in ((6 * 86_400.0, 2), (8 * 86_400.0, 1)):
        with state.transaction() as database:
            outbox.forget_delivered(database, now)
        assert len({letter.number for letter in outbox.log()}) == left


def test_a_thread_delivers_and_closes_the_receiver_when_stopped(state: State) -> None:
    from threading import Event

    arrived = Event()

    class Waiting(Receiver):
        def deliver(self, change: Change) -> Delivery:
            arrived.set()
            return super().deliver(change)

    receiver = Waiting("hook", {})
    sender = Dispatcher(Outbox(state), receiver)
    sender.start()
    filled(state, [change(0)], "hook")
    sender.wake()
    assert arrived.wait(30)
    sender.stop(30)
    assert receiver.is_closed
    assert receiver.seen == ["evt_0"]


@given(st.integers(1, 20), st.floats(0, 1), st.none() | st.floats(0, 1e6))
def test_retry_delays_stay_near_the_schedule(attempt: int, chance: float, asked: float) -> None:
    delay = retry_delay(attempt, asked, chance)
    if attempt > len(RETRY_DELAYS):
        assert delay is None
        return
    planned = RETRY_DELAYS[attempt - 1]
    assert delay is not None
    assert delay >= max(0.89 * planned, asked or 0.0)
    assert delay <= max(1.11 * planned, asked or 0.0)


Script = List[Tuple[str, List[str]]]


@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.lists(st.sampled_from(["retry", "dead"]), max_size=3)),
        max_size=12,
    )
)
def test_every_change_arrives_once_in_the_order_of_its_printer(script: Script) -> None:
    state = State(None)
    outbox = filled(state, [change(n, who) for n, (who, _) in enumerate(script)], "hook")
    answers = {
        f"evt_{n}": [Delivery(DeliveryResult(word)) for word in words]
        for n, (_, words) in enumerate(script)
    }
    receiver, clock = Receiver("hook", answers), FakeClock(0.0)
    sender = dispatcher(outbox, receiver, clock)
    while outbox.pending("hook"):
        sender.deliver_due()
        clock.now = outbox.next_due_at("hook") or clock.now
    for printer in "ABC":
        order = [key for key in receiver.seen if script[int(key[4:])][0] == printer]
        assert order == sorted(order, key=lambda key: int(key[4:]))
    delivered = {letter.change.key for letter in outbox.log(DeliveryStatus.DELIVERED)}
    dead = {letter.change.key for letter in outbox.log(DeliveryStatus.DEAD)}
    assert dead == {f"evt_{n}" for n, (_, words) in enumerate(script) if "dead" in words}
    assert delivered | dead == {f"evt_{n}" for n in range(len(script))}
    state.close()
