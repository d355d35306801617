"""Models as data frames: constant columns, documented types, no secrets."""

from __future__ import annotations

import csv
import gc
import inspect
import io
import subprocess
import sys
import weakref
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Dict, Iterator, List, Type

import hypothesis.strategies as st
import pandas as pd
import pytest
from hypothesis import given, settings

from formlabs_web_api import (
    ApiClient,
    Configuration,
    PrintersApi,
    PrintsApi,
    RateLimitException,
)
from formlabs_web_api.frames import to_csv, to_excel, to_frame, to_records
from formlabs_web_api.models import (
    Cartridge,
    DeveloperAPIMyPrinter,
    PaginatedPrintRunWithFleetControlDataList,
    PrintRunWithFleetControlData,
    Tank,
    UserEventReadOnly,
    Workgroup,
)
from formlabs_web_api.models._base import Model
from formlabs_web_api.models.derived import PrinterState, PrintOutcome
from formlabs_web_api.sandbox import Sandbox
from formlabs_web_api.tables import columns
from test.models.test_derived_any_answer import changed, runs_of_any_kind
from test.support.shapes import (
    MINUTE_MS,
    NOW,
    SENTINEL,
    ago,
    cartridge,
    cartridge_row,
    frozen_row,
    model,
    print_run,
    print_run_row,
    printer,
    printer_row,
    rating,
    slot,
    status_row,
    tank_row,
)

SECRET = "EXAMPLEsignature"


def runs(*rows: Dict[str, Any]) -> List[PrintRunWithFleetControlData]:
    blank = {"parts": [], "cloud_queue_item": None}
    return [model(PrintRunWithFleetControlData, {**blank, **row}) for row in rows]


def page_of(rows: List[Any]) -> PaginatedPrintRunWithFleetControlDataList:
    return model(PaginatedPrintRunWithFleetControlDataList, {"count": len(rows), "results": rows})


def one_row(models: Any, **arguments: Any) -> Dict[str, Any]:
    arguments.setdefault("now", NOW)
    (row,) = to_frame(models, **arguments).to_dict("records")
    return {str(name): value for name, value in row.items()}


@pytest.fixture(scope="module")
def client() -> Iterator[ApiClient]:
    with Sandbox(seed=1, now=NOW) as sandbox:
        configuration = Configuration(
            host=sandbox.url, client_id=sandbox.client_id, client_secret=sandbox.client_secret
        )
        with ApiClient(configuration) as made:
            yield made


# Columns and types


def test_a_row_has_the_raw_fields_and_the_derived_values() -> None:
    row = one_row(runs(print_run_row(status="FINISHED", print_finished_at=SENTINEL)))
    assert row["guid"] == "00000000-0000-4000-8000-000000000001"
    assert row["print_finished_at"] == pd.Timestamp("1970-01-01T00:00:00.001Z")
    assert row["ended_at"] == pd.Timestamp(NOW - timedelta(minutes=1))
    assert row["ended_at_source"] == "estimated"
    assert row["duration"] == timedelta(minutes=59)
    assert (row["progress"], row["outcome"], row["is_open"]) == (1.0, "unrated", False)


def test_nested_models_are_flattened_as_json_normalize_does() -> None:
    user = {"id": 7, "username": "ana.example", "email": "ana@example.com"}
    row = one_row(runs(print_run_row(user=user, print_run_success=rating("SUCCESS", hours=1))))
    assert (row["user_id"], row["user_username"]) == (7, "ana.example")
    assert row["print_run_success_print_run_success"] == "SUCCESS"
    assert row["group_name"] == "Example Lab"
    flat = pd.json_normalize(print_run_row(user=user), sep="_").columns
    assert {"user_id", "group_name"} <= set(flat)


def test_each_column_has_its_documented_type() -> None:
    types = to_frame(runs(print_run_row())).dtypes
    expected = {
        "guid": "string",
        "status": "category",
        "material": "category",
        "outcome": "category",
        "layer_count": "Int64",
        "user_id": "Int64",
        "volume_ml": "float64",
        "progress": "float64",
        "using_open_mode": "boolean",
        "is_stale": "boolean",
        "print_started_at": "datetime64[us, UTC]",
        "eta": "datetime64[us, UTC]",
        "duration": "timedelta64[us]",
    }
    assert {name: str(types[name]) for name in expected} == expected
    assert "object" not in set(map(str, types))


