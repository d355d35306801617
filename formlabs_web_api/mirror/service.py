"""What a sync reads from the service, waiting for the rate limit as long as it may."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Callable, Iterable, List, Optional, TypeVar

from formlabs_web_api.api.cartridges_api import CartridgesApi
from formlabs_web_api.api.events_api import EventsApi
from formlabs_web_api.api.printer_groups_api import PrinterGroupsApi
from formlabs_web_api.api.printers_api import PrintersApi
from formlabs_web_api.api.prints_api import PrintsApi
from formlabs_web_api.api.tanks_api import TanksApi
from formlabs_web_api.exceptions import RateLimitException
from formlabs_web_api.hooks import logger
from formlabs_web_api.models._base import Model

if TYPE_CHECKING:
    from formlabs_web_api.api_client import ApiClient

T = TypeVar("T")

PER_PAGE = 100


def models_in(rows: Optional[Iterable[object]]) -> List[Any]:
    """Return the rows that are models; others, such as a null in a page, are logged."""
    given = list(rows or ())
    models = [row for row in given if isinstance(row, Model)]
    if len(models) < len(given):
        logger.warning("Rows without fields, not mirrored: %d", len(given) - len(models))
    return models


class Service:
    """Reads pages and whole listings.

    Args:
        client: The client to read with.
        max_wait: Seconds that the whole sync may wait for the rate limit; None for any time.
        pause: Waits for some seconds; it returns True to end the sync.
    """

    def __init__(
        self, client: ApiClient, max_wait: Optional[float], pause: Callable[[float], object]
    ) -> None:
        self._client = client
        self._left = max_wait
        self._pause = pause
        self.pages = 0
        """Pages read so far."""
        self.on_wait: Optional[Callable[[float], object]] = None
        """Called with the seconds of a wait before it begins."""

    def now(self) -> datetime:
        """Return the time by the service's clock."""
        return self._client.now()

    def page(self, listing: str, page: int) -> Any:
        """Return one page of ``prints`` or ``events``."""
        if listing == "prints":
            fetch: Callable[..., Any] = PrintsApi(self._client).prints_list
        else:
            fetch = EventsApi(self._client).events_list
        self.pages += 1
        return self._patiently(lambda: fetch(page=page, per_page=PER_PAGE))

    def printers(self) -> List[Any]:
        """Return all printers."""
        return self._all(PrintersApi(self._client).printers_list_pages)

    def tanks(self) -> List[Any]:
        """Return all tanks."""
        return self._all(TanksApi(self._client).tanks_list_pages)

    def cartridges(self) -> List[Any]:
        """Return all cartridges."""
        return self._all(CartridgesApi(self._client).cartridges_list_pages)

    def groups(self) -> List[Any]:
        """Return all groups."""
        return self._all(PrinterGroupsApi(self._client).groups_list_pages)

    def _all(self, list_pages: Callable[..., Iterable[List[Any]]]) -> List[Any]:
        """Return the rows of all pages; a listing that is cut off is read again."""

        def read() -> List[Any]:
            rows: List[Any] = []
            for page in list_pages(per_page=PER_PAGE):
                self.pages += 1
                rows += models_in(page)
            return rows

        return self._patiently(read)

    def queue(self, group_id: str) -> List[Any]:
        """Return the queue of a group."""
        self.pages += 1
        api = PrinterGroupsApi(self._client)
        return models_in(self._patiently(lambda: api.groups_queue_list(group_id)))

    def _patiently(self, call: Callable[[], T]) -> T:
        """Call, and call again after a wait if the allowance is used up.

        Raises:
            RateLimitException: The wait would be longer than allowed, or its end is unknown.
        """
        while True:
            try:
                return call()
            except RateLimitException as error:  # noqa: PERF203  (a request costs far more)
                self._wait_out(error)

    def _wait_out(self, error: RateLimitException) -> None:
        wait = error.retry_after
        if wait is None or (self._left is not None and wait > self._left):
            raise error
        if self._left is not None:
            self._left -= wait
        logger.info("The sync waits %.0f s for the rate limit", wait)
        if self.on_wait is not None:
            self.on_wait(wait)
        if self._pause(wait):
            raise error
