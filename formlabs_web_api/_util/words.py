"""Closed sets of words: each member equals its own text."""

from __future__ import annotations

from enum import Enum


class Word(str, Enum):
    """The base of an enum whose members are used, compared and formatted as their text."""

    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, format_spec: str) -> str:
        return format(str(self.value), format_spec)
