"""The life of an access token: fetched on first need, shared by threads, renewed ahead, forgotten
when the service refuses it."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Callable, Deque, Optional

from formlabs_web_api._fork import after_fork
from formlabs_web_api._hidden import HiddenText

TOKEN_PATH = "/developer/v1/o/token/"
REVOKE_PATH = "/developer/v1/o/revoke_token/"

NO_CREDENTIALS = (
    "no credentials are set: give Configuration(client_id=..., client_secret=...) or set the"
    " environment variables FORMLABS_CLIENT_ID and FORMLABS_CLIENT_SECRET (both are on the"
    " Dashboard's developer page, https://dashboard.formlabs.com/#developer)"
)

_DEFAULT_LIFE = 3600.0
"""Seconds, where an answer does not say; the service says a day, and one client saw an hour."""
_LONGEST_MARGIN = 300.0

_logger = logging.getLogger("formlabs_web_api")


@dataclass(frozen=True)
class Token:
    """An access token and, by the clock of its source, when to renew it and when it ends."""

    value: str = field(repr=False)
    renew_at: float
    ends_at: float


class TokenSource:
    """The token of one client for all its threads.

    Any number of threads that need a token wait for one fetch, and share its failure too. A token
    that still works while it is renewed is given to everybody but the thread that renews it.

    Args:
        fetch: Asks the service; gives the token and the seconds it lasts, None where not said.
        clock: Seconds that never go back.
        jitter: Draws from 0 to 1, so that processes started together do not renew together.
    """

    def __init__(
        self,
        fetch: Callable[[], tuple[str, Optional[float]]],
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._jitter = jitter
        self._token: Optional[Token] = None
        self._issued: Deque[str] = deque(maxlen=16)
        self._failures = 0
        self._failure: Optional[Exception] = None
        self._lock = threading.Lock()
        after_fork(self, TokenSource._renew_lock)

    @property
    def current(self) -> Optional[str]:
        """The token as it is, without asking the service; None when there is none."""
        token = self._token
        return token.value if token is not None else None

    def get(self) -> str:
        """A token that works, fetched or renewed if need be. Raises what the fetch raises."""
        failures = self._failures
        token = self._token
        now = self._clock()
        if token is not None and now < token.renew_at:
            return token.value
        if token is not None and now < token.ends_at:
            return self._renewed_ahead(token)
        with self._lock:
            if self._token is not None and self._clock() < self._token.ends_at:
                return self._token.value  # another thread fetched it while this one waited
            if self._failures != failures and self._failure is not None:
                raise self._failure
            return self._fetched().value

    def issued(self, authorization: Optional[str]) -> bool:
        """Whether this ``Authorization`` value carries a token that came from here."""
        return authorization is not None and authorization[len("Bearer ") :] in self._issued

    def forget(self, value: str) -> None:
        """Use this token no more; a newer one that another thread has fetched stays."""
        with self._lock:
            if self._token is not None and self._token.value == value:
                self._token = None

    def _renewed_ahead(self, old: Token) -> str:
        if not self._lock.acquire(blocking=False):
            return old.value
        try:
            if self._token is not old and self._token is not None:
                return self._token.value
            return self._fetched().value
        except Exception as error:
            _logger.warning("The token could not be renewed ahead of its end: %s", error)
            return old.value
        finally:
            self._lock.release()

    def _fetched(self) -> Token:
        asked_at = self._clock()
        try:
            value, life = self._fetch()
        except Exception as error:
            self._failures += 1
            self._failure = error
            raise
        life = _DEFAULT_LIFE if life is None or life <= 0 else life
        margin = min(_LONGEST_MARGIN, life / 10) * (1 + self._jitter())
        ends_at = asked_at + life
        self._failure = None
        self._token = token = Token(HiddenText(value), ends_at - margin, ends_at)
        self._issued.append(value)
        return token

    def _renew_lock(self) -> None:
        self._lock = threading.Lock()
