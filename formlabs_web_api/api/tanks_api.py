# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""TanksApi: Resin tanks registered to the account."""

from typing import Optional

from formlabs_web_api._core import operation as op
from formlabs_web_api.models import PaginatedTankList, Tank


class TanksApi(op.Api):
    """Resin tanks registered to the account."""

    @op.operation
    def tanks_list(
        self,
        page: Optional[op.Positive] = None,
        per_page: Optional[op.Positive] = None,
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _content_type: op.ContentType = None,
        _headers: op.Headers = None,
        _host_index: op.HostIndex = 0,
        *,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Call[PaginatedTankList]:
        """List the account's resin tanks, one page at a time.

        Full records: the response for a printer has fewer fields of its tank.

        Args:
            page: Number of the page, counted from 1.
            per_page: Rows on a page; by default, the service chooses. 100 is accepted.
        """
        return op.Call(
            "GET",
            "/developer/v1/tanks/",
            PaginatedTankList,
            query={"page": page, "per_page": per_page},
            options=op.Options(
                _request_timeout, _request_auth, _content_type, _headers, _retries, _deadline
            ),
        )

    tanks_list_with_http_info = op.with_http_info(tanks_list)
    tanks_list_without_preload_content = op.without_preload_content(tanks_list)

    @op.paged
    def tanks_list_pages(
        self,
        *,
        per_page: op.PerPage = 100,
        limit: op.Limit = None,
        start_page: op.StartPage = 1,
        prefetch: op.Prefetch = 0,
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _headers: op.Headers = None,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Pages[Tank]:
        """Return the pages of :meth:`tanks_list`, each fetched when a loop asks for it.

        Args:
            per_page: Rows of a page.
            limit: Stop after this many rows.
            start_page: Number of the first page.
            prefetch: Fetch up to this many pages ahead, in the background.
        """

        def fetch(page: int) -> PaginatedTankList:
            return self.tanks_list(
                page=page,
                per_page=per_page,
                _request_timeout=_request_timeout,
                _request_auth=_request_auth,
                _headers=_headers,
                _retries=_retries,
                _deadline=_deadline,
            )

        return op.Pages(fetch, Tank, limit=limit, start_page=start_page, prefetch=prefetch)

    tanks_list_iter = op.items_of(tanks_list_pages)
    """Iterate over the items on all pages of :meth:`tanks_list`.

    Args: as :meth:`tanks_list_pages`: per_page, limit, start_page, prefetch.
    """
