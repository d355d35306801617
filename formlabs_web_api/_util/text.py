"""Bytes of an answer as text, and text of the service made fit for one line."""

from __future__ import annotations

import re
from typing import Mapping, Optional

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_UNFIT = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff]+")
"""What could end a line, steer a terminal, or cannot be written at all."""


def charset_of(headers: Optional[Mapping[str, str]]) -> Optional[str]:
    """The charset that a ``Content-Type`` names, unless that is UTF-8 or one not known here."""
    try:
        content_type = "" if headers is None else headers["Content-Type"]
    except KeyError:
        return None
    found = _CHARSET.search(content_type) if "=" in content_type else None
    if found is None or found[1].lower().replace("-", "") == "utf8":
        return None
    try:
        b"".decode(found[1])
    except (LookupError, UnicodeError):
        return None
    return found[1]


def text_of(raw: bytes, headers: Optional[Mapping[str, str]]) -> str:
    """A body as text; what is none in its charset is replaced."""
    return raw.decode(charset_of(headers) or "utf-8", "replace")


def in_utf8(raw: bytes, headers: Optional[Mapping[str, str]]) -> bytes:
    """A body of text in UTF-8; the same object where it is so already."""
    charset = charset_of(headers)
    return raw if charset is None else raw.decode(charset, "replace").encode()


def one_line(text: str) -> str:
    """A text without line ends, control characters and halves of surrogate pairs."""
    return _UNFIT.sub(" ", text).strip()
