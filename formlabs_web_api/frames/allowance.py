"""Refuse a listing of more pages than the rate limit allows, before its pages are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterable, Iterator, List, NamedTuple, Optional, TypeVar

from formlabs_web_api.exceptions import RateLimitException
from formlabs_web_api.hooks import logger

if TYPE_CHECKING:
    from formlabs_web_api.api_client import ApiClient
    from formlabs_web_api.paging import Pages

T = TypeVar("T")


class Extent(NamedTuple):
    """How much of a listing is read; known once a page was read."""

    pages: Pages[Any]
    per_page: int
    limit: Optional[int]
    start_page: int

    def rows(self) -> Optional[int]:
        """Return the number of rows of all pages; None if unknown."""
        count = self.pages.count
        if count is None:
            return None
        after_start = max(0, count - (self.start_page - 1) * self.per_page)
        return after_start if self.limit is None else min(after_start, self.limit)

    def requests_left(self) -> int:
        """Return the number of pages after the one read last."""
        last_page = self.start_page - 1 - (-(self.rows() or 0) // self.per_page)
        return max(0, last_page - self.pages.page_number)


def within_allowance(
    client: ApiClient,
    pages: Iterable[List[T]],
    extent: Extent,
    is_resumable: bool,
) -> Iterator[List[T]]:
    """Yield the pages of a listing, unless they cannot be read within the rate limit.

    A data frame is made of all rows or of none, so that a listing that ends in the middle has spent
    its requests for nothing, unless its pages are kept.

    Args:
        client: The client that reads them.
        pages: The pages.
        extent: How many they are.
        is_resumable: True if the pages read are kept: then nothing is refused.

    Raises:
        RateLimitException: More pages are left after the first one than the rate limit allows, and
            ``max_wait`` is too short to wait for more.
    """
    is_checked = False
    for page in pages:
        if not is_checked:
            is_checked = True
            _check(client, extent.requests_left(), is_resumable)
        yield page


def _check(client: ApiClient, requests: int, is_resumable: bool) -> None:
    max_wait = client.configuration.max_wait
    for window in client.quota.windows:
        is_too_much = requests > window.limit and max_wait is not None and max_wait < window.period
        if is_too_much and not is_resumable:
            error = RateLimitException(
                reason=f"Not sent: {requests:,} more requests are needed, {window.limit:,} are"
                f" allowed in {window.period:,.0f} s, and max_wait is {max_wait:g} s; name a file"
                ' with spool="prints.spool", which a later call goes on with, read the listing into'
                " a mirror, or set max_wait=None"
            )
            error.retry_after = window.period
            raise error
    left = min((window.left for window in client.quota.windows if window.period > 60), default=None)
    if left is not None and requests > left:
        logger.warning("%s requests are needed, %s are left of the rate limit", requests, left)
