"""The mirror equals the account: after each sync, an interruption, a deletion, a late upload."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any, Dict

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from formlabs_web_api import ApiClient, PrintsApi
from formlabs_web_api.exceptions import RateLimitException
from formlabs_web_api.mirror import Mirror, MirrorError, SyncProgress
from formlabs_web_api.mirror.database import VERSION_TABLE
from formlabs_web_api.mirror.schema import GROUPS, METADATA, PRINT_RUNS
from formlabs_web_api.sandbox import Sandbox
from test.support.mirrors import NOON, rows_in

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "mirror.md"


def rows_of(mirror: Mirror) -> Dict[str, Any]:
    return {row.guid: row for row in rows_in(mirror, PRINT_RUNS)}


def assert_equals_account(mirror: Mirror, client: ApiClient) -> None:
    """Compare each row with the service's list, read independently."""
    rows = {guid: row for guid, row in rows_of(mirror).items() if row.deleted_at is None}
    listed: Dict[str, Any] = {run.guid: run for run in PrintsApi(client).prints_list_iter()}
    assert rows.keys() == listed.keys()
    for guid, run in listed.items():
        row = rows[guid]
        rating = run.print_run_success
        assert row.status == str(run.status)
        assert (row.name, row.printer, row.material) == (run.name, run.printer, run.material)
        assert row.volume_ml == pytest.approx(float(run.volume_ml))
        assert row.rating == (None if rating is None else str(rating.print_run_success))
        assert row.outcome == run.outcome.value
        assert row.ended_at == run.ended_at
        assert row.ended_at_source == run.ended_at_source.value
        assert row.created_at == run.created_at
        if run.ended_at is not None:
            assert row.used_ml == pytest.approx(float(run.volume_ml) * run.progress)


def test_first_sync_copies_every_print_and_second_changes_no_row(
    mirror: Mirror, client: ApiClient, sandbox: Sandbox
) -> None:
    first = mirror.sync()
    assert first["print_runs"].new == len(rows_of(mirror)) >= 250
    assert_equals_account(mirror, client)
    before = rows_of(mirror)
    sandbox.forget_requests()
    second = mirror.sync()
    total = second.total
    assert (total.new, total.changed, total.deleted) == (0, 0, 0)
    assert rows_of(mirror) == before
    # One page of prints and of events each, one request for each other resource, and one for the
    # queue of each group; more pages of prints as long as an old one is still open.
    groups = len(rows_in(mirror, GROUPS))
    pages_of_prints = len(sandbox.requests_to("/prints/*"))
    assert pages_of_prints <= 3
    assert second.pages == len(sandbox.requests) <= 5 + groups + pages_of_prints + 2


def test_mirror_follows_a_fleet_whose_prints_go_on_and_are_rated(
    mirror: Mirror, client: ApiClient, sandbox: Sandbox
) -> None:
    mirror.sync()
    for _ in range(4):
        sandbox.advance(hours=7)
        mirror.sync()
    mirror.sync(full=True)
    assert_equals_account(mirror, client)


def test_deleted_print_is_marked_by_a_full_sync_only(
    mirror: Mirror, client: ApiClient, sandbox: Sandbox
) -> None:
    mirror.sync()
    guid = list(PrintsApi(client).prints_list_iter())[50].guid
    sandbox.delete_print(guid)
    assert mirror.sync()["print_runs"].deleted == 0
    assert rows_of(mirror)[guid].deleted_at is None
    assert mirror.sync(full=True)["print_runs"].deleted == 1
    assert rows_of(mirror)[guid].deleted_at is not None
    assert_equals_account(mirror, client)


def test_sync_that_ran_out_of_requests_is_continued_by_the_next(
    mirror: Mirror, client: ApiClient, sandbox: Sandbox
) -> None:
    def stop(progress: SyncProgress) -> None:
        if progress.pages == 2:
            raise RateLimitException(status=429)

    with pytest.raises(RateLimitException):
        mirror.sync(only="prints", progress=stop)
    assert len(rows_of(mirror)) == 200
    sandbox.forget_requests()
    mirror.sync(only="prints")
    pages = [request.query for request in sandbox.requests_to("/prints/*")]
    assert pages[0]["page"] == ["2"]
    assert_equals_account(mirror, client)


KILLED = """
import os, signal, sys
from formlabs_web_api import ApiClient, Configuration
host, name, secret, url, step = sys.argv[1:]
steps = []
def kill(progress):
    steps.append(progress)
    if len(steps) == int(step):
        os.kill(os.getpid(), signal.SIGKILL)
with ApiClient(Configuration(host=host, client_id=name, client_secret=secret)) as client:
    client.mirror(url).sync(progress=kill)
"""


def test_mirror_equals_the_account_after_kills(
    mirror: Mirror, client: ApiClient, sandbox: Sandbox, url: str
) -> None:
    arguments = [sandbox.url, sandbox.client_id, sandbox.client_secret, url]
    for step in ("1", "9", "5", "8"):
        command = [sys.executable, "-c", KILLED, *arguments, step]
        assert subprocess.run(command, timeout=60).returncode == -signal.SIGKILL
        sandbox.advance(hours=3)
    mirror.sync()
    assert_equals_account(mirror, client)


