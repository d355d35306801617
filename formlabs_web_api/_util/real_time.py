"""A monotonic clock that test libraries (freezegun, time-machine) do not freeze.

freezegun replaces every module attribute that is a function of :mod:`time`, time-machine replaces
the functions themselves, but not ``perf_counter``. So that function is kept where neither finds it.
"""

from __future__ import annotations

import sys
import time
from types import BuiltinFunctionType
from typing import Callable, Tuple


def _unfrozen_counter() -> Callable[[], int]:
    counter: Callable[[], int] = time.perf_counter_ns
    if not isinstance(counter, BuiltinFunctionType):
        # Imported while time is frozen: freezegun keeps the function that it has replaced.
        freezegun = sys.modules.get("freezegun.api")
        counter = getattr(freezegun, "real_perf_counter_ns", counter)
    return counter


# In a tuple: freezegun looks at the attributes of modules, not into containers.
_COUNTER: Tuple[Callable[[], int]] = (_unfrozen_counter(),)


def elapsed_ns() -> int:
    """Return nanoseconds of real time since an arbitrary moment."""
    return _COUNTER[0]()


def monotonic() -> float:
    """Return seconds of real time since an arbitrary moment."""
    return _COUNTER[0]() / 1e9
