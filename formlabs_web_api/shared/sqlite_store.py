"""Shared state in one SQLite file, for the processes of one host.

Slots stand in a ring: the slot with ticket ``n`` is in place ``n % size``, so that a slot costs the
same however many are used. A new slot is free once the slot ``limit`` tickets before it is older
than the window. That comparison suffices because times never fall along the tickets: a slot that is
used later than planned moves the slots after it to at least the same time.

Every step is one ``BEGIN IMMEDIATE`` transaction: SQLite rolls back what a killed process left half
done, and a deferred transaction would fail at once when two processes write.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Callable, Dict, Generator, List, Optional, Sequence, Tuple

from formlabs_web_api._core.token_source import IssuedToken
from formlabs_web_api._util.fork import after_fork
from formlabs_web_api._util.secrets import HiddenText
from formlabs_web_api.rate_limit import LimitWait
from formlabs_web_api.shared.clock import host_clock
from formlabs_web_api.shared.location import prepare_file
from formlabs_web_api.shared.store import (
    BACKGROUND_SHARE,
    SharedStateError,
    SharedUsage,
    Slot,
    StoreUnavailable,
    Ticket,
    UnknownSlots,
    Window,
    WindowUse,
)

SCHEMA_VERSION = 1
_BUSY_SECONDS = 10.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS account (
    key TEXT PRIMARY KEY, limits TEXT NOT NULL, epoch TEXT NOT NULL, wall_offset REAL NOT NULL,
    next INTEGER NOT NULL, gate REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS slot (
    key TEXT NOT NULL, place INTEGER NOT NULL, ticket INTEGER NOT NULL, at REAL NOT NULL,
    program TEXT NOT NULL, PRIMARY KEY (key, place)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS token (
    key TEXT PRIMARY KEY, value TEXT, renew_at REAL NOT NULL, ends_at REAL NOT NULL,
    lease_until REAL NOT NULL, lease_pid INTEGER NOT NULL
) WITHOUT ROWID;
"""


