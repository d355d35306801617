"""A test that freezes time (freezegun, time-machine) freezes its program, not the sandbox."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("freezegun")
pytest.importorskip("time_machine")

ROOT = Path(__file__).parents[2]
ASK = """
credentials = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret}
with ApiClient(Configuration(host=sandbox.url, **credentials)) as client:
    assert len(PrintersApi(client).printers_list()) == 12
"""
IMPORTS = """
from formlabs_web_api import ApiClient, Configuration, PrintersApi
from formlabs_web_api.sandbox import Sandbox
"""
PROGRAMS = {
    "frozen within the life of the sandbox": (
        IMPORTS,
        "with Sandbox() as sandbox:",
        "    with freeze('2026-06-05 12:00:00'):",
    ),
    "sandbox started and stopped while frozen": (
        IMPORTS,
        "with freeze('2026-06-05 12:00:00'):",
        "    with Sandbox() as sandbox:",
    ),
    "everything imported while frozen": (
        "with freeze('2026-06-05 12:00:00'):",
        "    " + IMPORTS.strip().replace("\n", "\n    "),
        "    with Sandbox() as sandbox:",
    ),
    "imported and started while frozen, stopped later": (
        "with freeze('2026-06-05 12:00:00'):",
        "    " + IMPORTS.strip().replace("\n", "\n    "),
        "    sandbox = Sandbox().start()",
        "    if True:",
    ),
}
FREEZERS = {
    "freezegun": "from freezegun import freeze_time as freeze",
    "time-machine": "from time_machine import travel\nfreeze = lambda to: travel(to, tick=False)",
}


@pytest.mark.parametrize("freezer", FREEZERS)
@pytest.mark.parametrize("case", PROGRAMS)
def test_program_that_freezes_time_stops_its_sandbox(freezer: str, case: str) -> None:
    body = "\n".join(PROGRAMS[case]) + ASK.replace("\n", "\n        ")
    program = f"{FREEZERS[freezer]}\n{body}\nsandbox.stop()\nprint('ended')"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=str(ROOT),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("ended\n", 0), done.stderr
