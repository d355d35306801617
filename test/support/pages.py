"""Examples and links of the project's pages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Iterator, List

_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")
_EXAMPLE = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def examples(page: Path) -> List[str]:
    return _EXAMPLE.findall(page.read_text(encoding="utf-8"))


def broken_links(page: Path) -> Iterator[str]:
    """Return the links within the project whose target does not exist."""
    for target, anchor in _LINK.findall(page.read_text(encoding="utf-8")):
        path = page.parent / target if target else page
        if not path.exists():
            yield target
        elif anchor and anchor not in _anchors(path):
            yield f"{target}#{anchor}"


def _anchors(page: Path) -> List[str]:
    headings = _HEADING.findall(page.read_text(encoding="utf-8"))
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
