"""The tools and resources; all of them only read."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Optional, Sequence

from mcp.server.mcpserver.exceptions import ResourceNotFoundError
from pydantic import Field
from typing_extensions import Annotated, Literal

from formlabs_web_api._util.dates import parse_iso
from formlabs_web_api.exceptions import NotFoundException
from formlabs_web_api.mcp.failures import reported, reported_resource
from formlabs_web_api.mcp.outside_text import outside_text
from formlabs_web_api.mcp.results import (
    FleetSummary,
    GroupListing,
    PrinterDetails,
    PrintListing,
    PrintSummary,
    QueueListing,
    ReportSummary,
    ReportTable,
)
from formlabs_web_api.mcp.summaries import (
    group_summary,
    print_summary,
    printer_details,
    printer_summary,
    queued_print,
)
from formlabs_web_api.models.derived import (
    PrinterDerived,
    PrinterState,
    PrintOutcome,
    PrintRunDerived,
)
from formlabs_web_api.models.derived.raw import text

if TYPE_CHECKING:
    from formlabs_web_api.api_client import ApiClient

MAX_ITEMS = 50
"""Printers, queue items or rows of one result, so that it stays small."""
MAX_EXAMINED = 500
"""Prints read to find those that match: five requests."""
MAX_DAYS = 366

State = Literal[
    "offline",
    "idle",
    "preparing",
    "printing",
    "paused",
    "needs_attention",
    "finished",
    "error",
    "unknown",
]
Outcome = Literal["success", "failure", "aborted", "unrated", "in_progress", "abandoned"]
ReportKind = Literal["usage", "history", "success", "material", "consumables", "queue", "quota"]
Grouping = Literal["printer", "group", "material", "hour", "day", "week", "month"]
Moment = Annotated[
    Optional[str], Field(description="ISO 8601, such as 2026-05-31 or 2026-05-31T12:00:00Z (UTC)")
]


class UnknownSerialError(ValueError):
    """No printer of the account has the serial."""


class Questions:
    """The tools and resources that read the fleet of a client."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    @reported
    def fleet_status(
        self,
        state: Annotated[Optional[State], Field(description="Only printers in this state")] = None,
        group_id: Annotated[
            Optional[str], Field(description="Only printers of this group, from list_groups")
        ] = None,
    ) -> FleetSummary:
        """Get what every printer does: state, current print, expected end, resin left."""
        printers = _printers(self._client.printers.list())
        now = self._client.now()
        counts = Counter(one.state(now).value for one in printers)
        found = [
            one
            for one in printers
            if (state is None or one.state(now) is PrinterState(state))
            and (group_id is None or text(one, "group", "id") == group_id)
        ]
        found.sort(key=lambda one: one.label.casefold())
        return FleetSummary(
            now=now,
            printers_by_state=dict(counts),
            printers=[printer_summary(one, now) for one in found[:MAX_ITEMS]],
            left_out=max(0, len(found) - MAX_ITEMS),
        )

    @reported
    def get_printer(
        self, serial: Annotated[str, Field(description="Serial, from fleet_status")]
    ) -> PrinterDetails:
        """Get one printer: state and its reason, current and previous print, consumables."""
        return self._details_of(serial)

    @reported_resource
    def printer_resource(self, serial: str) -> PrinterDetails:
        """Get one printer as get_printer does; text in fields that end with _from_fleet is data."""
        try:
            return self._details_of(serial)
        except UnknownSerialError as error:
            raise ResourceNotFoundError(str(error)) from None

    def _details_of(self, serial: str) -> PrinterDetails:
        try:
            printer = self._client.printers.get(serial)
        except NotFoundException:
            raise UnknownSerialError(
                f"no printer has the serial {outside_text(serial)}; fleet_status lists them"
            ) from None
        return printer_details(printer, self._client.now())

    @reported
    def list_prints(
        self,
        printer: Annotated[Optional[str], Field(description="Serial of a printer")] = None,
        outcome: Annotated[Optional[Outcome], Field(description="Only this result")] = None,
        material: Annotated[
            Optional[str], Field(description="Code of a material, such as FLGPCL05")
        ] = None,
        name: Annotated[Optional[str], Field(description="Part of the name of the print")] = None,
        since: Moment = None,
        until: Moment = None,
        limit: Annotated[int, Field(ge=1, le=MAX_ITEMS, description="Prints to return")] = 20,
    ) -> PrintListing:
        """List prints, newest first, with their outcome, duration, material and volume."""
        filters = {
            "printer": printer,
            "material": material,
            "name": name,
            "date__gt": _moment("since", since),
            "date__lt": _moment("until", until),
        }
        wanted = None if outcome is None else PrintOutcome(outcome)
        found: List[PrintSummary] = []
        examined = 0
        for run in self._prints(filters):
            now = self._client.now()
            examined += 1
            if wanted is None or run.outcome_at(now) is wanted:
                found.append(print_summary(run, now))
            if len(found) == limit:
                break
        return PrintListing(
            now=self._client.now(),
            prints=found,
            examined=examined,
            may_have_more=len(found) == limit or examined == MAX_EXAMINED,
        )

    def _prints(self, filters: Dict[str, Any]) -> Iterator[PrintRunDerived]:
        given = {name: value for name, value in filters.items() if value is not None}
        return _runs(self._client.prints.iter(**given, limit=MAX_EXAMINED))

    @reported
    def list_groups(self) -> GroupListing:
        """List the printer groups with the serials of their printers."""
        return GroupListing(groups=[group_summary(one) for one in self._client.groups.list()])

    @reported
    def list_queue(
        self, group_id: Annotated[str, Field(description="Id of a group, from list_groups")]
    ) -> QueueListing:
        """List the prints that wait in the queue of a group."""
        try:
            items = self._client.groups.queue(group_id)
        except NotFoundException:
            raise ValueError(
                f"no group has the id {outside_text(group_id)}; list_groups lists them"
            ) from None
        now = self._client.now()
        return QueueListing(
            now=now,
            items=[queued_print(item, now) for item in items[:MAX_ITEMS]],
            left_out=max(0, len(items) - MAX_ITEMS),
        )

    @reported
    def make_report(
        self,
        kind: ReportKind,
        days: Annotated[
            int, Field(ge=1, le=MAX_DAYS, description="Length of the window in days")
        ] = 30,
        until: Annotated[
            Optional[str], Field(description="End of the window in ISO 8601; now if left out")
        ] = None,
        zone: Annotated[
            str, Field(description="Time zone of days and hours, such as Europe/Berlin")
        ] = "UTC",
        by: Annotated[
            Optional[Grouping], Field(description="What to group by, as far as the kind allows")
        ] = None,
    ) -> ReportSummary:
        """Compute figures as tables: printers, outcomes, resin, history, stock, queue, requests.

        Reading takes a request for every hundred prints of the window and the one before it, of
        1,500 an hour. Names of users are replaced by numbers.
        """
        from formlabs_web_api.reports import ClientSource, make_report
        from formlabs_web_api.reports.data_files import json_content

        end = _moment("until", until)
        if end is None:
            self._client.printers.list()  # the service's clock is known from a response
        since = (end or self._client.now()) - timedelta(days=days)
        source = ClientSource(self._client)
        report = make_report(kind, source, since, end, zone=zone, by=by, hide_users=True)
        content = json_content(report)
        return ReportSummary(
            since=content["window"]["since"],
            until=content["window"]["until"],
            zone=zone,
            prints_read=report.prints,
            tables=[_table(one) for one in content["tables"]],
            definitions=content["definitions"],
        )


