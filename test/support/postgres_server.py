"""A private PostgreSQL server for a test."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import List

import pytest

_BINARIES = Path("/usr/lib/postgresql/15/bin")


class PostgresServer:
    """A cluster in a folder of its own, on a free port of loopback, without a password."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="formlabs-postgres-"))
        self._data = self._folder / "data"
        with socket.create_server(("127.0.0.1", 0)) as server:
            self._port = int(server.getsockname()[1])

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """Create the cluster and return once it accepts connections."""
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            user = pwd.getpwnam("postgres")
            os.chown(self._folder, user.pw_uid, user.pw_gid)
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "--no-sync")
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c fsync=off -k {self._folder}"
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", "immediate", "stop")
        shutil.rmtree(self._folder)

    def _run(self, program: str, *arguments: str) -> None:
        command: List[str] = [str(_BINARIES / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, cwd=self._folder, timeout=120
        )


def require_postgres() -> None:
    """Skip the test without PostgreSQL, or fail where the checks of the project run."""
    if not (_BINARIES / "initdb").exists():
        if os.environ.get("CI"):
            pytest.fail("postgresql-15 is not installed")
        pytest.skip("needs postgresql-15")
