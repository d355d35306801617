# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""PrintsApi: Print runs of the account or of one printer: what was printed, when, from which
material and with which result."""

from typing import List, Optional

from formlabs_web_api._core import operation as op
from formlabs_web_api.models import (
    PaginatedPrintRunWithFleetControlDataList,
    PrintRunWithFleetControlData,
)


class PrintsApi(op.Api):
    """Print runs of the account or of one printer: what was printed, when, from which material and
    with which result."""

    @op.operation
    def printers_prints_list(
        self,
        printer_serial: op.PathSegment,
        var_date: Optional[op.DateTime] = None,
        date__gt: Optional[op.DateTime] = None,
        date__lt: Optional[op.DateTime] = None,
        machine_type_id: Optional[List[op.Text]] = None,
        material: Optional[op.Text] = None,
        name: Optional[op.Text] = None,
        page: Optional[op.Positive] = None,
        per_page: Optional[op.Positive] = None,
        printer: Optional[op.Text] = None,
        status: Optional[op.Text] = None,
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _content_type: op.ContentType = None,
        _headers: op.Headers = None,
        _host_index: op.HostIndex = 0,
        *,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Call[PaginatedPrintRunWithFleetControlDataList]:
        """List the prints of one printer, one page at a time.

        The order is not documented; newest first was observed. Rows may move between pages while
        prints start, so tell them apart by `guid`.

        Args:
            printer_serial: Serial of the printer, for instance Form4-QuietOtter.
            var_date: Only prints of exactly this moment.
            date__gt: Only prints after this moment. Which of a print's times is compared is not
                documented; it is not the finish time.
            date__lt: Only prints before this moment. Which of a print's times is compared is not
                documented; it is not the finish time.
            machine_type_id: Only prints of these printer types, for instance FORM-4-0; several may
                be given.
            material: Only prints in this material.
            name: Only prints whose name contains this text.
            page: Number of the page, counted from 1.
            per_page: Rows on a page; by default, the service chooses. 100 is accepted.
            printer: Only prints of the printer with this serial; the path already names one.
            status: Only prints with this status, for instance FINISHED; see `StatusEnum`.
        """
        return op.Call(
            "GET",
            "/developer/v1/printers/{printer_serial}/prints/",
            PaginatedPrintRunWithFleetControlDataList,
            path={"printer_serial": printer_serial},
            query={
                "date": var_date,
                "date__gt": date__gt,
                "date__lt": date__lt,
                "machine_type_id": machine_type_id,
                "material": material,
                "name": name,
                "page": page,
                "per_page": per_page,
                "printer": printer,
                "status": status,
            },
            options=op.Options(
                _request_timeout, _request_auth, _content_type, _headers, _retries, _deadline
            ),
        )

    printers_prints_list_with_http_info = op.with_http_info(printers_prints_list)
    printers_prints_list_without_preload_content = op.without_preload_content(printers_prints_list)

    @op.paged
    def printers_prints_list_pages(
        self,
        printer_serial: op.PathSegment,
        *,
        var_date: Optional[op.DateTime] = None,
        date__gt: Optional[op.DateTime] = None,
        date__lt: Optional[op.DateTime] = None,
        machine_type_id: Optional[List[op.Text]] = None,
        material: Optional[op.Text] = None,
        name: Optional[op.Text] = None,
        printer: Optional[op.Text] = None,
        status: Optional[op.Text] = None,
        per_page: op.PerPage = 100,
        limit: op.Limit = None,
        start_page: op.StartPage = 1,
        prefetch: op.Prefetch = 0,
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _headers: op.Headers = None,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Pages[PrintRunWithFleetControlData]:
        """Return the pages of :meth:`printers_prints_list`, each fetched when a loop asks for it.

        Args:
            printer_serial: Serial of the printer, for instance Form4-QuietOtter.
            var_date: Only prints of exactly this moment.
            date__gt: Only prints after this moment. Which of a print's times is compared is not
                documented; it is not the finish time.
            date__lt: Only prints before this moment. Which of a print's times is compared is not
                documented; it is not the finish time.
            machine_type_id: Only prints of these printer types, for instance FORM-4-0; several may
                be given.
            material: Only prints in this material.
            name: Only prints whose name contains this text.
            printer: Only prints of the printer with this serial; the path already names one.
            status: Only prints with this status, for instance FINISHED; see `StatusEnum`.
            per_page: Rows of a page.
            limit: Stop after this many rows.
            start_page: Number of the first page.
            prefetch: Fetch up to this many pages ahead, in the background.
        """

        def fetch(page: int) -> PaginatedPrintRunWithFleetControlDataList:
            return self.printers_prints_list(
                printer_serial,
                var_date=var_date,
                date__gt=date__gt,
                date__lt=date__lt,
                machine_type_id=machine_type_id,
                material=material,
                name=name,
                page=page,
                per_page=per_page,
                printer=printer,
                status=status,
                _request_timeout=_request_timeout,
                _request_auth=_request_auth,
                _headers=_headers,
                _retries=_retries,
                _deadline=_deadline,
            )

        return op.Pages(
            fetch,
            PrintRunWithFleetControlData,
            limit=limit,
            start_page=start_page,
            prefetch=prefetch,
        )

    printers_prints_list_iter = op.items_of(printers_prints_list_pages)
    """Iterate over the items on all pages of :meth:`printers_prints_list`.

    Args: as :meth:`printers_prints_list_pages`: printer_serial, var_date, date__gt, date__lt,
        machine_type_id, material, name, printer, status, per_page, limit, start_page, prefetch.
    """

    @op.operation
    def prints_list(
        self,
        var_date: Optional[op.DateTime] = None,
        date__gt: Optional[op.DateTime] = None,
        date__lt: Optional[op.DateTime] = None,
        machine_type_id: Optional[List[op.Text]] = None,
        material: Optional[op.Text] = None,
        name: Optional[op.Text] = None,
        page: Optional[op.Positive] = None,
        per_page: Optional[op.Positive] = None,
        printer: Optional[op.Text] = None,
        status: Optional[op.Text] = None,
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _content_type: op.ContentType = None,
        _headers: op.Headers = None,
        _host_index: op.HostIndex = 0,
        *,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Call[PaginatedPrintRunWithFleetControlDataList]:
        """List the account's prints, one page at a time.

        All given filters apply together. The order is not documented. Rows may move between pages
        while prints start, so tell them apart by `guid`.

        Args:
            var_date: Only prints of exactly this moment.
            date__gt: Only prints after this moment. Which of a print's times is compared is not
                documented; it is not the finish time.
            date__lt: Only prints before this moment. Which of a print's times is compared is not
                documented; it is not the finish time.
            machine_type_id: Only prints of these printer types, for instance FORM-4-0; several may
                be given.
            material: Only prints in this material.
            name: Only prints whose name contains this text.
            page: Number of the page, counted from 1.
            per_page: Rows on a page; by default, the service chooses. 100 is accepted.
            printer: Only prints of the printer with this serial.
            status: Only prints with this status, for instance FINISHED; see `StatusEnum`.
        """
        return op.Call(
            "GET",
            "/developer/v1/prints/",
            PaginatedPrintRunWithFleetControlDataList,
            query={
                "date": var_date,
                "date__gt": date__gt,
                "date__lt": date__lt,
                "machine_type_id": machine_type_id,
                "material": material,
                "name": name,
                "page": page,
                "per_page": per_page,
                "printer": printer,
                "status": status,
            },
            options=op.Options(
                _request_timeout, _request_auth, _content_type, _headers, _retries, _deadline
            ),
        )

    prints_list_with_http_info = op.with_http_info(prints_list)
    prints_list_without_preload_content = op.without_preload_content(prints_list)

    @op.paged
    def prints_list_pages(
        self,
        *,
        var_date: Optional[op.DateTime] = None,
        date__gt: Optional[op.DateTime] = None,
        date__lt: Optional[op.DateTime] = None,
        machine_type_id: Optional[List[op.Text]] = None,
        material: Optional[op.Text] = None,
        name: Optional[op.Text] = None,
        printer: Optional[op.Text] = None,
        status: Optional[op.Text] = None,
        per_page: op.PerPage = 100,
        limit: op.Limit = None,
        start_page: op.StartPage = 1,
        prefetch: op.Prefetch = 0,
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _headers: op.Headers = None,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Pages[PrintRunWithFleetControlData]:
        """Return the pages of :meth:`prints_list`, each fetched when a loop asks for it.

        Args:
            var_date: Only prints of exactly this moment.
            date__gt: Only prints after this moment. Which of a print's times is compared is not
                documented; it is not the finish time.
            date__lt: Only prints before this moment. Which of a print's times is compared is not
                documented; it is not the finish time.
            machine_type_id: Only prints of these printer types, for instance FORM-4-0; several may
                be given.
            material: Only prints in this material.
            name: Only prints whose name contains this text.
            printer: Only prints of the printer with this serial.
            status: Only prints with this status, for instance FINISHED; see `StatusEnum`.
            per_page: Rows of a page.
            limit: Stop after this many rows.
            start_page: Number of the first page.
            prefetch: Fetch up to this many pages ahead, in the background.
        """

        def fetch(page: int) -> PaginatedPrintRunWithFleetControlDataList:
            return self.prints_list(
                var_date=var_date,
                date__gt=date__gt,
                date__lt=date__lt,
                machine_type_id=machine_type_id,
                material=material,
                name=name,
                page=page,
                per_page=per_page,
                printer=printer,
                status=status,
                _request_timeout=_request_timeout,
                _request_auth=_request_auth,
                _headers=_headers,
                _retries=_retries,
                _deadline=_deadline,
            )

        return op.Pages(
            fetch,
            PrintRunWithFleetControlData,
            limit=limit,
            start_page=start_page,
            prefetch=prefetch,
        )

    prints_list_iter = op.items_of(prints_list_pages)
    """Iterate over the items on all pages of :meth:`prints_list`.

    Args: as :meth:`prints_list_pages`: var_date, date__gt, date__lt, machine_type_id, material,
        name, printer, status, per_page, limit, start_page, prefetch.
    """