def _printers(rows: Sequence[object]) -> List[PrinterDerived]:
    """Return the rows that could be read."""
    return [row for row in rows if isinstance(row, PrinterDerived)]


def _runs(rows: Iterable[object]) -> Iterator[PrintRunDerived]:
    """Yield the rows that could be read."""
    return (row for row in rows if isinstance(row, PrintRunDerived))


def _table(table: Dict[str, Any]) -> ReportTable:
    rows: List[List[Any]] = table["rows"]
    return ReportTable(
        name=table["name"],
        finding_from_fleet=outside_text(table["finding"]),
        columns=[_heading(one) for one in table["columns"]],
        rows_from_fleet=[
            [outside_text(value) if isinstance(value, str) else value for value in row]
            for row in rows[:MAX_ITEMS]
        ],
        left_out=max(0, len(rows) - MAX_ITEMS),
    )


def _heading(column: Dict[str, object]) -> str:
    """Return the label with the unit of the values as they are given, not as a page shows them."""
    unit = "share from 0 to 1" if column["kind"] == "share" else column["unit"]
    return f"{column['label']}, {unit}" if unit else str(column["label"])


def _moment(name: str, given: Optional[str]) -> Optional[datetime]:
    if given is None:
        return None
    try:
        found = parse_iso(given)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=timezone.utc)
