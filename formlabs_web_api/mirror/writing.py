"""Write rows into a table: insert what is new, update what changed, and count both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Dict, Iterator, Optional, Sequence, Set

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from formlabs_web_api.mirror.rows import Key, Row, by_key

_AT_ONCE = 200
"""Keys in one statement: databases bound the number of its values."""
_KEPT = ("first_seen_at", "seen_in")
"""Columns that an update leaves alone."""


@dataclass
class RowCounts:
    """How many rows of a table a sync added, changed, left unchanged, and marked as deleted."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0

    def add(self, other: RowCounts) -> None:
        """Add the counts of another step."""
        self.new += other.new
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.deleted += other.deleted


@dataclass
class Written:
    """What one step wrote."""

    counts: RowCounts
    rows: Dict[Key, Row]
    """The rows that have a key, by key."""
    fresh: Set[Key]
    """Keys of the rows that are new or changed."""


class TableWriter:
    """Writes rows into one table, within a transaction of the caller.

    Args:
        connection: A connection in a transaction.
        table: The table; it has the columns that a mirror keeps of each row.
        now: The time to note for what is new, changed or deleted.
    """

    def __init__(self, connection: sa.Connection, table: sa.Table, now: datetime) -> None:
        self._connection = connection
        self._table = table
        self._now = now
        self._keys = list(table.primary_key)

    def upsert(self, rows: Sequence[Row], store_unchanged: bool = False) -> Written:
        """Write rows; a row whose content is that of the stored one is left alone.

        Args:
            rows: The rows with their content hash; a later one of the same key counts.
            store_unchanged: Also store values that differ without being a change of the row.
        """
        keyed = by_key(self._table, rows)
        known = self._stored_hashes(list(keyed))
        fresh = {key for key, row in keyed.items() if known.get(key) != row["content_hash"]}
        times = {"first_seen_at": self._now, "changed_at": self._now, "deleted_at": None}
        if fresh:
            values = [{**row, **times} for key, row in keyed.items() if key in fresh]
            self._connection.execute(self._upsert_statement(), values)
        if store_unchanged and len(fresh) < len(keyed):
            self._store_unchanged([row for key, row in keyed.items() if key not in fresh])
        new = sum(key not in known for key in keyed)
        counts = RowCounts(new, len(fresh) - new, len(keyed) - len(fresh))
        return Written(counts, keyed, fresh)

    def replace_all(self, rows: Sequence[Row], store_unchanged: bool = False) -> Written:
        """Write the rows of a whole listing, and mark the other rows of the table as deleted."""
        written = self.upsert(rows, store_unchanged)
        live = sa.select(*self._keys).where(self._table.c.deleted_at.is_(None))
        stored = {tuple(row) for row in self._connection.execute(live)}
        gone = stored - written.rows.keys()
        written.counts.deleted = self._mark_deleted(sorted(gone, key=str))
        return written

    def mark_seen(self, keys: Sequence[Key], number: int) -> None:
        """Note that a full pass has read these rows."""
        for some in _chunks(keys):
            update = (
                sa.update(self._table).where(has_key_of(self._table, some)).values(seen_in=number)
            )
            self._connection.execute(update)

    def mark_unseen_deleted(self, number: int, *conditions: Any) -> int:
        """Mark the rows that a full pass has not read as deleted; return how many these are."""
        table = self._table
        marked = self._connection.execute(
            sa.update(table)
            .where(
                sa.or_(table.c.seen_in.is_(None), table.c.seen_in != number),
                table.c.deleted_at.is_(None),
                *conditions,
            )
            .values(deleted_at=self._now, changed_at=self._now)
        )
        return marked.rowcount

    def _stored_hashes(self, keys: Sequence[Key]) -> Dict[Key, Optional[str]]:
        """Return the hash of each stored row; None for one that is marked as deleted."""
        columns = self._table.c
        known: Dict[Key, Optional[str]] = {}
        for some in _chunks(keys):
            rows = self._connection.execute(
                sa.select(*self._keys, columns.content_hash, columns.deleted_at).where(
                    has_key_of(self._table, some)
                )
            )
            for row in map(tuple, rows):
                known[row[:-2]] = None if row[-1] else row[-2]
        return known

    def _upsert_statement(self) -> Any:
        insert: Any = sqlite.insert
        if self._connection.dialect.name == "postgresql":
            insert = postgresql.insert
        statement: Any = insert(self._table)
        kept = (*_KEPT, *(column.name for column in self._keys))
        updated = {
            column.name: statement.excluded[column.name]
            for column in self._table.columns
            if column.name not in kept
        }
        return statement.on_conflict_do_update(index_elements=self._keys, set_=updated)

    def _store_unchanged(self, rows: Sequence[Row]) -> None:
        keys = {column.name for column in self._keys}
        names = [name for name in rows[0] if name not in keys]
        statement = (
            sa.update(self._table)
            .where(*(column == sa.bindparam(f"key_{column.name}") for column in self._keys))
            .values({name: sa.bindparam(f"new_{name}") for name in names})
        )
        values = [
            {
                **{f"key_{name}": row[name] for name in keys},
                **{f"new_{name}": row[name] for name in names},
            }
            for row in rows
        ]
        self._connection.execute(statement, values)

    def _mark_deleted(self, keys: Sequence[Key]) -> int:
        for some in _chunks(keys):
            update = sa.update(self._table).where(has_key_of(self._table, some))
            self._connection.execute(update.values(deleted_at=self._now, changed_at=self._now))
        return len(keys)


def has_key_of(table: sa.Table, keys: Sequence[Key]) -> Any:
    """Return the condition that a row has one of these keys."""
    columns = list(table.primary_key)
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return sa.tuple_(*columns).in_(keys)


def _chunks(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]
