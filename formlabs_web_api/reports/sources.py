"""Where the data of reports come from: the service, a mirror, or any other source of frames."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from typing_extensions import Protocol

from formlabs_web_api.reports.runs import FleetData

if TYPE_CHECKING:
    import pandas as pd

    from formlabs_web_api.api_client import ApiClient

QUEUE_COLUMNS = ("name", "material_name", "volume_ml", "created_at", "estimated_duration_ms")


class ReportSource(Protocol):
    """What reports read; the frames have the columns of ``client.frames``."""

    def prints(self, since: datetime) -> pd.DataFrame:
        """Return the prints since a time; earlier ones may be among them."""
        ...

    def printers(self) -> pd.DataFrame:
        """Return all printers."""
        ...

    def cartridges(self) -> pd.DataFrame:
        """Return all cartridges."""
        ...

    def tanks(self) -> pd.DataFrame:
        """Return all tanks."""
        ...

    def queue(self) -> pd.DataFrame:
        """Return the items of all queues."""
        ...

    def samples(self) -> Optional[pd.DataFrame]:
        """Return when printers were seen online or offline; None if there are no samples."""
        ...

    def now(self) -> datetime:
        """Return when the data were read."""
        ...


class ClientSource:
    """The service, read by a client when the report is made."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    def prints(self, since: datetime) -> pd.DataFrame:
        return self._client.frames.prints(date__gt=since)

    def printers(self) -> pd.DataFrame:
        return self._client.frames.printers()

    def cartridges(self) -> pd.DataFrame:
        return self._client.frames.cartridges()

    def tanks(self) -> pd.DataFrame:
        return self._client.frames.tanks()

    def queue(self) -> pd.DataFrame:
        import pandas as pd

        rows: List[Dict[str, Any]] = []
        for group in self._client.groups.list():
            rows += [
                {name: getattr(item, name) for name in QUEUE_COLUMNS}
                for item in self._client.groups.queue(group.id)
            ]
        return pd.DataFrame(rows, columns=list(QUEUE_COLUMNS))

    def samples(self) -> Optional[pd.DataFrame]:
        return None

    def now(self) -> datetime:
        return self._client.now()


def load(
    source: ReportSource,
    since: datetime,
    *,
    stock: bool,
    queue: bool,
    hide_users: bool = False,
) -> FleetData:
    """Read the data of a report.

    Args:
        source: Where to read.
        since: The time from which prints are needed.
        stock: True if cartridges and tanks are needed.
        queue: True if queues are needed.
        hide_users: True to replace the names of users.
    """
    printers = source.printers()
    prints = source.prints(since)
    cartridges = source.cartridges() if stock else None
    tanks = source.tanks() if stock else None
    items = source.queue() if queue else None
    return FleetData(
        prints,
        printers,
        source.now(),
        cartridges=cartridges,
        tanks=tanks,
        queue=items,
        samples=source.samples(),
        hide_users=hide_users,
    )
