"""A mirror in a database that fails, is read-only, full, locked, or of an older version."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Iterator

import pytest
import sqlalchemy as sa

from formlabs_web_api import ApiClient
from formlabs_web_api.mirror import Mirror, MirrorError, SyncProgress
from formlabs_web_api.mirror.database import Database
from formlabs_web_api.mirror.schema import PRINT_RUNS
from formlabs_web_api.sandbox import Sandbox
from test.support.mirrors import empty_database, rows_in
from test.support.postgres_server import PostgresServer


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk that is full after 1200 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1200k", "tmpfs", str(folder)]
    if sys.platform != "linux" or os.geteuid() or subprocess.run(mount, check=False).returncode:
        pytest.skip("mounting a disk is not allowed here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_full_disk_ends_a_sync_and_loses_no_page(client: ApiClient, full_disk: Path) -> None:
    mirror = client.mirror(f"sqlite:///{full_disk}/fleet.db")
    with pytest.raises(MirrorError, match="full"):
        mirror.sync(only="prints")
    assert len(rows_in(mirror, PRINT_RUNS)) % 100 == 0
    subprocess.run(["mount", "-o", "remount,size=20m", str(full_disk)], check=True)
    mirror.sync(only="prints")
    assert len(rows_in(mirror, PRINT_RUNS)) >= 250
    mirror.close()


def test_lost_connection_ends_a_sync_and_the_next_goes_on(
    client: ApiClient, postgres: PostgresServer, sandbox: Sandbox
) -> None:
    mirror = client.mirror(empty_database(postgres))

    def disconnect(progress: SyncProgress) -> None:
        if progress.pages == 1:
            end = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid()"
            )
            other = sa.create_engine(postgres.url, poolclass=sa.NullPool)
            with other.connect() as connection:
                connection.execute(sa.text(end))

    with pytest.raises(MirrorError):
        mirror.sync(only="prints", progress=disconnect)
    mirror.sync(only="prints")
    listed = {run.guid for run in client.prints.iter()}
    assert {row.guid for row in rows_in(mirror, PRINT_RUNS)} == listed
    mirror.close()


def test_error_names_the_database_without_its_password(client: ApiClient) -> None:
    mirror = client.mirror("postgresql+psycopg://user:hunter2@127.0.0.1:1/fleet")
    with pytest.raises(MirrorError, match=r"user:\*\*\*@127\.0\.0\.1") as caught:
        mirror.sync()
    assert "hunter2" not in str(caught.value)


def test_folder_that_does_not_exist_is_named(client: ApiClient) -> None:
    with pytest.raises(MirrorError, match="no/such/folder"):
        client.mirror("sqlite:////no/such/folder/fleet.db").sync()


def test_older_version_is_copied_and_migrated(client: ApiClient, tmp_path: Path) -> None:
    from alembic import command

    from formlabs_web_api.mirror.database import _config

    file = tmp_path / "fleet.db"
    database = Database(f"sqlite:///{file}")
    config = _config()
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    with pytest.raises(MirrorError, match="older version"):
        list(Mirror(f"sqlite:///{file}").read("prints"))
    client.mirror(f"sqlite:///{file}").sync(only="tanks")
    assert (tmp_path / "fleet.db.0001.backup").exists()


def test_migrations_are_in_the_package() -> None:
    from importlib.util import find_spec

    for name in ("m0001_print_runs", "m0002_other_tables", "m0003_views"):
        assert find_spec(f"formlabs_web_api.mirror.migrations.versions.{name}")
