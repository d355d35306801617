"""The sandbox's answers conform to the project's OpenAPI document."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from test.sandbox.caller import Caller

pytest.importorskip("schemathesis", reason="it needs a newer Python")
yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[2]


def test_schemathesis_finds_no_deviation_from_the_document(caller: Caller, tmp_path: Path) -> None:
    from codegen import overlay
    from codegen.document import read

    described = read(ROOT / "openapi.yaml")
    merged, misplaced = overlay.apply(described, read(ROOT / "overlay.yaml"))
    assert misplaced == []
    document = tmp_path / "merged.yaml"
    document.write_text(yaml.safe_dump(merged, sort_keys=False), encoding="utf-8")
    command = [
        *(sys.executable, "-m", "schemathesis.cli"),
        *("--config-file", str(Path(__file__).with_name("schemathesis.toml"))),
        *("run", str(document), "--url", caller.sandbox.url),
        *("-H", f"Authorization: {caller.headers['Authorization']}"),
        *("--max-examples", "10", "--seed", "1", "--no-color"),
    ]
    done = subprocess.run(command, cwd=str(tmp_path), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
