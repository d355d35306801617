"""The unit for systemd and the container of the examples, as far as they can be checked here."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import List

import pytest

from test.cli.conftest import ROOT, Run

UNIT = ROOT / "examples" / "systemd" / "formlabs-watch.service"
CONTAINER = ROOT / "examples" / "Containerfile"


def settings(name: str) -> List[str]:
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text("utf-8"), re.M)


def check_command(run: Run, words: List[str]) -> None:
    """Check that the program knows each option; ``--help`` is shown only if it does."""
    ran = run(*words, "--help")
    assert (ran.code, ran.err) == (0, "")


def test_systemd_unit_uses_options_that_exist(bare_run: Run) -> None:
    [command] = settings("ExecStart")
    program, *words = shlex.split(command)
    assert program.endswith("/formlabs-web-api")
    assert words.pop() == "$WATCH_OPTIONS"
    check_command(bare_run, words)
    state = Path(words[words.index("--state") + 1])
    assert state.parent == Path("/var/lib") / settings("StateDirectory")[0]
    check_command(bare_run, ["watch", "--mqtt", "mqtts://fleet@broker.example.com"])


def test_systemd_unit_is_not_restarted_after_permanent_errors() -> None:
    from formlabs_web_api.cli.failures import NOT_AUTHORISED, USAGE

    [status] = settings("RestartPreventExitStatus")
    assert [int(code) for code in status.split()] == [USAGE, NOT_AUTHORISED]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_unit_is_valid_and_confined(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    text = UNIT.read_text("utf-8").replace("/opt/formlabs/bin/formlabs-web-api", "/bin/true")
    unit.write_text(text, encoding="utf-8")
    for command in (["verify"], ["security", "--offline=true", "--threshold=20", "--no-pager"]):
        ran = subprocess.run(
            ["systemd-analyze", *command, str(unit)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        if "unrecognized option" in ran.stdout:
            pytest.skip("needs a newer systemd-analyze")
        assert ran.returncode == 0, ran.stdout


def test_containerfile_runs_an_existing_command_without_root(bare_run: Run) -> None:
    text = CONTAINER.read_text("utf-8")
    [entry] = re.findall(r"^ENTRYPOINT (.*)$", text, re.M)
    [command] = re.findall(r"^CMD (.*)$", text, re.M)
    assert json.loads(entry) == ["formlabs-web-api"]
    check_command(bare_run, json.loads(command))
    [metrics] = re.findall(r" formlabs (metrics .*)$", text, re.M)
    check_command(bare_run, metrics.split())
    assert re.search(r"^USER (?!0$|root$)", text, re.M)


def test_containerfile_uses_files_and_extras_that_exist() -> None:
    text = CONTAINER.read_text("utf-8")
    for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.M):
        *sources, _ = line.split()
        assert all((ROOT / source).exists() for source in sources)
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    for extras in re.findall(r"\[([a-z,]+)\]\"", text):
        assert all(re.search(rf"^{extra} = \[", project, re.M) for extra in extras.split(","))
