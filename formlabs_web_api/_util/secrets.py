"""Text and bytes that are sent as they are and that no repr shows: tokens, cookies, forms.

Tools that report errors write down the local variables of each frame; so a token must not show in
the repr of a dict of headers that urllib3 holds when a connection breaks.
"""

from __future__ import annotations

from typing import Any


class HiddenText(str):
    """A token, client secret or cookie."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


class HiddenBytes(bytes):
    """A body that may hold such."""

    def __repr__(self) -> str:
        return "b'***'"


def hidden(value: Any) -> Any:
    """A text, or bytes, that no repr shows; anything else as it is."""
    if isinstance(value, str):
        return HiddenText(value)
    return HiddenBytes(value) if isinstance(value, bytes) else value
