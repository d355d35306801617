"""A sandbox whose clock is stopped at a fixed time, and the command line run against it."""

from __future__ import annotations

import io
import os
import socket
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional

import pytest

pytest.importorskip("typer", reason="the extra cli is not installed")
pytest.importorskip("uvicorn", reason="the extra sandbox is not installed")

from formlabs_web_api.cli import main, session
from formlabs_web_api.sandbox import Sandbox
from test.support.terminal import Terminal

NOW = datetime(2026, 6, 5, 12, 0, tzinfo=timezone.utc)
ZONE = "CET-1CEST,M3.5.0,M10.5.0/3"
"""Two hours ahead of UTC at that moment; needs no database of zones."""
ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("program.py")
GOLDEN = Path(__file__).with_name("golden")


@dataclass
class Ran:
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """A shared sandbox, for tests that change nothing."""
    with Sandbox(seed=1, now=NOW) as sandbox:
        yield sandbox


@pytest.fixture
def own_sandbox() -> Iterator[Sandbox]:
    """A sandbox for one test, which may change it."""
    with Sandbox(seed=1, now=NOW) as sandbox:
        yield sandbox


@pytest.fixture
def unused_host() -> Iterator[str]:
    """An address on which nothing listens; its port is reserved meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clean_environment: None
) -> Iterator[Dict[str, str]]:
    """A home without credentials, a fixed zone, a terminal of 80 columns: for this process and
    for those it starts."""
    settings = {
        "HOME": str(tmp_path / "home"),
        "XDG_CONFIG_HOME": str(tmp_path / "home" / "config"),
        "TZ": ZONE,
        "COLUMNS": "80",
        "LINES": "24",
        "TERM": "xterm-256color",
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        "PROGRAM_NOW": NOW.isoformat(),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    time.tzset()
    monkeypatch.setattr(session, "clock", lambda: NOW)
    monkeypatch.setattr(session, "service_clock", lambda client: NOW)
    yield settings
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def credentials_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sandbox], None]:
    """Put a sandbox's credentials into the environment."""

    def put(sandbox: Sandbox) -> None:
        monkeypatch.setenv("FORMLABS_HOST", sandbox.url)
        monkeypatch.setenv("FORMLABS_CLIENT_ID", sandbox.client_id)
        monkeypatch.setenv("FORMLABS_CLIENT_SECRET", sandbox.client_secret)

    return put


@pytest.fixture
def bare_run(
    environment: Dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run a command in this process, as if in a pipe, with what the environment holds."""

    def run(*arguments: str, stdin: str = "") -> Ran:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["formlabs-web-api", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Ran(_code(ended.value.code), captured.out, captured.err)

    return run


def _code(code: Any) -> int:
    return 0 if code is None else code if isinstance(code, int) else 1


@pytest.fixture
def run(bare_run: Run, sandbox: Sandbox, credentials_of: Callable[[Sandbox], None]) -> Run:
    """Run a command against the shared sandbox."""
    credentials_of(sandbox)
    return bare_run


@pytest.fixture
def run_own(bare_run: Run, own_sandbox: Sandbox, credentials_of: Callable[[Sandbox], None]) -> Run:
    """Run a command against the test's own sandbox."""
    credentials_of(own_sandbox)
    return bare_run


@pytest.fixture
def terminal(
    environment: Dict[str, str], sandbox: Sandbox, credentials_of: Callable[[Sandbox], None]
) -> Iterator[Callable[..., Terminal]]:
    """Start the program in a terminal of its own, 80 columns wide."""
    credentials_of(sandbox)
    started: List[Terminal] = []

    def start(*arguments: str, columns: int = 80, lines: int = 24, **more: str) -> Terminal:
        command = [sys.executable, str(PROGRAM), *arguments]
        settings = {**os.environ, **more}
        for name in ("COLUMNS", "LINES"):
            settings.pop(name)  # the terminal itself reports its size
        started.append(Terminal(command, settings, columns, lines))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compare an output with its golden file; with UPDATE_GOLDEN=1, replace the file instead."""

    def check(name: str, output: str, kept: Optional[Path] = None) -> None:
        path = GOLDEN / f"{name}.txt"
        if os.environ.get("UPDATE_GOLDEN"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(output, encoding="utf-8")
        assert output == path.read_text(encoding="utf-8"), f"{path.name} is kept otherwise"

    return check
