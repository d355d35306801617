"""Commands in docs/guides/cli.md and README.md run, and the outputs shown there are real."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import Iterator, List

import pytest

from formlabs_web_api.cli import failures
from formlabs_web_api.cli.app import COMMANDS
from test.cli.conftest import ROOT, Run

PAGE = (ROOT / "docs" / "guides" / "cli.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
ENDLESS = ("--watch", " watch ", "--load")


def commands() -> Iterator[str]:
    """The lines of all blocks that call the program, without their comments."""
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE + README, re.S | re.M):
        for line in block.splitlines():
            if line.startswith("formlabs-web-api ") and not any(word in line for word in ENDLESS):
                yield line.partition("  #")[0]


@pytest.mark.parametrize("line", sorted(set(commands())))
def test_documented_command_runs(
    line: str, run_own: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words: List[str] = shlex.split(re.split(r" [|<] ", line)[0].replace("$ID", "an-id"))
    assert words.pop(0) == "formlabs-web-api"
    given = f"{os.environ['FORMLABS_CLIENT_ID']}\n" if words == ["login"] else ""
    if "login" in words and given == "":
        words[words.index("an-id")] = os.environ["FORMLABS_CLIENT_ID"]
    ran = run_own(*words, stdin=f"{given}{os.environ['FORMLABS_CLIENT_SECRET']}\n")
    # The sandbox's clock is stopped, so doctor finds this one wrong, which is not a failure.
    assert ran.code == 0, ran.err


@pytest.mark.parametrize("text", [README, PAGE], ids=["README.md", "cli.md"])
def test_documented_status_table_is_the_real_one(text: str) -> None:
    shown = re.search(r"<!-- output: status -->\n```text\n(.*?)```", text, re.S)
    assert shown is not None
    golden = ROOT / "test" / "cli" / "golden" / "terminal-80-status.txt"
    assert shown.group(1) == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_guide_names_every_command(name: str) -> None:
    assert re.search(rf"`{name}\b", PAGE)


def test_guide_names_every_exit_code() -> None:
    table = PAGE.partition("## Exit codes")[2]
    named = {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.M)}
    codes = {code for name, code in vars(failures).items() if name.isupper() and type(code) is int}
    assert named == {0, *codes}