KINDS = [PrintRunWithFleetControlData, DeveloperAPIMyPrinter, UserEventReadOnly, Tank, Cartridge]


@pytest.mark.parametrize("kind", [*KINDS, Workgroup])
def test_an_empty_frame_has_the_same_columns(kind: Type[Model]) -> None:
    empty = to_frame([], kind=kind)
    rows = {
        PrintRunWithFleetControlData: print_run_row(),
        DeveloperAPIMyPrinter: printer_row(),
        Tank: tank_row(),
        Cartridge: cartridge_row(),
    }
    some = to_frame([model(kind, rows.get(kind, {"id": 1}))])
    assert len(empty) == 0
    assert list(empty.columns) == list(some.columns)
    for name, kept in empty.dtypes.items():
        assert str(kept) == str(some.dtypes[str(name)]), name


def test_a_described_enum_has_all_its_words_as_categories() -> None:
    frame = to_frame(runs(print_run_row()))
    assert list(frame["outcome"].cat.categories) == [str(word) for word in PrintOutcome]
    assert "WAITING_FOR_RESOLUTION" in frame["status"].cat.categories
    states = to_frame([printer()])["state"].cat.categories
    assert list(states) == [str(word) for word in PrinterState]


def test_an_unknown_word_is_a_category() -> None:
    frame = to_frame(runs(print_run_row(status="SOMETHING_NEW"), print_run_row()))
    assert list(frame["status"]) == ["SOMETHING_NEW", "PRINTING"]


def test_words_of_text_fields_are_sorted() -> None:
    codes = ["FLTO2002", "FLGPCL05", None, "FLRG1002", "FLGPCL05"]
    frame = to_frame(runs(*(print_run_row(material=code) for code in codes)))
    assert list(frame["material"].cat.categories) == ["FLGPCL05", "FLRG1002", "FLTO2002"]
    assert [code if isinstance(code, str) else None for code in frame["material"]] == codes


def test_lists_of_texts_are_joined_and_lists_of_models_counted() -> None:
    parts = [{"id": 1, "guid": "1", "prepared_scene": "1"}, {"id": 2, "guid": "2"}]
    assert one_row(runs(print_run_row(parts=parts)))["parts_count"] == 2
    capabilities = status_row(printer_capabilities=["FleetControl", "CooldownConfig"])
    row = one_row([printer(capabilities)])
    assert row["printer_status_printer_capabilities"] == "FleetControl, CooldownConfig"


def test_a_print_inside_another_model_has_few_columns() -> None:
    row = one_row([printer(status_row("PRINTING", current_print_run=print_run_row()))])
    assert row["printer_status_current_print_run_name"] == "bracket_v7"
    assert row["printer_status_current_print_run_progress"] == 0.5
    assert "printer_status_current_print_run_note_note" not in row
    assert pd.isna(one_row([printer()])["printer_status_current_print_run_progress"])


def test_a_printer_row_has_its_state_tank_and_resin() -> None:
    both = [slot(cartridge_row(), "FRONT"), slot(cartridge_row(volume_dispensed_ml=900.0), "BACK")]
    row = one_row([printer(cartridge_status=both)])
    assert (row["label"], row["model_name"], row["state"]) == ("QuietOtter", "Form 4", "idle")
    assert (row["cartridge_count"], row["remaining_ml"]) == (2, 700.0)
    assert row["tank_status_tank_layers"] == 30_000
    assert row["tank_status_tank_age"] == timedelta(days=100)
    assert row["is_online"] is True


@pytest.mark.parametrize("status", [["04a1b2c3d4e501"], "04a1b2c3d4e501", None])
def test_cartridges_given_as_serials_are_not_counted(status: Any) -> None:
    row = one_row([printer(cartridge_status=status)])
    assert row["cartridge_count"] == 0
    assert pd.isna(row["remaining_ml"])
    (record,) = to_records([printer(cartridge_status=status)])
    assert (record["cartridge_count"], record["remaining_ml"]) == (0, None)


def test_a_field_without_documented_shape_is_json() -> None:
    intent = {"initiated_on": "REMOTE", "at": f"https://example.com/1?Signature={SECRET}"}
    row = one_row(runs(print_run_row(print_intent=intent)))
    assert row["print_intent"] == '{"initiated_on": "REMOTE", "at": "***"}'
    assert one_row(runs(print_run_row(print_intent="0000-6001")))["print_intent"] == "0000-6001"


