"""Reset locks and thread state in a forked child, which has none of its parent's other threads."""

from __future__ import annotations

import os
from typing import Any, Callable, TypeVar
from weakref import WeakKeyDictionary

Owner = TypeVar("Owner")

_resets: WeakKeyDictionary[Any, Callable[[Any], None]] = WeakKeyDictionary()


def after_fork(owner: Owner, reset: Callable[[Owner], None]) -> None:
    """Call ``reset(owner)`` in every child process that is forked while ``owner`` lives.

    ``reset`` must not itself refer to ``owner``, which would then never be freed.
    """
    _resets[owner] = reset


def _in_child() -> None:
    for owner, reset in list(_resets.items()):
        reset(owner)


if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
    os.register_at_fork(after_in_child=_in_child)
