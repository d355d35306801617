"""Read nested fields of objects of any type."""

from __future__ import annotations


def value_at(owner: object, *path: str) -> object:
    """Return the value of a nested field; None where a part of the path is missing."""
    for name in path:
        owner = getattr(owner, name, None)
    return owner
