"""One token for all processes of an account."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Callable, Optional

from formlabs_web_api._core.call_scope import sleep
from formlabs_web_api._core.token_source import IssuedToken
from formlabs_web_api.shared.store import Store, StoreUnavailable

_LEASE = 40.0
"""Seconds after which another process may fetch, if the one that wanted to was stopped."""
_STORE_RETRIES = 2
"""How often a store that has failed is opened again before this process fetches its own token."""
_POLL = 0.05
"""Seconds between two looks at a token that another process fetches."""
_FAILURE_PAUSE = 2.0
"""Seconds for which no other process asks a token endpoint that has just refused."""


class SharedTokens:
    """Fetches a token at most once for all processes, and renews it once.

    Args:
        store: Returns the store, or None while it does not work.
        wait: Called with seconds to wait.
        drop: Called with a store that has failed, and how.
    """

    def __init__(
        self,
        store: Callable[[], Optional[Store]],
        wait: Callable[[float], object] = sleep,
        drop: Callable[[Store, StoreUnavailable], None] = lambda store, error: None,
    ) -> None:
        self._store = store
        self._drop = drop
        self._wait = wait
        self._running = threading.local()

    def get(self, fetch: Callable[[], IssuedToken]) -> IssuedToken:
        """Return the stored token, or fetch one for all processes.

        A token that is due for renewal but still works is returned to the processes that do not
        renew it. Exceptions of ``fetch`` pass through.

        A hook or handler that needs a token in the thread that is fetching fetches one itself: it
        would wait for a lease that this thread holds.
        """
        if getattr(self._running, "is_fetching", False):
            return fetch()
        self._running.is_fetching = True
        try:
            return self._get(fetch)
        finally:
            self._running.is_fetching = False

    def _get(self, fetch: Callable[[], IssuedToken]) -> IssuedToken:
        failures = 0
        while True:
            store = self._store()
            if store is None or not store.shares_token:
                return fetch()
            try:
                known = store.token()
                if known is not None and known.renew_in > 0:
                    return known
                busy_for = store.lease_token(_LEASE)
                if not busy_for:
                    # The holder before may have stored a token between the two steps.
                    known = store.token()
                    if known is not None and known.renew_in > 0:
                        store.release_token(0.0)
                        return known
            except StoreUnavailable as error:
                self._drop(store, error)
                failures += 1
                if failures > _STORE_RETRIES:
                    return fetch()
                continue
            if not busy_for:
                return self._fetch(store, fetch)
            if known is not None:
                return known
            self._wait(min(_POLL, busy_for))

    def _fetch(self, store: Store, fetch: Callable[[], IssuedToken]) -> IssuedToken:
        try:
            token = fetch()
        except BaseException as error:
            pause = _FAILURE_PAUSE if isinstance(error, Exception) else 0.0
            with suppress(StoreUnavailable):  # then the lease ends by itself
                store.release_token(pause)
            raise
        with suppress(StoreUnavailable):  # this process has its token
            store.store_token(token)
        return token

    def discard(self, value: str) -> None:
        """Forget a token that the service refused, unless another one is stored by now."""
        store = self._store()
        if store is not None:
            with suppress(StoreUnavailable):
                store.discard_token(value)
