"""The source: a resource for each table, merged by key, prints and events incrementally."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator, List, Optional, cast

import dlt

from formlabs_web_api import models
from formlabs_web_api.models.derived.clock import check_zone
from formlabs_web_api.models.derived.raw import moment
from formlabs_web_api.warehouse.rows import PARTS, Row, WarehouseTable, part_rows

if TYPE_CHECKING:
    from dlt.extract.source import DltSource

    from formlabs_web_api.api_client import ApiClient

LOOK_BACK = timedelta(days=14)
"""How far an incremental run reads behind the newest row: printers upload late what they printed
off line, and ratings come days after the end."""
_EVERYTHING = timedelta(days=36_500)
_PART_KEY = ("print_run", "position")


def fleet_source(
    client: ApiClient,
    since: Optional[datetime] = None,
    look_back: timedelta = LOOK_BACK,
    full: bool = False,
) -> DltSource:
    """Return a source with prints and their parts, events, printers, tanks, cartridges and groups.

    A first run reads all prints and events since ``since``; later ones what is new, and what is
    younger than ``look_back``, since rows change after they were listed. Rows replace those of the
    same key; nothing is deleted. ``seen_in`` is the number of the last full read that listed a row
    or came before it: the service has deleted the rows in which it is lower than the highest of
    the table.

    Args:
        client: The client to read with; it has to stay open until the pipeline has run.
        since: Where the first run begins, a time with a zone; None means with the first print.
        look_back: How far rows are read again.
        full: Read all prints and events, which shows those that were deleted. Printers, tanks,
            cartridges and groups are read in full by each run.

    Raises:
        ValueError: ``since`` has no zone, ``look_back`` is negative, or both ``since`` and ``full``
            are given.
    """
    check_zone("since", since)
    if full and since is not None:
        raise ValueError("full reads everything; leave out since")
    if look_back < timedelta(0):
        raise ValueError("look_back must not be negative")

    def resources() -> List[Any]:
        return [
            _listing("prints", "guid", models.PrintRunWithFleetControlData, client.prints.pages),
            _listing("events", "id", models.UserEventReadOnly, client.events.pages),
            _table("printers", "serial", models.DeveloperAPIMyPrinter, client.printers.iter),
            _table("tanks", "serial", models.Tank, client.tanks.iter),
            _table("cartridges", "serial", models.Cartridge, client.cartridges.iter),
            _table("groups", "id", models.Workgroup, client.groups.iter),
        ]

    def _table(name: str, key: str, kind: Any, read: Callable[..., Iterable[Any]]) -> Any:
        table = WarehouseTable(kind, seen_in="bigint")

        def rows() -> Iterator[List[Row]]:
            found = list(read())
            yield table.rows(found, client.now(), seen_in=_number_of_full_reads(True))

        return _resource(rows, name, key, table)

    def _listing(name: str, key: str, kind: Any, pages: Callable[..., Iterable[Any]]) -> Any:
        table = WarehouseTable(kind, seen_in="bigint")
        newest: Any = dlt.sources.incremental(
            "created_at",
            initial_value=since,
            lag=(_EVERYTHING if full else look_back).total_seconds(),
            on_cursor_value_missing="include",
        )

        def rows(created_at: Any = newest) -> Iterator[Any]:
            floor: Optional[datetime] = created_at.start_value
            number = _number_of_full_reads(full or floor is None)
            for page in pages():
                yield table.rows(page, client.now(), seen_in=number)
                parts = part_rows(_since(page, floor), client.now())
                if parts:
                    yield dlt.mark.with_hints(parts, _part_hints(), create_table_variant=True)
                if floor is not None and _is_older(page, floor):
                    return

        return _resource(rows, name, key, table)

    source: Callable[[], DltSource] = dlt.source(resources, name="formlabs", max_table_nesting=0)
    return source()


def _resource(rows: Callable[..., object], name: str, key: str, table: WarehouseTable) -> Any:
    hints: Any = table.hints()
    return dlt.resource(rows, name=name, primary_key=key, write_disposition="merge", columns=hints)


def _part_hints() -> Any:
    """Return the hints of the table of parts, which are replaced with those of their print."""
    return dlt.mark.make_hints(
        table_name="parts",
        primary_key=_PART_KEY,
        merge_key="print_run",
        write_disposition="merge",
        columns=cast("Any", PARTS.hints()),
    )


def _number_of_full_reads(is_full: bool) -> int:
    """Return how often a table was read in full, now included; dlt stores it with the rows."""
    state = dlt.current.resource_state()
    state["full_reads"] = state.get("full_reads", 0) + is_full
    number: int = state["full_reads"]
    return number


def _since(rows: List[Any], floor: Optional[datetime]) -> List[Any]:
    """Return the rows that dlt keeps: those that are not older, and those without a time."""
    times = [moment(row, "created_at") for row in rows]
    return [r for r, time in zip(rows, times) if floor is None or time is None or time >= floor]


def _is_older(rows: List[Any], floor: datetime) -> bool:
    """Return True if all rows of a page are older: newest come first, but no order is promised."""
    times = [moment(row, "created_at") for row in rows]
    return all(time is not None and time < floor for time in times)
