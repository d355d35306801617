"""Filters of prints and events select the right rows; paging loses and repeats none."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Dict, List, Optional, Set

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formlabs_web_api.sandbox.errors import Refusal
from formlabs_web_api.sandbox.fleet.build import build_fleet
from formlabs_web_api.sandbox.fleet.index import Timeline
from formlabs_web_api.sandbox.fleet.queries import (
    timeline_of_events,
    timeline_of_prints,
)
from formlabs_web_api.sandbox.fleet.records import Event, Print
from formlabs_web_api.sandbox.http.query import (
    Page,
    Parameters,
    read_event_filter,
    read_print_filter,
)
from formlabs_web_api.sandbox.instants import from_datetime, read, written

FLEET = build_fleet(
    3, from_datetime(datetime(2026, 6, 5, tzinfo=timezone.utc)), printers=6, prints=120
)
PRINTS: Timeline[Print] = timeline_of_prints(FLEET.prints)
EVENTS: Timeline[Event] = timeline_of_events(FLEET.events)
SERIALS = [printer.serial for printer in FLEET.printers]
PRINT = FLEET.prints[50]


def prints(of_printer: Optional[str] = None, **parameters: str) -> List[Print]:
    query = {name: [value] for name, value in parameters.items()}
    return read_print_filter(query, of_printer).apply(PRINTS).newest(0, 10_000)


def events(**parameters: str) -> List[Event]:
    query = {name: [value] for name, value in parameters.items()}
    return read_event_filter(query).apply(EVENTS).newest(0, 10_000)


def expected(holds: Callable[[Print], bool]) -> List[Print]:
    found = filter(holds, FLEET.prints)
    return sorted(found, key=lambda run: run.created, reverse=True)


def test_all_prints_are_listed_newest_first_without_filter() -> None:
    assert prints() == expected(lambda run: True)


@pytest.mark.parametrize("name", ["material", "name", "printer", "status"])
def test_a_blank_filter_matches_everything(name: str) -> None:
    assert len(prints(**{name: ""})) == 120


def test_dates_are_exclusive_on_both_sides() -> None:
    text = written(PRINT.created)
    assert prints(date__gt=text) == expected(lambda run: run.created > PRINT.created)
    assert prints(date__lt=text) == expected(lambda run: run.created < PRINT.created)
    assert prints(date=text) == [PRINT]
    assert prints(date__gt=text, date__lt=text) == []


@given(st.sampled_from(FLEET.prints), st.sampled_from(FLEET.prints))
def test_date_filters_select_any_interval(first: Print, last: Print) -> None:
    found = prints(date__gt=written(first.created), date__lt=written(last.created))
    assert found == expected(lambda run: first.created < run.created < last.created)


def test_text_filters_compare_values() -> None:
    assert prints(status="ERROR") == expected(lambda run: run.status == "ERROR") != []
    material = PRINT.load.material
    assert prints(material=material) == expected(lambda run: run.load.material == material) != []
    name = PRINT.name[1:-1].upper()
    assert PRINT in prints(name=name)
    assert prints(name=name) == expected(lambda run: name.lower() in run.name.lower())
    assert prints(status="NO_SUCH_STATUS") == prints(printer="NoSuchPrinter") == []


def test_printer_filters_of_path_and_query_both_apply() -> None:
    of_first = expected(lambda run: run.printer.serial == SERIALS[0])
    assert prints(printer=SERIALS[0]) == prints(of_printer=SERIALS[0]) == of_first != []
    assert prints(of_printer=SERIALS[0], printer=SERIALS[0]) == of_first
    assert prints(of_printer=SERIALS[0], printer=SERIALS[1]) == []


def test_a_repeated_machine_type_means_any_of_them() -> None:
    kinds = ["FORM-4-0", "FS30-1-0"]
    found = read_print_filter({"machine_type_id": kinds}).apply(PRINTS).newest(0, 10_000)
    assert found == expected(lambda run: run.printer.kind.machine_type_id in kinds) != []


def test_error_names_every_invalid_date() -> None:
    with pytest.raises(Refusal) as refused:
        prints(date="no", date__gt="2026-06-01T00:00:00 01:00", date__lt="2026-06-01T00:00:00Z")
    assert refused.value.status == 400
    assert refused.value.body == {
        "date": ["Enter a valid date/time."],
        "date__gt": ["Enter a valid date/time."],
    }


def test_events_are_filtered_by_each_field() -> None:
    assert len(events()) == len(FLEET.events)
    low = next(event for event in FLEET.events if event.type == "RESIN_LOW")
    assert low in events(type="RESIN_LOW")
    assert low in events(cartridge=low.cartridge or "")
    assert {event.type for event in events(type="RESIN_LOW")} == {"RESIN_LOW"}
    assert {event.cartridge for event in events(cartridge=low.cartridge or "")} == {low.cartridge}
    assert {event.print_run for event in events(print_run=PRINT.guid)} == {PRINT}
    assert {event.printer for event in events(printer=SERIALS[1])} == {FLEET.printers[1]}
    assert events(tank="none such") == []
    moment = written(low.created)
    assert all(event.created > low.created for event in events(date__gt=moment))
    assert low not in events(date__lt=moment)


def test_an_event_is_found_by_its_tank() -> None:
    fleet = build_fleet(1, FLEET.events[0].created)
    request = next(event for event in fleet.events if event.type == "PRINT_RESOLUTION_REQUEST")
    assert request.tank is not None
    found = read_event_filter({"tank": [request.tank]}).apply(timeline_of_events(fleet.events))
    assert found.newest(0, 10) == [request]


def test_a_new_record_is_the_newest_and_found_by_all_its_values() -> None:
    timeline = timeline_of_prints(FLEET.prints[:-3])
    ordered = sorted(FLEET.prints[:-3], key=lambda run: run.created, reverse=True)
    new = FLEET.prints[-1]
    timeline.add(new)
    assert timeline.select({}).newest(0, 10_000) == [new, *ordered]
    assert timeline.select({"printer": [new.printer.serial]}).newest(0, 1) == [new]
    assert timeline.select({"name": [new.name.casefold()]}).newest(0, 1) == [new]


def test_a_record_is_found_by_its_present_value_only() -> None:
    timeline = timeline_of_prints(build_fleet(3, FLEET.events[0].created, 2, 40).prints)
    run = timeline.select({"status": ["FINISHED"]}).newest(7, 1)[0]
    finished = timeline.select({"status": ["FINISHED"]}).newest(0, 100)
    run.status = "MOVED"
    timeline.moved(run, "status", "FINISHED")
    assert timeline.select({"status": ["MOVED"]}).newest(0, 10) == [run]
    finished.remove(run)
    assert timeline.select({"status": ["FINISHED"]}).newest(0, 100) == finished


@given(
    st.integers(0, 130),
    st.integers(1, 30),
    st.sets(st.sampled_from(SERIALS), min_size=1),
    st.one_of(st.none(), st.sets(st.sampled_from(["FINISHED", "ABORTED", "NONE"]))),
)
def test_any_page_is_a_slice_of_the_filtered_rows(
    skip: int, count: int, serials: Set[str], statuses: Optional[Set[str]]
) -> None:
    wanted: Dict[str, Set[str]] = {"printer": serials}
    if statuses is not None:
        wanted["status"] = statuses
    whole = expected(
        lambda run: run.printer.serial in serials and (statuses is None or run.status in statuses)
    )
    found = PRINTS.select(wanted)
    assert len(found) == len(whole)
    assert found.newest(skip, count) == whole[skip : skip + count]


@given(st.integers(0, 260), st.one_of(st.none(), st.integers(-5, 300)))
def test_pages_contain_each_row_once(count: int, per_page: Optional[int]) -> None:
    parameters: Parameters = {} if per_page is None else {"per_page": [str(per_page)]}
    rows: List[Dict[str, Any]] = [{"number": number} for number in range(count)]
    size = 20 if per_page is None or per_page < 1 else min(per_page, 100)
    seen: List[Dict[str, Any]] = []
    number, previous = 1, None
    while True:
        page = Page.read({**parameters, "page": [str(number)]}, count)
        assert page.size == size
        part = rows[page.skip : page.skip + page.size]
        envelope = page.envelope("http://host/list/", parameters, count, part)
        assert list(envelope) == ["count", "next", "previous", "results"]
        assert envelope["count"] == count
        assert (envelope["previous"] is None) == (previous is None)
        seen += envelope["results"]
        if envelope["next"] is None:
            break
        previous, number = number, number + 1
        assert f"page={number}" in envelope["next"]
    assert seen == rows


def test_page_links_keep_the_other_parameters() -> None:
    parameters = {"page": ["2"], "per_page": ["5"], "name": ["ö b"], "machine_type_id": ["A", "B"]}
    envelope = Page.read(parameters, 20).envelope("http://host/list/", parameters, 20, [])
    others = "machine_type_id=A&machine_type_id=B&name=%C3%B6+b"
    assert envelope["next"] == f"http://host/list/?{others}&page=3&per_page=5"
    assert envelope["previous"] == f"http://host/list/?{others}&per_page=5"


@pytest.mark.parametrize("page", ["0", "-1", "3", "x", "", "1.0", "9" * 30])
def test_a_page_out_of_range_is_refused(page: str) -> None:
    with pytest.raises(Refusal) as refused:
        Page.read({"page": [page]}, 40)
    assert (refused.value.status, refused.value.body) == (404, {"detail": "Invalid page."})


def test_a_page_size_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        Page.read({"per_page": ["many"]}, 40)
    assert (refused.value.status, list(refused.value.body)) == (400, ["per_page"])


def test_every_offset_spelling_of_a_date_is_the_same_instant() -> None:
    moment = datetime(2026, 5, 1, 10, tzinfo=timezone.utc)
    spellings = (
        moment.isoformat(),
        "2026-05-01T10:00:00Z",
        moment.astimezone(timezone(timedelta(hours=1))).strftime("%Y-%m-%dT%H:%M:%S.%f%z"),
    )
    assert len({read(text) for text in spellings}) == 1
    assert len({tuple(prints(date__gt=text)) for text in spellings}) == 1
