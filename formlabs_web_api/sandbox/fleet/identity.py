"""Ids that look random and yet follow from what they are made of."""

from __future__ import annotations

import hashlib


def made_up_hex(length: int, *parts: object) -> str:
    """``length`` (up to 64) hexadecimal digits."""
    text = "/".join(map(str, parts))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def made_up_uuid(*parts: object) -> str:
    """A UUID in its usual spelling (version 4)."""
    digits = made_up_hex(32, *parts)
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
