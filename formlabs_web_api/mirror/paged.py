"""Read a listing of many pages into its table: passes, resumed where one was cut off.

An incremental pass reads from the newest row back to a time, its floor. What it covers counts only
once the pass has reached the floor, so that an interruption leaves no gap. A full pass reads every
page, and only it finds out which rows are gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Set

import sqlalchemy as sa

from formlabs_web_api.mirror import schema
from formlabs_web_api.mirror.database import Database
from formlabs_web_api.mirror.rows import Row, event_row, key_of, part_rows, print_row
from formlabs_web_api.mirror.service import PER_PAGE, Service, models_in
from formlabs_web_api.mirror.state import StreamState
from formlabs_web_api.mirror.writing import RowCounts, TableWriter
from formlabs_web_api.models.derived.raw import moment

_OVERLAP = timedelta(hours=1)
"""How far each pass reads beyond what is covered: the list's order is not promised."""
_DEEP_EVERY = timedelta(hours=1)
_RESUMABLE = timedelta(days=1)
"""A full pass that began longer ago is not gone on with: rows read at its beginning are old."""
_BEGINNING = datetime(1970, 1, 1, tzinfo=timezone.utc)

PageDone = Callable[[str, RowCounts, int, Optional[int]], None]
"""Told of each page: the table, what was written, the rows read and the rows listed."""


@dataclass(frozen=True)
class PagedListing:
    """A listing of many pages, newest first, and its table."""

    name: str
    """As ``only`` names it."""
    table: sa.Table
    row: Callable[[Any, datetime], Row]
    children: Optional[sa.Table] = None
    """A table of what belongs to a row, replaced when the row changes."""
    child_rows: Callable[[Any], List[Row]] = part_rows


PRINTS = PagedListing(
    "prints",
    schema.PRINT_RUNS,
    print_row,
    schema.PARTS,
)
EVENTS = PagedListing("events", schema.EVENTS, event_row)