def test_migrated_tables_are_those_of_the_code(mirror: Mirror) -> None:
    mirror.sync()
    with mirror.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, METADATA) == []


def test_database_of_a_newer_version_is_refused(mirror: Mirror) -> None:
    mirror.sync()
    with mirror.engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(MirrorError, match="newer version"):
        mirror.sync()


def test_mirror_of_another_account_is_refused(mirror: Mirror, client: ApiClient, url: str) -> None:
    mirror.sync()
    other = client.mirror(url, account="other")
    with pytest.raises(MirrorError, match="another account"):
        other.sync()
    other.close()


def test_second_sync_at_once_is_refused(mirror: Mirror, client: ApiClient, url: str) -> None:
    other = client.mirror(url)

    def start_another(progress: SyncProgress) -> None:
        with pytest.raises(MirrorError, match="another sync"):
            other.sync()

    mirror.sync(progress=start_another)
    other.close()


def test_missing_folder_of_a_mirror_is_named_with_the_remedy(
    client: ApiClient, tmp_path: Path
) -> None:
    absent = client.mirror(f"sqlite:///{tmp_path}/absent/fleet.db")
    with pytest.raises(MirrorError, match=r"No such file or directory\); name a file in a folder"):
        absent.sync()


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
def test_link_in_place_of_the_lock_of_a_mirror_is_refused(
    client: ApiClient, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    (tmp_path / "fleet.db.lock").symlink_to(victim)
    with pytest.raises(MirrorError, match="it is a link"):
        client.mirror(f"sqlite:///{tmp_path}/fleet.db").sync()
    assert not victim.exists()


def test_prints_are_read_without_client(mirror: Mirror, client: ApiClient, url: str) -> None:
    mirror.sync()
    since = NOON - timedelta(days=20)
    reader = Mirror(url)
    found = {run.guid: run for run in reader.prints_since(since)}
    listed = {run.guid: run for run in PrintsApi(client).prints_list_iter()}
    expected = {
        guid
        for guid, run in listed.items()
        if max(filter(None, (run.created_at, run.print_started_at))) >= since
    }
    assert found.keys() == expected
    assert all(run.outcome_at(NOON) == listed[guid].outcome for guid, run in found.items())
    reader.close()


def test_no_email_and_no_signed_address_is_stored(mirror: Mirror) -> None:
    mirror.sync()
    for row in rows_of(mirror).values():
        assert "@" not in str(row.raw)
        assert not re.search("signature", str(row.raw), re.IGNORECASE)


def test_sql_of_the_guide_runs(mirror: Mirror) -> None:
    mirror.sync()
    queries = re.findall(r"```sql\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    with mirror.engine.connect() as connection:
        for query in queries:
            assert connection.execute(sa.text(query)).all(), query
    assert len(queries) == 2


def test_every_table_is_read_by_pandas(mirror: Mirror) -> None:
    pandas = pytest.importorskip("pandas")
    mirror.sync()
    with mirror.engine.connect() as connection:
        for name in METADATA.tables:
            assert len(pandas.read_sql(sa.text(f"SELECT * FROM {name}"), connection))


def test_malformed_address_is_refused_without_its_password() -> None:
    with pytest.raises(MirrorError) as caught:
        Mirror("postgresql:/user:hunter2@host")
    assert "hunter2" not in str(caught.value)


def test_unknown_kind_of_database_is_refused() -> None:
    with pytest.raises(MirrorError, match="mysql"):
        Mirror("mysql://host/fleet")


def test_missing_file_is_not_created_by_reading(tmp_path: Path) -> None:
    mirror = Mirror(f"sqlite:///{tmp_path}/none.db")
    with pytest.raises(MirrorError, match="does not exist"):
        mirror.prints_since(NOON)
    assert not list(tmp_path.iterdir())


def test_file_that_is_not_a_database_is_refused(tmp_path: Path, client: ApiClient) -> None:
    file = tmp_path / "fleet.db"
    file.write_bytes(b"no database" * 200)
    mirror = client.mirror(f"sqlite:///{file}")
    with pytest.raises(MirrorError, match="not a database"):
        mirror.sync()
    mirror.close()


def test_altered_table_raises_a_mirror_error(
    tmp_path: Path, client: ApiClient, sandbox: Sandbox
) -> None:
    file = tmp_path / "fleet.db"
    mirror = client.mirror(f"sqlite:///{file}")
    mirror.sync()
    connection = sqlite3.connect(file)
    connection.execute("ALTER TABLE print_runs RENAME COLUMN used_ml TO mine")
    connection.close()
    sandbox.advance(days=2)
    with pytest.raises(MirrorError, match="used_ml"):
        mirror.sync(full=True)
    mirror.close()
