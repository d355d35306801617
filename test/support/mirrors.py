"""Helpers of the tests of mirrors."""

from __future__ import annotations

from typing import Any, List

import sqlalchemy as sa

from formlabs_web_api.mirror import Mirror
from test.support.postgres_server import PostgresServer
from test.watch.fleets import NOON as NOON


def empty_database(server: PostgresServer) -> str:
    """Return the address of a database without tables."""
    engine = sa.create_engine(server.url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    engine.dispose()
    return server.url


def rows_in(mirror: Mirror, table: sa.Table) -> List[Any]:
    """Return all rows of a table."""
    with mirror.engine.connect() as connection:
        return list(connection.execute(sa.select(table)))
