"""Listings over many pages return every row once, although rows move meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import tracemalloc
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Callable, Dict, Iterator, List, Optional, Set, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from formlabs_web_api import (
    ApiClient,
    NotFoundException,
    PrinterGroupsApi,
    PrintersApi,
    PrintsApi,
    ResponseException,
    ServiceException,
    TanksApi,
)
from formlabs_web_api.paging import Pages, Rows
from test.support.loopback import Answer, Asked, Loopback

ROOT = Path(__file__).parents[2]

# --- a listing without a network ---------------------------------------------------------------


@dataclass
class Row:
    guid: str


@dataclass
class Envelope:
    results: Optional[List[Any]]
    count: Optional[int] = None
    next: Optional[str] = None


Change = Tuple[str, int]
"""What happens to the listing before a page is read: ("add", how many) or ("remove", which)."""


@dataclass
class Listing:
    """Rows on the service, newest first; ``changes`` are applied before each read of them."""

    rows: List[str]
    per_page: int = 2
    changes: List[List[Change]] = field(default_factory=list)
    asked: List[int] = field(default_factory=list)
    removed: Set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def page(self, number: int) -> Envelope:
        with self.lock:
            for kind, amount in self.changes.pop(0) if self.changes else []:
                self.change(kind, amount)
            self.asked.append(number)
            first, last = (number - 1) * self.per_page, number * self.per_page
            if number > 1 and first >= len(self.rows):
                raise NotFoundException(status=404)
            following = "a link" if last < len(self.rows) else None
            rows = [Row(guid) for guid in self.rows[first:last]]
            return Envelope(rows, len(self.rows), following)

    def change(self, kind: str, amount: int) -> None:
        if kind == "add":
            fresh = [f"new-{len(self.asked)}-{n}-{len(self.rows)}" for n in range(amount)]
            self.rows[:0] = fresh
        elif self.rows:
            self.removed.add(self.rows.pop(amount % len(self.rows)))

    def read(self, **options: Any) -> List[str]:
        return [row.guid for row in Pages(self.page, Row, **options).items()]


def listing(size: int, per_page: int = 2, *changes: List[Change]) -> Listing:
    return Listing([f"row-{n}" for n in range(size)], per_page, list(changes))


@pytest.mark.parametrize("prefetch", [0, 3])
@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 11])
def test_all_rows_are_returned_in_order_with_one_request_per_page(size: int, prefetch: int) -> None:
    rows = listing(size)
    assert rows.read(prefetch=prefetch) == rows.rows
    assert sorted(rows.asked) == list(range(1, max(1, -(-size // 2)) + 1))


def test_rows_shifted_by_new_rows_in_front_are_returned_once() -> None:
    rows = listing(6, 2, [], [("add", 1)])
    assert rows.read() == [f"row-{n}" for n in range(6)]
    assert rows.asked == [1, 2, 3, 4]


def test_row_that_moves_to_the_page_just_read_is_not_lost() -> None:
    rows = listing(6, 2, [], [("remove", 0)])
    assert rows.read() == [f"row-{n}" for n in range(6)]
    assert rows.asked == [1, 2, 1, 2, 3]


def test_row_that_moves_from_the_last_page_is_not_lost_when_that_page_disappears() -> None:
    rows = listing(3, 2, [], [("remove", 0)])
    assert rows.read() == ["row-0", "row-1", "row-2"]


def test_many_moved_rows_are_found_over_several_pages() -> None:
    rows = listing(20, 2, [], [], [], [("remove", 0)] * 5)
    assert rows.read() == [f"row-{n}" for n in range(20)]


def test_rows_removed_behind_cost_one_extra_request() -> None:
    rows = listing(6, 2, [], [("remove", 5)])
    assert rows.read() == [f"row-{n}" for n in range(5)]
    assert rows.asked == [1, 2, 1, 2, 3]


CHANGES = st.lists(
    st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.integers(1, 3)),
            st.tuples(st.just("remove"), st.integers(0, 30)),
        ),
        max_size=3,
    ),
    max_size=12,
)


def at_most_five_removals(changes: List[List[Change]]) -> bool:
    return sum(kind == "remove" for some in changes for kind, _ in some) <= 5


@settings(max_examples=1500, deadline=None)
@given(
    size=st.integers(0, 15),
    per_page=st.integers(1, 4),
    changes=CHANGES.filter(at_most_five_removals),
)
def test_every_row_that_exists_throughout_is_returned_exactly_once(
    size: int, per_page: int, changes: List[List[Change]]
) -> None:
    rows = listing(size, per_page, *changes)
    before = list(rows.rows)
    read = rows.read()
    assert len(read) == len(set(read))
    all_along = [guid for guid in before if guid not in rows.removed]
    assert [guid for guid in read if guid in all_along] == all_along


@settings(max_examples=150, deadline=None)
@given(
    size=st.integers(0, 15),
    per_page=st.integers(1, 4),
    changes=CHANGES.filter(at_most_five_removals),
    only=st.sampled_from(["add", "remove"]),
    prefetch=st.integers(1, 4),
)
def test_every_row_is_returned_exactly_once_with_prefetch_in_any_order(
    size: int, per_page: int, changes: List[List[Change]], only: str, prefetch: int
) -> None:
    changes = [[change for change in some if change[0] == only] for some in changes]
    rows = listing(size, per_page, *changes)
    before = list(rows.rows)
    read = rows.read(prefetch=prefetch)
    assert len(read) == len(set(read))
    all_along = [guid for guid in before if guid not in rows.removed]
    assert [guid for guid in read if guid in all_along] == all_along


def test_listing_that_changes_with_every_request_ends() -> None:
    rows = listing(40, 2, *([("remove", 39 - n)] for n in range(25)))
    assert rows.read()[:10] == [f"row-{n}" for n in range(10)]
    assert len(rows.asked) < 80


def test_next_link_to_a_missing_page_ends_the_listing() -> None:
    def fetch(number: int) -> Envelope:
        if number > 1:
            raise NotFoundException(status=404)
        return Envelope([Row("one")], 1, "a link")

    assert [row.guid for row in Pages(fetch, Row).items()] == ["one"]


def test_listing_that_disappears_is_an_error_and_not_the_end() -> None:
    asked: List[int] = []

    def fetch(number: int) -> Envelope:
        asked.append(number)
        if len(asked) > 2:
            raise NotFoundException(status=404)
        return Envelope([Row(f"{number}-{n}") for n in range(2)], 10, "a link")

    with pytest.raises(NotFoundException) as caught:
        list(Pages(fetch, Row))
    assert caught.value.page == 1


@pytest.mark.parametrize("prefetch", [0, 3])
def test_page_that_is_always_missing_is_an_error_and_not_the_end(prefetch: int) -> None:
    rows = listing(20)

    def fetch(number: int) -> Envelope:
        if number == 4:
            raise NotFoundException(status=404)
        return rows.page(number)

    read: List[str] = []
    with pytest.raises(NotFoundException) as caught:
        keep(read, (row.guid for row in Pages(fetch, Row, prefetch=prefetch).items()))
    assert caught.value.page == 4
    assert read == rows.rows[:6]
    assert len(rows.asked) < 40


def test_rows_without_an_id_are_all_kept() -> None:
    assert len(list(Pages(lambda _: Rows([Row("")] * 5), Row).items())) == 5


def test_service_that_ignores_the_page_number_is_an_error() -> None:
    asked: List[int] = []

    def fetch(number: int) -> Envelope:
        asked.append(number)
        return Envelope([Row("a"), Row("b")], 9, "a link")

    with pytest.raises(ResponseException, match="same as the pages before") as caught:
        list(Pages(fetch, Row))
    assert caught.value.page == asked[-1]
    assert len(asked) < 10


@pytest.mark.parametrize("count", [None, "many"])
def test_listing_without_a_count_is_read_to_its_end(count: Any) -> None:
    pages = {1: Envelope([Row("a")], count, "a link"), 2: Envelope([Row("b")], count)}
    reader = Pages(lambda number: pages[number], Row)
    assert [[row.guid for row in page] for page in reader] == [["a"], ["b"]]
    assert reader.count is None


def test_identical_rows_without_an_id_are_all_returned() -> None:
    pages = {1: Envelope([object(), object()], 4, "a link"), 2: Envelope([object(), object()], 3)}
    assert len(list(Pages(lambda number: pages[number], object).items())) == 4


@pytest.mark.parametrize("content", [Rows([Row("a"), Row("b")]), Envelope([Row("a"), Row("b")], 2)])
def test_bare_list_and_envelope_give_the_same_rows(content: Any) -> None:
    pages = Pages(lambda number: content, Row)
    assert pages.count is None
    assert "not fetched yet" in repr(pages)
    assert [row.guid for row in pages.items()] == ["a", "b"]
    assert pages.count == 2
    assert repr(pages.items()) == "<Items of Row, 2 items>"


def test_empty_page_may_lack_results() -> None:
    assert list(Pages(lambda number: Envelope(None, 0), Row)) == [[]]


# --- limit, start, errors ----------------------------------------------------------------------


def test_iteration_resumed_after_rows_were_removed_returns_to_a_page_with_a_known_row() -> None:
    rows = listing(11)
    read = iter(Pages(rows.page, Row))
    known = [row.guid for _ in range(4) for row in next(read)]
    del rows.rows[0:5]
    rows.asked.clear()
    rest = Pages(rows.page, Row)
    rest.resume(4, known)
    assert [row.guid for row in rest.items()] == ["row-8", "row-9", "row-10"]
    assert rows.asked == [4, 3, 2, 3]
    assert rest.page_number == 3


def test_iteration_resumed_at_its_limit_returns_nothing_more() -> None:
    rows = listing(11)
    rest = Pages(rows.page, Row, limit=4)
    rest.resume(2, ["row-0", "row-1", "row-2", "row-3"])
    assert list(rest.items()) == []
    assert rows.asked == [2]


@pytest.mark.parametrize("prefetch", [0, 2])
@pytest.mark.parametrize(("limit", "pages"), [(1, 1), (2, 1), (3, 2), (4, 2), (11, 6), (99, 6)])
def test_limit_stops_without_requesting_another_page(limit: int, pages: int, prefetch: int) -> None:
    rows = listing(11)
    assert rows.read(limit=limit, prefetch=prefetch) == rows.rows[:limit]
    assert sorted(rows.asked) == list(range(1, pages + 1))


@pytest.mark.parametrize("prefetch", [0, 2])
def test_start_page_begins_on_a_later_page(prefetch: int) -> None:
    rows = listing(11)
    assert rows.read(start_page=3, prefetch=prefetch) == rows.rows[4:]
    rows.asked.clear()
    assert rows.read(start_page=3, limit=3, prefetch=prefetch) == rows.rows[4:7]
    assert sorted(rows.asked) == [3, 4]


def test_a_first_page_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(NotFoundException):
        listing(3).read(start_page=5)


def keep(read: List[str], items: Iterator[str]) -> None:
    """Read to the end, and keep the rows received before an error."""
    for one in items:
        read.append(one)  # noqa: PERF402


@pytest.mark.parametrize("prefetch", [0, 3])
def test_error_is_raised_after_the_rows_before_it_and_has_its_page_number(prefetch: int) -> None:
    rows = listing(11)
    failing = {4}

    def fetch(number: int) -> Envelope:
        if number in failing:
            raise ServiceException(status=500)
        return rows.page(number)

    read: List[str] = []
    with pytest.raises(ServiceException) as caught:
        keep(read, (row.guid for row in Pages(fetch, Row, prefetch=prefetch).items()))
    assert read == rows.rows[:6]
    assert caught.value.page == 4
    failing.clear()
    rest = Pages(fetch, Row, start_page=4, prefetch=prefetch)
    assert read + [row.guid for row in rest.items()] == rows.rows


# --- pages fetched ahead -----------------------------------------------------------------------


class Gate:
    """Holds back fetching threads, so that a test can count those that run at the same time."""

    def __init__(self, rows: Listing) -> None:
        self.rows = rows
        self.open = threading.Event()
        self.waiting = threading.Semaphore(0)

    def fetch(self, number: int) -> Envelope:
        if number > 1:
            self.waiting.release()
            assert self.open.wait(20)
        return self.rows.page(number)


def page_threads() -> List[threading.Thread]:
    return [one for one in threading.enumerate() if one.name.startswith("formlabs_web_api")]


def see_page_threads_end() -> None:
    for thread in page_threads():
        thread.join(20)
    assert page_threads() == []


def test_prefetch_fetches_the_given_number_of_pages_ahead() -> None:
    gate = Gate(listing(40))
    pages = iter(Pages(gate.fetch, Row, prefetch=3))
    next(pages)
    for _ in range(3):
        assert gate.waiting.acquire(timeout=20)
    assert not gate.waiting.acquire(blocking=False)
    gate.open.set()
    assert sum(map(len, pages)) == 38
    see_page_threads_end()


def test_leaving_a_loop_ends_the_prefetch_threads() -> None:
    rows = listing(400)
    items = iter(Pages(rows.page, Row, prefetch=4).items())
    assert next(items).guid == "row-0"
    items.close()  # type: ignore[attr-defined]  # as the end of a for loop does with ``break``
    see_page_threads_end()
    assert len(rows.asked) <= 5


def test_leaving_a_loop_does_not_wait_for_pending_requests() -> None:
    gate = Gate(listing(40))
    pages = iter(Pages(gate.fetch, Row, prefetch=3))
    next(pages)
    assert gate.waiting.acquire(timeout=20)
    pages.close()  # type: ignore[attr-defined]
    assert not gate.open.is_set()
    gate.open.set()
    see_page_threads_end()


FORKED = """
import os, threading, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # of forking with threads, which is the point
from test.core.test_paging import Envelope, Pages, Row

