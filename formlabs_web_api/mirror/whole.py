"""Read the listings that are read whole at each sync: printers, consumables, groups, queues."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Callable, Dict, Iterator, List, Sequence, Tuple

import sqlalchemy as sa

from formlabs_web_api._core.group_queues import queues_of
from formlabs_web_api.mirror import rows, schema
from formlabs_web_api.mirror.database import Database
from formlabs_web_api.mirror.rows import Row
from formlabs_web_api.mirror.service import Service
from formlabs_web_api.mirror.state import StreamState
from formlabs_web_api.mirror.writing import RowCounts, TableWriter
from formlabs_web_api.models.derived.raw import text

SAMPLE_GAP = timedelta(hours=1)
"""The longest time between two looks at a printer for which it counts as unchanged between them."""

Rows = List[Tuple[sa.Table, List[Row]]]


class WholeSync:
    """Synchronizes the tables of the listings that are read whole.

    Args:
        service: Reads the listings.
        database: A migrated database, whose lock is held.
        account: Name of the account.
        done: Told of each table: its name and what was written.
    """

    def __init__(
        self,
        service: Service,
        database: Database,
        account: str,
        done: Callable[[str, RowCounts, int], None],
    ) -> None:
        self._service = service
        self._database = database
        self._account = account
        self._done = done

    def run(self, listing: str) -> None:
        """Read one listing and replace its tables, in one transaction."""
        found = read_whole(self._service, listing)
        now = self._service.now()
        state = StreamState(self._database, found[0][0].name, self._account)
        state.load()
        counts: Dict[str, RowCounts] = {}
        with self._database.write() as connection:
            for table, listed in found:
                writer = TableWriter(connection, table, now)
                is_printers = table is schema.PRINTERS
                written = writer.replace_all(listed, store_unchanged=is_printers)
                counts[table.name] = written.counts
                if is_printers:
                    printers = written.rows.values()
                    _add_samples(connection, [rows.sample_row(row, now) for row in printers])
            state.update(connection, {"covered_until": now, "full_at": now})
        for name, counted in counts.items():
            self._done(name, counted, counted.new + counted.changed + counted.unchanged)


def _printers(service: Service) -> Rows:
    listed, now = service.printers(), service.now()
    return [(schema.PRINTERS, [rows.printer_row(printer, now) for printer in listed])]


def _tanks(service: Service) -> Rows:
    return [(schema.TANKS, [rows.tank_row(tank) for tank in service.tanks()])]


def _cartridges(service: Service) -> Rows:
    return [(schema.CARTRIDGES, [rows.cartridge_row(one) for one in service.cartridges()])]


def _groups(service: Service) -> Rows:
    groups = service.groups()
    queues = [(text(group, "id"), items) for group, items in queues_of(groups, service.queue)]
    return [
        (schema.GROUPS, [rows.group_row(group) for group in groups]),
        (schema.GROUP_MEMBERS, [row for group in groups for row in rows.member_rows(group)]),
        (schema.GROUP_INVITATIONS, [r for group in groups for r in rows.invitation_rows(group)]),
        (schema.QUEUE_ITEMS, [rows.queue_row(item, id) for id, items in queues for item in items]),
    ]


_READERS: Dict[str, Callable[[Service], Rows]] = {
    "printers": _printers,
    "tanks": _tanks,
    "cartridges": _cartridges,
    "groups": _groups,
}
WHOLE_LISTINGS = tuple(_READERS)


def read_whole(service: Service, listing: str) -> Rows:
    """Read a listing and return its tables with their rows."""
    return _READERS[listing](service)


def _add_samples(connection: sa.Connection, samples: Sequence[Row]) -> None:
    """Extend the last sample of each printer, or add one: after a change, and after a gap."""
    table = schema.PRINTER_SAMPLES
    last = {row["printer"]: row for row in _last_samples(connection)}
    for sample in samples:
        before = last.get(sample["printer"])
        if before is not None and before["seen_until"] >= sample["at"]:
            continue  # a clock that was set back
        if before is not None and _continues(before, sample):
            connection.execute(
                sa.update(table)
                .where(table.c.printer == before["printer"], table.c.at == before["at"])
                .values(seen_until=sample["at"])
            )
        else:
            connection.execute(sa.insert(table).values(sample))


def _last_samples(connection: sa.Connection) -> Iterator[Any]:
    table = schema.PRINTER_SAMPLES
    latest = (
        sa.select(table.c.printer, sa.func.max(table.c.at).label("at"))
        .group_by(table.c.printer)
        .subquery()
    )
    joined = sa.and_(table.c.printer == latest.c.printer, table.c.at == latest.c.at)
    yield from connection.execute(sa.select(table).join(latest, joined)).mappings()


def _continues(before: Row, sample: Row) -> bool:
    at: datetime = sample["at"]
    return at - before["seen_until"] <= SAMPLE_GAP and all(
        before[name] == sample[name] for name in rows.SAMPLED
    )
