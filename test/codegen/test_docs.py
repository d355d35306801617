"""The pages: every link leads somewhere, every example runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Iterator

import pytest

from test.codegen.conftest import MARK, ROOT

LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")
EXAMPLE = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PAGES = [
    path
    for path in sorted((ROOT / "docs").glob("*.md"))
    if MARK in path.read_text(encoding="utf-8")
]

APIS = [page for page in PAGES if page.stem.endswith("Api")]
MODELS = [page for page in PAGES if page not in APIS and page.stem != "README"]


def broken_links(page: Path) -> Iterator[str]:
    text = page.read_text(encoding="utf-8")
    for target, heading in LINK.findall(text):
        if "://" in target or target.startswith("mailto:"):
            continue
        path = page.parent / target if target else page
        if not path.exists():
            yield target
        elif heading and f"\n## {heading}\n" not in path.read_text(encoding="utf-8"):
            yield f"{target}#{heading}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    assert list(broken_links(page)) == []


def test_links_of_another_document_lead_somewhere(lab: Path) -> None:
    pages = list((lab / "docs").glob("*.md"))
    assert len(pages) > 10
    assert [link for page in pages for link in broken_links(page)] == []


def run_examples(page: Path) -> None:
    examples = EXAMPLE.findall(page.read_text(encoding="utf-8"))
    assert examples
    for example in examples:
        exec(compile(example, str(page), "exec"), {})


@pytest.mark.parametrize("page", MODELS, ids=lambda page: page.stem)
def test_examples_of_models_run(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMLABS_WEB_API_STRICT", "1")
    run_examples(page)


@pytest.mark.parametrize("page", APIS, ids=lambda page: page.stem)
def test_examples_of_operations_run(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("uvicorn", reason="the extra sandbox is not installed")
    from formlabs_web_api.sandbox import Sandbox

    with Sandbox(seed=1) as service:
        monkeypatch.setenv("FORMLABS_HOST", service.url)
        monkeypatch.setenv("FORMLABS_CLIENT_ID", service.client_id)
        monkeypatch.setenv("FORMLABS_CLIENT_SECRET", service.client_secret)
        run_examples(page)