parent, begun = os.getpid(), threading.Event()

def fetch(number):
    if number == 2 and os.getpid() == parent:
        begun.set()
        threading.Event().wait(50)
    return Envelope([Row(f"row-{number}")], 3, "a link" if number < 3 else None)

pages = iter(Pages(fetch, Row, prefetch=1))
next(pages)
assert begun.wait(50)
if os.fork() == 0:
    rest = [row.guid for page in pages for row in page]
    os._exit(0 if rest == ["row-2", "row-3"] else 1)
print(os.wait()[1], flush=True)
os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
def test_forked_child_continues_a_listing_without_the_parents_threads() -> None:
    command = [sys.executable, "-c", FORKED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_pages_fetched_ahead_are_fetched_again_after_a_reread() -> None:
    rows = listing(10)
    third_is_read = threading.Event()
    before = list(rows.rows)

    def fetch(number: int) -> Envelope:
        first_time = number not in rows.asked
        if number == 2 and first_time:
            assert third_is_read.wait(20)
            rows.change("remove", 0)
        elif number == 1 and not first_time:
            # As many rows as at first, but others on each page.
            rows.change("add", 2)
            rows.change("remove", len(rows.rows) - 1)
        page = rows.page(number)
        if number == 3:
            third_is_read.set()
        return page

    read = [row.guid for row in Pages(fetch, Row, prefetch=2).items()]
    assert [guid for guid in read if guid in before] == before[:-1]


def test_iteration_without_prefetch_starts_no_threads() -> None:
    names: Set[str] = set()
    rows = listing(11)

    def fetch(number: int) -> Envelope:
        names.add(threading.current_thread().name)
        return rows.page(number)

    list(Pages(fetch, Row))
    assert names == {threading.current_thread().name}


# --- a hundred thousand rows -------------------------------------------------------------------


@dataclass
class Heavy:
    guid: str
    content: bytes


@pytest.mark.parametrize("prefetch", [0, 4])
def test_iteration_memory_does_not_grow_with_the_listing(prefetch: int) -> None:
    size, per_page = 100_000, 500

    def fetch(number: int) -> Envelope:
        first = (number - 1) * per_page
        rows = [Heavy(f"row-{n}", bytes(2000)) for n in range(first, first + per_page)]
        return Envelope(rows, size, "a link" if first + per_page < size else None)

    count = 0
    tracemalloc.start()
    try:
        for _ in Pages(fetch, Heavy, prefetch=prefetch).items():
            count += 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == size
    assert peak < 40e6  # all rows would be more than 200 MB; their ids alone are about 15


# --- the operations, over sockets --------------------------------------------------------------


def tank(serial: str) -> Dict[str, Any]:
    dates = ["last_modified", "created_at", "last_print_date"]
    unset = dict.fromkeys(["heatmap_gif", "inside_printer"])
    return {"serial": serial, **unset, **dict.fromkeys(dates, "2026-06-05T08:00:00-04:00")}


class ChangingListing:
    """Tanks in a listing that changes with every request, depending on a seed."""

    def __init__(self, seed: int, size: int) -> None:
        self.random = Random(seed)
        self.serials = [f"tank-{n}" for n in range(size)]
        self.removed: Set[str] = set()
        self.made = 0

    def answer(self, asked: Asked) -> Answer:
        if self.random.random() < 0.3:
            self.made += 1
            self.serials.insert(0, f"new-{self.made}")
        if self.random.random() < 0.3:
            where = self.random.randrange(len(self.serials))
            self.removed.add(self.serials.pop(where))
        return page_of(self.serials, asked)


def page_of(serials: List[str], asked: Asked) -> Answer:
    wanted = dict(asked.arguments)
    number, size = int(wanted["page"]), int(wanted["per_page"])
    rows = serials[(number - 1) * size : number * size]
    if not rows:
        return Answer(404, {"detail": "Invalid page."})
    link = f"/developer/v1/tanks/?page={number + 1}&per_page={size}"
    following = link if number * size < len(serials) else None
    body = {"count": len(serials), "next": following, "previous": None}
    return Answer(200, {**body, "results": [tank(serial) for serial in rows]})


@pytest.mark.parametrize("seed", range(8))
def test_every_row_is_returned_exactly_once_over_sockets(
    service: Loopback, client: ApiClient, seed: int
) -> None:
    changing = ChangingListing(seed, 150)
    before = list(changing.serials)
    service.answer = changing.answer
    read = [one.serial for one in TanksApi(client).tanks_list_iter(per_page=7)]
    assert len(read) == len(set(read))
    all_along = [serial for serial in before if serial not in changing.removed]
    assert len(all_along) < len(before)
    assert [serial for serial in read if serial in all_along] == all_along


def test_requested_pages_are_sent_over_sockets(service: Loopback, client: ApiClient) -> None:
    serials = [f"tank-{n}" for n in range(10)]
    service.answer = lambda asked: page_of(serials, asked)
    pages = TanksApi(client).tanks_list_pages(per_page=4, prefetch=2)
    assert service.asked == []
    assert [[one.serial for one in page] for page in pages] == [
        serials[:4],
        serials[4:8],
        serials[8:],
    ]
    assert pages.count == 10
    numbers = sorted(dict(asked.arguments)["page"] for asked in service.asked)
    assert numbers == ["1", "2", "3"]


def test_filters_are_sent_with_every_page(service: Loopback, client: ApiClient) -> None:
    def answer(asked: Asked) -> Answer:
        first = dict(asked.arguments)["page"] == "1"
        return Answer(200, {"count": 2, "next": "?page=2" if first else None, "results": []})

    service.answer = answer
    list(PrintsApi(client).prints_list_iter(material="FLGPCL05", limit=5))
    assert [asked.arguments for asked in service.asked] == [
        [("material", "FLGPCL05"), ("page", page), ("per_page", "100")] for page in ("1", "2")
    ]


@pytest.mark.parametrize("enveloped", [False, True])
def test_printers_and_groups_are_listed_with_and_without_an_envelope(
    service: Loopback, client: ApiClient, enveloped: bool
) -> None:
    rows = [{"serial": "Form4-QuietOtter", "id": "group-1"}]
    body: Any = {"count": 1, "next": None, "previous": None, "results": rows}
    service.reply(200, body if enveloped else rows)
    printers = PrintersApi(client).printers_list_iter()
    assert [one.serial for one in printers] == ["Form4-QuietOtter"]
    assert printers.count == 1
    groups = PrinterGroupsApi(client).groups_list_iter()
    assert [one.id for one in groups] == ["group-1"]


@pytest.mark.parametrize(
    "link",
    [
        "{own}/developer/v1/tanks/?page=2",
        "/developer/v1/tanks/?page=2",
        "?page=2",
        "https://api.formlabs.com/developer/v1/tanks/?page=2",
        "http://API.formlabs.com:80/developer/v1/tanks/?page=2",
    ],
)
def test_next_link_to_the_service_means_that_another_page_exists(
    service: Loopback, client: ApiClient, link: str
) -> None:
    service.reply(200, {"count": 2, "next": link.format(own=service.url), "results": [tank("a")]})
    service.reply(200, {"count": 2, "next": None, "results": [tank("b")]})
    assert [one.serial for one in TanksApi(client).tanks_list_iter()] == ["a", "b"]
    assert {asked.path for asked in service.asked} == {"/developer/v1/tanks/"}


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example.com/developer/v1/tanks/?page=2",
        "//elsewhere.example.com/?page=2",
        "http://api.formlabs.com.example.com/?page=2",
        "https://api.formlabs.com:8443/?page=2",
        "http://user@elsewhere.example.com/?page=2",
        "http://[broken",
        "http://api.formlabs.com:port/",
    ],
)
@pytest.mark.parametrize("prefetch", [0, 2])
def test_next_link_to_another_host_is_not_followed_and_loses_no_page(
    service: Loopback, client: ApiClient, link: str, prefetch: int
) -> None:
    service.reply(200, {"count": 2, "next": link, "results": [tank("a")]})
    service.reply(200, {"count": 2, "next": None, "results": [tank("b")]})
    found = TanksApi(client).tanks_list_iter(prefetch=prefetch)
    assert [one.serial for one in found] == ["a", "b"]
    assert {asked.path for asked in service.asked} == {"/developer/v1/tanks/"}


