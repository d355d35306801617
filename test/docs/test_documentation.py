"""Examples of the documentation run, and its links resolve."""

from __future__ import annotations

import logging
import re
import runpy
from pathlib import Path
from typing import Iterator

import pytest

from formlabs_web_api.sandbox import Sandbox
from test.support.pages import broken_links, examples

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


EXAMPLES = {
    f"{page.relative_to(ROOT)}-{number}": code
    for page in PAGES
    for number, code in enumerate(examples(page), start=1)
}


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox that ``ApiClient()`` uses by default, like the real service."""
    with Sandbox() as sandbox:
        monkeypatch.setenv("FORMLABS_HOST", sandbox.url)
        monkeypatch.setenv("FORMLABS_CLIENT_ID", sandbox.client_id)
        monkeypatch.setenv("FORMLABS_CLIENT_SECRET", sandbox.client_secret)
        monkeypatch.setenv("FORMLABS_WEB_API_STRICT", "1")
        yield sandbox


@pytest.fixture
def plain_logging() -> Iterator[None]:
    """Undo what an example does to the program's logging."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = before, level


@pytest.mark.usefixtures("sandbox", "plain_logging")
@pytest.mark.parametrize("name", EXAMPLES)
def test_documented_example_runs(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # some write a file
    exec(compile(EXAMPLES[name], name, "exec"), {"__name__": "__main__"})


def test_readme_shows_the_text_of_an_error(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    code = next(code for code in EXAMPLES.values() if "NoSuchPrinter" in code)
    exec(compile(code, "README.md", "exec"), {"__name__": "__main__"})
    assert f"`{capsys.readouterr().out.strip()}`" in (ROOT / "README.md").read_text("utf-8")


def test_the_quickstart_shows_a_fleet(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "examples" / "quickstart.py"), run_name="__main__")
    output = capsys.readouterr().out
    for heading in ("Printers", "Open jobs", "Resin left", "Last ten prints"):
        assert heading in output
    assert len(output.partition("Last ten prints\n")[2].splitlines()) == 10
    assert "%  ends" in output


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_project_resolve(page: Path) -> None:
    assert list(broken_links(page)) == []


def test_every_cited_observation_exists() -> None:
    text = (ROOT / "docs" / "observations.md").read_text("utf-8")
    numbers = set(re.findall(r"^## (\d+\.\d+) ", text, re.M))
    package = ROOT / "formlabs_web_api"
    named = set()
    for path in [ROOT / "overlay.yaml", *package.rglob("*.py"), *(ROOT / "docs").rglob("*.md")]:
        for found in re.findall(r"bserv(?:ations?|ed)[: \"]+([\d., ]+)", path.read_text("utf-8")):
            named.update(re.findall(r"\d+\.\d+", found))
    assert len(named) > 5
    assert named <= numbers
