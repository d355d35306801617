"""``login`` and ``logout``: store credentials for later runs, readable by their owner only."""

from __future__ import annotations

import os
import sys
from typing import Optional

import typer
from typing_extensions import Annotated

from formlabs_web_api.cli import credentials
from formlabs_web_api.cli.answers import require
from formlabs_web_api.cli.failures import USAGE, Failure
from formlabs_web_api.cli.session import session_of, usage

ClientId = Annotated[
    Optional[str],
    typer.Option(metavar="ID", help="Client id; prompted for if not given.", show_default=False),
]
Host = Annotated[
    Optional[str],
    typer.Option(
        metavar="URL", help="Another host; stored with the credentials.", show_default=False
    ),
]
NoKeyring = Annotated[
    bool, typer.Option("--no-keyring", help="Store the secret in the file, not in the keyring.")
]
NoCheck = Annotated[bool, typer.Option("--no-check", help="Store credentials without a check.")]


def login(
    context: typer.Context,
    client_id: ClientId = None,
    host: Host = None,
    no_keyring: NoKeyring = False,
    no_check: NoCheck = False,
) -> None:
    """Store application credentials for later commands.

    Client id and client secret are on https://dashboard.formlabs.com/#developer. The secret is
    prompted for, or read from standard input. It is stored in the system's keyring if the package
    keyring is installed, else in a file that only you can read.
    """
    session = session_of(context)
    host = _checked_host(host or os.environ.get("FORMLABS_HOST") or None)
    client_id = client_id or _prompt("Client id")
    secret = _prompt("Client secret", hidden=True)
    if not no_check:
        _fetch_token(client_id, secret, host)
    where = credentials.store(client_id, secret, host, use_keyring=not no_keyring)
    session.note(f"The credentials are stored; the secret is in {where}.")


def logout(context: typer.Context) -> None:
    """Remove the credentials that login has stored."""
    session = session_of(context)
    if credentials.forget():
        session.note("The credentials are removed.")
    else:
        session.note("No credentials were stored.")


def _checked_host(host: Optional[str]) -> Optional[str]:
    """Return the host to store, also that of the environment.

    Without it, a later run without the variable would send the credentials to another host.

    Raises:
        typer.BadParameter: The host is not a valid address.
    """
    from formlabs_web_api import ApiValueError, Configuration

    try:
        # These values are not sent; they avoid an error for half a pair in the environment.
        Configuration(host=host, client_id="any", client_secret="any")
    except ApiValueError as error:
        raise usage("--host", str(error)) from None
    return host


def _prompt(name: str, hidden: bool = False) -> str:
    """Prompt for a value, or read the next line if standard input is not a terminal."""
    if sys.stdin.isatty():
        return str(typer.prompt(name, hide_input=hidden, err=True)).strip()
    text = sys.stdin.readline().strip()
    if not text:
        raise Failure(f"no {name.lower()} was given on standard input", USAGE)
    return text


def _fetch_token(client_id: str, client_secret: str, host: Optional[str]) -> None:
    """Fetch a token and revoke it, which fails if the credentials are wrong."""
    from formlabs_web_api import ApiClient, AuthenticationApi, Configuration

    settings = Configuration(host=host, client_id=client_id, client_secret=client_secret)
    with ApiClient(settings) as client:
        api = AuthenticationApi(client)
        made = require(api.request_an_access_token("client_credentials", client_id, client_secret))
        api.revoke_an_access_token(str(made.access_token), client_id, client_secret)
