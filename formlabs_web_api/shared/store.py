"""What processes share: the slots of the rate limit, the pause after a 429, and the token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, NamedTuple, Optional, Sequence, Tuple

from typing_extensions import Protocol

from formlabs_web_api._core.token_source import IssuedToken
from formlabs_web_api.exceptions import ApiValueError

MARGIN = 0.05
"""Seconds by which each window is kept longer than the service counts it.

The service counts a request when it reads it, which is later than the slot was granted: the thread
has to be scheduled and the bytes have to travel. A request that is sent later than this has its
slot moved (see ``Store.confirm``).
"""
BACKGROUND_SHARE = 0.8
"""The part of the longest window that ``priority="background"`` may use."""


class SharedStateError(ApiValueError):
    """The setting ``shared`` cannot work as it stands; the message names what would be right."""


class StoreUnavailable(Exception):
    """The store does not work at the moment: a full disk, a damaged file, an unreachable server.

    Args:
        reason: What is wrong, in a few words.
        may_pass: True if it may work again within seconds, as a server that is restarted.
    """

    def __init__(self, reason: str, may_pass: bool = False) -> None:
        super().__init__(reason)
        self.may_pass = may_pass


class StateLost(StoreUnavailable):
    """The store works but has lost what it kept, as a server that was restarted without a disk."""


@dataclass(frozen=True)
class Window:
    """At most ``limit`` requests in any ``period`` seconds."""

    limit: int
    period: float

    @property
    def span(self) -> float:
        """Return the period and the margin: how long a request counts."""
        return self.period + MARGIN


def windows_of(limits: Sequence[Tuple[Optional[int], float]]) -> Tuple[Window, ...]:
    """Return the windows of a ``rate_limits`` setting; a limit of None keeps no window."""
    return tuple(Window(limit, period) for limit, period in limits if limit is not None)


Ticket = Tuple[int, ...]
"""The number of a slot in each ring of slots that the store keeps."""


@dataclass(frozen=True)
class Slot:
    """The permission to send one request.

    ``ticket`` names the slot to ``Store.confirm``. None means that no slot was taken and that the
    caller has to ask again after ``wait`` seconds: too many requests wait already, or the caller
    has the lower priority.
    """

    ticket: Optional[Ticket]
    wait: float


class UnknownSlots(NamedTuple):
    """The slots with tickets ``after + 1`` to ``last``, granted to any process.

    Both are -1 for one request that was sent without a slot.
    """

    after: int
    last: int
    age: float
    """Seconds since the last of them was used."""


@dataclass(frozen=True)
class WindowUse:
    """How much of one window is used, by all processes together and by each program."""

    window: Window
    used: int
    next_free_in: float
    by_program: Dict[str, int]


@dataclass(frozen=True)
class SharedUsage:
    """How much of the allowance is used, by all processes together."""

    windows: Tuple[WindowUse, ...]
    closed_for: float
    """Seconds for which no request may be sent because the service answered 429."""


class Store(Protocol):
    """Keeps the shared state of one account. Each method is one atomic step.

    Every method raises StoreUnavailable when the store does not work.
    """

    @property
    def shares_token(self) -> bool:
        """False if each process has to fetch a token of its own."""
        ...

    @property
    def generation(self) -> int:
        """The number of the kept state; another number means that the slots were lost meanwhile."""
        ...

    @property
    def is_in_use(self) -> bool:
        """True if this thread is in a method of the store already.

        A signal handler has interrupted that method and must not call another one.
        """
        ...

    def reserve(self, max_wait: Optional[float], background: bool) -> Slot:
        """Take the next slot that is free within ``max_wait`` seconds.

        Raise ``LimitWait`` if no slot is free so soon, and ``StateLost`` if the store is of another
        generation than when it was opened. A slot that lies ahead is reserved, so that
        the callers of all processes are served in the order in which they asked; the caller waits
        and then confirms it. A background caller reserves nothing ahead.
        """
        ...

    def confirm(self, ticket: Ticket) -> Optional[float]:
        """Count a reserved slot from now on, as its request is about to be sent.

        Return the seconds the caller has still to wait; 0 means that the request may be sent. None
        means that the slot is too old to be used and the caller has to reserve another one.
        """
        ...

    def close_gate(self, seconds: float) -> None:
        """Let no process send a request for ``seconds``; never shortens an earlier pause."""
        ...

    def restore(self, slots: Sequence[UnknownSlots], are_lost: bool) -> int:
        """Count requests that this process knows of and the store does not; return the last ticket.

        ``are_lost`` means that the store has lost its slots: it then grants none until the other
        processes have restored what they know, and until short windows have passed.
        """
        ...

    def usage(self) -> SharedUsage:
        """Return how much of the allowance is used."""
        ...

    def token(self) -> Optional[IssuedToken]:
        """Return the stored token, also one that is due for renewal; None without a valid one."""
        ...

    def lease_token(self, seconds: float) -> float:
        """Try to become the one process that fetches the token.

        Return 0 when the caller has the lease and must either store a token or release the lease
        within ``seconds``; otherwise the seconds after which to ask again.
        """
        ...

    def store_token(self, token: IssuedToken) -> None:
        """Store a token that the lease holder fetched, and end the lease."""
        ...

    def release_token(self, pause: float) -> None:
        """End the lease without a token; no process gets the lease for ``pause`` seconds."""
        ...

    def discard_token(self, value: str) -> None:
        """Forget the stored token if it is this one."""
        ...

    def close(self) -> None:
        """Close the connection to the store."""
        ...