def test_next_link_that_names_another_page_is_not_followed(
    service: Loopback, client: ApiClient
) -> None:
    service.reply(200, {"count": 2, "next": "/elsewhere/?page=77", "results": [tank("a")]})
    service.reply(200, {"count": 2, "next": None, "results": [tank("b")]})
    assert len(list(TanksApi(client).tanks_list_iter())) == 2
    assert [(asked.path, asked.arguments[0]) for asked in service.asked] == [
        ("/developer/v1/tanks/", ("page", "1")),
        ("/developer/v1/tanks/", ("page", "2")),
    ]


def test_service_error_in_a_listing_has_the_page_number(
    service: Loopback, client: ApiClient
) -> None:
    serials = [f"tank-{n}" for n in range(10)]

    def answer(asked: Asked) -> Answer:
        if dict(asked.arguments)["page"] == "3":
            return Answer(500, "trouble")
        return page_of(serials, asked)

    service.answer = answer
    read: List[str] = []
    tanks = TanksApi(client).tanks_list_iter(per_page=2, prefetch=4)
    with pytest.raises(ServiceException) as caught:
        keep(read, (one.serial for one in tanks))
    assert read == serials[:4]
    assert caught.value.page == 3
    service.answer = lambda asked: page_of(serials, asked)
    rest = TanksApi(client).tanks_list_iter(per_page=2, start_page=3)
    assert read + [one.serial for one in rest] == serials


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("per_page", 0),
        ("per_page", -5),
        ("per_page", "many"),
        ("per_page", None),
        ("limit", 0),
        ("limit", -1),
        ("start_page", 0),
        ("prefetch", -1),
        ("prefetch", 1000),
        ("page", 1),
    ],
)
@pytest.mark.parametrize("spelling", ["tanks_list_iter", "tanks_list_pages"])
def test_invalid_paging_argument_is_refused_by_name_before_sending(
    service: Loopback, client: ApiClient, spelling: str, argument: str, value: Any
) -> None:
    listed: Callable[..., Iterator[Any]] = getattr(TanksApi(client), spelling)
    with pytest.raises(ValidationError) as caught:
        listed(**{argument: value})
    assert caught.value.errors()[0]["loc"] == (argument,)
    assert service.asked == []


def test_rows_of_the_test_server_are_sent_as_json(service: Loopback) -> None:
    """The tests above rely on it."""
    assert json.loads(Answer(200, {"results": [tank("a")]}).payload)["results"][0]["serial"] == "a"
