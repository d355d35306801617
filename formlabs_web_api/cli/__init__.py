"""The command line ``formlabs-web-api``; needs the extra ``cli``.

Importing this, or asking for ``--version`` or ``--help``, imports neither the client nor rich.
"""

import sys
from typing import Any, Tuple

PROGRAM = "formlabs-web-api"


def main() -> None:
    """Run the command line and end the process with its exit code."""
    streams: Tuple[Any, ...] = (sys.stdout, sys.stderr)
    for stream in streams:
        # A name the terminal cannot show must not end a listing.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        from formlabs_web_api.cli.app import app

        app(prog_name=PROGRAM)
    except KeyboardInterrupt:  # so early that no command was there to see it
        from formlabs_web_api.cli.failures import INTERRUPTED

        sys.exit(INTERRUPTED)
    except ModuleNotFoundError as error:
        if error.name not in ("typer", "typing_extensions", "rich"):
            raise
        sys.exit(f'{PROGRAM} needs {error.name}: pip install "formlabs_web_api[cli]"')
