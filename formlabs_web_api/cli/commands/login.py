"""``login`` and ``logout``: credentials kept for later runs, readable by their owner only."""

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
    typer.Option(metavar="ID", help="Client id; asked for if not given.", show_default=False),
]
Host = Annotated[
    Optional[str],
    typer.Option(
        metavar="URL", help="Another host than the service's; kept with them.", show_default=False
    ),
]
NoKeyring = Annotated[
    bool, typer.Option("--no-keyring", help="Keep the secret in the file, not in the keyring.")
]
NoCheck = Annotated[bool, typer.Option("--no-check", help="Keep them without trying them.")]


def login(
    context: typer.Context,
    client_id: ClientId = None,
    host: Host = None,
    no_keyring: NoKeyring = False,
    no_check: NoCheck = False,
) -> None:
    """Keep application credentials for later commands.

    Client id and client secret are on https://dashboard.formlabs.com/#developer. The secret is
    asked for, or read from standard input; it is kept in the system's keyring where the package
    keyring is installed, else in a file that only you can read.
    """
    session = session_of(context)
    host = _possible(host or os.environ.get("FORMLABS_HOST") or None)
    client_id = client_id or _asked("Client id")
    secret = _asked("Client secret", hidden=True)
    if not no_check:
        _try(client_id, secret, host)
    where = credentials.store(client_id, secret, host, use_keyring=not no_keyring)
    session.note(f"The credentials are kept; the secret is in {where}.")


def logout(context: typer.Context) -> None:
    """Forget the credentials that login kept."""
    session = session_of(context)
    if credentials.forget():
        session.note("The credentials are forgotten.")
    else:
        session.note("There were none.")


def _possible(host: Optional[str]) -> Optional[str]:
    """A host to keep; that of the environment too, or it would be another one without it.

    Raises:
        typer.BadParameter: it is not an address.
    """
    from formlabs_web_api import ApiValueError, Configuration

    try:
        # Neither is sent anywhere, so half a pair in the environment does not matter here.
        Configuration(host=host, client_id="any", client_secret="any")
    except ApiValueError as error:
        raise usage("--host", str(error)) from None
    return host


def _asked(name: str, hidden: bool = False) -> str:
    """What somebody types, or the next line of standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt(name, hide_input=hidden, err=True)).strip()
    text = sys.stdin.readline().strip()
    if not text:
        raise Failure(f"no {name.lower()} was given on standard input", USAGE)
    return text


def _try(client_id: str, client_secret: str, host: Optional[str]) -> None:
    from formlabs_web_api import ApiClient, AuthenticationApi, Configuration

    settings = Configuration(host=host, client_id=client_id, client_secret=client_secret)
    with ApiClient(settings) as client:
        api = AuthenticationApi(client)
        made = require(api.request_an_access_token("client_credentials", client_id, client_secret))
        api.revoke_an_access_token(str(made.access_token), client_id, client_secret)
