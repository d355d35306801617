"""The access token of a client: fetched on first need, shared by threads, renewed early."""

from __future__ import annotations

import random
import threading
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Callable, Optional, Tuple

from typing_extensions import Protocol

from formlabs_web_api._util.fork import after_fork
from formlabs_web_api._util.real_time import monotonic
from formlabs_web_api._util.secrets import HiddenText
from formlabs_web_api._util.waiting import until_done
from formlabs_web_api.exceptions import AuthenticationException
from formlabs_web_api.hooks import logger

TOKEN_PATH = "/developer/v1/o/token/"
REVOKE_PATH = "/developer/v1/o/revoke_token/"

NO_CREDENTIALS = (
    "no credentials are set: give Configuration(client_id=..., client_secret=...) or set the"
    " environment variables FORMLABS_CLIENT_ID and FORMLABS_CLIENT_SECRET (both are on the"
    " Dashboard's developer page, https://dashboard.formlabs.com/#developer)"
)

_DEFAULT_LIFE = 3600.0
"""Seconds, if a response does not state it; the service grants a day, one client saw an hour."""
_LONGEST_LIFE = 1e9
_LONGEST_MARGIN = 300.0
_PAUSE = 30.0
"""Seconds without another try after a token that still works could not be renewed."""


@dataclass(frozen=True)
class Token:
    """An access token and, by the clock of its source, when to renew it and when it ends."""

    value: str = field(repr=False)
    renew_at: float
    ends_at: float


@dataclass(frozen=True)
class IssuedToken:
    """A token with the time it has left, as the service or a store gives it."""

    value: str = field(repr=False)
    renew_in: float
    """Seconds until the token should be renewed, negative when that time has passed."""
    ends_in: float
    """Seconds until the service stops accepting the token."""


class TokenStore(Protocol):
    """Keeps a token for several processes."""

    def get(self, fetch: Callable[[], IssuedToken]) -> IssuedToken:
        """Return the stored token, or the result of ``fetch``, which one process calls for all."""
        ...

    def discard(self, value: str) -> None:
        """Forget the stored token if it is this one."""
        ...


class OwnAuthorization(HiddenText):
    """An ``Authorization`` header value with a token that the client fetched itself."""

    __slots__ = ()

    @property
    def token(self) -> str:
        """The token without ``Bearer``."""
        return HiddenText(self[len("Bearer ") :])


class _Fetch:
    """A fetch under way: its result, and the thread that runs it."""

    def __init__(self) -> None:
        self.result: Future[Token] = Future()
        self.thread = threading.get_ident()


