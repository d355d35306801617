# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""CartridgesApi: Resin cartridges registered to the account."""

from typing import Optional

from formlabs_web_api._core import operation as op
from formlabs_web_api.models import Cartridge, PaginatedCartridgeList


class CartridgesApi(op.Api):
    """Resin cartridges registered to the account."""

    @op.operation
    def cartridges_list(
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
    ) -> op.Call[PaginatedCartridgeList]:
        """List the account's resin cartridges, one page at a time.

        Full records: the response for a printer has fewer fields of its cartridges.

        Args:
            page: Number of the page, counted from 1.
            per_page: Rows on a page; by default, the service chooses. 100 is accepted.
        """
        return op.Call(
            "GET",
            "/developer/v1/cartridges/",
            PaginatedCartridgeList,
            query={"page": page, "per_page": per_page},
            options=op.Options(
                _request_timeout, _request_auth, _content_type, _headers, _retries, _deadline
            ),
        )

    cartridges_list_with_http_info = op.with_http_info(cartridges_list)
    cartridges_list_without_preload_content = op.without_preload_content(cartridges_list)

    @op.paged
    def cartridges_list_pages(
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
    ) -> op.Pages[Cartridge]:
        """Return the pages of :meth:`cartridges_list`, each fetched when a loop asks for it.

        Args:
            per_page: Rows of a page.
            limit: Stop after this many rows.
            start_page: Number of the first page.
            prefetch: Fetch up to this many pages ahead, in the background.
        """

        def fetch(page: int) -> PaginatedCartridgeList:
            return self.cartridges_list(
                page=page,
                per_page=per_page,
                _request_timeout=_request_timeout,
                _request_auth=_request_auth,
                _headers=_headers,
                _retries=_retries,
                _deadline=_deadline,
            )

        return op.Pages(fetch, Cartridge, limit=limit, start_page=start_page, prefetch=prefetch)

    cartridges_list_iter = op.items_of(cartridges_list_pages)
    """Iterate over the items on all pages of :meth:`cartridges_list`.

    Args: as :meth:`cartridges_list_pages`: per_page, limit, start_page, prefetch.
    """
