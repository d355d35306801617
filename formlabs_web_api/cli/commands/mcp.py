"""``mcp``: the fleet for AI assistants, on standard input and output."""

from __future__ import annotations

import sys

import typer
from typing_extensions import Annotated

from formlabs_web_api.cli.session import Session, session_of

MAX_WAIT = 20.0
"""Seconds that a tool waits for the rate limit; a longer wait is an error with the time to wait."""


def mcp(
    context: typer.Context,
    allow_changes: Annotated[
        bool,
        typer.Option("--allow-changes", help="Also offer tools that change printer groups."),
    ] = False,
) -> None:
    """Serve the fleet to an AI assistant that starts this command.

    It uses the Model Context Protocol on standard input and output; docs/guides/assistants.md
    shows how to set up an assistant. Tools that change data need --allow-changes.
    """
    _serve(session_of(context), allow_changes)


def _serve(session: Session, allow_changes: bool) -> None:
    from formlabs_web_api._util.extras import install_hint
    from formlabs_web_api.cli.failures import Failure

    if sys.version_info < (3, 10):
        raise Failure("the command mcp needs Python 3.10 or newer")
    try:
        from formlabs_web_api.mcp import create_server
    except ImportError as error:
        raise Failure(f"the command mcp needs {error.name}: {install_hint('mcp')}") from None
    client = session.client
    client.configuration.max_wait = MAX_WAIT
    create_server(client, allow_changes).run("stdio")
