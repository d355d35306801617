"""Where the data of reports come from: the service, a mirror, or any other source of frames."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from typing_extensions import Protocol, runtime_checkable

from formlabs_web_api._core.group_queues import queues_of
from formlabs_web_api._util.fields import value_at
from formlabs_web_api.models.derived.raw import text
from formlabs_web_api.reports.runs import RUN_COLUMNS, FleetData
from formlabs_web_api.tables.records import QUEUE_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

    from formlabs_web_api.api_client import ApiClient
    from formlabs_web_api.mirror import Mirror
    from formlabs_web_api.rate_limit import Quota


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


@runtime_checkable
class QuotaSource(Protocol):
    """A source that knows the use of the rate limits."""

    def quota(self) -> Quota:
        """Return the use of the limits at present."""
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

        groups = self._client.groups
        rows: List[Dict[str, Any]] = []
        for group, items in queues_of(groups.list(), groups.queue):
            group_name = text(group, "name")
            rows += [
                {**{name: value_at(item, name) for name in QUEUE_COLUMNS}, "group_name": group_name}
                for item in items
            ]
        return pd.DataFrame(rows, columns=[*QUEUE_COLUMNS, "group_name"])

    def samples(self) -> Optional[pd.DataFrame]:
        return None

    def now(self) -> datetime:
        return self._client.now()

    def quota(self) -> Quota:
        return self._client.quota


class MirrorSource:
    """A mirror, which needs neither the service nor a network."""

    def __init__(self, mirror: Mirror) -> None:
        self._frames = mirror.frames
        self._synced_at = mirror.synced_at

    def prints(self, since: datetime) -> pd.DataFrame:
        return self._frames.prints(since, columns=RUN_COLUMNS)

    def printers(self) -> pd.DataFrame:
        return self._frames.printers()

    def cartridges(self) -> pd.DataFrame:
        return self._frames.cartridges()

    def tanks(self) -> pd.DataFrame:
        return self._frames.tanks()

    def queue(self) -> pd.DataFrame:
        return self._frames.queue()

    def samples(self) -> pd.DataFrame:
        return self._frames.samples()

    def now(self) -> datetime:
        """Return when the prints were last brought up to date.

        Raises:
            ValueError: They never were.
        """
        if self._synced_at is None:
            raise ValueError("the mirror has no prints yet; run sync first")
        return self._synced_at


def load(
    source: ReportSource,
    since: datetime,
    *,
    prints: bool = True,
    stock: bool,
    queue: bool,
    hide_users: bool = False,
) -> FleetData:
    """Read the data of a report.

    Args:
        source: Where to read.
        since: The time from which prints are needed.
        prints: True if printers and prints are needed.
        stock: True if cartridges and tanks are needed.
        queue: True if queues are needed.
        hide_users: True to replace the names of users.
    """
    import pandas as pd

    printers = source.printers() if prints else pd.DataFrame()
    runs = source.prints(since) if prints else pd.DataFrame()
    cartridges = source.cartridges() if stock else None
    tanks = source.tanks() if stock else None
    items = source.queue() if queue else None
    return FleetData(
        runs,
        printers,
        source.now(),
        cartridges=cartridges,
        tanks=tanks,
        queue=items,
        samples=source.samples(),
        hide_users=hide_users,
        quota=source.quota() if isinstance(source, QuotaSource) else None,
    )
