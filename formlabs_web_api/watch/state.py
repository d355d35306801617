"""The state of a watcher: one SQLite file, or memory.

It holds what is remembered of the fleet and the outbox of changes. Both change in one transaction
per poll, so that a process that is killed at any moment has either all of a poll or nothing of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from contextlib import contextmanager
from typing import Any, Callable, Dict, Generator, List, NoReturn, Optional, Tuple, Union

from formlabs_web_api._util.files import describe_unwritable, open_no_follow
from formlabs_web_api._util.lock_file import LockFile, LockTakenError
from formlabs_web_api.exceptions import OpenApiException
from formlabs_web_api.watch.records import (
    CartridgeRecord,
    FleetRecord,
    FleetUpdate,
    PrinterRecord,
    Repeats,
    RunRecord,
)

StatePath = Union[str, "os.PathLike[str]"]

VERSION = 1
"""Version of the tables; a file of a newer one is refused."""
_APPLICATION_ID = 0x464C5741
"""Marks the file as a watcher's: "FLWA" in ASCII."""
_BUSY_SECONDS = 10.0

_TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE records (
    kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    printer TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE TABLE deliveries (
    sink TEXT NOT NULL,
    number INTEGER NOT NULL REFERENCES changes ON DELETE CASCADE,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at REAL NOT NULL DEFAULT 0,
    ended_at REAL NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (sink, number)
) WITHOUT ROWID;
CREATE INDEX open_deliveries ON deliveries (sink, number) WHERE status = 'pending';
CREATE INDEX deliveries_of_change ON deliveries (number);
CREATE TABLE sinks (name TEXT PRIMARY KEY, disabled TEXT NOT NULL) WITHOUT ROWID;
"""


class WatchStateError(OpenApiException):
    """The state of a watcher cannot be used; the message names the reason and the remedy."""


class State:
    """An open state; safe to share between threads.

    Args:
        path: The file; None keeps the state in memory.
        account: Name of the account that the state is of; None does not check it.
        shared: True if a running watcher may have the file open: for reading its outbox.

    Raises:
        WatchStateError: the file is not a state, of another account or of a newer version, in use
            by another watcher, or cannot be opened.
    """

    def __init__(
        self, path: Optional[StatePath], account: Optional[str] = None, *, shared: bool = False
    ) -> None:
        self.path = None if path is None else os.fspath(path)
        self._thread_lock = threading.RLock()
        self._lock: Optional[LockFile] = None
        if self.path is None:
            self._database = _connect(":memory:")
        else:
            self._database = self._open(self.path, shared)
        try:
            self._prepare()
            self._check_account(account)
        except BaseException:
            self.close()
            raise

    def _open(self, path: str, shared: bool) -> sqlite3.Connection:
        if not shared:
            lock = path + ".lock"
            try:
                self._lock = LockFile(lock)
            except LockTakenError:
                raise WatchStateError(
                    f"{path} is in use by another watcher; stop that one, or give each its own file"
                ) from None
            except OSError as error:
                raise WatchStateError(describe_unwritable(lock, error)) from None
        elif not os.path.exists(path):
            raise WatchStateError(f"{path} does not exist; a watcher creates it")
        try:
            _make_private(path)
            return _connect(path)
        except BaseException:
            if self._lock is not None:
                self._lock.release()
            raise

    def _prepare(self) -> None:
        try:
            application = self._value("PRAGMA application_id")
            version = self._value("PRAGMA user_version")
            tables = self._value("SELECT count(*) FROM sqlite_master")
            if application not in (0, _APPLICATION_ID) or (application == 0 and tables):
                self._refuse("is a database of another program; name another file")
            if version > VERSION:
                self._refuse(
                    f"was written by a newer version of this package (format {version}, this one "
                    f"reads up to {VERSION}); upgrade the package, or name another file"
                )
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA foreign_keys=ON")
            # A power failure may undo the last transactions; what was not marked is sent again.
            self._database.execute("PRAGMA synchronous=NORMAL")
            if not tables:
                with self.transaction() as database:
                    for statement in filter(str.strip, _TABLES.split(";")):
                        database.execute(statement)
                    database.execute(f"PRAGMA application_id={_APPLICATION_ID}")
                    database.execute(f"PRAGMA user_version={VERSION}")
        except sqlite3.DatabaseError as error:
            self._refuse(f"cannot be used as the state of a watcher: {error}")

    def _check_account(self, account: Optional[str]) -> None:
        if account is None:
            return
        mark = hashlib.sha256(account.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        with self.transaction() as database:
            database.execute("INSERT OR IGNORE INTO facts VALUES ('account', ?)", (mark,))
        if self._value("SELECT value FROM facts WHERE name = 'account'") != mark:
            self._refuse(
                "is the state of another account; name another file or, if only the client id "
                "of the account has changed, give the former one as account="
            )

    def _refuse(self, reason: str) -> NoReturn:
        raise WatchStateError(f"{self.path or 'the state in memory'} {reason}")

    def _value(self, query: str) -> Any:
        row = self._database.execute(query).fetchone()
        return None if row is None else row[0]

    def close(self) -> None:
        """Close the file, and let another watcher use it."""
        with self._thread_lock:
            self._database.close()
            if self._lock is not None:
                self._lock.release()

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection, None, None]:
        """Give the database for a transaction that is undone if an exception leaves it."""
        with self._thread_lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def query(self, query: str, values: Tuple[object, ...] = ()) -> List[Tuple[Any, ...]]:
        """Return the rows of a query."""
        with self._thread_lock:
            return self._database.execute(query, values).fetchall()

    # What is remembered of the fleet

    def load(self) -> FleetRecord:
        """Return what is remembered of the fleet."""
        fleet, update = FleetRecord(), FleetUpdate()
        for kind, id_, body in self.query("SELECT kind, id, body FROM records"):
            values = json.loads(body)
            restore = _RECORDS.get(kind)
            target: Dict[str, Any] = getattr(update, kind)
            target[id_] = values if restore is None else restore(*values)
        fleet.apply(update)
        return fleet

    def store(self, database: sqlite3.Connection, update: FleetUpdate) -> None:
        """Write the records that a poll changed, in the transaction of that poll."""
        rows = [
            (kind, id_, json.dumps(record, separators=(",", ":")))
            for kind in ("printers", "runs", "cartridges", "repeats", "times")
            for id_, record in getattr(update, kind).items()
        ]
        database.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", rows)
        forgotten = [("runs", guid) for guid in update.forgotten_runs]
        forgotten += [("cartridges", serial) for serial in update.forgotten_cartridges]
        forgotten += [("repeats", key) for key in update.forgotten_repeats]
        database.executemany("DELETE FROM records WHERE kind = ? AND id = ?", forgotten)


_RECORDS: Dict[str, Callable[..., Any]] = {
    "printers": PrinterRecord,
    "runs": RunRecord,
    "cartridges": CartridgeRecord,
    "repeats": Repeats,
}


def _connect(path: str) -> sqlite3.Connection:
    try:
        return sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise WatchStateError(f"{path} cannot be opened: {error}") from None


def _make_private(path: str) -> None:
    """Create a file that only its owner may read, unless it exists; refuse links.

    SQLite gives its journal the same permissions.
    """
    try:
        os.close(open_no_follow(path, os.O_RDWR | os.O_CREAT))
    except OSError as error:
        raise WatchStateError(describe_unwritable(path, error)) from None
