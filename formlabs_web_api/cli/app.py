"""The program: its options, and its commands, each imported when it is first used."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, Dict, List, Optional

import typer
from typer.core import TyperGroup
from typer.main import get_command
from typing_extensions import Annotated

from formlabs_web_api.cli.command import Command, evaluated
from formlabs_web_api.cli.session import Session

COMMANDS: Dict[str, str] = {
    "status": "status",
    "printers": "printers",
    "printer": "printers",
    "prints": "prints",
    "events": "events",
    "watch": "watch",
    "wait": "wait",
    "metrics": "metrics",
    "tanks": "consumables",
    "cartridges": "consumables",
    "groups": "groups",
    "sync": "sync",
    "export": "export",
    "report": "report",
    "mcp": "mcp",
    "record": "record",
    "quota": "quota",
    "doctor": "doctor",
    "sandbox": "sandbox",
    "login": "login",
    "logout": "login",
    "token": "token",
    "version": "version",
}
"""The module of each command, in the order of the help."""


class Program(TyperGroup):
    """A group that imports the module of a command when the command is used."""

    def list_commands(self, ctx: object) -> List[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None if ctx.resilient_parsing else ctx.fail(_unknown(cmd_name))
        module = import_module(f"formlabs_web_api.cli.commands.{COMMANDS[cmd_name]}")
        found = getattr(module, cmd_name)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(rich_markup_mode=None, add_completion=False)
            alone.command(cmd_name, cls=Command)(evaluated(found))
            return get_command(alone)
        for one in found.registered_commands:
            assert one.callback is not None
            evaluated(one.callback)
        group: Any = get_command(found)
        group.name = cmd_name
        return group


def _unknown(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, COMMANDS)
    advice = f"did you mean {' or '.join(close)}?" if close else "--help lists them."
    return f"No such command: {name}; {advice}"


app = typer.Typer(
    cls=Program,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from formlabs_web_api import __version__

        typer.echo(f"formlabs-web-api {__version__}")
        raise typer.Exit


@app.callback()
@evaluated
def program(
    context: typer.Context,
    config: Annotated[
        Optional[Path],
        typer.Option(metavar="FILE", help="Read credentials from this file.", show_default=False),
    ] = None,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Use a generated fleet, started for this command.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Write JSON, as the API sends it.")] = False,
    derived: Annotated[
        bool, typer.Option("--derived", help="With --json: add derived values.")
    ] = False,
    utc: Annotated[
        bool, typer.Option("--utc", help="Use UTC instead of the local time zone.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Write results and errors only, no notes.")
    ] = False,
    alone: Annotated[
        bool,
        typer.Option(
            "--no-shared",
            help="Do not share the token and the rate limit with other commands.",
            show_default=False,
        ),
    ] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """See and manage a fleet of Formlabs printers."""
    context.obj = Session(
        json=json,
        derived=derived,
        utc=utc,
        quiet=quiet,
        config=config,
        sandbox=sandbox,
        is_shared=not alone,
    )
