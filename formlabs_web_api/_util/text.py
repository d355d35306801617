"""Decode response bodies, and sanitize text from outside."""

from __future__ import annotations

import codecs
import re
from typing import Mapping, Optional

MISSING = "\N{EN DASH}"
"""Shown to people for a value that is not known."""

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_JSON_IN_ASCII = re.compile(rb"\s*[\[{]\s*[\[{\"\]}]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
"""A lone surrogate, the rest of an emoji if a name was truncated; it cannot be encoded."""
_UNSAFE_BEYOND_C0 = (
    r"\x7f-\x9f"  # DEL, C1
    r"\u2028\u2029"  # line and paragraph separator
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # bidi controls, some deprecated
)
_UNSAFE = re.compile(rf"[\x00-\x20\xa0{_UNSAFE_BEYOND_C0}]+")
"""Characters that end a line, control a terminal or change the direction of writing; spaces."""
_UNSAFE_IN_JSON = re.compile(rf"[{_UNSAFE_BEYOND_C0}\ud800-\udfff]")
"""The same in JSON text, which has C0 controls only as white space between values."""


def charset_of(headers: Optional[Mapping[str, str]]) -> Optional[str]:
    """Return the charset of the ``Content-Type`` header; None if it is UTF-8 or unknown."""
    try:
        content_type = "" if headers is None else headers["Content-Type"]
    except KeyError:
        return None
    found = _CHARSET.search(content_type) if "=" in content_type else None
    if found is None or found[1].lower().replace("-", "") == "utf8":
        return None
    try:
        codec = codecs.lookup(found[1]).name
        b"a".decode(codec, "replace")  # raises for codecs that are not for text
    except (LookupError, UnicodeError, ValueError):
        return None
    return None if codec in _NOT_FOR_BODIES else codec


_NOT_FOR_BODIES = frozenset(
    [
        "idna",
        "mbcs",
        "oem",
        "punycode",
        "raw-unicode-escape",
        "undefined",
        "unicode-escape",
    ]
)
"""Codecs of Python that no service uses; some of them raise with any error handler."""


def text_of(raw: bytes, headers: Optional[Mapping[str, str]]) -> str:
    """Decode a body; undecodable bytes become U+FFFD."""
    return raw.decode(charset_of(headers) or "utf-8", "replace")


def in_utf8(raw: bytes, headers: Optional[Mapping[str, str]]) -> bytes:
    """Convert the text of a body to UTF-8; return the same object if it is UTF-8 already.

    JSON that a gateway labels with a charset it is not in, such as UTF-16, is UTF-8.
    """
    charset = charset_of(headers)
    if charset is not None and _JSON_IN_ASCII.match(raw):
        is_ascii = b"[{".decode(charset, "replace") == "[{"
        charset = charset if is_ascii else None
    return raw if charset is None else raw.decode(charset, "replace").encode()


def replace_surrogates(text: str) -> str:
    """Replace each lone surrogate by U+FFFD, so that the text can be encoded."""
    return text if text.isascii() else _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str) -> str:
    """Sanitize text from outside for a log, terminal, repr or page.

    A run of white space, control characters, bidi controls and line separators becomes one space; a
    lone surrogate becomes U+FFFD. This is the only sanitizer of the package.
    """
    return replace_surrogates(_UNSAFE.sub(" ", text)).strip()


def escape_json(written: str) -> str:
    """Escape in JSON text what :func:`one_line` removes; the value stays the same."""
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", written)
