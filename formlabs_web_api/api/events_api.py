# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""EventsApi: Events of the account: prints that started or ended, low resin, printers that need
attention."""

from typing import Optional

from formlabs_web_api._core import operation as op
from formlabs_web_api.models import PaginatedUserEventReadOnlyList, UserEventReadOnly


class EventsApi(op.Api):
    """Events of the account: prints that started or ended, low resin, printers that need
    attention."""

    @op.operation
    def events_list(
        self,
        cartridge: Optional[op.Text] = None,
        date__gt: Optional[op.DateTime] = None,
        date__lt: Optional[op.DateTime] = None,
        page: Optional[op.Positive] = None,
        per_page: Optional[op.Positive] = None,
        print_run: Optional[op.Text] = None,
        printer: Optional[op.Text] = None,
        tank: Optional[op.Text] = None,
        type: Optional[op.Text] = None,
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _content_type: op.ContentType = None,
        _headers: op.Headers = None,
        _host_index: op.HostIndex = 0,
        *,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Call[PaginatedUserEventReadOnlyList]:
        """List the account's events, one page at a time.

        All given filters apply together.

        Args:
            cartridge: Only events of the cartridge with this serial.
            date__gt: Only events after this moment.
            date__lt: Only events before this moment.
            page: Number of the page, counted from 1.
            per_page: Rows on a page; by default, the service chooses. 100 is accepted.
            print_run: Only events of the print with this guid.
            printer: Only events of the printer with this serial.
            tank: Only events of the tank with this serial.
            type: Only events of this type, for instance PRINT_FINISHED.
        """
        return op.Call(
            "GET",
            "/developer/v1/events/",
            PaginatedUserEventReadOnlyList,
            query={
                "cartridge": cartridge,
                "date__gt": date__gt,
                "date__lt": date__lt,
                "page": page,
                "per_page": per_page,
                "print_run": print_run,
                "printer": printer,
                "tank": tank,
                "type": type,
            },
            options=op.Options(
                _request_timeout, _request_auth, _content_type, _headers, _retries, _deadline
            ),
        )

    events_list_with_http_info = op.with_http_info(events_list)
    events_list_without_preload_content = op.without_preload_content(events_list)

    @op.paged
    def events_list_pages(
        self,
        *,
        cartridge: Optional[op.Text] = None,
        date__gt: Optional[op.DateTime] = None,
        date__lt: Optional[op.DateTime] = None,
        print_run: Optional[op.Text] = None,
        printer: Optional[op.Text] = None,
        tank: Optional[op.Text] = None,
        type: Optional[op.Text] = None,
        per_page: op.PerPage = 100,
        limit: op.Limit = None,
        start_page: op.StartPage = 1,
        prefetch: op.Prefetch = 0,
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _headers: op.Headers = None,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Pages[UserEventReadOnly]:
        """Return the pages of :meth:`events_list`, each fetched when a loop asks for it.

        Args:
            cartridge: Only events of the cartridge with this serial.
            date__gt: Only events after this moment.
            date__lt: Only events before this moment.
            print_run: Only events of the print with this guid.
            printer: Only events of the printer with this serial.
            tank: Only events of the tank with this serial.
            type: Only events of this type, for instance PRINT_FINISHED.
            per_page: Rows of a page.
            limit: Stop after this many rows.
            start_page: Number of the first page.
            prefetch: Fetch up to this many pages ahead, in the background.
        """

        def fetch(page: int) -> PaginatedUserEventReadOnlyList:
            return self.events_list(
                cartridge=cartridge,
                date__gt=date__gt,
                date__lt=date__lt,
                page=page,
                per_page=per_page,
                print_run=print_run,
                printer=printer,
                tank=tank,
                type=type,
                _request_timeout=_request_timeout,
                _request_auth=_request_auth,
                _headers=_headers,
                _retries=_retries,
                _deadline=_deadline,
            )

        return op.Pages(
            fetch, UserEventReadOnly, limit=limit, start_page=start_page, prefetch=prefetch
        )

    events_list_iter = op.items_of(events_list_pages)
    """Iterate over the items on all pages of :meth:`events_list`.

    Args: as :meth:`events_list_pages`: cartridge, date__gt, date__lt, print_run, printer, tank,
        type, per_page, limit, start_page, prefetch.
    """
