# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""PrintersApi: Printers registered to the account, with their status, cartridges and tank."""

from typing import List, Optional

from formlabs_web_api._core import operation as op
from formlabs_web_api.models import DeveloperAPIMyPrinter


class PrintersApi(op.Api):
    """Printers registered to the account, with their status, cartridges and tank."""

    @op.operation
    def printers_list(
        self,
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _content_type: op.ContentType = None,
        _headers: op.Headers = None,
        _host_index: op.HostIndex = 0,
        *,
        page: Optional[op.Positive] = None,
        per_page: Optional[op.Positive] = None,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Call[List[DeveloperAPIMyPrinter]]:
        """List the account's printers with their current status.

        One call returns the status, the cartridges, the tank, the current and the previous print of
        every printer, so that a call for each printer is not needed.

        Args:
            page: Number of the page, counted from 1. Not documented for this call; the service may
                ignore it.
            per_page: Rows on a page. Not documented for this call; the service may ignore it.
        """
        return op.Call(
            "GET",
            "/developer/v1/printers/",
            List[DeveloperAPIMyPrinter],
            query={"page": page, "per_page": per_page},
            options=op.Options(
                _request_timeout, _request_auth, _content_type, _headers, _retries, _deadline
            ),
        )

    printers_list_with_http_info = op.with_http_info(printers_list)
    printers_list_without_preload_content = op.without_preload_content(printers_list)

    @op.paged
    def printers_list_pages(
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
    ) -> op.Pages[DeveloperAPIMyPrinter]:
        """Return the pages of :meth:`printers_list`, each fetched when a loop asks for it.

        Args:
            per_page: Rows of a page.
            limit: Stop after this many rows.
            start_page: Number of the first page.
            prefetch: Fetch up to this many pages ahead, in the background.
        """

        def fetch(page: int) -> List[DeveloperAPIMyPrinter]:
            return self.printers_list(
                page=page,
                per_page=per_page,
                _request_timeout=_request_timeout,
                _request_auth=_request_auth,
                _headers=_headers,
                _retries=_retries,
                _deadline=_deadline,
            )

        return op.Pages(
            fetch, DeveloperAPIMyPrinter, limit=limit, start_page=start_page, prefetch=prefetch
        )

    printers_list_iter = op.items_of(printers_list_pages)
    """Iterate over the items on all pages of :meth:`printers_list`.

    Args: as :meth:`printers_list_pages`: per_page, limit, start_page, prefetch.
    """

    @op.operation
    def printers_retrieve(
        self,
        printer_serial: op.PathSegment,
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _content_type: op.ContentType = None,
        _headers: op.Headers = None,
        _host_index: op.HostIndex = 0,
        *,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Call[DeveloperAPIMyPrinter]:
        """Retrieve one printer with its current status.

        The same fields as a row of the printer list.

        Args:
            printer_serial: Serial of the printer, for instance Form4-QuietOtter.
        """
        return op.Call(
            "GET",
            "/developer/v1/printers/{printer_serial}/",
            DeveloperAPIMyPrinter,
            path={"printer_serial": printer_serial},
            options=op.Options(
                _request_timeout, _request_auth, _content_type, _headers, _retries, _deadline
            ),
        )

    printers_retrieve_with_http_info = op.with_http_info(printers_retrieve)
    printers_retrieve_without_preload_content = op.without_preload_content(printers_retrieve)
