"""The command line as the tests run it: at a fixed moment, and with waits that take no time.

``python program.py ARGUMENTS``; the environment variable PROGRAM_NOW is the moment, PROGRAM_LOOKS
the number of updates after which ``--watch`` is interrupted as by Ctrl-C.
"""

from __future__ import annotations

import fcntl
import os
import signal
import termios
from datetime import datetime

from formlabs_web_api.cli import main, session
from formlabs_web_api.cli.commands import _status_watch as watching

if "PROGRAM_NOW" in os.environ:
    NOW = datetime.fromisoformat(os.environ["PROGRAM_NOW"])
    session.clock = lambda: NOW
    session.service_clock = lambda client: NOW

# A shell makes background jobs ignore Ctrl-C, and so do the processes that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
if os.isatty(0):
    # So that Ctrl-C typed in the terminal is a signal for this program.
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)

looks_left = int(os.environ.get("PROGRAM_LOOKS", "0"))
look = watching.printers_of


def counted_look(run: session.Session) -> object:
    global looks_left
    if looks_left == 0:
        raise KeyboardInterrupt
    looks_left -= 1
    return look(run)


if looks_left:
    watching.printers_of = counted_look  # type: ignore[assignment]
    watching.pause = lambda seconds: None

main()
