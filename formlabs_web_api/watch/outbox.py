"""The outbox: changes that were found, and what became of their delivery to each receiver.

Each receiver has separate rows, so a slow one delays no other. Deliveries to one receiver keep
the order of the changes of each printer: while one waits to be sent again, the later ones of that
printer wait too.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Iterable, List, NamedTuple, Optional, Sequence, Tuple

from formlabs_web_api._util.words import Word
from formlabs_web_api.watch.changes import Change
from formlabs_web_api.watch.state import State

KEPT_SECONDS = 7 * 86_400.0
"""How long delivered changes stay for ``watch log``; dead letters stay until they are sent."""


class DeliveryStatus(Word):
    """What became of the delivery of a change to a receiver."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    """Given up; kept, and sent again on request."""


class Letter(NamedTuple):
    """A change, and how far its delivery to one receiver has come."""

    sink: str
    number: int
    """Place of the change in the outbox; later changes have higher numbers."""
    change: Change
    status: DeliveryStatus
    attempts: int
    due_at: float
    """When the next attempt is due, in seconds since the epoch."""
    ended_at: float
    """When it was delivered or given up, in seconds since the epoch; 0 while it is pending."""
    reason: str
    """Why the last attempt failed."""


class Outbox:
    """The changes of a state and their deliveries; safe to share between threads."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add(
        self, database: sqlite3.Connection, changes: Iterable[Change], sinks: Sequence[str]
    ) -> None:
        """Add changes for each receiver, in the transaction of the poll that found them.

        A change whose key is in the outbox already is not added again.
        """
        for change in changes:
            body = json.dumps(change.to_dict(), separators=(",", ":"), sort_keys=True)
            added = database.execute(
                "INSERT INTO changes (key, printer, body) VALUES (?, ?, ?) "
                "ON CONFLICT (key) DO NOTHING",
                (change.key, change.printer, body),
            )
            if added.rowcount:
                database.executemany(
                    "INSERT INTO deliveries (sink, number, status) VALUES (?, ?, 'pending')",
                    [(sink, added.lastrowid) for sink in sinks],
                )

    def pending(self, sink: str, limit: int = -1) -> List[Letter]:
        """Return what was not delivered to a receiver yet, oldest first."""
        return self._letters("d.sink = ? AND d.status = 'pending'", (sink,), limit)

    def due(self, sink: str, now: float, limit: int = -1) -> List[Letter]:
        """Return what may be sent to a receiver now, oldest first.

        A change waits while an earlier one of its printer waits to be sent again.
        """
        if self.disabled_reason(sink) is not None:
            return []
        is_free = (
            "d.sink = ? AND d.status = 'pending' AND d.due_at <= ? AND d.number < ifnull(("
            "SELECT waiting.number FROM waiting WHERE waiting.printer = c.printer), d.number + 1)"
        )
        waiting = (
            "WITH waiting AS (SELECT c.printer AS printer, min(d.number) AS number "
            "FROM deliveries d JOIN changes c USING (number) "
            "WHERE d.sink = ? AND d.status = 'pending' AND d.due_at > ? GROUP BY c.printer) "
        )
        return self._letters(is_free, (sink, now, sink, now), limit, prefix=waiting)

    def next_due_at(self, sink: str) -> Optional[float]:
        """Return when the next delivery to a receiver is due; None if nothing is pending."""
        if self.disabled_reason(sink) is not None:
            return None
        [(due_at,)] = self._state.query(
            "SELECT min(due_at) FROM (SELECT d.due_at AS due_at, min(d.number) "
            "FROM deliveries d JOIN changes c USING (number) "
            "WHERE d.sink = ? AND d.status = 'pending' GROUP BY c.printer)",
            (sink,),
        )
        return None if due_at is None else float(due_at)

    def mark_delivered(self, sink: str, numbers: Iterable[int], now: float) -> None:
        """Record that changes were delivered to a receiver."""
        with self._state.transaction() as database:
            database.executemany(
                "UPDATE deliveries SET status = 'delivered', attempts = attempts + 1, "
                "ended_at = ?, reason = '' WHERE sink = ? AND number = ?",
                [(now, sink, number) for number in numbers],
            )

    def mark_failed(
        self, sink: str, number: int, reason: str, now: float, due_at: Optional[float]
    ) -> None:
        """Record a failed attempt: to be repeated at ``due_at`` or, if that is None, given up."""
        status, ended_at = ("dead", now) if due_at is None else ("pending", 0.0)
        with self._state.transaction() as database:
            database.execute(
                "UPDATE deliveries SET status = ?, attempts = attempts + 1, due_at = ?, "
                "ended_at = ?, reason = ? WHERE sink = ? AND number = ?",
                (status, due_at or 0.0, ended_at, reason, sink, number),
            )

    def postpone(self, sink: str, number: int, reason: str, due_at: float) -> None:
        """Record that a receiver could not be reached; that is no attempt."""
        with self._state.transaction() as database:
            database.execute(
                "UPDATE deliveries SET due_at = ?, reason = ? WHERE sink = ? AND number = ?",
                (due_at, reason, sink, number),
            )

    def disable(self, sink: str, reason: str) -> None:
        """Stop deliveries to a receiver until :meth:`retry`; what is pending stays so."""
        with self._state.transaction() as database:
            database.execute("INSERT OR REPLACE INTO sinks VALUES (?, ?)", (sink, reason))

    def disabled_reason(self, sink: str) -> Optional[str]:
        """Return why deliveries to a receiver are stopped; None if they are not."""
        rows = self._state.query("SELECT disabled FROM sinks WHERE name = ?", (sink,))
        return str(rows[0][0]) if rows else None

    def retry(self, sink: Optional[str] = None) -> int:
        """Make dead letters pending, and what is pending due at once; return how many.

        Args:
            sink: The receiver; None means all of them.
        """
        where, values = ("", ()) if sink is None else (" AND sink = ?", (sink,))
        with self._state.transaction() as database:
            changed = database.execute(
                "UPDATE deliveries SET status = 'pending', attempts = 0, due_at = 0, ended_at = 0 "
                f"WHERE (status = 'dead' OR (status = 'pending' AND due_at > 0)){where}",
                values,
            )
            database.execute(f"DELETE FROM sinks WHERE 1{where.replace('sink', 'name')}", values)
            return changed.rowcount

    def log(
        self, status: Optional[DeliveryStatus] = None, sink: Optional[str] = None, limit: int = -1
    ) -> List[Letter]:
        """Return deliveries, newest first."""
        where = "(? IS NULL OR d.status = ?) AND (? IS NULL OR d.sink = ?)"
        word = None if status is None else str(status)
        values = (word, word, sink, sink)
        return self._letters(where, values, limit, "DESC")

    def forget_delivered(self, database: sqlite3.Connection, now: float) -> None:
        """Delete changes that were delivered to every receiver a week ago."""
        database.execute(
            "DELETE FROM changes WHERE number IN (SELECT number FROM deliveries GROUP BY number "
            "HAVING min(status = 'delivered') AND max(ended_at) < ?)",
            (now - KEPT_SECONDS,),
        )

    def _letters(
        self,
        where: str,
        values: Tuple[object, ...],
        limit: int,
        order: str = "ASC",
        prefix: str = "",
    ) -> List[Letter]:
        rows = self._state.query(
            f"{prefix}SELECT d.sink, d.number, c.body, d.status, d.attempts, d.due_at, d.ended_at, "
            "d.reason FROM deliveries d JOIN changes c USING (number) "
            f"WHERE {where} ORDER BY d.number {order} LIMIT ?",
            (*values, limit),
        )
        return [
            Letter(sink, number, Change.from_dict(json.loads(body)), DeliveryStatus(status), *rest)
            for sink, number, body, status, *rest in rows
        ]
