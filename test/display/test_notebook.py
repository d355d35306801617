"""The example notebook runs from top to bottom and shows tables without secrets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List

import pytest

pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")
pytest.importorskip("jinja2")  # the library with which pandas styles tables

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "examples" / "notebook.ipynb"

# In its own process: Jupyter's warnings do not concern these tests. The kernel is reached by
# Unix sockets where they exist: a port that was free when it was chosen may be taken later.
RUN = """
import json, socket, sys, nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
reached = {"transport": "ipc", "ip": sys.argv[2]} if hasattr(socket, "AF_UNIX") else {}
client = nbclient.NotebookClient(notebook, timeout=120, startup_timeout=120)
client.config.KernelManager.update(reached)
client.execute()
json.dump(notebook.cells, sys.stdout)
"""


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> List[Dict[str, Any]]:
    """The cells after a run with a kernel of the same Python."""
    home = tmp_path_factory.mktemp("jupyter")
    kernel = home / "kernels" / "python3"
    kernel.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": "Python 3", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    environment = {
        **os.environ,
        "JUPYTER_PATH": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(NOTEBOOK), str(home / "kernel")],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: List[Dict[str, Any]] = json.loads(done.stdout)
    return found


def outputs(cells: List[Dict[str, Any]], source: str) -> Dict[str, str]:
    """Return the outputs of the cell that ends with ``source``, by content type."""
    (cell,) = [one for one in cells if one["source"].endswith(source)]
    (output,) = cell["outputs"]
    data: Dict[str, str] = output["data"]
    return data


def test_example_notebook_runs_without_errors_or_warnings(cells: List[Dict[str, Any]]) -> None:
    for cell in cells:
        for output in cell.get("outputs", ()):
            assert output["output_type"] != "error"
            assert output.get("name") != "stderr", output["text"]


def test_example_notebook_shows_the_fleet(cells: List[Dict[str, Any]]) -> None:
    html = outputs(cells, "\nprinters")["text/html"]
    assert "12 printers" in html
    assert "needs attention" in html


def test_example_notebook_shows_prints_with_pictures(cells: List[Dict[str, Any]]) -> None:
    html = outputs(cells, "thumbnails=True)")["text/html"]
    assert html.count("data:image/png;base64,") == 4


def test_example_notebook_shows_the_remaining_quota(cells: List[Dict[str, Any]]) -> None:
    assert "1500/h" in outputs(cells, "client.quota")["text/html"]


def test_output_saved_in_the_example_notebook_contains_no_secret() -> None:
    kept = NOTEBOOK.read_text(encoding="utf-8")
    for word in ("Signature=", "Bearer ", "/home/", "/tmp/"):
        assert word not in kept
