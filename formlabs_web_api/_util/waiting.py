"""Waiting for another thread, so that Ctrl-C is seen meanwhile."""

from __future__ import annotations

from concurrent.futures import Future, wait
from typing import Any

LOOK_AGAIN = 1.0
"""Seconds between two looks of who waits: Windows delivers Ctrl-C only between waits."""


def until_done(future: Future[Any]) -> None:
    """Wait until a future has its result, or its exception."""
    while not future.done():
        wait([future], LOOK_AGAIN)
