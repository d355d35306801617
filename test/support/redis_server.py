"""A private Redis server for a test, which can be stopped and started again."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Optional

import pytest


class RedisServer:
    """A ``redis-server`` on a free port of loopback, without persistence."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder = folder
        self._options = options
        self._process: Optional[subprocess.Popen[bytes]] = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server and return once it accepts connections."""
        for _ in range(5):
            port = self.port or _free_port()
            command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
            self._process = subprocess.Popen(
                [*command, "--appendonly", "no", "--dir", str(self._folder), *self._options],
                stdout=subprocess.DEVNULL,
            )
            if _accepts(port, self._process):
                self.port = port
                return
        raise RuntimeError("redis-server does not start")

    def stop(self) -> None:
        """Stop the server and return once it has ended."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=30)
            self._process = None


def require_redis() -> None:
    """Skip the test without a Redis server, or fail where the checks of the project run."""
    if shutil.which("redis-server") is None:
        if os.environ.get("CI"):
            pytest.fail("redis-server is not installed")
        pytest.skip("needs redis-server")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _accepts(port: int, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        if _connects(port):
            return True
        time.sleep(0.02)  # the port of another process cannot be waited for
    process.kill()
    process.wait()
    return False


def _connects(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
