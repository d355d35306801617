"""Servers of other projects that a test starts, each on a free port of loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from typing import List, Optional

import pytest


class Server:
    """A server that can be stopped and started again on the same port."""

    def __init__(self) -> None:
        self._process: Optional[subprocess.Popen[bytes]] = None
        self.port = 0

    def command(self, port: int) -> List[str]:
        """Return the command line that starts the server."""
        raise NotImplementedError

    def start(self) -> None:
        """Start the server and return once it accepts connections."""
        for _ in range(5):
            port = self.port or _free_port()
            self._process = subprocess.Popen(
                self.command(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            if _accepts(port, self._process):
                self.port = port
                return
        raise RuntimeError(f"{self.command(0)[0]} does not start")

    def stop(self) -> None:
        """Stop the server and return once it has ended."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
                raise
            finally:
                self._process = None

    def send_signal(self, number: int) -> None:
        """Send a signal to the server, to halt it for a while for example."""
        assert self._process is not None
        self._process.send_signal(number)


def require_program(name: str) -> None:
    """Skip the test without a program, or fail where the checks of the project run."""
    if shutil.which(name) is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is not installed")
        pytest.skip(f"needs {name}")


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
