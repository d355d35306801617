"""A private Redis server for a test, which can be stopped and started again."""

from __future__ import annotations

from pathlib import Path
from typing import List

from test.support.programs import Server, require_program


class RedisServer(Server):
    """A ``redis-server`` on a free port of loopback, without persistence."""

    def __init__(self, folder: Path, *options: str) -> None:
        super().__init__()
        self._folder = folder
        self._options = options

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self, port: int) -> List[str]:
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        return [*command, "--appendonly", "no", "--dir", str(self._folder), *self._options]


def require_redis() -> None:
    """Skip the test without a Redis server, or fail where the checks of the project run."""
    require_program("redis-server")