def test_derived_values_can_be_left_out() -> None:
    frame = to_frame(runs(print_run_row()), derived=False)
    assert "outcome" not in frame
    assert "status" in frame


# Sources of models


def test_models_may_be_a_list_an_iterator_a_page_or_one_model() -> None:
    page = page_of([print_run_row()] * 2)
    assert len(to_frame(page)) == 2
    assert len(to_frame(iter(page.results))) == 2
    assert len(to_frame(page.results[0])) == 1
    assert len(to_records(page)) == 2


def test_models_of_several_classes_are_refused() -> None:
    with pytest.raises(TypeError, match="MyPrintRunReadOnly and CartridgeReadOnly"):
        to_frame([print_run(), cartridge()])


@pytest.mark.parametrize("models", [[1], [{"guid": "1"}], ["guid", 2], [None]])
def test_rows_that_are_not_models_are_refused(models: Any) -> None:
    with pytest.raises(TypeError, match="are models, not"):
        to_records(models)


@pytest.mark.parametrize("odd", [None, "x", 7, []], ids=repr)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_row_that_is_not_a_model_is_dropped_at_any_position(
    odd: Any, place: int, caplog: pytest.LogCaptureFixture
) -> None:
    rows: List[Any] = [print_run_row(guid="1"), print_run_row(guid="2")]
    rows.insert(place, odd)
    page = page_of(rows)
    text = io.StringIO()
    caplog.clear()  # of what reading it reported
    to_csv(page, text)
    assert list(to_frame(page)["guid"]) == ["1", "2"]
    assert [record["guid"] for record in to_records(iter(page.results))] == ["1", "2"]
    assert [row["guid"] for row in csv.DictReader(io.StringIO(text.getvalue()))] == ["1", "2"]
    assert (
        caplog.messages
        == ["Rows that are not PrintRunWithFleetControlData models, left out: 1"] * 3
    )


@pytest.mark.parametrize("rows", [[], [None], ["x", None]], ids=repr)
def test_a_page_without_a_model_is_a_table_without_rows(rows: List[Any]) -> None:
    page = page_of(rows)
    whole = list(to_frame(runs(print_run_row())).columns)
    assert (list(to_frame(page).columns), len(to_frame(page))) == (whole, 0)
    assert len(to_frame(rows, kind=PrintRunWithFleetControlData)) == 0
    assert to_records(page) == to_records(rows, kind=PrintRunWithFleetControlData) == []
    for models in (page, rows):
        text = io.StringIO()
        to_csv(models, text, kind=PrintRunWithFleetControlData)
        assert list(csv.reader(io.StringIO(text.getvalue()))) == [whole]


def test_a_model_of_another_class_is_refused_among_dropped_rows() -> None:
    for mixture in ([None, print_run(), cartridge()], [print_run(), "x", cartridge()]):
        with pytest.raises(TypeError, match="MyPrintRunReadOnly and CartridgeReadOnly"):
            to_records(mixture)


def test_batches_are_joined_to_one_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        print_run_row(
            guid=str(at),
            layer_count=None if at % 3 else at,
            material=f"M{at % 4}",
            using_open_mode=[True, False, None][at % 3],
            print_started_at=ago(hours=at) if at % 2 else None,
        )
        for at in range(11)
    ]
    whole = to_frame(runs(*rows), now=NOW)
    monkeypatch.setattr(columns, "BATCH", 3)
    pd.testing.assert_frame_equal(to_frame(runs(*rows), now=NOW), whole)
    assert [record["guid"] for record in to_records(runs(*rows))] == list(map(str, range(11)))


def test_models_of_an_iterator_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "BATCH", 5)
    gc.freeze()  # otherwise each collection would traverse all imported modules
    alive: weakref.WeakSet[Any] = weakref.WeakSet()
    most = 0

    def stream() -> Iterator[Any]:
        nonlocal most
        for _ in range(50):
            (run,) = runs(print_run_row())
            alive.add(_Followed(run))
            run.__dict__["note"] = None
            gc.collect()
            most = max(most, len(alive))
            yield run

    class _Followed:
        def __init__(self, run: Any) -> None:
            run.__dict__["user"] = self  # freed with the model

    try:
        assert len(to_frame(stream())) == 50
    finally:
        gc.unfreeze()
    assert most <= 11, "two batches and the one under way"