class PagedSync:
    """Synchronizes the table of one listing.

    Args:
        service: Reads the pages.
        database: A migrated database, whose lock is held.
        listing: What to read.
        account: Name of the account.
        since: How far back a new mirror, and a full pass, reads; None means to the first row.
        look_back: How far late and changed rows are looked for, once an hour.
        page_done: Told of each page.
    """

    def __init__(
        self,
        service: Service,
        database: Database,
        listing: PagedListing,
        account: str,
        since: Optional[datetime],
        look_back: timedelta,
        page_done: PageDone,
    ) -> None:
        self._service = service
        self._database = database
        self._listing = listing
        self._table = listing.table
        self._times = schema.TIMES[listing.table.name]
        self._state = StreamState(database, listing.table.name, account)
        self._since = since
        self._look_back = look_back
        self._page_done = page_done
        self._rows_read = 0
        self._first_page: Optional[Any] = None

    def run(self) -> None:
        """Finish the pass that was cut off, if there is one; then read what is new."""
        state = self._state.load()
        if state["pass_started_at"] is not None:
            self._read_back(state)
            state = self._state.load()
        self._read_back(self._begin(state))

    def run_due(self, full_every: timedelta) -> None:
        """Make a full pass if the last one began so long ago, or else an incremental one."""
        full_at, now = self._state.load()["full_at"], self._now()
        if full_at is not None and abs(now - full_at) >= full_every:
            self.run_full()
        else:
            self.run()

    def run_full(self) -> None:
        """Read every page, then mark the rows that none of them had as deleted."""
        state = self._full_state()
        page, count, number = state["full_page"], state["full_count"], state["full_number"]
        while True:
            listed = self._page(page)
            rows: List[Any] = listed.results or []
            lost = 0 if count is None or listed.count is None else count - listed.count
            count = listed.count
            is_last = not listed.next or self._is_older(rows, self._since)
            if lost > 0 and page > 1:
                # Rows were deleted meanwhile, and later ones moved to the pages before.
                following = max(1, page - -(-lost // PER_PAGE))
            else:
                following = None if is_last else page + 1
            position = {"full_page": following or page, "full_count": count}
            self._write(rows, position, number, count)
            if following is None:
                break
            page = following
        self._mark_deleted(number, state["full_started_at"])

    def _full_state(self) -> Dict[str, Any]:
        """Return the position of the full pass to go on with, or of a new one."""
        state, now = self._state.load(), self._now()
        started = state["full_started_at"]
        # The service's clock is known to the second only, and may seem to go back.
        if started is not None and abs(now - started) < _RESUMABLE:
            # One page back, as rows may have been deleted since the interruption.
            return {**state, "full_page": max(1, state["full_page"] - 1)}
        begun: Dict[str, Any] = {
            "full_number": state["full_number"] + 1,
            "full_started_at": now,
            "full_page": 1,
            "full_count": None,
        }
        self._state.save(begun)
        return begun

    def _begin(self, state: Dict[str, Any]) -> Dict[str, Any]:
        """Store the position of a new pass and return it."""
        now = self._now()
        covered, deep_at = state["covered_until"], state["deep_at"]
        is_deep = deep_at is None or abs(now - deep_at) >= _DEEP_EVERY
        floor = self._since or _BEGINNING
        if covered is not None:
            # A clock that was set back must not leave a gap.
            covered = min(covered, now)
            floor = covered - (self._look_back if is_deep else _OVERLAP)
            floor = min([floor, *self._open_row_times()])
        begun = {
            "pass_started_at": now,
            "pass_floor": floor,
            "pass_is_deep": is_deep,
            "next_page": 1,
        }
        self._state.save(begun)
        return {**state, **begun}

    def _now(self) -> datetime:
        """Return the time by the service's clock, which only a response tells."""
        if not self._service.pages:
            self._first_page = self._service.page(self._listing.name, 1)
        return self._service.now()

    def _page(self, number: int) -> Any:
        first, self._first_page = self._first_page, None
        if number == 1 and first is not None:
            return first
        return self._service.page(self._listing.name, number)

    def _open_row_times(self) -> List[datetime]:
        """Return the times of rows that may still change by themselves."""
        columns = self._table.c
        if "is_open" not in columns:
            return []
        statement = sa.select(*(columns[name] for name in self._times)).where(
            columns.is_open, columns.deleted_at.is_(None)
        )
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
        return [time for row in rows for time in row if time is not None]

    def _read_back(self, state: Dict[str, Any]) -> None:
        # One page back: rows deleted since the interruption moved the following ones up.
        page = max(1, state["next_page"] - 1)
        while True:
            listed = self._page(page)
            rows: List[Any] = listed.results or []
            is_last = not listed.next or self._is_older(rows, state["pass_floor"])
            done = _end_of(state) if is_last else {"next_page": page + 1}
            self._write(rows, done, None, listed.count)
            if is_last:
                return
            page += 1

    def _write(
        self,
        listed: Sequence[object],
        position: Mapping[str, object],
        full_number: Optional[int],
        count: Optional[int],
    ) -> None:
        """Write the rows of a page, and how far the pass is, in one transaction."""
        now = self._service.now()
        models = models_in(listed)
        rows = [self._listing.row(model, now) for model in models]
        with self._database.write() as connection:
            writer = TableWriter(connection, self._table, now)
            written = writer.upsert(rows)
            self._write_children(connection, models, {key[0] for key in written.fresh})
            if full_number is not None:
                writer.mark_seen(list(written.rows), full_number)
            self._state.update(connection, position)
        self._rows_read += len(rows)
        self._page_done(self._table.name, written.counts, self._rows_read, count)

    def _write_children(
        self, connection: sa.Connection, models: Sequence[object], changed: Set[object]
    ) -> None:
        table = self._listing.children
        if table is None or not changed:
            return
        owner = next(iter(table.primary_key))
        connection.execute(sa.delete(table).where(owner.in_(list(changed))))
        rows = [row for model in models for row in self._listing.child_rows(model)]
        by_key = {key_of(table, row): row for row in rows if row[owner.name] in changed}
        if by_key:
            connection.execute(sa.insert(table), list(by_key.values()))

    def _mark_deleted(self, number: int, started: datetime) -> None:
        times = [self._table.c[name] for name in self._times]
        recent = [] if self._since is None else [sa.or_(*(time >= self._since for time in times))]
        with self._database.write() as connection:
            writer = TableWriter(connection, self._table, started)
            deleted = writer.mark_unseen_deleted(number, *recent)
            self._state.update(
                connection,
                {
                    "full_at": started,
                    "full_started_at": None,
                    "covered_until": started,
                    "deep_at": started,
                    "pass_started_at": None,
                },
            )
        counts = RowCounts(deleted=deleted)
        self._page_done(self._table.name, counts, self._rows_read, None)

    def _is_older(self, models: Sequence[object], floor: Optional[datetime]) -> bool:
        """Return True if all rows of a page lie before a time."""
        if floor is None:
            return False
        for model in models:
            times = [moment(model, name) for name in self._times]
            if not any(times) or any(time is not None and time >= floor for time in times):
                return False
        return True


def _end_of(state: Dict[str, object]) -> Dict[str, Any]:
    started = state["pass_started_at"]
    ended: Dict[str, Any] = {"covered_until": started, "pass_started_at": None}
    if state["pass_is_deep"]:
        ended["deep_at"] = started
    if state["full_at"] is None:
        ended["full_at"] = started  # the first pass of a mirror reads everything
    return ended
