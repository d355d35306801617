"""Links of the pages that the generator writes for another document resolve."""

from __future__ import annotations

from pathlib import Path

from test.support.pages import broken_links


def test_links_of_pages_for_another_document_resolve(lab: Path) -> None:
    pages = list((lab / "docs").glob("*.md"))
    assert len(pages) > 10
    assert [link for page in pages for link in broken_links(page)] == []
