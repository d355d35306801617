"""Ids that look random, and follow from given values."""

from __future__ import annotations

import hashlib


def derived_hex(length: int, *parts: object) -> str:
    """Return ``length`` (up to 64) hexadecimal digits."""
    text = "/".join(map(str, parts))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def derived_uuid(*parts: object) -> str:
    """Return a UUID (version 4) with hyphens."""
    digits = derived_hex(32, *parts)
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
