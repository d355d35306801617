"""Read the print history into a mirror: passes over the pages, resumed where one was cut off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from formlabs_web_api.api.prints_api import PrintsApi
from formlabs_web_api.mirror.database import Database, MirrorError
from formlabs_web_api.mirror.rows import print_row
from formlabs_web_api.mirror.schema import MIRROR_STATE, PRINT_RUNS
from formlabs_web_api.models.derived.raw import moment

if TYPE_CHECKING:
    from formlabs_web_api.api_client import ApiClient

_STREAM = "print_runs"
_PER_PAGE = 100
_OVERLAP = timedelta(hours=1)
"""How far each pass reads beyond what is covered: the list's order is not promised."""
_DEEP_EVERY = timedelta(hours=1)
_BEGINNING = datetime(1970, 1, 1, tzinfo=timezone.utc)

Progress = Callable[["SyncSummary", Optional[int]], None]


@dataclass
class SyncSummary:
    """What a sync did to the print runs."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    """Rows that a full pass no longer found."""
    pages: int = 0


class PrintSync:
    """Synchronize the print runs once.

    Args:
        client: The client to read with.
        database: A migrated database, whose lock is held.
        account: Name of the account; the rows of another one are refused.
        look_back: How far late and changed rows are looked for, once an hour.
        progress: Called after each page with the summary so far and the number of rows listed.
    """

    def __init__(
        self,
        client: ApiClient,
        database: Database,
        account: str,
        look_back: timedelta,
        progress: Optional[Progress] = None,
    ) -> None:
        self._client = client
        self._prints = PrintsApi(client)
        self._database = database
        self._account = account
        self._look_back = look_back
        self._progress = progress
        self._summary = SyncSummary()

    def run(self) -> SyncSummary:
        """Finish the pass that was cut off, if there is one; then read what is new."""
        state = self._open_state()
        if state["pass_started_at"] is not None:
            self._read_back(state)
            state = self._state()
        self._begin(state)
        self._read_back(self._state())
        return self._summary

    def run_full(self) -> SyncSummary:
        """Read every page, then mark the rows that none of them had as deleted.

        It begins with the first page each time: rows may have moved between pages since.
        """
        state = self._open_state()
        number, started = state["full_number"] + 1, self._client.now()
        self._save({"full_number": number})
        page, count = 1, None
        while True:
            listing = self._prints.prints_list(page=page, per_page=_PER_PAGE)
            self._write(listing.results or [], {}, number, listing.count)
            lost_rows = count is not None and listing.count is not None and listing.count < count
            count = listing.count
            if lost_rows and page > 1:
                page -= 1  # a row was deleted meanwhile, and later ones moved to the page before
            elif not listing.next:
                break
            else:
                page += 1
        self._mark_deleted(number, started)
        return self._summary

    def _begin(self, state: Dict[str, Any]) -> None:
        now = self._client.now()
        covered, deep_at = state["covered_until"], state["deep_at"]
        is_deep = deep_at is None or not timedelta(0) <= now - deep_at < _DEEP_EVERY
        floor = _BEGINNING
        if covered is not None:
            # A clock that was set back must not leave a gap.
            covered = min(covered, now)
            floor = covered - (self._look_back if is_deep else _OVERLAP)
            floor = min([floor, *self._open_run_times()])
        self._save(
            {
                "pass_started_at": now,
                "pass_floor": floor,
                "pass_is_deep": is_deep,
                "next_page": 1,
            }
        )

    def _open_run_times(self) -> List[datetime]:
        """Return when the prints that may still go on were created and started."""
        statement = sa.select(PRINT_RUNS.c.created_at, PRINT_RUNS.c.print_started_at).where(
            PRINT_RUNS.c.is_open, PRINT_RUNS.c.deleted_at.is_(None)
        )
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
        return [time for row in rows for time in row if time is not None]

    def _read_back(self, state: Dict[str, Any]) -> None:
        # One page back: rows deleted since the interruption moved the following ones up.
        page = max(1, state["next_page"] - 1)
        while True:
            listing = self._prints.prints_list(page=page, per_page=_PER_PAGE)
            runs = listing.results or []
            is_last = not listing.next or _is_older(runs, state["pass_floor"])
            done = self._end_of(state) if is_last else {"next_page": page + 1}
            self._write(runs, done, None, listing.count)
            if is_last:
                return
            page += 1

    def _end_of(self, state: Dict[str, Any]) -> Dict[str, Any]:
        started = state["pass_started_at"]
        ended: Dict[str, Any] = {"covered_until": started, "pass_started_at": None}
        if state["pass_is_deep"]:
            ended["deep_at"] = started
        return ended

    def _write(
        self,
        runs: Sequence[Any],
        state: Dict[str, Any],
        full_number: Optional[int],
        count: Optional[int],
    ) -> None:
        """Write the rows of a page, and how far the pass is, in one transaction."""
        now = self._client.now()
        rows = {run.guid: print_row(run, now) for run in runs}
        with self._database.write() as connection:
            written = self._upsert(connection, rows, now)
            if full_number is not None and rows:
                connection.execute(
                    sa.update(PRINT_RUNS)
                    .where(PRINT_RUNS.c.guid.in_(list(rows)))
                    .values(seen_in=full_number)
                )
            if state:
                _update_state(connection, state)
        summary = self._summary
        summary.new += written.new
        summary.changed += written.changed
        summary.unchanged += written.unchanged
        summary.pages += 1
        if self._progress is not None:
            self._progress(summary, count)

    def _upsert(
        self, connection: sa.Connection, rows: Dict[str, Dict[str, Any]], now: datetime
    ) -> SyncSummary:
        known_rows = connection.execute(
            sa.select(PRINT_RUNS.c.guid, PRINT_RUNS.c.content_hash, PRINT_RUNS.c.deleted_at).where(
                PRINT_RUNS.c.guid.in_(list(rows))
            )
        )
        known = {guid: None if deleted else digest for guid, digest, deleted in known_rows}
        fresh = [row for guid, row in rows.items() if known.get(guid) != row["content_hash"]]
        if fresh:
            times = {"first_seen_at": now, "changed_at": now, "deleted_at": None}
            connection.execute(self._upsert_statement(), [{**row, **times} for row in fresh])
        new = sum(guid not in known for guid in rows)
        return SyncSummary(new, len(fresh) - new, len(rows) - len(fresh))

    def _upsert_statement(self) -> Any:
        insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
        statement: Any = insert(PRINT_RUNS)
        kept = ("guid", "first_seen_at", "seen_in")
        updated = {
            column.name: statement.excluded[column.name]
            for column in PRINT_RUNS.columns
            if column.name not in kept
        }
        return statement.on_conflict_do_update(index_elements=["guid"], set_=updated)

    def _mark_deleted(self, number: int, started: datetime) -> None:
        with self._database.write() as connection:
            marked = connection.execute(
                sa.update(PRINT_RUNS)
                .where(
                    sa.or_(PRINT_RUNS.c.seen_in.is_(None), PRINT_RUNS.c.seen_in != number),
                    PRINT_RUNS.c.deleted_at.is_(None),
                )
                .values(deleted_at=started, changed_at=started)
            )
            _update_state(
                connection,
                {
                    "full_at": started,
                    "covered_until": started,
                    "deep_at": started,
                    "pass_started_at": None,
                },
            )
        self._summary.deleted += marked.rowcount

    def _open_state(self) -> Dict[str, Any]:
        """Return the state, begun for a new mirror; refuse the mirror of another account."""
        with self._database.write() as connection:
            found = connection.execute(_STATE).mappings().first()
            if found is None:
                values = {"stream": _STREAM, "account": self._account, "full_number": 0}
                connection.execute(sa.insert(MIRROR_STATE).values(values))
                found = connection.execute(_STATE).mappings().one()
            state = dict(found)
        if state["account"] != self._account:
            raise MirrorError(
                f"{self._database!r} mirrors another account; name another database or, if the "
                "account is the same, give the name it was made with as account="
            )
        return state

    def _state(self) -> Dict[str, Any]:
        with self._database.read() as connection:
            return dict(connection.execute(_STATE).mappings().one())

    def _save(self, values: Dict[str, Any]) -> None:
        with self._database.write() as connection:
            _update_state(connection, values)


_STATE = sa.select(MIRROR_STATE).where(MIRROR_STATE.c.stream == _STREAM)


def _update_state(connection: sa.Connection, values: Dict[str, Any]) -> None:
    connection.execute(
        sa.update(MIRROR_STATE).where(MIRROR_STATE.c.stream == _STREAM).values(values)
    )


def _is_older(runs: Sequence[Any], floor: datetime) -> bool:
    """True if all rows of a page were created and started before a time."""
    return all(_is_run_older(run, floor) for run in runs)


def _is_run_older(run: Any, floor: datetime) -> bool:
    times = [moment(run, "created_at"), moment(run, "print_started_at")]
    return any(times) and all(time is None or time < floor for time in times)
