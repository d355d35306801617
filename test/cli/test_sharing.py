"""Commands that share the count of requests and the token, as against the live service."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from formlabs_web_api.cli import session
from formlabs_web_api.sandbox import Sandbox
from test.cli.conftest import Run


@pytest.fixture
def like_the_service(
    own_sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Sandbox:
    """A sandbox that commands treat as the service, with a state directory of its own."""
    monkeypatch.setattr(session, "LOOPBACK", ())
    for name in ("XDG_STATE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    return own_sandbox


def tokens_of(sandbox: Sandbox) -> int:
    return len(sandbox.requests_to("*/o/token/"))


def test_commands_fetch_one_token_and_quota_lists_their_requests(
    like_the_service: Sandbox, run_own: Run
) -> None:
    assert run_own("printers").code == 0
    assert run_own("printers").code == 0
    ran = run_own("--json", "quota")
    assert ran.code == 0, ran.err
    assert tokens_of(like_the_service) == 1
    found = json.loads(ran.out)
    assert sum(found["programs"].values()) == 4  # a token, two lists, and its own request
    assert "the programs of this user made" in run_own("quota").out


def test_no_shared_option_keeps_separate_counts(like_the_service: Sandbox, run_own: Run) -> None:
    for _ in range(2):
        assert run_own("--no-shared", "printers").code == 0
    assert tokens_of(like_the_service) == 2


def test_unusable_state_directory_does_not_stop_a_command(
    like_the_service: Sandbox, run_own: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("not a directory", encoding="ascii")
    for name in ("XDG_STATE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(occupied))
    ran = run_own("printers")
    assert ran.code == 0, ran.err
    assert ran.err == ""


def test_commands_against_loopback_share_no_state(own_sandbox: Sandbox, run_own: Run) -> None:
    for _ in range(2):
        assert run_own("printers").code == 0
    assert tokens_of(own_sandbox) == 2
