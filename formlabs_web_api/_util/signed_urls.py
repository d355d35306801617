"""Signed addresses, which open what they lead to to anybody, hidden wherever they stand."""

from __future__ import annotations

import re
from typing import Any, Match

from formlabs_web_api._util.json import is_array, is_object

HIDDEN = "***"
_WORD = re.compile(r"[^\s\"<>]+")
_SIGNATURE = re.compile(r"[?&;#](?:[\w.-]*(?:signature|token)|sig)=", re.IGNORECASE)
"""What in an address lets in whoever has it: ``X-Amz-Signature``, ``sig``, ``access_token``."""


def unsigned(text: str) -> str:
    """A text with each signed address in it hidden."""
    if "://" not in text or _SIGNATURE.search(text) is None:
        return text
    return _WORD.sub(_hidden, text)


def masked(value: Any) -> Any:
    """A value with each signed address hidden in the texts it is or holds."""
    if isinstance(value, str):
        return unsigned(value)
    if is_object(value):
        return {name: masked(content) for name, content in value.items()}
    return [masked(one) for one in value] if is_array(value) else value


def _hidden(word: Match[str]) -> str:
    return word[0] if _SIGNATURE.search(word[0]) is None else HIDDEN
