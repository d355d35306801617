"""Pause the cyclic garbage collector while a large structure without cycles is built."""

from __future__ import annotations

import gc
import os
import threading


class GarbageCollectionPause:
    """A pause of the cyclic garbage collector, shared by all threads that need one.

    The collector is disabled when the first ``with`` block begins, and enabled when the last one
    ends, provided that it was enabled before: a program's own ``gc.disable()`` is respected.
    """

    def __init__(self) -> None:
        # Re-entrant: a signal handler may decode a response while its thread holds the lock.
        self._lock = threading.RLock()
        self._depth = 0
        self._is_ours = False

    def __enter__(self) -> None:
        with self._lock:
            self._depth += 1
            if self._depth == 1 and gc.isenabled():
                gc.disable()
                self._is_ours = True

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._depth = max(0, self._depth - 1)
            if self._depth == 0 and self._is_ours:
                self._is_ours = False
                gc.enable()

    def reset(self) -> None:
        """End the pause in a forked child, which lacks the threads that would have ended it."""
        self._lock = threading.RLock()
        self._depth = 0
        if self._is_ours:
            self._is_ours = False
            gc.enable()


garbage_collection_pause = GarbageCollectionPause()

if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
    os.register_at_fork(after_in_child=garbage_collection_pause.reset)
