"""Records and CSV: the same columns always, raw for programs, prepared for Excel."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Dict, Iterator, List

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from formlabs_web_api import ApiClient, Configuration, PrintersApi, PrintsApi, TanksApi
from formlabs_web_api.frames import to_csv, to_records
from formlabs_web_api.models import PrintRunWithFleetControlData
from formlabs_web_api.sandbox import Sandbox
from formlabs_web_api.tables.columns import columns_of
from formlabs_web_api.tables.csv_files import neutralize_formula
from formlabs_web_api.tables.records import LISTINGS
from test.support.shapes import NOW, frozen_row, model, print_run_row

COLUMNS = columns_of(PrintRunWithFleetControlData, derived=True, secrets=False)
CEST = timezone(timedelta(hours=2))


def runs(*rows: Dict[str, Any]) -> List[PrintRunWithFleetControlData]:
    blank = {"parts": [], "cloud_queue_item": None}
    return [model(PrintRunWithFleetControlData, {**blank, **row}) for row in rows]


def csv_of(models: Any, **how: Any) -> str:
    text = io.StringIO()
    to_csv(models, text, **how)
    return text.getvalue()


def test_records_are_plain_values() -> None:
    (record,) = to_records(runs(frozen_row(status="FINISHED")), now=NOW)
    assert list(record) == [column.name for column in COLUMNS]
    assert type(record["status"]) is str
    assert type(record["outcome"]) is str
    assert record["print_started_at"] == NOW - timedelta(hours=10)
    assert record["print_started_at"].tzinfo is timezone.utc
    assert record["duration"] == timedelta(hours=8)
    assert record["user_id"] is None


def test_csv_is_parsed_to_the_values_written(tmp_path: Path) -> None:
    name = 'two\nlines, "quoted", 試作'
    path = tmp_path / "prints.csv"
    to_csv(runs(frozen_row(status="FINISHED", name=name)), path, now=NOW)
    with path.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["name"] == name
    assert row["print_started_at"] == "2026-06-05T02:00:00+00:00"
    assert row["duration"] == "28800.0"
    assert (row["is_open"], row["adaptive_thickness"]) == ("false", "false")
    assert (row["user_id"], row["outcome"]) == ("", "unrated")
    assert datetime.fromisoformat(row["ended_at"]) == NOW - timedelta(hours=2)


class _FullDiskError(Exception):
    pass


def _interrupted() -> Iterator[Any]:
    yield from runs(print_run_row())
    raise _FullDiskError


@pytest.mark.parametrize("before", [None, "as it was"])
def test_a_csv_that_fails_keeps_the_old_file(before: Any, tmp_path: Path) -> None:
    path = tmp_path / "prints.csv"
    if before:
        path.write_text(before)
    with pytest.raises(_FullDiskError):
        to_csv(_interrupted(), path)
    assert [one.read_text() for one in tmp_path.iterdir()] == ([before] if before else [])


def test_a_csv_replaces_the_old_file_and_keeps_its_permissions(tmp_path: Path) -> None:
    path, link = tmp_path / "prints.csv", tmp_path / "latest.csv"
    path.write_text("as it was")
    path.chmod(0o600)
    link.symlink_to(path)
    to_csv(runs(print_run_row()), str(link))
    assert path.read_text().startswith("guid,")
    assert path.stat().st_mode & 0o777 == 0o600
    assert link.is_symlink()
    assert set(tmp_path.iterdir()) == {path, link}


def test_a_csv_is_written_to_a_device_directly() -> None:
    to_csv(runs(print_run_row()), os.devnull)
    assert not Path(os.devnull).is_file()


def test_csv_is_written_to_an_open_file() -> None:
    text = io.StringIO()
    to_csv(runs(print_run_row(), print_run_row()), text)
    assert len(list(csv.reader(io.StringIO(text.getvalue())))) == 3
    assert not text.closed


def test_records_and_csv_need_no_pandas() -> None:
    code = (
        "import sys; sys.modules['pandas'] = None\n"
        "from formlabs_web_api.frames import to_csv, to_frame, to_records\n"
        "from formlabs_web_api import Tank\n"
        "tank = Tank.from_dict({'serial': '1', 'layer_count': 3})\n"
        "print(to_records([tank])[0]['layers']); to_csv([tank], sys.stdout)\n"
        "try: to_frame([tank])\n"
        "except ImportError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("3\nserial,")
    assert 'needs pandas: pip install ".[pandas]"' in done.stdout


# Empty tables


@pytest.fixture(scope="module")
def client() -> Iterator[ApiClient]:
    with Sandbox(seed=1, now=NOW) as sandbox:
        configuration = Configuration(
            host=sandbox.url, client_id=sandbox.client_id, client_secret=sandbox.client_secret
        )
        with ApiClient(configuration) as made:
            yield made


def test_a_listing_without_rows_is_a_csv_with_a_header(client: ApiClient) -> None:
    runs_of_2001 = PrintsApi(client).prints_list_iter(
        date__lt=datetime(2001, 1, 1, tzinfo=timezone.utc)
    )
    assert csv_of(runs_of_2001) == ",".join(column.name for column in COLUMNS) + "\r\n"
    page = PrintsApi(client).prints_list(status="QUEUED")
    assert csv_of(page).startswith("guid,")
    assert csv_of(TanksApi(client).tanks_list_iter(limit=1)).startswith("serial,")


@pytest.mark.parametrize("kind", list(LISTINGS))
def test_kind_names_the_columns_of_an_empty_list(kind: Any, client: ApiClient) -> None:
    written = csv_of([], kind=kind)
    assert len(written.splitlines()) == 1
    assert len(written.split(",")) > 5
    if kind == "printers":
        assert csv_of(PrintersApi(client).printers_list()).startswith(written.strip())


def test_an_unknown_kind_is_an_error_naming_the_known_ones() -> None:
    with pytest.raises(ValueError, match="kind is 'print'; it can be printers, prints, events"):
        to_records([], kind="print")


def test_a_csv_without_rows_and_kind_is_an_error() -> None:
    with pytest.raises(ValueError, match='pass kind="prints"'):
        csv_of([])
    with pytest.raises(ValueError, match='pass kind="prints"'):
        csv_of(iter(()))


# Excel


def test_csv_is_raw_unless_written_for_excel() -> None:
    (run,) = runs(print_run_row(name="=HYPERLINK(1)", volume_ml=1.5))
    raw = next(csv.DictReader(io.StringIO(csv_of([run]))))
    assert (raw["name"], raw["volume_ml"]) == ("=HYPERLINK(1)", "1.5")


def test_csv_for_excel_has_a_bom_semicolons_local_times_and_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "prints.csv"
    row = frozen_row(status="FINISHED", name="=1+1", volume_ml=1.5)
    to_csv(runs(row), path, now=NOW, excel=True, tz=CEST)
    assert path.read_bytes().startswith(b"\xef\xbb\xbfguid;")
    with path.open(encoding="utf-8-sig", newline="") as file:
        (read,) = csv.DictReader(file, delimiter=";")
    assert read["name"] == "'=1+1"
    assert read["volume_ml"] == "1,5"
    assert read["print_started_at"] == "2026-06-05 04:00:00"


def test_csv_for_excel_with_commas_has_decimal_points() -> None:
    text = csv_of(runs(print_run_row(volume_ml=-1.5)), excel=True, delimiter=",")
    (row,) = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    assert row["volume_ml"] == "-1.5"


@given(st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"])))
@settings(max_examples=300, deadline=None)
def test_no_text_for_excel_begins_like_a_formula(name: str) -> None:
    written = neutralize_formula(name)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert written in (name, f"'{name}")
    text = csv_of(runs(print_run_row(name=name)), excel=True)
    (row,) = csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=";")
    assert row["name"] == neutralize_formula(name.encode("utf-8", "replace").decode())


def test_nul_which_csv_readers_refuse_is_replaced() -> None:
    for excel in (False, True):
        assert "\0" not in csv_of(runs(print_run_row(name="a\0b")), excel=excel)
        assert "a\N{REPLACEMENT CHARACTER}b" in csv_of(runs(print_run_row(name="a\0b")))