class SqliteStore:
    """The shared state of one account in a SQLite file; see ``Store`` for the methods.

    Args:
        path: The file; made with permissions 0600 if it does not exist.
        key: Which account; see ``location.account_key``.
        windows: The limits of the account. All programs have to name the same ones.
        program: What the slots of this process are listed under.
        clock: Seconds that all processes of the host read alike; None for the host's own.
        epoch: Name of the clock's zero; times of another epoch are converted by the wall clock.
        wall: Seconds of the wall clock, used only to convert times of another epoch.

    Raises:
        SharedStateError: the file cannot be used, or another program keeps other limits.
        StoreUnavailable: the file is damaged, or the disk is full.
    """

    shares_token = True
    generation = 0
    """A file keeps its slots."""

    def __init__(
        self,
        path: Path,
        key: str,
        windows: Sequence[Window],
        program: str,
        clock: Optional[Callable[[], float]] = None,
        epoch: str = "given",
        wall: Callable[[], float] = time.time,
    ) -> None:
        prepare_file(path)
        if clock is None:
            clock, epoch = host_clock()
        self._path = path
        self._key = key
        self._windows = tuple(windows)
        largest = max([window.limit for window in windows], default=1)
        self._ahead = 2 * largest
        self._size = self._ahead + largest
        self._half = min([window.period for window in windows], default=0.0) / 2
        self._program = program
        self._clock = clock
        self._epoch = epoch
        self._wall = wall
        # Reentrant: see is_in_use.
        self._lock: Any = threading.RLock()
        self._connection: Optional[sqlite3.Connection] = None
        with self._transaction() as run:
            self._check_account(run)
        after_fork(self, SqliteStore._forget_connection)

    @property
    def is_in_use(self) -> bool:
        """True if a signal handler has interrupted a method of this thread."""
        return bool(self._lock._is_owned())

    # Slots

    def reserve(self, max_wait: Optional[float], background: bool) -> Slot:
        """Take the next free slot; see :meth:`Store.reserve`."""
        with self._transaction() as run:
            now = self._clock()
            ticket, gate = run("SELECT next, gate FROM account WHERE key = ?", self._key).fetchone()
            stamps = self._stamps(run, ticket, background)
            moment = max(now, gate, self._free_at(stamps, ticket, background))
            # The slot in this place decides about slots that are not yet used.
            needed_until = stamps.get(ticket - self._ahead, now - self._half) + self._half
            if needed_until > now or (background and moment > now):
                wait = max(needed_until, moment) - now
                if max_wait is not None and wait > max_wait:
                    raise LimitWait(wait)
                return Slot(None, wait)
            if max_wait is not None and moment - now > max_wait:
                raise LimitWait(moment - now)
            self._enter(run, ticket, moment)
            return Slot((ticket,), moment - now)

    def confirm(self, ticket: Ticket) -> Optional[float]:
        """Count a reserved slot from now on; see :meth:`Store.confirm`."""
        (number,) = ticket
        with self._transaction() as run:
            now = self._clock()
            gate = run("SELECT gate FROM account WHERE key = ?", self._key).fetchone()[0]
            stamps = self._stamps(run, number, background=False)
            planned = stamps.get(number)
            if planned is None or now - planned > self._half:
                return None  # later slots may have been granted on the strength of the old time
            moment = max(now, gate, self._free_at(stamps, number, background=False))
            self._move(run, number, moment)
            return float(moment - now)

    def restore(self, slots: Sequence[UnknownSlots], are_lost: bool) -> int:
        """Count requests that were sent without a slot; see :meth:`Store.restore`."""
        with self._transaction() as run:
            now = self._clock()
            (ticket,) = run("SELECT next FROM account WHERE key = ?", self._key).fetchone()
            for slot in slots:
                stamps = self._stamps(run, ticket, background=False)
                if stamps.get(ticket - self._ahead, now - self._half) + self._half > now:
                    break  # the windows are full for long
                moment = now - slot.age
                self._enter(run, ticket, max(moment, stamps.get(ticket - 1, moment)))
                ticket += 1
            return int(ticket) - 1

    def close_gate(self, seconds: float) -> None:
        """Let no process send for a while; see :meth:`Store.close_gate`."""
        with self._transaction() as run:
            until = self._clock() + seconds
            run("UPDATE account SET gate = max(gate, ?) WHERE key = ?", until, self._key)

    def usage(self) -> SharedUsage:
        """Return how much of the allowance is used; see :meth:`Store.usage`."""
        with self._transaction() as run:
            now = self._clock()
            ticket, gate = run("SELECT next, gate FROM account WHERE key = ?", self._key).fetchone()
            stamps = self._stamps(run, ticket, background=False)
            uses: List[WindowUse] = []
            for window in self._windows:
                since = now - window.span
                counted = run(
                    "SELECT program, count(*) FROM slot WHERE key = ? AND at > ? GROUP BY program",
                    self._key,
                    since,
                ).fetchall()
                by_program = dict(sorted(counted, key=lambda pair: -pair[1]))
                used = min(window.limit, sum(by_program.values()))
                before = stamps.get(ticket - window.limit)
                free = 0.0 if before is None else max(0.0, before + window.span - now)
                uses.append(WindowUse(window, used, free, by_program))
            return SharedUsage(tuple(uses), max(0.0, gate - now))

    def _enter(self, run: _Run, ticket: int, moment: float) -> None:
        """Add the next slot, which counts from ``moment`` on."""
        place = ticket % self._size
        slot = (self._key, place, ticket, moment, self._program)
        run("REPLACE INTO slot VALUES (?, ?, ?, ?, ?)", *slot)
        run("UPDATE account SET next = ? WHERE key = ?", ticket + 1, self._key)

    def _move(self, run: _Run, ticket: int, moment: float) -> None:
        """Count a slot, and the slots after it, from ``moment`` at the earliest."""
        update = "UPDATE slot SET at = ? WHERE key = ? AND place = ? AND ticket = ? AND at < ?"
        run(
            "UPDATE slot SET at = ? WHERE key = ? AND place = ?",
            moment,
            self._key,
            ticket % self._size,
        )
        for later in range(ticket + 1, ticket + self._size):
            place = later % self._size
            if not run(update, moment, self._key, place, later, moment).rowcount:
                break

    def _stamps(self, run: _Run, ticket: int, background: bool) -> Dict[int, float]:
        """Return when the slots that decide about ``ticket`` are counted, by their tickets."""
        wanted = {ticket, ticket - 1, ticket - self._ahead}
        wanted.update(ticket - limit for limit, _ in self._limits(background))
        places = ", ".join(str(one % self._size) for one in wanted)
        rows = run(
            f"SELECT ticket, at FROM slot WHERE key = ? AND place IN ({places})", self._key
        ).fetchall()
        return {found: at for found, at in rows if found in wanted}

    def _free_at(self, stamps: Dict[int, float], ticket: int, background: bool) -> float:
        moments = [stamps.get(ticket - 1, float("-inf"))]
        moments += [
            stamps[ticket - limit] + span
            for limit, span in self._limits(background)
            if ticket - limit in stamps
        ]
        return max(moments)

    def _limits(self, background: bool) -> List[Tuple[int, float]]:
        limits = [(window.limit, window.span) for window in self._windows]
        if background and limits:
            longest = max(range(len(limits)), key=lambda index: limits[index][1])
            limit, span = limits[longest]
            limits[longest] = (max(1, int(limit * BACKGROUND_SHARE)), span)
        return limits

    # Token

    def token(self) -> Optional[IssuedToken]:
        """Return the stored token; see :meth:`Store.token`."""
        with self._transaction() as run:
            row = run(
                "SELECT value, renew_at, ends_at FROM token WHERE key = ?", self._key
            ).fetchone()
            now = self._clock()
            if row is None or row[0] is None or row[2] <= now:
                return None
            return IssuedToken(HiddenText(row[0]), row[1] - now, row[2] - now)

    def lease_token(self, seconds: float) -> float:
        """Try to become the process that fetches the token; see :meth:`Store.lease_token`."""
        with self._transaction() as run:
            now = self._clock()
            row = run(
                "SELECT lease_until, lease_pid FROM token WHERE key = ?", self._key
            ).fetchone()
            if row is not None and row[0] > now and (not row[1] or _is_running(row[1])):
                return float(row[0] - now)
            run(
                "INSERT INTO token VALUES (?, NULL, 0, 0, ?, ?) ON CONFLICT (key) DO UPDATE"
                " SET lease_until = excluded.lease_until, lease_pid = excluded.lease_pid",
                self._key,
                now + seconds,
                os.getpid(),
            )
            return 0.0

    def store_token(self, token: IssuedToken) -> None:
        """Store a token and end the lease; see :meth:`Store.store_token`."""
        with self._transaction() as run:
            now = self._clock()
            renew_at, ends_at = now + token.renew_in, now + token.ends_in
            row = (self._key, str.__str__(token.value), renew_at, ends_at, now, 0)
            run("REPLACE INTO token VALUES (?, ?, ?, ?, ?, ?)", *row)

    def release_token(self, pause: float) -> None:
        """End the lease without a token; see :meth:`Store.release_token`."""
        with self._transaction() as run:
            until = self._clock() + pause
            run("UPDATE token SET lease_until = ?, lease_pid = 0 WHERE key = ?", until, self._key)

    def discard_token(self, value: str) -> None:
        """Forget the token if it is this one; see :meth:`Store.discard_token`."""
        with self._transaction() as run:
            run(
                "UPDATE token SET value = NULL WHERE key = ? AND value = ?",
                self._key,
                str.__str__(value),
            )

    def close(self) -> None:
        """Close the connection to the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def __del__(self) -> None:
        # A program may forget to close its client; sqlite3 warns of a connection left open.
        if getattr(self, "_connection", None) is not None:
            self._drop_connection()

    # The file

    def _check_account(self, run: _Run) -> None:
        """Enter the account, or compare its limits and convert times of another epoch."""
        limits = ", ".join(f"{w.limit} in {w.period:g} s" for w in self._windows)
        offset = self._wall() - self._clock()
        row = run(
            "SELECT limits, epoch, wall_offset FROM account WHERE key = ?", self._key
        ).fetchone()
        if row is None:
            entry = (self._key, limits, self._epoch, offset, 0, 0.0)
            run("INSERT INTO account VALUES (?, ?, ?, ?, ?, ?)", *entry)
            return
        if row[0] != limits:
            raise SharedStateError(
                f"shared: another program keeps the limits {row[0]} for this account in"
                f" {self._path}, this one {limits}; give both the same rate_limits"
            )
        if row[1] != self._epoch:
            self._convert_times(run, row[2] - offset, offset)

    def _convert_times(self, run: _Run, shift: float, offset: float) -> None:
        """Convert times of an earlier boot; a time that would lie ahead becomes the present."""
        now, key = self._clock(), self._key
        run("UPDATE slot SET at = min(at + ?, ?) WHERE key = ?", shift, now, key)
        run(
            "UPDATE token SET renew_at = renew_at + ?, ends_at = ends_at + ?, lease_until = 0"
            " WHERE key = ?",
            shift,
            shift,
            key,
        )
        run(
            "UPDATE account SET epoch = ?, wall_offset = ?, gate = min(gate + ?, ?) WHERE key = ?",
            self._epoch,
            offset,
            shift,
            now,
            key,
        )

    def _unavailable(self, error: sqlite3.Error) -> StoreUnavailable:
        # Locks pass: after a kill, one process repairs the file and the others wait for it.
        return StoreUnavailable(f"{self._path}: {error}", may_pass="lock" in str(error))

    @contextmanager
    def _transaction(self) -> Generator[_Run, None, None]:
        with self._lock:
            try:
                connection = self._connection or self._connect()
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                self._drop_connection()
                raise self._unavailable(error) from None
            try:
                yield _Run(connection)
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._drop_connection()
                raise self._unavailable(error) from None
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            str(self._path), timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._connection = connection
        connection.execute("PRAGMA journal_mode = WAL")
        # Without a sync on each commit: a power cut may lose the last slots, never damage the file.
        connection.execute("PRAGMA synchronous = NORMAL")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise SharedStateError(
                f"shared: {self._path} was written by a newer version of this package; update this"
                " one, or use another file"
            )
        if version < SCHEMA_VERSION:
            connection.executescript(
                f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
            )
        return connection

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    def _forget_connection(self) -> None:
        # Not closed: closing a parent's connection in a child would release the parent's locks.
        _inherited.append(self._connection)
        self._connection = None
        self._lock = threading.RLock()


_inherited: List[Optional[sqlite3.Connection]] = []
"""Connections of the parent process, kept from being closed by the garbage collector."""


class _Run:
    """Executes the statements of one transaction."""

    __slots__ = ("_execute",)

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute

    def __call__(self, statement: str, *values: object) -> sqlite3.Cursor:
        return self._execute(statement, values)


def _is_running(pid: int) -> bool:
    """Return True if a process of this number runs, or if that cannot be known."""
    if os.name == "nt":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