def test_a_model_made_by_a_program_may_lack_fields() -> None:
    row = one_row([PrintRunWithFleetControlData.model_construct(guid="1", layer_count=3)])
    assert (row["guid"], row["layer_count"]) == ("1", 3)
    assert pd.isna(row["name"])


# Secrets


def test_signed_addresses_are_left_out_unless_requested() -> None:
    address = f"https://pictures.example.com/1.png?Signature={SECRET}"
    (run,) = runs(
        print_run_row(print_thumbnail={"thumbnail": address}, post_print_photo_url=address)
    )
    one = printer(status_row("PRINTING", current_print_run=run.to_dict()))
    one.previous_print_run = {"print_thumbnail": {"thumbnail": address}}
    for each in (run, one, model(Tank, tank_row(heatmap=address))):
        text = io.StringIO()
        to_csv([each], text)
        assert SECRET not in text.getvalue() + str(to_records([each])) + str(one_row([each]))
    row = one_row([run], secrets=True)
    assert row["print_thumbnail_thumbnail"] == row["post_print_photo_url"] == address


SIGNED = [
    f"https://example.com/1.png?X-Amz-Date=1&X-Amz-Signature={SECRET}",
    f"Photo: https://example.com/1.png?X-Amz-Signature={SECRET}, of today",
    f'see "http://example.com/?access_token={SECRET}"',
]


@pytest.mark.parametrize("address", SIGNED)
def test_signed_address_is_redacted_in_any_text_unless_requested(address: str) -> None:
    changes: Dict[str, Any] = {
        "name": address,
        "material_name": address,
        "status": address,
        "layer_count": address,
        "harvest_status": [{"at": address}],
    }
    models: List[Any] = [*runs({**print_run_row(), **changes}), printer(alias=address)]
    for each in models:
        text = io.StringIO()
        to_csv([each], text)
        assert SECRET not in text.getvalue() + str(to_records([each])) + str(one_row([each]))
    run, fleet_member = models
    for row in (one_row([run], secrets=True), *to_records([run], secrets=True)):
        assert row["name"] == row["material_name"] == row["status"] == address
    assert one_row([fleet_member], secrets=True)["label"] == address
    assert run.name == address


def test_text_beside_a_signed_address_is_kept() -> None:
    assert one_row(runs(print_run_row(name=SIGNED[1])))["name"] == "Photo: *** of today"
    plain = "https://example.com/?page=2 and a token=1"
    assert one_row(runs(print_run_row(name=plain)))["name"] == plain


# Values that do not fit


CUT = "cut \ud83d"
"""A name cut short in the middle of an emoji."""
MENDED = "cut \N{REPLACEMENT CHARACTER}"


def test_a_lone_surrogate_is_replaced_in_frames_and_csv_and_kept_in_records(
    tmp_path: Path,
) -> None:
    cut = print_run_row(name=CUT, material_name=CUT, status=CUT, volume_ml=CUT)
    both = runs(cut, print_run_row(name="whole \U0001f600", material_name=MENDED))
    frame = to_frame(both)
    for name in ("name", "material_name", "status"):
        assert frame[name][0] == MENDED
    assert list(frame["name"]) == [MENDED, "whole \U0001f600"]
    assert list(frame["material_name"].cat.categories) == [MENDED]
    path = tmp_path / "prints.csv"
    to_csv(both, path)
    with path.open(encoding="utf-8", newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["name"], first["status"], first["volume_ml"]) == (MENDED, MENDED, MENDED)
    assert second["name"] == "whole \U0001f600"
    assert to_records(both)[0]["name"] == to_records(both)[0]["status"] == CUT
    assert both[0].name == CUT


def test_a_value_that_does_not_fit_is_missing_in_a_frame_and_kept_in_records() -> None:
    odd = print_run_row(
        layer_count="many",
        volume_ml="much",
        using_open_mode="maybe",
        print_started_at="yesterday",
        name=["bracket"],
        user="ana",
        elapsed_duration_ms=2**70,
        parts="none",
    )
    row = one_row(runs(odd))
    for name in ("layer_count", "volume_ml", "using_open_mode", "print_started_at", "name"):
        assert pd.isna(row[name]), name
    assert pd.isna(row["user_id"])
    assert pd.isna(row["elapsed_duration_ms"])
    (record,) = to_records(runs(odd))
    assert record["layer_count"] == "many"
    assert record["print_started_at"] == "yesterday"
    assert record["elapsed_duration_ms"] == 2**70


