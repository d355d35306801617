"""A mirror: the account in a database, read without the service."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator, Optional, Tuple, Union, cast

import sqlalchemy as sa
from typing_extensions import Self

from formlabs_web_api._util.checks import check_seconds
from formlabs_web_api.exceptions import ApiException, is_outage
from formlabs_web_api.hooks import logger
from formlabs_web_api.mirror.database import Database, MirrorError
from formlabs_web_api.mirror.frames import MirrorFrames
from formlabs_web_api.mirror.reading import Reader
from formlabs_web_api.mirror.service import Service
from formlabs_web_api.mirror.state import check_account
from formlabs_web_api.mirror.summary import Progress, SyncSummary
from formlabs_web_api.mirror.sync import Synchronizer, listings_of
from formlabs_web_api.mirror.verify import Verification, verify
from formlabs_web_api.models.derived.clock import check_zone

if TYPE_CHECKING:
    from formlabs_web_api.api_client import ApiClient
    from formlabs_web_api.models import PrintRunWithFleetControlData
    from formlabs_web_api.models._base import Model

LOOK_BACK = timedelta(days=14)
FULL_EVERY = timedelta(days=1)


class Mirror:
    """An account in an SQLite or PostgreSQL database.

    Reading needs neither a client nor a network. Give it to ``client.watch(history=...)`` to take
    past prints from it.

    Args:
        url: ``sqlite:///fleet.db`` or ``postgresql+psycopg://user:password@host/database``.
        client: The client that :meth:`sync` reads with.
        account: Name of the account; None means the client id. The mirror of another is refused.

    Raises:
        MirrorError: The address is malformed, or of another kind of database.
    """

    def __init__(
        self, url: str, client: Optional[ApiClient] = None, *, account: Optional[str] = None
    ) -> None:
        self._database = Database(url)
        self._client = client
        self._account = account
        self._reader = Reader(self._database)
        self._closing = threading.Event()
        self._clock = time.monotonic

    def __repr__(self) -> str:
        return f"Mirror({self._database!r})"

    @property
    def engine(self) -> sa.Engine:
        """The SQLAlchemy engine, for queries of your own."""
        return self._database.engine

    # Writing

    def sync(
        self,
        *,
        only: Union[str, Iterable[str], None] = None,
        full: bool = False,
        since: Optional[datetime] = None,
        look_back: timedelta = LOOK_BACK,
        max_wait: Optional[float] = None,
        progress: Optional[Progress] = None,
    ) -> SyncSummary:
        """Bring the mirror up to date and return what changed.

        Rows and position of a page are written in one transaction; after an interruption the next
        call goes on where this one stopped.

        Args:
            only: What to read: ``prints``, ``events``, ``printers``, ``tanks``, ``cartridges``,
                ``groups`` (with members, invitations and queues), or several; None means all.
            full: Read every page of prints and events. Only this marks those that the service no
                longer has as deleted, and finds those that came later than ``look_back``. A full
                pass that was interrupted is continued for a day.
            since: How far back a new mirror and a full pass read; None means everything.
            look_back: How far late and changed rows are looked for, once an hour.
            max_wait: Seconds that the sync may wait for the rate limit in all; None means as long
                as it takes: the first sync of 200,000 prints waits for the second hour.
            progress: Called after each page.

        Raises:
            ApiValueError: A name in ``only`` is unknown, or ``since`` has no time zone.
            MirrorError: The mirror has no client, is of another account or a newer version,
                another sync of it is running, or the database fails.
            RateLimitException: The wait would be longer than ``max_wait``.
        """
        full_every = timedelta(0) if full else None
        return self._sync(
            listings_of(only), full_every, since, look_back, max_wait, progress, self._closing.wait
        )

    def _sync(
        self,
        listings: Tuple[str, ...],
        full_every: Optional[timedelta],
        since: Optional[datetime],
        look_back: timedelta,
        max_wait: Optional[float],
        progress: Optional[Progress],
        pause: Callable[[float], object],
    ) -> SyncSummary:
        if max_wait is not None:
            check_seconds("max_wait", max_wait)
        check_zone("since", since)
        client, account = self._reachable()
        with self._database.lock():
            self._database.migrate()
            check_account(self._database, account)
            service = Service(client, max_wait, pause)
            synchronizer = Synchronizer(service, self._database, account, progress)
            return synchronizer.run(listings, full_every, since, look_back)

    def follow(
        self,
        every: float = 300.0,
        *,
        only: Union[str, Iterable[str], None] = None,
        since: Optional[datetime] = None,
        look_back: timedelta = LOOK_BACK,
        full_every: Optional[timedelta] = FULL_EVERY,
        progress: Optional[Progress] = None,
        pause: Optional[Callable[[float], object]] = None,
    ) -> Iterator[SyncSummary]:
        """Sync again and again, and yield the summary of each sync, until :meth:`close`.

        An outage of the service is waited out.

        Args:
            every: Seconds from the beginning of one sync to that of the next.
            only: What to read; see :meth:`sync`.
            since: How far back a new mirror and a full pass read; None means everything.
            look_back: How far late and changed rows are looked for, once an hour.
            full_every: Time between two full passes, by the service's clock; None for no full pass.
            progress: Called after each page.
            pause: Waits for some seconds, for programs with a wait of their own; it returns True
                to end the iteration.

        Raises:
            ApiException: The service refuses for good, because of wrong credentials for example.
            MirrorError: As :meth:`sync`.
            ValueError: An argument cannot be right.
        """
        check_seconds("every", every, zero=False)
        check_zone("since", since)
        listings = listings_of(only)
        self._closing.clear()
        pause = pause or self._closing.wait
        return self._follow(every, listings, full_every, since, look_back, progress, pause)

    def _follow(
        self,
        every: float,
        listings: Tuple[str, ...],
        full_every: Optional[timedelta],
        since: Optional[datetime],
        look_back: timedelta,
        progress: Optional[Progress],
        pause: Callable[[float], object],
    ) -> Iterator[SyncSummary]:
        while True:
            started = self._clock()
            try:
                yield self._sync(listings, full_every, since, look_back, None, progress, pause)
            except ApiException as error:
                if not is_outage(error):
                    raise
                logger.warning("The mirror is brought up to date later: %s", error)
            if pause(max(0.0, started + every - self._clock())):
                return

    def verify(self, *, pages: int = 5, seed: Optional[int] = None) -> Verification:
        """Compare a sample of the mirror with the service, and change nothing.

        Everything that a listing of printers, tanks, cartridges and groups has is compared, and
        some pages of prints and events, drawn at random. Call it right after :meth:`sync`: what
        changed since is a difference too.

        Args:
            pages: How many pages of prints and of events.
            seed: Seed of the random draw.

        Raises:
            MirrorError: There is no mirror, or one of another account or version.
        """
        client, account = self._reachable()
        check_account(self._database, account)
        return verify(Service(client, None, self._closing.wait), self._database, pages, seed)

    def close(self) -> None:
        """End :meth:`follow`, and a wait for the rate limit, and close the connections."""
        self._closing.set()
        self._database.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _reachable(self) -> Tuple[ApiClient, str]:
        client = self._client
        if client is None:
            raise MirrorError("a mirror without a client can only be read; use client.mirror(url)")
        account = self._account or client.configuration.account or client.configuration.client_id
        if not account:
            raise MirrorError("name the account with account=, since there is no client id")
        return client, account

    # Reading

    @property
    def frames(self) -> MirrorFrames:
        """Data frames with the columns of ``client.frames``, from the database."""
        return MirrorFrames(self._reader)

    @property
    def synced_at(self) -> Optional[datetime]:
        """When the prints were last brought up to date, by the service's clock."""
        return self._reader.synced_at("print_runs")

    def read(
        self, listing: str, since: Optional[datetime] = None, printer: Optional[str] = None
    ) -> Iterator[Model]:
        """Return the models of a listing, as the service gave them.

        What the mirror does not store, e-mails and addresses of pictures, is missing in them.

        Args:
            listing: ``prints``, ``events``, ``printers``, ``tanks``, ``cartridges`` or ``groups``.
            since: Leave out prints and events of before, with a time zone. A print counts by the
                later of its creation and its start.
            printer: Serial of a printer, for prints and events; None means all of them.

        Raises:
            ApiValueError: The listing is unknown, or has no times or printers.
            MirrorError: There is no mirror, or one of another version.
        """
        check_zone("since", since)
        return self._reader.models(listing, since, printer)

    def prints_since(
        self, since: datetime, printer: Optional[str] = None
    ) -> Iterator[PrintRunWithFleetControlData]:
        """Return the print runs created or started since a time, newest first.

        What the mirror does not store, e-mails and addresses of pictures, is missing in them.

        Args:
            since: How far to read back, with a time zone.
            printer: Serial of a printer; None means all of them.
        """
        runs: Any = self.read("prints", since, printer)
        return cast("Iterator[PrintRunWithFleetControlData]", runs)
