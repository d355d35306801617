"""The history of prints: how a print ended, and what happened while no watcher was running.

Which date the service's date filters act on is unknown, and increments by them missed prints
(observation 1.2), so none is used: the list is read from its newest row back.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Iterable, Iterator, List, Optional

from typing_extensions import Protocol

from formlabs_web_api.models.derived.raw import moment

if TYPE_CHECKING:
    from formlabs_web_api.api_client import ApiClient
    from formlabs_web_api.models.derived import PrintRunDerived

_PER_PAGE = 100


class PrintHistory(Protocol):
    """Where past prints are read from: the service, or a copy of the account."""

    def prints_since(
        self, since: datetime, printer: Optional[str] = None
    ) -> Iterable[PrintRunDerived]:
        """Return every print created or started since a time; older ones may be among them.

        Args:
            since: How far to read back, with a time zone.
            printer: Serial of a printer; None means all of them.
        """
        ...


class ServiceHistory:
    """The print history as the service lists it."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    def prints_since(
        self, since: datetime, printer: Optional[str] = None
    ) -> Iterator[PrintRunDerived]:
        """Return every print created or started since a time; see :class:`PrintHistory`.

        The list comes newest first, by the creation or by the start, which may be months apart, so
        reading stops after the first page on which both are older throughout. That order is not
        promised (observation 1.1); after a page in another order, reading goes on.
        """
        for page in self._pages(printer):
            yield from page
            times = [_newest(run) for run in page]
            if all(time is not None and time < since for time in times) and _is_descending(page):
                return

    def _pages(self, printer: Optional[str]) -> Iterator[List[Any]]:
        from formlabs_web_api.api.prints_api import PrintsApi

        prints = PrintsApi(self._client)
        if printer is None:
            return iter(prints.prints_list_pages(per_page=_PER_PAGE))
        return iter(prints.printers_prints_list_pages(printer, per_page=_PER_PAGE))


def _newest(run: Any) -> Optional[datetime]:
    times = (moment(run.created_at), moment(run.print_started_at))
    return max((time for time in times if time is not None), default=None)


def _is_descending(page: List[object]) -> bool:
    """Return False if a page's first row is older than its last, by creation and by start."""
    if len(page) < 2:
        return True
    for name in ("created_at", "print_started_at"):
        first, last = moment(getattr(page[0], name)), moment(getattr(page[-1], name))
        if first is not None and last is not None and first >= last:
            return True
    return False
