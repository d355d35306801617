"""A mirror: the account's print history in a database, read without the service."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional

import sqlalchemy as sa

from formlabs_web_api.mirror.database import Database, MirrorError
from formlabs_web_api.mirror.schema import PRINT_RUNS
from formlabs_web_api.mirror.sync import PrintSync, Progress, SyncSummary

if TYPE_CHECKING:
    from formlabs_web_api.api_client import ApiClient
    from formlabs_web_api.models import PrintRunWithFleetControlData


class Mirror:
    """The print history of an account in an SQLite or PostgreSQL database.

    Reading needs neither a client nor a network. Give it to ``client.watch(history=...)`` to take
    past prints from it.

    Args:
        url: ``sqlite:///fleet.db`` or ``postgresql+psycopg://user:password@host/database``.
        client: The client that :meth:`sync` reads with.
        account: Name of the account; None means the client id. The mirror of another is refused.

    Raises:
        MirrorError: The address is malformed, or of another kind of database.
    """

    def __init__(
        self, url: str, client: Optional[ApiClient] = None, *, account: Optional[str] = None
    ) -> None:
        self._database = Database(url)
        self._client = client
        self._account = account

    def __repr__(self) -> str:
        return f"Mirror({self._database!r})"

    @property
    def engine(self) -> sa.Engine:
        """The SQLAlchemy engine, for queries of your own."""
        return self._database.engine

    def sync(
        self,
        *,
        full: bool = False,
        look_back: timedelta = timedelta(days=14),
        progress: Optional[Progress] = None,
    ) -> SyncSummary:
        """Bring the mirror up to date and return what changed.

        Rows and cursor of a page are written in one transaction; after an interruption, also by
        ``RateLimitException`` at the end of the hour's allowance, the next call goes on where
        this one stopped.

        Args:
            full: Read every page. Only this marks the rows that the service no longer has, and
                finds those that came later than ``look_back``; it begins with the first page
                each time.
            look_back: How far late and changed rows are looked for, once an hour.
            progress: Called after each page with the summary so far and the number of rows listed.

        Raises:
            MirrorError: The mirror has no client, is of another account or a newer version,
                another sync of it is running, or the database fails.
        """
        client = self._client
        if client is None:
            raise MirrorError("a mirror without a client can only be read; use client.mirror(url)")
        account = self._account or client.configuration.account or client.configuration.client_id
        if not account:
            raise MirrorError("name the account with account=, since there is no client id")
        with self._database.lock():
            self._database.migrate()
            sync = PrintSync(client, self._database, account, look_back, progress)
            return sync.run_full() if full else sync.run()

    def prints_since(
        self, since: datetime, printer: Optional[str] = None
    ) -> Iterator[PrintRunWithFleetControlData]:
        """Return the print runs created or started since a time, newest first.

        What the mirror does not store, e-mails and addresses of pictures, is missing in them.

        Args:
            since: How far to read back, with a time zone.
            printer: Serial of a printer; None means all of them.
        """
        runs = PRINT_RUNS.c
        statement = (
            sa.select(runs.raw)
            .where(
                runs.deleted_at.is_(None),
                sa.or_(runs.created_at >= since, runs.print_started_at >= since),
            )
            .order_by(runs.created_at.desc(), runs.guid)
        )
        if printer is not None:
            statement = statement.where(runs.printer == printer)
        with self._database.read() as connection:
            found: List[Dict[str, Any]] = list(connection.scalars(statement))
        return map(_run_of, found)

    def close(self) -> None:
        """Close the connections; they are opened again when needed."""
        self._database.engine.dispose()


def _run_of(raw: Dict[str, Any]) -> PrintRunWithFleetControlData:
    from formlabs_web_api.models import PrintRunWithFleetControlData

    run = PrintRunWithFleetControlData.from_dict(raw)
    assert run is not None  # only None gives None
    return run
