"""Text and bytes that are sent as they are and that no repr shows: tokens, cookies, forms.

Tools that report errors write down the local variables of each frame; so a token must not show in
the repr of a dict of headers that urllib3 holds when a connection breaks.
"""

from __future__ import annotations


class HiddenText(str):
    """A token, client secret or cookie."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


class HiddenBytes(bytes):
    """A body that may hold such."""

    def __repr__(self) -> str:
        return "b'***'"