def test_a_time_without_offset_is_utc() -> None:
    rows = runs(print_run_row(print_started_at="2026-06-05T12:00:00"), print_run_row())
    assert to_frame(rows)["print_started_at"][0] == pd.Timestamp(NOW)
    assert to_records(rows)[0]["print_started_at"] == NOW


def test_integers_of_hundreds_of_digits_are_missing() -> None:
    assert pd.isna(one_row(runs(print_run_row(volume_ml=10**400)))["volume_ml"])


# Vectorised values equal those of the models


_minutes = st.one_of(
    st.integers(-24, 24).map(lambda at: 5 * at),
    st.sampled_from([3 * 24 * 60 - 1, 3 * 24 * 60, 3 * 24 * 60 + 1, 10_000]),
)
"""Near to each other and to what rules turn on, so that each of them counts now and then."""
_moments = st.one_of(
    st.none(),
    st.just(SENTINEL),
    st.just("1971-01-01T00:00:00+00:00"),
    _minutes.map(lambda minutes: ago(minutes=minutes)),
)
_spans = st.one_of(st.none(), _minutes.map(lambda minutes: minutes * MINUTE_MS))
_plain_runs = st.fixed_dictionaries(
    {
        "status": st.sampled_from(
            ["PRINTING", "FINISHED", "ABORTED", "ERROR", "PAUSED", "PREHEAT", "POSTCOAT", "NEW"]
        ),
        "print_started_at": _moments,
        "print_finished_at": _moments,
        "created_at": _moments,
        "elapsed_duration_ms": _spans,
        "estimated_time_remaining_ms": _spans,
        "layer_count": st.one_of(st.none(), st.integers(-1, 20)),
        "currently_printing_layer": st.one_of(st.none(), st.just(-1), st.integers(-2, 30)),
        "print_run_success": st.one_of(
            st.none(),
            st.fixed_dictionaries(
                {
                    "print_run": st.just("1"),
                    "print_run_success": st.sampled_from(["SUCCESS", "FAILURE", "UNKNOWN", ""]),
                    "created_at": _moments,
                }
            ),
        ),
    }
).map(lambda changes: print_run_row(**changes))


@pytest.mark.parametrize("layer", [-1, 0, 600])
@pytest.mark.parametrize("status", ["PRINTING", "POSTCOAT", "PAUSED"])
def test_print_columns_equal_print_run_derived_for_old_reports(status: str, layer: int) -> None:
    reports = [ago(minutes=minutes) for minutes in (0, 14, 15, 16, 31, 4319, 4320, 4321)]
    rows = [
        print_run_row(
            status=status,
            currently_printing_layer=layer,
            print_started_at=report,
            elapsed_duration_ms=0,
            estimated_time_remaining_ms=0,
        )
        for report in reports
    ]
    check_frame(runs(*rows))


@given(rows=st.lists(_plain_runs, max_size=3), data=st.data())
@settings(max_examples=20)
def test_chosen_columns_equal_those_of_the_whole_frame(
    rows: List[Dict[str, Any]], data: st.DataObject
) -> None:
    whole = to_frame(runs(*rows), kind="prints", now=NOW)
    names = data.draw(st.sets(st.sampled_from(list(whole.columns)), min_size=1))
    chosen = to_frame(runs(*rows), kind="prints", now=NOW, columns=names)
    pd.testing.assert_frame_equal(chosen, whole[[one for one in whole.columns if one in names]])


def test_unknown_column_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="the table has none named colour"):
        to_frame([], kind="prints", columns=["name", "colour"])


@given(rows=st.lists(_plain_runs, min_size=1, max_size=8))
@settings(max_examples=400)
def test_print_columns_equal_print_run_derived(rows: List[Dict[str, Any]]) -> None:
    check_frame(runs(*rows))


@given(rows=st.lists(st.one_of(_plain_runs, runs_of_any_kind), min_size=1, max_size=2))
@settings(max_examples=200)
def test_print_columns_equal_print_run_derived_for_any_response(rows: List[Dict[str, Any]]) -> None:
    check_frame(runs(*rows))


