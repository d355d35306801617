"""Redact signed addresses, which give access to their target without other credentials."""

from __future__ import annotations

import re
from typing import Any, Match

from formlabs_web_api._util.json import is_array, is_object

HIDDEN = "***"
_WORD = re.compile(r"[^\s\"<>]+")
_SIGNATURE = re.compile(
    r"[?&;#](?:[\w.-]*(?:signature|token|hmac|secret|credential)|sig)=", re.IGNORECASE
)
"""A query parameter that grants access, such as ``X-Amz-Signature``, ``sig``, ``access_token``."""


def redact_signed_urls_in(text: str) -> str:
    """Replace each signed address in a text by ``***``."""
    if "://" not in text or _SIGNATURE.search(text) is None:
        return text
    return _WORD.sub(_redacted, text)


def redact_signed_urls(value: Any) -> Any:
    """Replace each signed address in a JSON value, in nested texts too."""
    if isinstance(value, str):
        return redact_signed_urls_in(value)
    if is_object(value):
        return {name: redact_signed_urls(content) for name, content in value.items()}
    return [redact_signed_urls(item) for item in value] if is_array(value) else value


def _redacted(word: Match[str]) -> str:
    return word[0] if _SIGNATURE.search(word[0]) is None else HIDDEN
