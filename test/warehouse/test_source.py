"""The source for warehouses, loaded into DuckDB and into a folder of Parquet files."""

from __future__ import annotations

import re
import socket
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Set

import pytest

if sys.version_info < (3, 10):
    pytest.skip("dlt needs Python 3.10", allow_module_level=True)
pytest.importorskip("dlt", reason="the extra dlt is not installed")
pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
pytest.importorskip("duckdb")
pytest.importorskip("uvicorn", reason="the extra sandbox is not installed")

import duckdb

from formlabs_web_api import ApiClient, Configuration, PrintRun
from formlabs_web_api.sandbox import Sandbox
from formlabs_web_api.warehouse.rows import WarehouseTable, part_rows

NOW = datetime(2026, 6, 5, 12, tzinfo=timezone.utc)
GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "warehouse.md"
TABLES = ("prints", "events", "printers", "tanks", "cartridges", "groups")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=1, now=NOW, prints=400) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[ApiClient]:
    configuration = Configuration(
        host=sandbox.url,
        client_id=sandbox.client_id,
        client_secret=sandbox.client_secret,
        rate_limits=None,
    )
    with ApiClient(configuration) as client:
        yield client


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> List[Any]:
    """The addresses that are connected to; dlt keeps its files in the test's folder."""
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    monkeypatch.setenv("RUNTIME__LOG_LEVEL", "ERROR")
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    found: List[Any] = []
    connect = socket.socket.connect

    def noted(self: socket.socket, address: Any) -> None:
        found.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    return found


def load(
    client: ApiClient,
    folder: Path,
    destination: str,
    since: Optional[datetime] = None,
    **options: Any,
) -> None:
    import dlt

    from formlabs_web_api.warehouse import fleet_source

    if destination == "duckdb":
        target: Any = dlt.destinations.duckdb(str(folder / "fleet.duckdb"))
    else:
        target = dlt.destinations.filesystem(bucket_url=(folder / "lake").as_uri())
    pipeline = dlt.pipeline(
        "formlabs",
        destination=target,
        dataset_name="formlabs",
        pipelines_dir=str(folder / "pipelines"),
    )
    pipeline.run(fleet_source(client, since, **options), loader_file_format="parquet")


def query(folder: Path, statement: str) -> List[Any]:
    with duckdb.connect(str(folder / "fleet.duckdb")) as database:
        return database.execute(statement).fetchall()


def pages_read(sandbox: Sandbox) -> int:
    return len(sandbox.requests_to("/prints/")) + len(sandbox.requests_to("/events/"))


def outcomes(client: ApiClient, since: Optional[datetime] = None) -> Dict[str, str]:
    """Return what the client reads: the outcome of each print by its guid."""
    runs = [(run, run.created_at) for run in client.prints.iter()]
    return {run.guid: str(run.outcome) for run, at in runs if since is None or at >= since}


def test_second_load_reads_fewer_rows_and_merges_changes(
    sandbox: Sandbox, client: ApiClient, connections: List[Any], tmp_path: Path
) -> None:
    load(client, tmp_path, "duckdb")
    first = pages_read(sandbox)
    rated = next(run for run in client.prints.iter() if str(run.outcome) == "unrated")
    sandbox.rate_print(rated.guid, "FAILURE")
    sandbox.advance(hours=8)
    sandbox.forget_requests()

    load(client, tmp_path, "duckdb")
    assert pages_read(sandbox) < first / 2
    known = outcomes(client)
    assert known[rated.guid] == "failure"
    assert dict(query(tmp_path, "SELECT guid, outcome FROM formlabs.prints")) == known
    assert query(tmp_path, "SELECT count(*) FROM formlabs.prints") == [(len(known),)]
    serials = {one.serial: str(one.state()) for one in client.printers.list()}
    assert dict(query(tmp_path, "SELECT serial, state FROM formlabs.printers")) == serials

    port = int(sandbox.url.rpartition(":")[2])
    assert {address[1] for address in connections} == {port}  # dlt reports nothing to anybody


def test_tables_have_types_and_no_private_data(
    client: ApiClient, connections: List[Any], tmp_path: Path
) -> None:
    load(client, tmp_path, "duckdb", since=NOW - timedelta(days=7))
    types = dict(
        query(
            tmp_path,
            "SELECT table_name || '.' || column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = 'formlabs'",
        )
    )
    assert types["prints.ended_at"] == "TIMESTAMP WITH TIME ZONE"
    assert types["prints.duration_s"] == types["prints.volume_ml"] == "DOUBLE"
    assert types["prints.layer_count"] == "BIGINT"
    assert types["prints.note_note"] == "VARCHAR"  # also where every row lacks it
    assert types["printers.is_online"] == "BOOLEAN"
    assert not [name for name in types if re.search("mail|username|thumbnail|photo|heatmap", name)]
    for table in TABLES:
        rows = query(tmp_path, f"SELECT * FROM formlabs.{table}")
        assert rows
        texts = [value for row in rows for value in row if isinstance(value, str)]
        assert not [text for text in texts if "@" in text or "://" in text]
    known = outcomes(client, since=NOW - timedelta(days=7))
    assert dict(query(tmp_path, "SELECT guid, outcome FROM formlabs.prints")) == known


