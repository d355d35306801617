"""``version``: the versions of this program and of Python."""

from __future__ import annotations

import platform

import typer

from formlabs_web_api.cli.session import session_of


def version(context: typer.Context) -> None:
    """Show the versions of this program and of Python."""
    from formlabs_web_api import __version__

    versions = {"formlabs_web_api": __version__, "python": platform.python_version()}
    session = session_of(context)
    if session.json:
        session.say_json(versions)
    else:
        for name, number in versions.items():
            session.say(f"{name} {number}")
