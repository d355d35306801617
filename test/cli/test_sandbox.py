"""``sandbox``: the same program as ``python -m formlabs_web_api.sandbox``."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from typing import Dict, List, Set

import pytest

from test.cli.conftest import PROGRAM, Run

MODULE = [sys.executable, "-m", "formlabs_web_api.sandbox"]


def options(text: str) -> Set[str]:
    return set(re.findall(r"--[a-z]+", text))


def test_sandbox_command_has_the_options_and_defaults_of_the_module(
    bare_run: Run, environment: Dict[str, str]
) -> None:
    shown = bare_run("sandbox", "--help").out
    theirs = subprocess.run(
        [*MODULE, "--help"], stdout=subprocess.PIPE, check=True, text=True, timeout=60
    ).stdout
    shared = {"--config", "--sandbox", "--json", "--derived", "--utc", "--quiet"}
    assert options(shown) - shared == options(theirs)
    for name, default in re.findall(r"(--[a-z]+) [A-Z]+ .*\(([\w.]+)\)", theirs):
        line = next(line for line in shown.splitlines() if f"  {name} " in line)
        assert re.search(rf"\[default: {re.escape(default)}[;\]]", line)


@pytest.mark.parametrize("quiet", [False, True])
def test_sandbox_command_writes_shell_variables_and_notes_unless_quiet(
    quiet: bool, environment: Dict[str, str]
) -> None:
    command = [sys.executable, str(PROGRAM), "sandbox", "--port", "0", *["--quiet"] * quiet]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines: List[str] = []
        for line in process.stdout:
            lines.append(line)
            if "SECRET" in line:
                break
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert len([line for line in lines if line.startswith("export FORMLABS_")]) == 3
    assert len([line for line in lines if line.startswith("#")]) == (not quiet)
