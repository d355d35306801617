"""``record`` writes an anonymized fleet to a file from which a sandbox starts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from formlabs_web_api.sandbox import Sandbox
from test.cli.conftest import Run


def test_sandbox_serves_a_recording(run: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "fleet.json"
    ran = run("record", "-o", str(file))
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "18 responses recorded. Review the file before you pass it on.\n"
    with Sandbox(load=file) as loaded:
        assert len(loaded.world.printers) == len(sandbox.world.printers)
    text = file.read_text(encoding="utf-8")
    assert not [serial for serial in sandbox.world.printers if serial in text]
    assert sandbox.client_id not in text


def test_recording_can_be_written_to_standard_output(run: Run) -> None:
    ran = run("record", "--quiet", "-o", "-", "--prints", "0", "--events", "0")
    asked = [answer["path"] for answer in json.loads(ran.out)["answers"]]
    assert "/developer/v1/printers/" in asked
    assert "/developer/v1/events/" not in asked
    assert ran.err == ""


def test_record_reports_error_responses(run_own: Run, own_sandbox: Sandbox) -> None:
    own_sandbox.faults.add(path="/tanks/", status=403)
    ran = run_own("record", "-o", "-", "--prints", "0", "--events", "0")
    assert ran.code == 0
    assert "recorded, 1 of them 403." in ran.err


def test_record_refuses_a_missing_folder_before_a_request(
    run: Run, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.forget_requests()
    ran = run("record", "-o", str(tmp_path / "none" / "fleet.json"))
    assert ran.code == 2
    assert f"the folder {tmp_path / 'none'} does not exist" in ran.err
    assert not sandbox.requests


def test_record_requires_an_output_file(run: Run) -> None:
    ran = run("record")
    assert ran.code == 2
    assert "--output" in ran.err


def test_failed_recording_leaves_no_file(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FORMLABS_CLIENT_SECRET", "another")
    ran = run("record", "-o", str(tmp_path / "fleet.json"))
    assert ran.code == 3
    assert list(tmp_path.glob("*fleet*")) == []
