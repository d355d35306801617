"""A file for shared state, and a clock that only a test advances."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Sequence

import pytest

from formlabs_web_api.shared.sqlite_store import SqliteStore
from formlabs_web_api.shared.store import Window

WINDOWS = (Window(3, 1.0), Window(10, 60.0))

OpenStore = Callable[..., SqliteStore]


class HostClock:
    """The clock of a host; every process of the host reads it."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> HostClock:
    return HostClock()


@pytest.fixture
def open_store(tmp_path: Path, clock: HostClock) -> OpenStore:
    """Open the shared file as another process would."""

    def opened(
        program: str = "worker",
        windows: Sequence[Window] = WINDOWS,
        key: str = "account",
        epoch: str = "boot",
        wall: Callable[[], float] = lambda: 5000.0,
        path: Path = tmp_path / "state.sqlite3",
    ) -> SqliteStore:
        return SqliteStore(path, key, windows, program, clock=clock, epoch=epoch, wall=wall)

    return opened
