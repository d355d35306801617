"""What a receiver of changes provides, and when a failed delivery is repeated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from typing_extensions import Protocol

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


DELIVERED = Delivery(DeliveryResult.DELIVERED)


class Sink(Protocol):
    """A receiver of changes. Each one is called from a thread of its own, one change at a time.

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
