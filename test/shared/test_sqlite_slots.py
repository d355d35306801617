"""Slots in a SQLite file: within the limits and in order, also if processes are killed."""

from __future__ import annotations

import heapq
import tempfile
from pathlib import Path
from random import Random
from typing import List, Optional, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formlabs_web_api.rate_limit import LimitWait
from formlabs_web_api.shared.sqlite_store import SqliteStore
from formlabs_web_api.shared.store import SharedStateError, Window
from test.shared.conftest import WINDOWS, HostClock, OpenStore


def test_a_slot_is_free_until_the_shortest_window_is_full(open_store: OpenStore) -> None:
    first, second = open_store(), open_store()
    assert [one.reserve(None, False).wait for one in (first, second, first)] == [0.0, 0.0, 0.0]
    assert second.reserve(None, False).wait == pytest.approx(WINDOWS[0].span)


def test_callers_are_served_in_the_order_in_which_they_asked(open_store: OpenStore) -> None:
    stores = [open_store() for _ in range(6)]
    waits = [store.reserve(None, False).wait for store in stores]
    assert waits == sorted(waits)
    assert waits[:3] == [0.0, 0.0, 0.0]


def test_a_slot_beyond_max_wait_is_refused_and_not_taken(open_store: OpenStore) -> None:
    store = open_store()
    for _ in range(3):
        store.reserve(0, False)
    with pytest.raises(LimitWait) as refused:
        store.reserve(0.5, False)
    assert refused.value.retry_after == pytest.approx(WINDOWS[0].span)
    assert store.usage().windows[0].used == 3


def test_no_process_sends_before_the_end_of_a_pause(
    open_store: OpenStore, clock: HostClock
) -> None:
    first, second = open_store(), open_store()
    first.close_gate(7.0)
    first.close_gate(2.0)
    assert second.reserve(None, False).wait == pytest.approx(7.0)
    assert second.usage().closed_for == pytest.approx(7.0)
    clock.now += 7.0
    assert first.reserve(None, False).wait == 0.0


def test_a_pause_also_holds_callers_that_wait_already(
    open_store: OpenStore, clock: HostClock
) -> None:
    store = open_store()
    for _ in range(3):
        store.reserve(None, False)
    slot = store.reserve(None, False)
    assert slot.ticket is not None
    store.close_gate(5.0)
    clock.now += slot.wait
    assert store.confirm(slot.ticket) == pytest.approx(5.0 - slot.wait)


def test_background_callers_leave_the_last_fifth_of_the_hour(open_store: OpenStore) -> None:
    store = open_store(windows=[Window(10, 60.0)])
    granted = [store.reserve(None, True) for _ in range(9)]
    assert [slot.ticket is not None for slot in granted] == [True] * 8 + [False]
    assert store.reserve(None, False).wait == 0.0


def test_a_request_that_is_sent_late_counts_from_when_it_is_sent(
    open_store: OpenStore, clock: HostClock
) -> None:
    store = open_store(windows=[Window(1, 1.0)])
    slot = store.reserve(None, False)
    assert slot.ticket is not None
    clock.now += 0.4
    assert store.confirm(slot.ticket) == 0.0
    assert store.reserve(None, False).wait == pytest.approx(Window(1, 1.0).span)


def test_a_slot_of_a_process_that_was_stopped_for_long_is_not_used(
    open_store: OpenStore, clock: HostClock
) -> None:
    store = open_store(windows=[Window(1, 1.0)])
    slot = store.reserve(None, False)
    assert slot.ticket is not None
    clock.now += 0.6
    assert store.confirm(slot.ticket) is None


def test_usage_names_the_programs(open_store: OpenStore) -> None:
    mirror, script = open_store("mirror"), open_store("script")
    for store in (mirror, mirror, script):
        store.reserve(None, False)
    assert script.usage().windows[1].by_program == {"mirror": 2, "script": 1}


def test_other_limits_for_the_same_account_are_refused_by_name(open_store: OpenStore) -> None:
    open_store()
    with pytest.raises(SharedStateError, match=r"3 in 1 s, 10 in 60 s .* this one 5 in 1 s"):
        open_store(windows=[Window(5, 1.0)])


def test_accounts_in_one_file_do_not_count_together(open_store: OpenStore) -> None:
    first = open_store(key="one")
    for _ in range(3):
        first.reserve(0, False)
    assert open_store(key="two").reserve(0, False).wait == 0.0


def test_usage_is_kept_after_a_reboot(open_store: OpenStore, clock: HostClock) -> None:
    store = open_store(epoch="first boot", wall=lambda: 5000.0)
    for _ in range(3):
        store.reserve(0, False)
    store.close()
    clock.now = 20.0  # the computer was started again 0.5 s later by the wall clock
    again = open_store(epoch="second boot", wall=lambda: 5000.5)
    assert again.usage().windows[0].used == 3
    assert again.reserve(None, False).wait == pytest.approx(WINDOWS[0].span - 0.5)


def test_wall_clock_set_back_does_not_block_callers(
    open_store: OpenStore, clock: HostClock
) -> None:
    store = open_store(epoch="first boot", wall=lambda: 5000.0)
    for _ in range(10):
        store.reserve(None, False)
    store.close()
    clock.now = 20.0
    again = open_store(epoch="second boot", wall=lambda: 1400.0)  # an hour earlier
    assert again.reserve(None, False).wait <= WINDOWS[1].span


class Worker:
    """A thread of a process: it reserves, waits, confirms after some jitter, and sends."""

    def __init__(self, store: SqliteStore, background: bool) -> None:
        self.store = store
        self.background = background
        self.ticket: Optional[Tuple[int, ...]] = None


@settings(max_examples=30, deadline=None)
@given(
    limits=st.lists(
        st.tuples(st.integers(1, 6), st.sampled_from([1.0, 2.0, 7.0])), min_size=1, max_size=2
    ),
    workers=st.integers(1, 9),
    seed=st.integers(0, 2**32),
)
def test_no_window_ever_holds_more_requests_than_its_limit(
    limits: List[Tuple[int, float]], workers: int, seed: int
) -> None:
    draw = Random(seed).random
    windows = [Window(limit, period) for limit, period in limits]
    clock = HostClock()
    sent: List[float] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.sqlite3"
        threads = [
            Worker(
                SqliteStore(path, "a", windows, str(n), clock=clock, epoch="e"), bool(draw() < 0.2)
            )
            for n in range(workers)
        ]
        queue = [(clock.now + draw(), n) for n in range(workers)]
        heapq.heapify(queue)
        for _ in range(150):
            clock.now, number = heapq.heappop(queue)
            worker = threads[number]
            pause = draw() * 0.3
            if worker.ticket is None:
                slot = worker.store.reserve(None, worker.background)
                worker.ticket = slot.ticket if slot.wait else None
                if slot.wait:
                    late = draw() * (0.02 if draw() < 0.8 else 2.0)  # the thread wakes late
                    heapq.heappush(queue, (clock.now + slot.wait + late, number))
                    continue
            else:
                left = worker.store.confirm(worker.ticket)
                if left:
                    heapq.heappush(queue, (clock.now + left, number))
                    continue
                worker.ticket = None
                if left is None:
                    heapq.heappush(queue, (clock.now, number))
                    continue
            if draw() < 0.95:  # otherwise the process was killed before it sent
                sent.append(clock.now)
            heapq.heappush(queue, (clock.now + pause, number))
        for worker in threads:
            worker.store.close()
    for window in windows:
        for first, last in zip(sent, sent[window.limit :]):
            assert last - first >= window.period
