"""The command line ``formlabs-web-api``; needs the extra ``cli``.

Importing this, or asking for ``--version`` or ``--help``, imports neither the client nor rich.
"""

import os
import sys
from typing import Any, Tuple

PROGRAM = "formlabs-web-api"


def main() -> None:
    """Run the command line and end the process with its exit code."""
    _open_what_is_closed()
    streams: Tuple[Any, ...] = (sys.stdout, sys.stderr)
    for stream in streams:
        # A name the terminal cannot show must not end a listing.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        from formlabs_web_api.cli.app import app

        app(prog_name=PROGRAM)
    except SystemExit as end:
        sys.exit(_flushed(end.code))
    except KeyboardInterrupt:  # so early that no command was there to see it
        from formlabs_web_api.cli.failures import INTERRUPTED

        sys.exit(INTERRUPTED)
    except OSError as error:  # of --help, --version and the like
        sys.exit(_not_written(error))
    except ModuleNotFoundError as error:
        if error.name not in ("typer", "typing_extensions", "rich"):
            raise
        sys.exit(f'{PROGRAM} needs {error.name}: pip install "formlabs_web_api[cli]"')


def _open_what_is_closed() -> None:
    """Let what a shell has closed, by ``>&-`` for example, be a file that keeps nothing.

    Else the first file or connection that is opened would take its place.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))


def _flushed(code: Any) -> Any:
    """The exit code, once all that was written has gone where it should."""
    try:
        sys.stdout.flush()
    except OSError as error:
        return _not_written(error)
    return code


def _not_written(error: OSError) -> int:
    """Say why standard output takes nothing, and write no more there; gives the exit code."""
    leave_standard_output()
    if isinstance(error, BrokenPipeError):
        return 0  # who reads has seen enough
    sys.stderr.write(f"Error: standard output: {error.strerror}\n")
    return 1


def leave_standard_output() -> None:
    """Send nowhere what is still to be written, else Python complains of it as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
