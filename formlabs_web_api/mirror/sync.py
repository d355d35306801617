"""One sync of a mirror: every listing that is wanted, in the order in which they depend."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Iterable, Optional, Tuple, Union

from formlabs_web_api.exceptions import ApiValueError
from formlabs_web_api.mirror.database import Database
from formlabs_web_api.mirror.paged import EVENTS, PRINTS, PagedListing, PagedSync
from formlabs_web_api.mirror.service import Service
from formlabs_web_api.mirror.summary import Progress, SyncProgress, SyncSummary
from formlabs_web_api.mirror.whole import WHOLE_LISTINGS, WholeSync
from formlabs_web_api.mirror.writing import RowCounts

_PAGED = {listing.name: listing for listing in (PRINTS, EVENTS)}
LISTINGS = (*WHOLE_LISTINGS, *_PAGED)
"""What can be mirrored, in the order in which it is read."""


def listings_of(only: Union[str, Iterable[str], None]) -> Tuple[str, ...]:
    """Return the listings to read; all of them if none is named.

    Raises:
        ApiValueError: A name is unknown.
    """
    if only is None:
        return LISTINGS
    wanted = {only} if isinstance(only, str) else set(only)
    unknown = sorted(wanted - set(LISTINGS))
    if unknown or not wanted:
        what = repr(unknown[0]) if unknown else "nothing"
        raise ApiValueError(f"only: {what} cannot be mirrored; name {', '.join(LISTINGS)}")
    return tuple(name for name in LISTINGS if name in wanted)


class Synchronizer:
    """Synchronizes a database whose lock is held.

    Args:
        service: What to read with.
        database: A migrated database.
        account: Name of the account.
        progress: Called after each page.
    """

    def __init__(
        self, service: Service, database: Database, account: str, progress: Optional[Progress]
    ) -> None:
        self._service = service
        self._database = database
        self._account = account
        self._progress = progress
        self._summary = SyncSummary()
        self._last = SyncProgress("", 0, None, 0)
        service.on_wait = self._wait_begins

    def run(
        self,
        listings: Iterable[str],
        full_every: Optional[timedelta],
        since: Optional[datetime],
        look_back: timedelta,
    ) -> SyncSummary:
        """Read the listings and return what changed.

        Args:
            listings: Names of listings.
            full_every: Time since the last full pass from which on a full one is due; None for
                an incremental one.
            since: How far back a new mirror and a full pass read.
            look_back: How far late and changed rows are looked for.
        """
        for name in listings:
            if name in _PAGED:
                passes = self._paged(_PAGED[name], since, look_back)
                passes.run() if full_every is None else passes.run_due(full_every)
            else:
                whole = WholeSync(self._service, self._database, self._account, self._whole_done)
                whole.run(name)
        self._summary.pages = self._service.pages
        return self._summary

    def _paged(
        self, listing: PagedListing, since: Optional[datetime], look_back: timedelta
    ) -> PagedSync:
        return PagedSync(
            self._service,
            self._database,
            listing,
            self._account,
            since,
            look_back,
            self._page_done,
        )

    def _whole_done(self, table: str, counts: RowCounts, rows: int) -> None:
        self._page_done(table, counts, rows, rows)

    def _page_done(self, table: str, counts: RowCounts, rows: int, total: Optional[int]) -> None:
        self._summary[table].add(counts)
        self._last = SyncProgress(table, rows, total, self._service.pages)
        if self._progress is not None:
            self._progress(self._last)

    def _wait_begins(self, seconds: float) -> None:
        if self._progress is not None:
            self._progress(self._last._replace(waiting=seconds))
