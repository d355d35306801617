"""``mirror.frames``: what a mirror holds as data frames."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Collection, Optional, Sequence

from formlabs_web_api._util.garbage import garbage_collection_pause
from formlabs_web_api.mirror import schema
from formlabs_web_api.mirror.reading import Reader
from formlabs_web_api.tables.records import QUEUE_COLUMNS

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Table

SAMPLE_COLUMNS = schema.PRINTER_SAMPLES.columns.keys()


class MirrorFrames:
    """Data frames of a mirror; needs the extra ``pandas``.

    The columns and their types are those of ``client.frames``. States, outcomes and ends are judged
    at the time of the last sync unless ``now`` is given.

    Args:
        reader: Reads the mirror.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def prints(
        self,
        since: Optional[datetime] = None,
        printer: Optional[str] = None,
        *,
        derived: bool = True,
        now: Optional[datetime] = None,
        columns: Optional[Collection[str]] = None,
    ) -> pd.DataFrame:
        """Return the prints created or started since a time, of all printers or of one.

        ``columns`` names those that are needed, which is faster; None means all.
        """
        table = schema.PRINT_RUNS.name
        return self._frame("prints", table, since, printer, derived, now, columns)

    def events(
        self,
        since: Optional[datetime] = None,
        printer: Optional[str] = None,
        *,
        derived: bool = True,
        now: Optional[datetime] = None,
    ) -> pd.DataFrame:
        """Return the events since a time, of all printers or of one."""
        return self._frame("events", schema.EVENTS.name, since, printer, derived, now)

    def printers(self, *, derived: bool = True, now: Optional[datetime] = None) -> pd.DataFrame:
        """Return the printers as they were at the last sync."""
        return self._frame("printers", schema.PRINTERS.name, derived=derived, now=now)

    def tanks(self, *, derived: bool = True, now: Optional[datetime] = None) -> pd.DataFrame:
        """Return the tanks as they were at the last sync."""
        return self._frame("tanks", schema.TANKS.name, derived=derived, now=now)

    def cartridges(self, *, derived: bool = True, now: Optional[datetime] = None) -> pd.DataFrame:
        """Return the cartridges as they were at the last sync."""
        return self._frame("cartridges", schema.CARTRIDGES.name, derived=derived, now=now)

    def groups(self, *, derived: bool = True, now: Optional[datetime] = None) -> pd.DataFrame:
        """Return the printer groups as they were at the last sync."""
        return self._frame("groups", schema.GROUPS.name, derived=derived, now=now)

    def queue(self) -> pd.DataFrame:
        """Return the queue items as they were at the last sync, with the name of their group."""
        items = schema.QUEUE_ITEMS
        frame = self._table(items, ["group_id", *QUEUE_COLUMNS], items.c.deleted_at.is_(None))
        names = {row["id"]: row["name"] for row in self._reader.rows(schema.GROUPS)}
        frame["group_name"] = frame["group_id"].map(names)
        return frame

    def samples(self, since: Optional[datetime] = None) -> pd.DataFrame:
        """Return what printers were seen to do: a row for each time without a change."""
        samples = schema.PRINTER_SAMPLES
        conditions = [] if since is None else [samples.c.seen_until >= since]
        return self._table(samples, SAMPLE_COLUMNS, *conditions)

    def _frame(
        self,
        listing: str,
        table: str,
        since: Optional[datetime] = None,
        printer: Optional[str] = None,
        derived: bool = True,
        now: Optional[datetime] = None,
        columns: Optional[Collection[str]] = None,
    ) -> pd.DataFrame:
        from formlabs_web_api.frames.build import to_frame

        models = self._reader.models(listing, since, printer)
        judged_at = now or self._reader.synced_at(table)
        # Models have no cycles and go with their batch: the collector would only cost time.
        with garbage_collection_pause:
            return to_frame(models, kind=listing, derived=derived, now=judged_at, columns=columns)

    def _table(self, table: Table, columns: Sequence[str], *conditions: Any) -> pd.DataFrame:
        import pandas as pd

        rows = self._reader.rows(table, *conditions)
        return pd.DataFrame(rows, columns=list(columns))
