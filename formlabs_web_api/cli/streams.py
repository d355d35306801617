"""Standard input and output: their encoding, and the handling of closed streams."""

from __future__ import annotations

import os
import sys
from typing import Any, Tuple


def prepare_streams() -> None:
    """Make standard streams usable and set how text is encoded.

    Pipes and files get UTF-8 on every platform, since programs read them. A terminal keeps its
    encoding; characters that it lacks are replaced, so that a name cannot end a listing.
    """
    _reopen_closed_streams()
    streams: Tuple[Any, ...] = (sys.stdout, sys.stderr)
    for stream in streams:
        if not hasattr(stream, "reconfigure"):
            continue
        if stream.isatty():
            stream.reconfigure(errors="replace")
        else:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    errors: Any = sys.stderr
    if hasattr(errors, "reconfigure"):
        # Python before 3.9 keeps the notes of a program in a pipe until it ends.
        errors.reconfigure(line_buffering=True)


def _reopen_closed_streams() -> None:
    """Replace a standard stream closed by the shell, with ``>&-`` for example, by the null device.

    Otherwise the first file or connection opened would take its descriptor.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))


def flush_output(code: object) -> Any:
    """Return the exit code after flushing standard output."""
    try:
        sys.stdout.flush()
    except OSError as error:
        return report_unwritable(error)
    return code


def report_unwritable(error: OSError) -> int:
    """Report why standard output cannot be written, discard the rest, and return the exit code."""
    discard_output()
    if isinstance(error, BrokenPipeError):
        return 0  # the reader has closed the pipe, `| head` for example
    sys.stderr.write(f"Error: standard output: {error.strerror}\n")
    return 1


def discard_output() -> None:
    """Discard buffered output, which Python would otherwise fail to write when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
