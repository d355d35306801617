"""The source: a resource for each table, merged by key, prints and events incrementally."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator, List, Optional

import dlt

from formlabs_web_api import models
from formlabs_web_api.models.derived.raw import moment
from formlabs_web_api.warehouse.rows import Row, WarehouseTable

if TYPE_CHECKING:
    from dlt.extract.source import DltSource

    from formlabs_web_api.api_client import ApiClient

LOOK_BACK = timedelta(days=14)
"""How far an incremental run reads behind the newest row: printers hand in late what they printed
off line, and ratings come days after the end."""


def fleet_source(
    client: ApiClient,
    since: Optional[datetime] = None,
    look_back: timedelta = LOOK_BACK,
) -> DltSource:
    """Return a source with the tables prints, events, printers, tanks, cartridges and groups.

    A first run reads all prints and events since ``since``; later ones what is new, and what is
    younger than ``look_back``, since rows change after they were listed. Rows replace those of the
    same key; nothing is deleted.

    Args:
        client: The client to read with; it has to stay open until the pipeline has run.
        since: Where the first run begins, a time with a zone; None means with the first print.
        look_back: How far rows are read again. With ``timedelta(days=36500)`` a run reads all.

    Raises:
        ValueError: ``since`` has no zone, or ``look_back`` is negative.
    """
    if since is not None and since.tzinfo is None:
        raise ValueError("since needs a time zone, such as datetime(2026, 5, 1, tzinfo=utc)")
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
        table = WarehouseTable(kind)

        def rows() -> Iterator[List[Row]]:
            found = list(read())
            yield table.rows(found, client.now())

        return _resource(rows, name, key, table)

    def _listing(name: str, key: str, kind: Any, pages: Callable[..., Iterable[Any]]) -> Any:
        table = WarehouseTable(kind)
        newest: Any = dlt.sources.incremental(
            "created_at",
            initial_value=since,
            lag=look_back.total_seconds(),
            on_cursor_value_missing="include",
        )

        def rows(created_at: Any = newest) -> Iterator[List[Row]]:
            floor: Optional[datetime] = created_at.start_value
            for page in pages():
                yield table.rows(page, client.now())
                if floor is not None and _is_older(page, floor):
                    return

        return _resource(rows, name, key, table)

    source: Callable[[], DltSource] = dlt.source(resources, name="formlabs", max_table_nesting=0)
    return source()


def _resource(rows: Callable[..., Any], name: str, key: str, table: WarehouseTable) -> Any:
    hints: Any = table.hints()
    return dlt.resource(rows, name=name, primary_key=key, write_disposition="merge", columns=hints)


def _is_older(rows: List[Any], floor: datetime) -> bool:
    """Return True if all rows of a page are older: newest come first, but no order is promised."""
    times = [moment(row, "created_at") for row in rows]
    return all(time is not None and time < floor for time in times)
