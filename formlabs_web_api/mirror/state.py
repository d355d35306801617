"""How far each stream of a mirror was read."""

from __future__ import annotations

from typing import Any, Dict, Mapping

import sqlalchemy as sa

from formlabs_web_api.mirror.database import Database, MirrorError
from formlabs_web_api.mirror.schema import MIRROR_STATE


class StreamState:
    """The position of one stream, stored with its rows.

    Args:
        database: A migrated database.
        stream: Name of the stream.
        account: Name of the account.
    """

    def __init__(self, database: Database, stream: str, account: str) -> None:
        self._database = database
        self._stream = stream
        self._account = account
        self._is_stream = MIRROR_STATE.c.stream == stream

    def load(self) -> Dict[str, Any]:
        """Return the position; that of the beginning for a new stream."""
        select = sa.select(MIRROR_STATE).where(self._is_stream)
        with self._database.write() as connection:
            found = connection.execute(select).mappings().first()
            if found is None:
                values = {"stream": self._stream, "account": self._account, "full_number": 0}
                connection.execute(sa.insert(MIRROR_STATE).values(values))
                found = connection.execute(select).mappings().one()
            return dict(found)

    def save(self, values: Mapping[str, object]) -> None:
        """Store values of the position in a transaction of their own."""
        with self._database.write() as connection:
            self.update(connection, values)

    def update(self, connection: sa.Connection, values: Mapping[str, object]) -> None:
        """Store values of the position in the transaction of a connection."""
        connection.execute(sa.update(MIRROR_STATE).where(self._is_stream).values(values))


def check_account(database: Database, account: str) -> None:
    """Refuse the mirror of another account.

    Raises:
        MirrorError: The rows of the database are of another account.
    """
    with database.read() as connection:
        accounts = set(connection.scalars(sa.select(MIRROR_STATE.c.account)))
    if accounts - {account}:
        raise MirrorError(
            f"{database!r} mirrors another account; name another database or, if the account is "
            "the same, give the name it was made with as account="
        )
