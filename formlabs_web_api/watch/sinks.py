"""What a receiver of changes provides, and when a failed delivery is repeated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, FrozenSet, Optional, Sequence

from typing_extensions import Protocol, runtime_checkable

from formlabs_web_api._util.words import Word
from formlabs_web_api.watch.changes import Change

RETRY_DELAYS = (5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
"""Seconds before each repetition, 75 hours in all, as Standard Webhooks recommends."""
_JITTER = 0.1
"""Share of a delay by which it varies, so that many deliveries do not come back at once."""


class DeliveryResult(Word):
    """What a receiver made of a change."""

    DELIVERED = "delivered"
    RETRY = "retry"
    """It failed, and is to be repeated."""
    DEAD = "dead"
    """It failed, and repeating it is useless."""
    DISABLED = "disabled"
    """The receiver wants no more changes; nothing is sent to it until a retry is requested."""


@dataclass(frozen=True)
class Delivery:
    """The result of one attempt to deliver a change."""

    result: DeliveryResult
    reason: str = ""
    """Why it failed, in a line without secrets."""
    retry_after: Optional[float] = None
    """Seconds the receiver asks to wait; the schedule's delay is taken if it is longer."""
    retry_in: Optional[float] = None
    """Seconds to the next attempt if this one does not count: the receiver cannot be reached."""


DELIVERED = Delivery(DeliveryResult.DELIVERED)


class Sink(Protocol):
    """A receiver of changes; each is called from a separate thread, one change at a time.

    A change may come more than once with the same ``key``: after a failure, or after the process
    was killed between the delivery and its record.
    """

    @property
    def name(self) -> str:
        """The name under which the state keeps its deliveries: the same in every run."""
        ...

    def deliver(self, change: Change) -> Delivery:
        """Deliver a change, in bounded time.

        An exception counts as :attr:`DeliveryResult.RETRY`.
        """
        ...

    def close(self) -> None:
        """Release what the receiver uses, after the last delivery."""
        ...


@dataclass(frozen=True)
class FleetPoll:
    """What a poll read, for receivers that show the fleet as it is."""

    printers: Sequence[Any]
    """The printers that the watcher reports on, as the service listed them."""
    serials: FrozenSet[str]
    """The serials of these and of those that are missing in this list only."""
    at: datetime
    """When it was read, by the service's clock, in UTC."""
    interval: float
    """Seconds to the next poll."""


@runtime_checkable
class FleetObserver(Protocol):
    """A receiver of changes that also gets the printers of each poll."""

    def observe(self, poll: FleetPoll) -> None:
        """Take note of a poll that succeeded; return at once."""
        ...


def retry_delay(attempt: int, retry_after: Optional[float], random: float) -> Optional[float]:
    """Return the seconds before an attempt is repeated; None if it is given up.

    Args:
        attempt: How many attempts have failed, 1 or more.
        retry_after: What the receiver asked for.
        random: A number from 0 to 1.
    """
    if attempt > len(RETRY_DELAYS):
        return None
    delay = RETRY_DELAYS[attempt - 1] * (1 + _JITTER * (2 * random - 1))
    return max(delay, retry_after or 0.0)
