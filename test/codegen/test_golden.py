"""Generated files of a made-up document, compared with golden files.

After an intended change, ``python -m test.codegen.test_golden`` rewrites the golden files. Their
names end in ``.golden``, so that no formatter touches them.
"""

from __future__ import annotations

from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory

import pytest

from test.codegen.conftest import LAB, LAB_OVERLAY

GOLDEN = Path(__file__).parent / "golden"
FILES = [
    "docs/Kind.md",
    "docs/Printer.md",
    "docs/PrintersApi.md",
    "docs/reference.md",
    "formlabs_web_api/api/lab_access_api.py",
    "formlabs_web_api/api/printers_api.py",
    "formlabs_web_api/models/__init__.py",
    "formlabs_web_api/models/kind.py",
    "formlabs_web_api/models/printer.py",
    "formlabs_web_api/models/printers_partial_update_request.py",
    "formlabs_web_api/namespaces/printers.py",
]


def golden_file_of(path: str) -> Path:
    name = path.partition("/")[2].replace("/", "-") if "namespaces" in path else Path(path).name
    return GOLDEN / f"{name}.golden"


@pytest.mark.parametrize("path", FILES)
def test_generated_file_equals_the_golden_file(lab: Path, path: str) -> None:
    golden = golden_file_of(path).read_text(encoding="utf-8")
    assert (lab / path).read_text(encoding="utf-8") == golden


def rewrite_golden_files() -> None:
    from codegen.__main__ import main

    with TemporaryDirectory() as folder:
        main(["--spec", str(LAB), "--overlay", str(LAB_OVERLAY), "--out", folder])
        for path in FILES:
            copy(Path(folder) / path, golden_file_of(path))


if __name__ == "__main__":
    rewrite_golden_files()
