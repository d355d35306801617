"""Refuse a listing of more pages than the rate limit allows, before its pages are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterator, Optional, TypeVar

from formlabs_web_api.exceptions import RateLimitException
from formlabs_web_api.hooks import logger

if TYPE_CHECKING:
    from formlabs_web_api.api_client import ApiClient
    from formlabs_web_api.paging import Items

T = TypeVar("T")


def within_allowance(
    client: ApiClient, items: Items[T], per_page: int, limit: Optional[int]
) -> Iterator[T]:
    """Yield the items of a listing, unless its pages cannot be read within the rate limit.

    A data frame is made of all rows or of none, so that a listing that ends in the middle has spent
    its requests for nothing.

    Raises:
        RateLimitException: More pages are left after the first one than the rate limit allows, and
            ``max_wait`` is too short to wait for more.
    """
    is_checked = False
    for item in items:
        if not is_checked:
            is_checked = True
            count = items.count or 0
            rows = count if limit is None else min(count, limit)
            _check(client, -(-rows // per_page) - 1)
        yield item


def _check(client: ApiClient, requests: int) -> None:
    max_wait = client.configuration.max_wait
    for window in client.quota.windows:
        if requests > window.limit and max_wait is not None and max_wait < window.period:
            error = RateLimitException(
                reason=f"Not sent: {requests:,} more requests are needed, {window.limit:,} are"
                f" allowed in {window.period:,.0f} s, and max_wait is {max_wait:g} s; read the"
                " listing into a mirror, which goes on where it stopped, or set max_wait=None"
            )
            error.retry_after = window.period
            raise error
    left = min((window.left for window in client.quota.windows if window.period > 60), default=None)
    if left is not None and requests > left:
        logger.warning("%s requests are needed, %s are left of the rate limit", requests, left)
