"""The generator, run on a made-up document in the manner of a vendor.

Its own dependencies are those of developers: where they are missing, what needs them is skipped.
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
    """``python -m codegen``: takes a list of arguments, gives the exit status."""
    if sys.version_info < (3, 9):
        pytest.skip("the generator needs Python 3.9")
    for name in ("jinja2", "yaml", "ruff"):
        pytest.importorskip(name, reason=f"the generator needs {name}")
    from codegen.__main__ import main

    return main


@pytest.fixture(scope="session")
def generate(command: Command) -> Command:
    """Run the command on a document, the made-up one without corrections unless told otherwise."""

    def run(out: Path, *more: str, spec: Path = LAB, overlay: Path = LAB_OVERLAY) -> int:
        return command(["--spec", str(spec), "--overlay", str(overlay), "--out", str(out), *more])

    return run


@pytest.fixture(scope="session")
def lab(generate: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is generated of the made-up document; not to be changed."""
    out = tmp_path_factory.mktemp("lab")
    assert generate(out) == 0
    return out
