"""A fleet, a client, and a mirror in each kind of database."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator

import pytest

from formlabs_web_api import ApiClient, Configuration
from formlabs_web_api.mirror import Mirror
from formlabs_web_api.sandbox import Sandbox
from test.support.mirrors import NOON, empty_database
from test.support.postgres_server import PostgresServer, require_postgres
from test.watch.fleets import settings_of


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    require_postgres()
    server = PostgresServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/fleet.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return empty_database(server)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=3, printers=6, prints=250, now=NOON) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[ApiClient]:
    with ApiClient(Configuration(**settings_of(sandbox), retries=0)) as opened:
        yield opened


@pytest.fixture
def mirror(client: ApiClient, url: str) -> Iterator[Mirror]:
    opened = client.mirror(url)
    yield opened
    opened.close()
