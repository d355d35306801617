"""The life of an access token: fetched on first need, shared by threads, renewed ahead, forgotten
when the service refuses it."""

from __future__ import annotations

import logging
import random
import threading
from collections import deque
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Callable, Deque, Optional, Tuple

from formlabs_web_api._util.fork import after_fork
from formlabs_web_api._util.real_time import monotonic
from formlabs_web_api._util.secrets import HiddenText
from formlabs_web_api._util.waiting import until_done

TOKEN_PATH = "/developer/v1/o/token/"
REVOKE_PATH = "/developer/v1/o/revoke_token/"

NO_CREDENTIALS = (
    "no credentials are set: give Configuration(client_id=..., client_secret=...) or set the"
    " environment variables FORMLABS_CLIENT_ID and FORMLABS_CLIENT_SECRET (both are on the"
    " Dashboard's developer page, https://dashboard.formlabs.com/#developer)"
)

_DEFAULT_LIFE = 3600.0
"""Seconds, where an answer does not say; the service says a day, and one client saw an hour."""
_LONGEST_LIFE = 1e9
_LONGEST_MARGIN = 300.0
_PAUSE = 30.0
"""Seconds nobody tries to renew a token that still works after that has failed."""

_logger = logging.getLogger("formlabs_web_api")


@dataclass(frozen=True)
class Token:
    """An access token and, by the clock of its source, when to renew it and when it ends."""

    value: str = field(repr=False)
    renew_at: float
    ends_at: float


class TokenSource:
    """The token of one client for all its threads.

    There is one fetch at a time. Any number of threads that need a token wait for it, and share its
    failure too. A token that still works while it is renewed is given to everybody but the thread
    that renews it.

    Args:
        fetch: Asks the service; gives the token and the seconds it lasts, None where not said.
        clock: Seconds that never go back.
        jitter: Draws from 0 to 1, so that processes started together do not renew together.
    """

    def __init__(
        self,
        fetch: Callable[[], Tuple[str, Optional[float]]],
        clock: Callable[[], float] = monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._jitter = jitter
        self._token: Optional[Token] = None
        self._issued: Deque[str] = deque(maxlen=16)
        self._under_way: Optional[Future[Token]] = None
        self._lock = threading.Lock()
        after_fork(self, TokenSource._forget_threads)

    @property
    def current(self) -> Optional[str]:
        """The token as it is, without asking the service; None when there is none."""
        token = self._token
        return token.value if token is not None else None

    def get(self) -> str:
        """A token that works, fetched or renewed if need be. Raises what the fetch raises."""
        while True:
            token = self._token
            if token is not None and self._clock() < token.renew_at:
                return token.value
            mine: Future[Token] = Future()
            with self._lock:
                token, now = self._token, self._clock()  # another thread may have been quicker
                if token is not None and now < token.renew_at:
                    return token.value
                old = token if token is not None and now < token.ends_at else None
                waited_for = self._under_way
                if waited_for is None:
                    self._under_way = mine
            if waited_for is None:
                return self._renewed(mine, old)
            if old is not None:
                return old.value
            with suppress(CancelledError):  # Ctrl-C came to who fetched; ask again
                return _result_of(waited_for)

    def issued(self, authorization: Optional[str]) -> bool:
        """Whether this ``Authorization`` value carries a token that came from here."""
        return authorization is not None and authorization[len("Bearer ") :] in self._issued

    def forget(self, value: str) -> None:
        """Use this token no more; a newer one that another thread has fetched stays."""
        with self._lock:
            if self._token is not None and self._token.value == value:
                self._token = None

    def _renewed(self, mine: Future[Token], old: Optional[Token]) -> str:
        """The token that this thread fetches for all; ``old`` still works."""
        try:
            token = self._fetched()
        except Exception as error:
            paused = None if old is None else replace(old, renew_at=self._clock() + _PAUSE)
            self._land(paused)
            mine.set_exception(error)
            if paused is None:
                raise
            _logger.warning("The token could not be renewed ahead of its end: %s", error)
            return paused.value
        except BaseException:
            self._land(None)
            mine.cancel()
            raise
        self._land(token)
        mine.set_result(token)
        return token.value

    def _land(self, token: Optional[Token]) -> None:
        """The fetch under way is over; with a token, it is the one to use from now on."""
        with self._lock:
            self._under_way = None
            if token is not None:
                self._token = token

    def _fetched(self) -> Token:
        asked_at = self._clock()
        value, life = self._fetch()
        if life is None or not life > 0:
            life = _DEFAULT_LIFE
        life = float(min(life, _LONGEST_LIFE))
        margin = min(_LONGEST_MARGIN, life / 10) * (1 + self._jitter())
        ends_at = asked_at + life
        self._issued.append(value)
        return Token(HiddenText(value), ends_at - margin, ends_at)

    def _forget_threads(self) -> None:
        self._lock = threading.Lock()
        self._under_way = None


def _result_of(waited_for: Future[Token]) -> str:
    """What another thread fetches; its failure as an exception of this thread's own."""
    until_done(waited_for)
    error = waited_for.exception()
    if error is None:
        return waited_for.result().value
    twin = copy(error)
    twin.__cause__ = error.__cause__
    raise twin