def test_folder_of_parquet_has_the_newest_row_of_each_print(
    sandbox: Sandbox, client: ApiClient, connections: List[Any], tmp_path: Path
) -> None:
    load(client, tmp_path, "filesystem")
    first = pages_read(sandbox)
    sandbox.advance(hours=8)
    sandbox.forget_requests()
    load(client, tmp_path, "filesystem")
    assert pages_read(sandbox) < first / 2
    guide = GUIDE.read_text(encoding="utf-8")
    (statement,) = re.findall(r"^```sql\n(SELECT \* FROM read_parquet.*?)^```", guide, re.S | re.M)
    statement = statement.replace("/srv/lake", str(tmp_path / "lake"))
    found = duckdb.sql(f"SELECT guid, outcome FROM ({statement})").fetchall()
    assert len(found) == len(dict(found))
    assert dict(found) == outcomes(client)


def deleted(folder: Path, table: str, key: str) -> Set[str]:
    """Return the keys of the rows that the condition of the guide marks as deleted."""
    (condition,) = re.findall(r"^WHERE (coalesce.*)$", GUIDE.read_text(encoding="utf-8"), re.M)
    condition = condition.rstrip(";").replace("formlabs.prints", f"formlabs.{table}")
    return {
        row[0] for row in query(folder, f"SELECT {key} FROM formlabs.{table} WHERE {condition}")
    }


def test_deleted_rows_are_marked_by_a_full_read_and_kept(
    sandbox: Sandbox, client: ApiClient, connections: List[Any], tmp_path: Path
) -> None:
    group = client.groups.create({"name": "for a day"})
    load(client, tmp_path, "duckdb")
    runs = outcomes(client)
    rated = [guid for guid, outcome in runs.items() if outcome in ("success", "failure")]
    gone = {rated[len(rated) // 2], rated[-1]}
    for guid in gone:
        sandbox.delete_print(guid)
    client.groups.delete(group.id)

    load(client, tmp_path, "duckdb")
    assert deleted(tmp_path, "groups", "id") == {group.id}
    assert deleted(tmp_path, "prints", "guid") == set()
    load(client, tmp_path, "duckdb", full=True)
    assert deleted(tmp_path, "prints", "guid") == gone
    assert deleted(tmp_path, "printers", "serial") == set()
    assert {guid for (guid,) in query(tmp_path, "SELECT guid FROM formlabs.prints")} == set(runs)


def test_full_read_loads_earlier_prints_and_replaces_their_parts(
    client: ApiClient, connections: List[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    statement = "SELECT print_run, position, guid, volume_ml FROM formlabs.parts ORDER BY 1, 2"
    since = NOW - timedelta(days=3)
    parts = sorted(
        (run.guid, position, part.guid, part.volume_ml, run.created_at >= since)
        for run in client.prints.iter()
        for position, part in enumerate(run.parts)
    )
    load(client, tmp_path, "duckdb", since=since)
    assert query(tmp_path, statement) == [row[:-1] for row in parts if row[-1]]

    def first_parts(runs: Any, now: datetime) -> List[Any]:
        return [row for row in part_rows(runs, now) if row["position"] == 0]

    monkeypatch.setattr("formlabs_web_api.warehouse.source.part_rows", first_parts)
    load(client, tmp_path, "duckdb", full=True)
    assert query(tmp_path, statement) == [row[:-1] for row in parts if row[1] == 0]
    assert {row[1] for row in parts if row[-1]} > {0}
    assert dict(query(tmp_path, "SELECT guid, outcome FROM formlabs.prints")) == outcomes(client)


def test_rows_keep_a_value_that_does_not_fit_and_blank_addresses() -> None:
    table = WarehouseTable(PrintRun)
    run = PrintRun.from_dict({"guid": "a", "volume_ml": "much", "message": "https://h/?sig=1"})
    (row,) = table.rows([run], NOW)
    assert row["volume_ml"] == "much"
    assert row["message"] == "***"
    assert set(row) == set(table.hints())


def test_invalid_source_arguments_are_refused(client: ApiClient) -> None:
    from formlabs_web_api.warehouse import fleet_source

    with pytest.raises(ValueError, match="time zone"):
        fleet_source(client, since=datetime(2026, 5, 1))
    with pytest.raises(ValueError, match="look_back"):
        fleet_source(client, look_back=timedelta(days=-1))
    with pytest.raises(ValueError, match="leave out since"):
        fleet_source(client, since=NOW, full=True)
