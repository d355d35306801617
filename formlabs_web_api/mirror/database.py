"""The database of a mirror: connections, migrations, and the lock of the one that writes."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Generator, Optional, Tuple, cast

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError

from formlabs_web_api._util.files import describe_unwritable
from formlabs_web_api._util.lock_file import LockFile, LockTakenError
from formlabs_web_api.exceptions import OpenApiException

VERSION_TABLE = "formlabs_schema_version"
"""Own name, since the database may have migrations of its owner too."""
_LOCK_NUMBER = 0x666F726D6C616273
_WRITES = "formlabs_writes"
_PAGE_SIZE = 16_384
_BACKENDS = ("sqlite", "postgresql")


class MirrorError(OpenApiException):
    """A mirror cannot be used: the text says why, and what to do."""


class Database:
    """Connections to the database of a mirror.

    Args:
        url: ``sqlite:///fleet.db`` or ``postgresql+psycopg://…``.

    Raises:
        MirrorError: The address is malformed, or of another kind of database.
    """

    def __init__(self, url: str) -> None:
        try:
            self._url = sa.make_url(url)
        except ArgumentError:  # its text repeats the address, with the password
            raise MirrorError(
                "the database's address is malformed; it reads sqlite:///fleet.db or "
                "postgresql+psycopg://user:password@host/database"
            ) from None
        kind = self._url.get_backend_name()
        if kind not in _BACKENDS:
            raise MirrorError(
                f"databases of the kind {kind} are not supported; use SQLite or PostgreSQL"
            )
        try:
            # No pool: a mirror connects once a pass, and an open connection outlives the mirror.
            self.engine = sa.create_engine(
                self._url, poolclass=sa.NullPool, json_serializer=_compact_json
            )
        except ImportError as error:
            raise MirrorError(
                f"{error}; install the extra postgresql and write postgresql+psycopg://"
            ) from error
        self.is_sqlite = kind == "sqlite"
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin)

    def __repr__(self) -> str:
        return self._url.render_as_string(hide_password=True)

    @property
    def file(self) -> Optional[Path]:
        """The file of an SQLite database that is not in memory."""
        name = self._url.database
        return Path(name) if self.is_sqlite and name and name != ":memory:" else None

    @contextmanager
    def write(self) -> Generator[sa.Connection, None, None]:
        """Open a transaction that writes; it is committed at the end, rolled back on an error."""
        engine = self.engine.execution_options(**{_WRITES: True})
        with _clear_errors(self), engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Generator[sa.Connection, None, None]:
        """Open a connection that reads, also from a file that cannot be written.

        Raises:
            MirrorError: There is no mirror, or one of another version.
        """
        if self.file is not None and not self.file.exists():
            raise MirrorError(f"{self!r} does not exist; run sync first")
        with _clear_errors(self), self.engine.connect() as connection:
            self._check_version(connection)
            yield connection

    def migrate(self) -> None:
        """Create the tables, or bring those of an older version up to date.

        An SQLite file of an older version is copied beforehand, to a name with its version.

        Raises:
            MirrorError: A newer version of the package wrote the database.
        """
        config = _config()
        with self.write() as connection:
            revision = _revision(connection)
            if revision == _revisions()[0]:
                return
            self._refuse_newer(revision)
            if revision is not None and self.file is not None:
                shutil.copy2(self.file, f"{self.file}.{revision}.backup")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def lock(self) -> Generator[None, None, None]:
        """Hold the lock of the one that writes; the end of the process releases it as well.

        Raises:
            MirrorError: Another process holds it.
        """
        with _file_lock(self.file) if self.is_sqlite else self._advisory_lock():
            yield

    @contextmanager
    def _advisory_lock(self) -> Generator[None, None, None]:
        # A connection of its own: the lock outlives the transactions of the pages.
        with _clear_errors(self), self.engine.connect() as connection:
            taken = sa.select(sa.func.pg_try_advisory_lock(_LOCK_NUMBER))
            if not connection.scalar(taken):
                raise MirrorError(f"another sync of {self!r} is running")
            connection.commit()
            try:
                yield
            finally:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(_LOCK_NUMBER)))

    def _check_version(self, connection: sa.Connection) -> None:
        revision = _revision(connection)
        if revision is None:
            raise MirrorError(f"{self!r} has no mirror; run sync first")
        self._refuse_newer(revision)
        if revision != _revisions()[0]:
            raise MirrorError(f"{self!r} is of an older version; run sync once to migrate it")

    def _refuse_newer(self, revision: Optional[str]) -> None:
        if revision is not None and revision not in _revisions():
            raise MirrorError(
                f"{self!r} was written by a newer version of the package ({revision}); update it"
            )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "formlabs_web_api.mirror:migrations")
    config.set_main_option("path_separator", "os")
    return config


@lru_cache(maxsize=None)
def _revisions() -> Tuple[str, ...]:
    """Return the versions that this package knows, newest first; reading them takes a while."""
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return tuple(script.revision for script in scripts)


def _revision(connection: sa.Connection) -> Optional[str]:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


@contextmanager
def _clear_errors(database: Database) -> Generator[None, None, None]:
    """Raise errors of the database as :class:`MirrorError`, without the statement's values."""
    try:
        yield
    except DBAPIError as error:
        raise MirrorError(f"{database!r}: {error.orig}") from error


@contextmanager
def _file_lock(file: Optional[Path]) -> Generator[None, None, None]:
    if file is None:
        yield
        return
    path = f"{file}.lock"
    try:
        lock = LockFile(path)
    except LockTakenError:
        raise MirrorError(f"another sync of {file} is running") from None
    except OSError as error:
        raise MirrorError(describe_unwritable(path, error)) from None
    try:
        yield
    finally:
        lock.release()


def _compact_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _prepare_sqlite(connection: object, record: object) -> None:
    """Keep the driver from beginning transactions: its own begin late, and fail when they write."""
    opened = cast("sqlite3.Connection", connection)
    opened.isolation_level = None
    # Of a new file. A print needs about 2 KiB, so that the usual 4 KiB would be half empty.
    opened.execute(f"PRAGMA page_size = {_PAGE_SIZE}")


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
