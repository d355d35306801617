"""Format the prose of a document for docstrings and Markdown tables."""

from __future__ import annotations

import html
import re
import textwrap

_TYPOGRAPHY = str.maketrans(dict(zip("\u2018\u2019\u201c\u201d\u2013\u00a0", "''\"\"- ")))
# Tags and comments, but not text between backticks: `Bearer <token>`.
_TAG = re.compile(r"(`[^`]*`)|<!--.*?-->|</?[A-Za-z][^<>]*>", re.DOTALL)


def plain(prose: object) -> str:
    """Return one paragraph without HTML tags, headings, line breaks and typographic quotes."""
    text = html.unescape(str(prose or "")).translate(_TYPOGRAPHY)
    text = _TAG.sub(lambda found: found[1] or " ", text)
    text = re.sub(r"^\s*#+\s+(.*)", r"\1:", text, flags=re.MULTILINE)
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def first_sentence(prose: object) -> str:
    """Return the first sentence of prose."""
    return re.split(r"(?<=[.!?])\s+(?=[A-Z`])", plain(prose), maxsplit=1)[0]


def wrapped(prose: object, indent: int, hanging: int = 0, quotes: str = "") -> str:
    """Return prose wrapped and escaped for the inside of a docstring."""
    text = re.sub(r'"$', r"\"", plain(prose).replace("\\", r"\\").replace('"""', r"\"\"\""))
    lines = textwrap.wrap(
        f"{quotes}{text}{quotes}",
        100 - indent,
        subsequent_indent=" " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return ("\n" + " " * indent).join(lines)


def docstring(prose: object, indent: int) -> str:
    """Return prose as a docstring."""
    return wrapped(prose, indent, quotes='"""')


def cell(prose: object) -> str:
    """Return prose for a cell of a Markdown table."""
    return plain(prose).replace("|", "\\|")


def code(words: str | None) -> str:
    """Return code for Markdown, or nothing."""
    return f"`{words}`" if words else ""
