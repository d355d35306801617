"""Hooks of the documentation site."""

from __future__ import annotations

import posixpath
import re
from typing import Any, Match

_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:|mailto:|#)([^)\s]+)\)")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Replace links to files outside docs/, which the site does not have, by the path itself."""
    folder = posixpath.dirname(page.file.src_uri)

    def replace(link: Match[str]) -> str:
        text, target = link.groups()
        path = posixpath.normpath(posixpath.join("docs", folder, target))
        inside = path.startswith("docs/") and not target.endswith("site_hooks.py")
        return link.group(0) if inside else f"{text} (`{path}`)"

    return _LINK.sub(replace, markdown)
