# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""EventsApi: What happened on the account: prints that started or ended, low resin, printers that
need attention."""

from datetime import datetime
from typing import Optional

from pydantic import StrictInt, StrictStr

from formlabs_web_api._core import operation as op
from formlabs_web_api.models import PaginatedUserEventReadOnlyList, UserEventReadOnly


class EventsApi(op.Api):
    """What happened on the account: prints that started or ended, low resin, printers that need
    attention."""

    @op.operation
    def events_list(
        self,
        cartridge: Optional[StrictStr] = None,
        date__gt: Optional[datetime] = None,
        date__lt: Optional[datetime] = None,
        page: Optional[StrictInt] = None,
        per_page: Optional[StrictInt] = None,
        print_run: Optional[StrictStr] = None,
        printer: Optional[StrictStr] = None,
        tank: Optional[StrictStr] = None,
        type: Optional[StrictStr] = None,
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _content_type: op.ContentType = None,
        _headers: op.Headers = None,
        _host_index: op.HostIndex = 0,
        *,
        _retries: op.Retries = None,
    ) -> op.Call[PaginatedUserEventReadOnlyList]:
        """List the account's events, one page at a time.

        All given filters apply together.

        Args:
            cartridge: Only events of the cartridge with this serial.
            date__gt: Only events after this moment.
            date__lt: Only events before this moment.
            page: Number of the page, counted from 1.
            per_page: Rows on a page; the service chooses when not given. 100 is known to work.
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
                _request_timeout, _request_auth, _content_type, _headers, _host_index, _retries
            ),
        )

    events_list_with_http_info = op.with_http_info(events_list)
    events_list_without_preload_content = op.without_preload_content(events_list)

    @op.paged
    def events_list_pages(
        self,
        *,
        cartridge: Optional[StrictStr] = None,
        date__gt: Optional[datetime] = None,
        date__lt: Optional[datetime] = None,
        print_run: Optional[StrictStr] = None,
        printer: Optional[StrictStr] = None,
        tank: Optional[StrictStr] = None,
        type: Optional[StrictStr] = None,
        per_page: op.PerPage = 100,
        limit: op.Limit = None,
        start_page: op.StartPage = 1,
        prefetch: op.Prefetch = 0,
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _headers: op.Headers = None,
        _retries: op.Retries = None,
    ) -> op.Pages[UserEventReadOnly]:
        """All pages of :meth:`events_list`, fetched as they are asked for."""

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
            )

        return op.Pages(
            fetch, UserEventReadOnly, limit=limit, start_page=start_page, prefetch=prefetch
        )

    events_list_iter = op.items_of(events_list_pages)
