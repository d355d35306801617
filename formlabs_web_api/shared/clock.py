"""The time that the processes of one host share."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Callable, Tuple


def host_clock() -> Tuple[Callable[[], float], str]:
    """Return a clock that all processes of this host read alike, and the name of its epoch.

    Where the system has one, the clock is that of the running system, which nobody can set and
    which goes on while the computer sleeps; its epoch is the boot. Elsewhere it is the wall clock.
    Seconds of different epochs cannot be compared.
    """
    boot_id = Path("/proc/sys/kernel/random/boot_id")
    number = getattr(time, "CLOCK_BOOTTIME", None)
    if number is not None:
        try:
            epoch = boot_id.read_text(encoding="ascii").strip()
            time.clock_gettime(number)
        except OSError:
            pass
        else:
            return (lambda: time.clock_gettime(number)), epoch
    return time.time, "wall"
