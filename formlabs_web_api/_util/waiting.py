"""Wait for another thread in short steps, so that Ctrl-C is handled."""

from __future__ import annotations

from concurrent.futures import Future, wait
from typing import Any

POLL_SECONDS = 1.0
"""Wake up this often: Windows delivers Ctrl-C only between waits."""


def until_done(future: Future[Any]) -> None:
    """Wait until a future has its result or exception."""
    while not future.done():
        wait([future], POLL_SECONDS)
