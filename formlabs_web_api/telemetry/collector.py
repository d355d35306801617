"""A collector of a fleet's metrics, for any registry of prometheus-client."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

from formlabs_web_api._core.group_queues import queues_of
from formlabs_web_api._util.checks import check_seconds
from formlabs_web_api._util.extras import install_hint
from formlabs_web_api._version import __version__
from formlabs_web_api.hooks import logger
from formlabs_web_api.models.derived.raw import text
from formlabs_web_api.telemetry.families import (
    STATUSES,
    build_info,
    families_of,
    print_counts,
    queue_jobs,
    quota_families,
    request_families,
    single,
)
from formlabs_web_api.telemetry.request_counts import RequestCounts
from formlabs_web_api.watch.watcher import Watcher

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from formlabs_web_api.api_client import ApiClient

_KEPT_INTERVALS = 3.0
"""Intervals after which values that could not be read again are no longer shown."""
_PATIENCE = 5.0
"""Seconds that a scrape waits for the service; Prometheus gives it ten."""


@dataclass(frozen=True)
class _Reading:
    """What the last poll that succeeded found."""

    printers: Sequence[Any]
    queues: Optional[Dict[str, int]]
    """Prints that wait, by the name of the group; None if they are not read."""
    at: datetime
    """By the service's clock."""
    read_at: float
    """By the collector's clock."""


class FleetCollector:
    """Reads the fleet when it is scraped, once per interval however many scrape.

    Example::

        from prometheus_client import REGISTRY

        REGISTRY.register(FleetCollector(client))

    A scrape during a poll waits for it, but no longer than five seconds; then it gets what was
    known before. What could not be read for three intervals is no longer shown, and
    ``formlabs_up`` is 0 after a poll that failed.

    Args:
        client: The client to poll with. Its requests are counted from now on, whoever sends them.
        interval: Seconds between two polls. Scrapes in between get the same values.
        queues: Count the prints that wait for each group too. That takes a request per poll for
            the groups, and one for each of them.
        clock: Seconds that never go back, for tests.
        patience: Seconds that a scrape waits for the service.

    Raises:
        ImportError: the extra ``metrics`` is not installed.
    """

    def __init__(
        self,
        client: ApiClient,
        interval: float = 30.0,
        *,
        queues: bool = False,
        clock: Callable[[], float] = time.monotonic,
        patience: float = _PATIENCE,
    ) -> None:
        check_seconds("interval", interval, zero=False)
        check_seconds("patience", patience)
        try:
            import_module("prometheus_client")  # fail now, not at the first scrape
        except ImportError as error:
            hint = install_hint("metrics")
            raise ImportError(f"metrics need prometheus-client: {hint}") from error
        self._client = client
        self._interval = interval
        self._reads_queues = queues
        self._clock = clock
        self._patience = patience
        self._lock = threading.Lock()
        self._flight: Optional[threading.Event] = None
        self._started_at: Optional[float] = None
        self._reading: Optional[_Reading] = None
        self._is_up = False
        self._seconds = 0.0
        self._prints: Dict[Tuple[str, str], int] = {}
        self._watcher = Watcher(client, interval, kinds=STATUSES)
        self._requests = RequestCounts()
        self._remove_hook = client.configuration.hooks.add(on_response=self._requests)

    def describe(self) -> List[Metric]:
        """Return nothing, so that registering the collector sends no request."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Return the metrics, in families of their own for each scrape."""
        self._refresh()
        with self._lock:
            reading, is_up, seconds = self._reading, self._is_up, self._seconds
            prints = dict(self._prints)
        yield single("up", "1 if the last poll of the service succeeded.", float(is_up))
        yield single("scrape_duration_seconds", "Duration of the last poll.", seconds)
        yield build_info(__version__)
        if reading is not None:
            help_text = "When the service was last read."
            yield single("last_success_timestamp_seconds", help_text, reading.at.timestamp())
        printers = self._shown(reading)
        if printers is not None and reading is not None:
            yield from families_of(printers.values(), reading.at)
            yield print_counts(prints, printers)
            if reading.queues is not None:
                yield queue_jobs(reading.queues)
        yield from quota_families(self._client.quota)
        yield from request_families(self._requests.codes, *self._requests.durations)

    def close(self) -> None:
        """Release the watcher, and no longer count requests; closing twice does no harm."""
        self._remove_hook()
        self._watcher.close()

    def _shown(self, reading: Optional[_Reading]) -> Optional[Dict[str, Any]]:
        """Return the printers by serial; None if they were read too long ago."""
        if reading is None or self._clock() - reading.read_at > _KEPT_INTERVALS * self._interval:
            return None
        return {str(getattr(printer, "serial", "")): printer for printer in reading.printers}

    # Polling

    def _refresh(self) -> None:
        """Start a poll if one is due, and wait for the one that runs."""
        with self._lock:
            now = self._clock()
            is_due = self._started_at is None or now - self._started_at >= self._interval
            if self._flight is None and is_due:
                self._started_at = now
                self._flight = threading.Event()
                arguments = (self._flight,)
                threading.Thread(target=self._poll, args=arguments, daemon=True).start()
            flight = self._flight
        if flight is not None:
            flight.wait(self._patience)

    def _poll(self, flight: threading.Event) -> None:
        started = self._clock()
        reading: Optional[_Reading] = None
        ended: List[Tuple[str, str]] = []
        try:
            changes = self._watcher.poll()
            ended = [(change.printer, STATUSES[change.kind]) for change in changes]
            queues = _queues_of(self._client) if self._reads_queues else None
            printers = self._watcher.printers
            reading = _Reading(printers, queues, self._client.now(), self._clock())
        except Exception as error:
            # Whatever it is, the next poll may succeed, and formlabs_up reports it.
            logger.warning("The metrics could not be read: %s", error)
        finally:
            with self._lock:
                for key in ended:
                    self._prints[key] = self._prints.get(key, 0) + 1
                self._is_up = reading is not None
                self._reading = reading or self._reading
                self._seconds = self._clock() - started
                self._flight = None
            flight.set()


def _queues_of(client: ApiClient) -> Dict[str, int]:
    """Return how many prints wait for each group, by its name."""
    found: Dict[str, int] = {}
    for group, items in queues_of(client.groups.list(), client.groups.queue):
        name = text(group, "name")
        found[name] = found.get(name, 0) + len(items)
    return found
