"""A damaged byte in a string loses one value and not a page."""

from __future__ import annotations

import gc
import json
import sys
from contextlib import suppress
from typing import Any, Callable, List, Set, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formlabs_web_api import models
from formlabs_web_api._core.response import UnexpectedBody, parse_body
from formlabs_web_api._util.garbage import GarbageCollectionPause
from formlabs_web_api._util.json import repair_json
from formlabs_web_api.models._reading import Drift

MATERIAL = b"FLGPGR05"
ROWS = [{"serial": f"s{i}", "material": MATERIAL.decode()} for i in range(5)]
PAGE = json.dumps({"count": 5, "next": None, "previous": None, "results": ROWS}).encode()


def tanks_of(body: bytes, drift: Drift) -> Any:
    return parse_body(body, models.PaginatedTankList, False, drift).results


def kinds(drift: Drift) -> Set[Tuple[str, str, str]]:
    return {(one.model, one.field, one.kind) for one in drift if one.kind != "missing"}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"caf\xe9", "caf\ufffd"),
        (b"a\xe6\xad", "a\ufffd"),
        (b"a\tb\x00", "a\tb\x00"),
        (b"\xed\xa0\xbd", "\ufffd"),
        (b"C:\\x", "C:\\x"),
        (b"\\u12", "\\u12"),
    ],
    ids=["latin-1", "cut character", "raw control", "surrogate", "bad escape", "cut escape"],
)
def test_damaged_string_loses_one_value_and_is_reported(written: bytes, read: str):
    drift = Drift()
    rows = tanks_of(PAGE.replace(MATERIAL, written, 1), drift)
    assert [row.serial for row in rows] == [row["serial"] for row in ROWS]
    assert [row.material for row in rows] == [read] + [MATERIAL.decode()] * 4
    assert kinds(drift) == {("Tank", "material", "invalid text")}


@pytest.mark.parametrize("field", ["layers_printed", "print_time_ms", "serial", "undescribed"])
@pytest.mark.parametrize("number", ["9" * 5000, "-" + "9" * 5000, "9" * 200_000, "9" * 5000 + ".5"])
def test_number_of_thousands_of_digits_loses_one_value(field: str, number: str):
    drift = Drift()
    body = b'{"results":[{"%s":%s},{"serial":"b"}]}' % (field.encode(), number.encode())
    rows = tanks_of(body, drift)
    assert rows[1].serial == "b"
    assert rows[0].to_dict()[field] == float(number)
    assert ("Tank", field) in {(one.model, one.field) for one in drift if one.kind != "missing"}


def test_number_too_large_for_a_fraction_is_reported():
    drift = Drift()
    body = b'{"results":[{"guid":"a","volume_ml":%s},{"guid":"b"}]}' % (b"9" * 5000)
    page = models.PaginatedPrintRunWithFleetControlDataList
    assert [row.guid for row in parse_body(body, page, False, drift).results] == ["a", "b"]
    if hasattr(sys, "get_int_max_str_digits"):  # older ones convert it, to a number that is finite
        assert ("PrintRunWithFleetControlData", "volume_ml", "unexpected type") in kinds(drift)


def test_value_beside_a_damaged_one_is_not_reported():
    drift = Drift()
    body = PAGE.replace(MATERIAL, b"\xff", 1).replace(MATERIAL, b"line\\none", 1)
    assert tanks_of(body, drift)[1].material == "line\none"
    assert kinds(drift) == {("Tank", "material", "invalid text")}


@given(st.binary(min_size=1, max_size=6), st.integers(0, len(MATERIAL)))
def test_any_bytes_in_a_string_leave_the_other_rows(damage: bytes, at: int):
    damage = damage.replace(b'"', b"").replace(b"\\", b"")
    body = PAGE.replace(MATERIAL, MATERIAL[:at] + damage + MATERIAL[at:], 1)
    rows = tanks_of(body, Drift())
    assert [row.serial for row in rows] == [row["serial"] for row in ROWS]
    assert isinstance(rows[0].material, str)


@given(st.integers(0, len(PAGE) - 1), st.integers(0, 255))
def test_any_byte_at_any_position_gives_rows_or_one_error(at: int, byte: int):
    with suppress(UnexpectedBody):
        tanks_of(PAGE[:at] + bytes([byte]) + PAGE[at + 1 :], Drift())


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=9))
def test_valid_json_is_repaired_to_itself(value: Any):
    text, repaired = repair_json(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    assert repaired == frozenset()
    with suppress(UnicodeError):
        json.dumps(value, ensure_ascii=False).encode()
        assert json.loads(text) == value


def test_row_that_does_not_fit_is_read_value_by_value_beside_rows_that_do():
    drift = Drift()
    body = PAGE.replace(b'"s1", "material": "FLGPGR05"', b'"s1", "material": 5')
    rows = tanks_of(body, drift)
    assert [type(row) for row in rows] == [models.Tank] * 5
    assert (rows[1].serial, rows[1].material) == ("s1", 5)
    assert kinds(drift) == {("Tank", "material", "unexpected type")}


def test_page_with_a_row_that_does_not_fit_is_of_the_documented_class():
    page = parse_body(PAGE, models.PaginatedTankList, False, Drift())
    assert type(page) is models.PaginatedTankList
    assert page == models.PaginatedTankList.from_dict(json.loads(PAGE))


def test_name_of_an_undescribed_field_cannot_forge_a_log_line(caplog: pytest.LogCaptureFixture):
    name = "a\nERROR forged \x1b[2J\u202e https://x.example/?X-Amz-Signature=SECRET"
    drift = Drift()
    parse_body(json.dumps([{"serial": "s", name: 1}]).encode(), List[models.Tank], False, drift)
    for shown in (caplog.text, repr(drift)):
        assert "SECRET" not in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown
    assert not any(line.startswith("ERROR forged") for line in caplog.text.splitlines())


@pytest.mark.parametrize("depth", [501, 3000, 200_000])
def test_body_nested_too_deeply_is_one_error(depth: int):
    body = b'{"results": ' + b"[" * depth + b"]" * depth + b"}"
    with pytest.raises(UnexpectedBody, match="nested more than"):
        parse_body(body, models.PaginatedTankList, False, Drift())


@pytest.fixture
def restored_collector() -> Any:
    was_enabled = gc.isenabled()
    yield
    (gc.enable if was_enabled else gc.disable)()


@pytest.mark.parametrize("was_enabled", [True, False], ids=["enabled", "disabled by the user"])
@pytest.mark.parametrize("body", [PAGE, b"{", b"5"], ids=["page", "no JSON", "number"])
def test_decoding_restores_the_state_of_the_garbage_collector(
    restored_collector: None, was_enabled: bool, body: bytes
):
    (gc.enable if was_enabled else gc.disable)()
    with suppress(UnexpectedBody):
        tanks_of(body, Drift())
    assert gc.isenabled() is was_enabled


def test_collector_stays_paused_until_the_last_of_nested_decodes_ends(restored_collector: None):
    gc.enable()
    pause = GarbageCollectionPause()
    with pause:
        with suppress(KeyError), pause:
            raise KeyError
        assert not gc.isenabled()
    assert gc.isenabled()


def test_forked_child_ends_the_pause_of_threads_it_does_not_have(restored_collector: None):
    gc.enable()
    pause = GarbageCollectionPause()
    leave: Callable[..., None] = pause.__exit__
    pause.__enter__()
    pause.reset()
    assert gc.isenabled()
    leave()
    assert gc.isenabled()