@pytest.mark.parametrize(
    "changes",
    [
        {"elapsed_duration_ms": 10**16},
        {"elapsed_duration_ms": -(10**16)},
        {"estimated_time_remaining_ms": 2**62},
        {"layer_count": 2**80, "currently_printing_layer": 2**79},
        {"layer_count": 10.0, "currently_printing_layer": 5.0},
        {"elapsed_duration_ms": 90_000.5},
        {"print_started_at": "9999-12-31T23:00:00+00:00"},
        {"print_started_at": "0001-01-01T00:00:00+00:00"},
        {"status": None, "print_run_success": "SUCCESS"},
    ],
)
@pytest.mark.parametrize("status", ["PRINTING", "FINISHED", "PAUSED"])
def test_print_columns_equal_print_run_derived_for_unusual_values(
    status: str, changes: Dict[str, Any]
) -> None:
    check_frame(runs(print_run_row(), {**print_run_row(status=status), **changes}))


@pytest.mark.parametrize("status", ["PRINTING", "PAUSED"])
def test_print_columns_equal_print_run_derived_at_the_last_date(status: str) -> None:
    end = datetime.max.replace(tzinfo=timezone.utc)
    (run,) = runs(frozen_row(status=status))
    frame = to_frame([run], now=end)
    assert frame["eta"][0] == run.eta_at(end) == NOW - timedelta(hours=2)


def check_frame(models: List[PrintRunWithFleetControlData]) -> None:
    frame = to_frame(models, now=NOW)
    for at, run in enumerate(models):
        row = {str(name): values[at] for name, values in frame.items()}
        expected = {
            "progress": run.progress,
            "last_progress_at": run.last_progress_at,
            "is_stale": run.is_stale(NOW),
            "eta": run.eta_at(NOW),
            "ended_at": run.end_at(NOW),
            "ended_at_source": str(run.ended_at_source),
            "duration": run.duration_at(NOW),
            "outcome": str(run.outcome_at(NOW)),
            "is_open": run.is_open(NOW),
        }
        for name, value in expected.items():
            found = None if pd.isna(row[name]) else row[name]
            assert found == value, name


@given(
    rows=st.lists(
        st.one_of(changed(printer_row()), changed(printer_row(status_row("PRINTING")))),
        min_size=1,
        max_size=3,
    )
)
def test_any_response_becomes_a_table(rows: List[Dict[str, Any]]) -> None:
    models = [model(DeveloperAPIMyPrinter, row) for row in rows]
    frame = to_frame(models, now=NOW)
    assert len(frame) == len(rows)
    for row, record in zip(models, to_records(models, now=NOW)):
        assert record["state"] == row.state(NOW)
    to_csv(models, io.StringIO())


# Of a whole account


def test_client_frames_read_each_listing(client: ApiClient) -> None:
    frames = client.frames
    assert len(frames.printers()) == len(PrintersApi(client).printers_list())
    assert len(frames.prints()) == PrintsApi(client).prints_list(per_page=1).count
    for frame, key in (
        (frames.events(), "id"),
        (frames.tanks(), "serial"),
        (frames.cartridges(), "serial"),
        (frames.groups(), "id"),
    ):
        assert len(frame) > 0
        assert frame[key].is_unique


def test_frames_take_the_filters_of_the_listing(client: ApiClient) -> None:
    ended = client.frames.prints(status="ERROR", limit=5)
    assert set(ended["outcome"]) == {"failure"}
    assert len(ended) <= 5
    empty = client.frames.prints(status="QUEUED")
    assert len(empty) == 0
    assert str(empty.dtypes["duration"]) == "timedelta64[us]"


def test_frame_methods_have_signatures_and_docstrings() -> None:
    from formlabs_web_api.frames import Frames

    assert "date__gt" in inspect.signature(Frames.prints).parameters
    assert "ml" in (Frames.prints.__doc__ or "")
    assert Frames.prints.__name__ == "prints"
    with pytest.raises(TypeError):
        Frames.printers(status="IDLE")  # type: ignore[call-arg]


def test_frames_join_on_serials(client: ApiClient) -> None:
    printers, cartridges = client.frames.printers(), client.frames.cartridges()
    joined = printers.merge(cartridges, left_on="serial", right_on="inside_printer")
    assert len(joined) == int(printers["cartridge_count"].sum())


