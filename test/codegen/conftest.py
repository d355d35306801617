"""The generator, run on an invented document in the style of a vendor.

The generator's dependencies are those of developers: without them, its tests are skipped.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Callable

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAB = Path(__file__).with_name("lab.yaml")
LAB_OVERLAY = Path(__file__).with_name("lab-overlay.yaml")
MARK = "Generated from openapi.yaml and overlay.yaml"

Command = Callable[..., int]


@pytest.fixture(scope="session")
def command() -> Command:
    """``python -m codegen``: takes a list of arguments and returns the exit status."""
    if sys.version_info < (3, 9):
        pytest.skip("the generator needs Python 3.9")
    for name in ("jinja2", "yaml", "ruff"):
        pytest.importorskip(name, reason=f"the generator needs {name}")
    from codegen.__main__ import main

    return main


@pytest.fixture(scope="session")
def generate(command: Command) -> Command:
    """Run the command on a document: by default, the invented one without corrections."""

    def run(out: Path, *more: str, spec: Path = LAB, overlay: Path = LAB_OVERLAY) -> int:
        return command(["--spec", str(spec), "--overlay", str(overlay), "--out", str(out), *more])

    return run


@pytest.fixture(scope="session")
def lab(generate: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder generated from the invented document; tests do not change it."""
    out = tmp_path_factory.mktemp("lab")
    assert generate(out) == 0
    return out
