"""Derived values of any response do not raise and stay in their range."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Dict, Iterator, List, Tuple, Type

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from formlabs_web_api.models import (
    Cartridge,
    DeveloperAPIMyPrinter,
    PrintRunWithFleetControlData,
    Tank,
)
from formlabs_web_api.models._base import Model
from test.support.shapes import (
    NOW,
    SENTINEL,
    ago,
    cartridge_row,
    print_run,
    print_run_row,
    printer_row,
    status_row,
    tank_row,
)

_zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_moments = st.one_of(
    st.datetimes(timezones=_zones).map(datetime.isoformat),
    st.sampled_from(
        [SENTINEL, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-06-05T12:00:00"]
    ),
)
_numbers = st.one_of(
    st.integers(),
    st.integers(-(10**400), 10**400),
    st.floats(),
    st.sampled_from([-1, 0, 2**63, 10**18, float("nan"), float("inf"), True]),
)
_words = st.sampled_from(
    ["PRINTING", "IDLE", "FINISHED", "ERROR", "ABORTED", "PREHEAT", "PAUSED", "SUCCESS", "", "NEW"]
)
_anything = st.recursive(
    st.one_of(st.none(), st.booleans(), _numbers, _moments, _words, st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def changed(row: Dict[str, Any]) -> st.SearchStrategy[Dict[str, Any]]:
    """Draw ``row`` with some fields missing and some with another value."""
    fields = st.sampled_from(sorted(row))
    changes = st.dictionaries(fields, _anything, max_size=len(row))
    missing = st.sets(fields, max_size=4)
    return st.builds(
        lambda changes, missing: {
            name: changes.get(name, value) for name, value in row.items() if name not in missing
        },
        changes,
        missing,
    )


runs_of_any_kind = st.one_of(
    changed(print_run_row()),
    changed(print_run_row(status="FINISHED", print_run_success={"created_at": SENTINEL})),
)
_cartridges, _tanks = changed(cartridge_row()), changed(tank_row())


@st.composite
def _printers(draw: Callable[[Any], Any]) -> Dict[str, Any]:
    row: Dict[str, Any] = draw(changed(printer_row(draw(changed(status_row())))))
    if isinstance(row.get("printer_status"), dict) and draw(st.booleans()):
        row["printer_status"]["current_print_run"] = draw(runs_of_any_kind)
    if draw(st.booleans()):
        row["cartridge_status"] = [{"cartridge": draw(_cartridges)}, draw(_anything)]
    return row


def _read(kind: Type[Model], row: Dict[str, Any]) -> Any:
    """Parse JSON text, in which Python writes NaN and Infinity."""
    return kind.from_json(json.dumps(row))


def _derived(one: Any) -> Iterator[Tuple[str, Any]]:
    """Return every derived value of a model, by name."""
    for kind in type(one).__mro__:
        if not kind.__name__.endswith("Derived"):
            continue
        for name, member in vars(kind).items():
            if isinstance(member, property):
                yield name, getattr(one, name)
            elif name == "wear":
                yield name, one.wear(75_000)
            elif name in ("is_low",):
                yield name, one.is_low()
            elif callable(member) and not name.startswith("_") and name != "thumbnail":
                yield name, getattr(one, name)(NOW)


def _check_times(values: Dict[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, datetime):
            assert value.utcoffset() == timedelta(), name
            assert value.year > 1970, name


@given(row=runs_of_any_kind)
@settings(max_examples=300)
def test_no_derived_value_of_a_print_run_raises(row: Dict[str, Any]) -> None:
    run = _read(PrintRunWithFleetControlData, row)
    values = dict(_derived(run))
    _check_times(values)
    assert 0.0 <= values["progress"] <= 1.0
    started, eta, eta_now = values["started_at"], values["eta"], values["eta_at"]
    assert (eta is None) is (eta_now is None)
    assert eta is None or min(eta, eta_now) >= started
    assert values["duration"] is None or values["duration"] >= timedelta()
    assert (values["ended_at"] is None) is (values["ended_at_source"] == "unknown")
    assert (values["outcome_at"] == "in_progress") is values["is_open"]
    assert not (values["is_open"] and values["ended_at"])


_soon = st.integers(-(10**9), 10**9)
_clockwork = st.fixed_dictionaries(
    {
        "status": st.sampled_from(
            ["QUEUED", "PREHEAT", "PAUSED", "WAITING_FOR_RESOLUTION", "PRINTING", "FINISHED", "NEW"]
        ),
        "currently_printing_layer": st.integers(-1, 1),
        "print_started_at": _soon.map(lambda at: ago(seconds=at / 1000)),
        "elapsed_duration_ms": _soon,
        "estimated_time_remaining_ms": _soon,
    }
)


@given(changes=_clockwork)
def test_eta_of_a_waiting_print_is_ahead_and_end_of_an_ended_print_is_not(
    changes: Dict[str, Any],
) -> None:
    run = print_run(**changes)
    started, remaining, eta, ended = run.started_at, run.remaining, run.eta_at(NOW), run.end_at(NOW)
    assert started is not None
    assert remaining is not None
    if changes["status"] == "FINISHED":
        assert eta is None
        assert ended is not None
        assert started <= ended <= max(NOW, run.last_progress_at or NOW)
        return
    assert ended is None
    assert eta is not None
    assert eta >= started
    if changes["status"] != "PRINTING" or changes["currently_printing_layer"] < 0:
        assert eta >= NOW + remaining
        assert not run.is_stale(NOW)
    else:
        assert eta == run.eta


@given(row=_printers())
@settings(max_examples=200)
def test_no_derived_value_of_a_printer_raises(row: Dict[str, Any]) -> None:
    printer = _read(DeveloperAPIMyPrinter, row)
    values = dict(_derived(printer))
    _check_times(values)
    assert isinstance(values["cartridges"], list)
    assert len(values["cartridges"]) <= len(values["cartridge_slots"])
    assert values["state_reason"]
    if values["state"] == "offline":
        assert not values["is_online"]


@given(row=_cartridges)
def test_no_derived_value_of_a_cartridge_raises(row: Dict[str, Any]) -> None:
    values = dict(_derived(_read(Cartridge, row)))
    assert values["remaining_ml"] is None or values["remaining_ml"] >= 0.0
    assert values["remaining_fraction"] is None or 0.0 <= values["remaining_fraction"] <= 1.0


@given(row=_tanks)
def test_no_derived_value_of_a_tank_raises(row: Dict[str, Any]) -> None:
    values = dict(_derived(_read(Tank, row)))
    assert values["layers"] is None or values["layers"] >= 0
    assert values["age"] is None or values["age"] >= timedelta()


@pytest.mark.parametrize("kind", [Cartridge, DeveloperAPIMyPrinter, Tank])
def test_derived_values_of_an_empty_model_do_not_raise(kind: Type[Model]) -> None:
    names: List[str] = [name for name, _ in _derived(_read(kind, {}))]
    assert names
