"""Text and bytes whose repr is redacted: tokens, cookies, secrets, forms.

Tools that report errors write down the local variables of each frame, so a token must not show in
the repr of a dict of headers that urllib3 holds when a connection breaks.
"""

from __future__ import annotations

import json
from typing import Any, Iterable, Optional

REDACTED = "***"
_SHORTEST_SECRET = 6
"""Shorter texts are not secrets, and would be found in words that are not either."""


class HiddenText(str):
    """A token, client secret or cookie."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


class HiddenBytes(bytes):
    """Bytes whose repr is redacted."""

    def __repr__(self) -> str:
        return "b'***'"


def hidden(value: Any) -> Any:
    """Return text or bytes with a redacted repr; anything else as it is."""
    if isinstance(value, HiddenText):
        return value
    if isinstance(value, str):
        return HiddenText(value)
    return HiddenBytes(value) if isinstance(value, bytes) else value


def redact(text: str, secrets: Iterable[Optional[str]]) -> str:
    """Return ``text`` with each of the secrets replaced by ``***``."""
    for secret in secrets:
        if secret and len(secret) >= _SHORTEST_SECRET:
            for form in {str(secret), json.dumps(secret)[1:-1]}:
                text = text.replace(form, REDACTED)
    return text


def redact_bytes(raw: bytes, secrets: Iterable[Optional[str]]) -> bytes:
    """Return ``raw`` with each of the secrets, in UTF-8, replaced by ``***``."""
    for secret in secrets:
        if secret and len(secret) >= _SHORTEST_SECRET:
            wanted = secret.encode("utf-8", "replace")
            if wanted in raw:
                raw = raw.replace(wanted, REDACTED.encode())
    return raw