class TokenSource:
    """The token of one client for all its threads.

    There is one fetch at a time. All threads that need a token wait for it, and share its failure
    too. While a token that still works is renewed, the other threads keep using it.

    A hook, log handler or signal handler may call the client in the thread that is fetching. It
    must not wait for that fetch, which cannot go on before it returns; it fetches a token itself.

    Args:
        fetch: Asks the service; returns the token and its lifetime in seconds, None if unknown.
        store: Keeps the token for other processes; None keeps it in this process.
        clock: Monotonic clock in seconds.
        jitter: Draws from 0 to 1, so that processes started together do not renew together.
    """

    def __init__(
        self,
        fetch: Callable[[], Tuple[str, Optional[float]]],
        clock: Callable[[], float] = monotonic,
        jitter: Callable[[], float] = random.random,
        store: Optional[TokenStore] = None,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._jitter = jitter
        self._store = store
        self._token: Optional[Token] = None
        self._is_own = True
        self._under_way: Optional[_Fetch] = None
        self._nested_in: Optional[int] = None
        # Reentrant: a signal handler may need a token while this thread holds the lock.
        self._lock = threading.RLock()
        after_fork(self, TokenSource._reset_in_child)

    @property
    def current(self) -> Optional[str]:
        """The token as it is, without asking the service; None without one."""
        token = self._token
        return token.value if token is not None else None

    @property
    def is_inherited(self) -> bool:
        """True if the token was fetched by the process that this one was forked from."""
        return not self._is_own

    def get(self) -> str:
        """Return a token that works, fetched or renewed if needed; raise what the fetch raises."""
        while True:
            token = self._token
            if token is not None and self._clock() < token.renew_at:
                return token.value
            mine = _Fetch()
            with self._lock:
                token, now = self._token, self._clock()  # another thread may have been quicker
                if token is not None and now < token.renew_at:
                    return token.value
                old = token if token is not None and now < token.ends_at else None
                under_way = self._under_way
                if under_way is None:
                    self._under_way = mine
            if under_way is None:
                return self._renewed(mine, old)
            if old is not None:
                return old.value
            if under_way.thread == mine.thread:
                return self._nested()
            with suppress(CancelledError):  # Ctrl-C ended the other thread's fetch; ask again
                return _result_of(under_way.result)

    def header(self) -> OwnAuthorization:
        """Return the ``Authorization`` header value with a token that works."""
        return OwnAuthorization(f"Bearer {self.get()}")

    def owns(self, authorization: Optional[str]) -> bool:
        """Return True if the ``Authorization`` header value holds a token of this source."""
        if authorization is None or isinstance(authorization, OwnAuthorization):
            return authorization is not None
        current = self.current
        return current is not None and authorization == f"Bearer {current}"

    def forget(self, value: str) -> None:
        """Stop using this token; a newer one that another thread has fetched stays."""
        with self._lock:
            if self._token is not None and self._token.value == value:
                self._token = None
        if self._store is not None:
            self._store.discard(value)

    def _renewed(self, mine: _Fetch, old: Optional[Token]) -> str:
        """Fetch a token for all threads; ``old`` still works."""
        try:
            token = self._fetched()
        except Exception as error:
            paused = None if old is None else replace(old, renew_at=self._clock() + _PAUSE)
            self._finish_fetch(paused)
            mine.result.set_exception(error)
            if paused is None:
                raise
            logger.warning("The token could not be renewed ahead of its end: %s", error)
            return paused.value
        except BaseException:
            self._finish_fetch(None)
            mine.result.cancel()
            raise
        self._finish_fetch(token)
        mine.result.set_result(token)
        return token.value

    def _nested(self) -> str:
        """Fetch a token within this thread's own fetch, at most once: a second would never end."""
        thread = threading.get_ident()
        if self._nested_in == thread:
            raise AuthenticationException(
                reason="a hook or handler calls the client while the client fetches its token for"
                " that hook or handler; skip events whose path ends in /o/token/"
            )
        self._nested_in = thread
        try:
            token = self._fetched()
        finally:
            self._nested_in = None
        with self._lock:
            self._token = token
        return token.value

    def _finish_fetch(self, token: Optional[Token]) -> None:
        """Mark the fetch under way as done and store its token, if any."""
        with self._lock:
            self._under_way = None
            if token is not None:
                self._token = token

    def _fetched(self) -> Token:
        asked_at = self._clock()
        issued = self._issued() if self._store is None else self._store.get(self._issued)
        self._is_own = True
        return Token(issued.value, asked_at + issued.renew_in, asked_at + issued.ends_in)

    def _issued(self) -> IssuedToken:
        """Ask the service for a token."""
        value, life = self._fetch()
        if life is None or not life > 0:
            life = _DEFAULT_LIFE
        life = float(min(life, _LONGEST_LIFE))
        margin = min(_LONGEST_MARGIN, life / 10) * (1 + self._jitter())
        return IssuedToken(HiddenText(value), life - margin, life)

    def _reset_in_child(self) -> None:
        """Drop what belongs to threads of the parent; a token of the parent is only borrowed."""
        self._lock = threading.RLock()
        self._under_way = None
        self._nested_in = None
        self._is_own = self._token is None


def _result_of(waited_for: Future[Token]) -> str:
    """Return the token of another thread's fetch, or raise a copy of its failure."""
    until_done(waited_for)
    error = waited_for.exception()
    if error is None:
        return waited_for.result().value
    twin = copy(error)
    twin.__cause__ = error.__cause__
    raise twin