def test_pandas_is_imported_when_frames_are_used() -> None:
    code = (
        "import sys; from formlabs_web_api import ApiClient, Configuration\n"
        "client = ApiClient(Configuration(access_token='x')); print('pandas' in sys.modules)\n"
        "client.frames; print('pandas' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_frames_take_the_options_of_to_frame(client: ApiClient) -> None:
    frames: Any = client.frames
    assert "label" not in frames.printers(derived=False).columns
    assert "print_thumbnail_thumbnail" in frames.prints(limit=1, secrets=True).columns
    later = frames.printers(now=NOW + timedelta(days=1))
    assert set(later["state"]) == {"offline"}
    assert set(inspect.signature(type(frames).prints).parameters) > {
        "derived",
        "secrets",
        "now",
        "ended_since",
        "ended_until",
    }
    with pytest.raises(ValueError, match="ended_since"):
        frames.printers(ended_since=NOW)


@pytest.mark.parametrize("name", ["printers", "prints", "events", "tanks", "cartridges", "groups"])
def test_declared_arguments_of_frame_methods_equal_their_signatures(name: str) -> None:
    from formlabs_web_api.frames import Frames, options

    declared = {"prints": options.PrintFrameOptions, "events": options.EventFrameOptions}
    taken = set(inspect.signature(getattr(Frames, name)).parameters) - {"self"}
    assert set(declared.get(name, options.FrameOptions).__annotations__) == taken


def test_frames_are_judged_by_the_clock_of_the_service(client: ApiClient) -> None:
    # The sandbox's clock is stopped at NOW, far from the clock of this computer.
    states = [str(printer.state(NOW)) for printer in PrintersApi(client).printers_list()]
    assert list(client.frames.printers()["state"]) == states
    assert set(states) != {"offline"}


def test_prints_that_ended_within_a_period_are_selected_by_their_end(client: ApiClient) -> None:
    frames: Any = client.frames
    since, until = NOW - timedelta(days=5), NOW - timedelta(days=4)
    everything = [run for run in PrintsApi(client).prints_list_iter() if run.end_at(NOW)]
    expected = {run.guid for run in everything if since <= (run.end_at(NOW) or NOW) < until}
    assert 0 < len(expected) < len(everything)
    found = frames.prints(ended_since=pd.Timestamp(since), ended_until=until)
    assert set(found["guid"]) == expected
    assert len(frames.prints(ended_since=NOW + timedelta(days=1))) == 0


@pytest.mark.parametrize("odd", [pd.NaT, "yesterday", 5])
def test_an_end_that_is_not_a_time_is_an_error_naming_the_argument(
    client: ApiClient, odd: Any
) -> None:
    frames: Any = client.frames
    with pytest.raises(TypeError, match="ended_until must be a datetime"):
        frames.prints(ended_until=odd)


def test_a_frame_is_written_to_excel_with_numbers_and_local_times(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("xlsxwriter")
    frame = to_frame(runs(frozen_row(status="FINISHED", name="=1+1")), now=NOW)
    to_excel(frame, tmp_path / "prints.xlsx", tz=timezone(timedelta(hours=2)))
    sheet = openpyxl.load_workbook(tmp_path / "prints.xlsx").active
    titles, values = (list(row) for row in sheet.iter_rows())
    row = {title.value: cell for title, cell in zip(titles, values)}
    assert list(row) == list(frame.columns)
    assert (row["name"].value, row["name"].data_type) == ("=1+1", "s")
    assert row["print_started_at"].value == datetime(2026, 6, 5, 4, 0)
    assert row["duration"].value == timedelta(hours=8)
    assert row["is_open"].value is False
    assert row["user_id"].value is None
    assert [path.name for path in tmp_path.iterdir()] == ["prints.xlsx"]


def test_an_empty_frame_is_written_to_excel(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("xlsxwriter")
    to_excel(to_frame([], kind="prints"), tmp_path / "prints.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "prints.xlsx").active
    assert sheet.max_row == 1


def test_listing_longer_than_the_rate_limit_is_refused_after_its_first_page() -> None:
    with Sandbox(seed=2, printers=4, prints=80, now=NOW) as sandbox:
        configuration = Configuration(
            host=sandbox.url,
            client_id=sandbox.client_id,
            client_secret=sandbox.client_secret,
            rate_limits=[(5, 3600.0)],
            max_wait=0.0,
        )
        with ApiClient(configuration) as client:
            with pytest.raises(RateLimitException, match="read the listing into a mirror"):
                client.frames.prints(per_page=10)
            assert len(sandbox.requests_to("*/prints/")) == 1
            assert len(client.frames.prints(per_page=10, limit=20)) == 20
