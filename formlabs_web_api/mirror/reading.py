"""Read models and rows from the database."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Callable, Dict, Iterator, List, Optional

import sqlalchemy as sa

from formlabs_web_api.exceptions import ApiValueError
from formlabs_web_api.mirror import schema
from formlabs_web_api.mirror.database import Database
from formlabs_web_api.models._reading import read_json
from formlabs_web_api.tables.records import class_named

_AT_ONCE = 900
"""Rows in one statement: SQLite before 3.32 takes 999 values. Each statement is a short transaction
of its own, so that a sync never waits for a reader."""


_TABLES = {
    "prints": schema.PRINT_RUNS,
    "events": schema.EVENTS,
    "printers": schema.PRINTERS,
    "tanks": schema.TANKS,
    "cartridges": schema.CARTRIDGES,
    "groups": schema.GROUPS,
}
"""The table of each listing."""


class Reader:
    """Reads what a mirror holds; rows that are marked as deleted are left out.

    Args:
        database: The database of the mirror.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def synced_at(self, table: str) -> Optional[datetime]:
        """Return when a table was last brought up to date; None if never."""
        state = schema.MIRROR_STATE.c
        with self._database.read() as connection:
            statement = sa.select(state.covered_until).where(state.stream == table)
            found: Optional[datetime] = connection.scalar(statement)
        return found

    def models(
        self, listing: str, since: Optional[datetime] = None, printer: Optional[str] = None
    ) -> Iterator[Any]:
        """Return the models of a listing; prints and events newest first."""
        if listing not in _TABLES:
            raise ApiValueError(f"listing: {listing!r} is not mirrored; name {', '.join(_TABLES)}")
        table = _TABLES[listing]
        times = schema.TIMES.get(table.name, ())
        conditions: List[Any] = [table.c.deleted_at.is_(None)]
        if since is not None:
            if not times:
                raise ApiValueError(f"since: {listing} have no times; leave it out")
            conditions.append(sa.or_(*(table.c[name] >= since for name in times)))
        if printer is not None:
            if "printer" not in table.c:
                raise ApiValueError(
                    f"printer: {listing} are not those of one printer; leave it out"
                )
            conditions.append(table.c.printer == printer)
        (key,) = table.primary_key
        order = [table.c[name].desc() for name in times[:1]]
        with self._database.read() as connection:
            statement = sa.select(key).where(*conditions).order_by(*order, key)
            keys = list(connection.scalars(statement))
        return self._models_of(table, class_named(listing), keys)

    def rows(self, table: sa.Table, *conditions: Any) -> List[Dict[str, Any]]:
        """Return rows of a table as dicts, ordered by key."""
        statement = sa.select(table).where(*conditions).order_by(*table.primary_key)
        with self._database.read() as connection:
            return [dict(row) for row in connection.execute(statement).mappings()]

    def _models_of(self, table: sa.Table, kind: Any, keys: List[Any]) -> Iterator[Any]:
        (key,) = table.primary_key
        people = self._people() if table is schema.GROUPS else None
        # As text, since pydantic reads that faster than dicts.
        select = sa.select(key, sa.cast(table.c.raw, sa.Text))
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            with self._database.read() as connection:
                rows = connection.execute(select.where(key.in_(some)))
                found: Dict[Any, str] = {row[0]: row[1] for row in rows}
            texts = [(one, found[one]) for one in some if found.get(one) is not None]
            joined = ",".join(raw if people is None else people(one, raw) for one, raw in texts)
            yield from read_json(List[kind], f"[{joined}]")  # together, which is much faster

    def _people(self) -> Callable[[str, str], str]:
        """Return a function that puts members and invitations back into the JSON of a group."""
        members = self.rows(schema.GROUP_MEMBERS, schema.GROUP_MEMBERS.c.deleted_at.is_(None))
        invited = schema.GROUP_INVITATIONS
        invitations = self.rows(invited, invited.c.deleted_at.is_(None))

        def completed(group_id: str, raw: str) -> str:
            group = json.loads(raw)
            group["memberships"] = _of(members, group_id, _MEMBER)
            group["invitations"] = _of(invitations, group_id, _INVITATION)
            return json.dumps(group)

        return completed


_MEMBER = {
    "user": "user_id",
    "email": "email",
    "first_name": "first_name",
    "last_name": "last_name",
    "is_admin": "is_admin",
}
_INVITATION = {"email": "email", "is_admin": "is_admin"}
"""Fields of the service, and their columns."""


def _of(
    rows: List[Dict[str, object]], group_id: str, fields: Dict[str, str]
) -> List[Dict[str, Any]]:
    """Return the people of a group as the service lists them."""
    return [
        {name: row[column] for name, column in fields.items()}
        for row in rows
        if row["group_id"] == group_id
    ]
