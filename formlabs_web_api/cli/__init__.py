"""The command line ``formlabs-web-api``; needs the extra ``cli``.

Importing this module, ``--version`` and ``--help`` import neither the client nor rich.
"""

import sys

PROGRAM = "formlabs-web-api"


def main() -> None:
    """Run the command line and end the process with its exit code."""
    from formlabs_web_api.cli.streams import flush_output, prepare_streams, report_unwritable

    prepare_streams()
    try:
        from formlabs_web_api.cli.app import app

        app(prog_name=PROGRAM)
    except SystemExit as end:
        sys.exit(flush_output(end.code))
    except KeyboardInterrupt:  # before any command could handle it
        from formlabs_web_api.cli.failures import INTERRUPTED

        sys.exit(INTERRUPTED)
    except OSError as error:  # raised by --help or --version, for example
        sys.exit(report_unwritable(error))
    except ModuleNotFoundError as error:
        if error.name not in ("typer", "typing_extensions", "rich"):
            raise
        from formlabs_web_api._util.extras import install_hint

        sys.exit(f"{PROGRAM} needs {error.name}: {install_hint('cli')}")
