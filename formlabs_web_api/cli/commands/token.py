"""``token``: get an access token for other programs, and revoke it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Tuple

import typer
from typing_extensions import Annotated

from formlabs_web_api.cli.answers import require
from formlabs_web_api.cli.cells import text
from formlabs_web_api.cli.command import Command, Group
from formlabs_web_api.cli.failures import NOT_AUTHORISED, Failure
from formlabs_web_api.cli.session import Session, session_of

if TYPE_CHECKING:
    from formlabs_web_api import AuthenticationApi

token = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    help="Get and revoke access tokens.",
)


@token.command(cls=Command)
def get(
    context: typer.Context,
    show: Annotated[
        bool, typer.Option("--show", help="Write the token to a terminal too.")
    ] = False,
) -> None:
    """Write an access token for another program to use.

    curl -H "Authorization: Bearer $(formlabs-web-api token get)" ...

    Without --show it is written to a pipe or a file only: anybody who sees a token can act on your
    behalf until it expires, usually after a day.
    """
    session = session_of(context)
    if session.on_terminal and not show:
        raise Failure(
            "a token is not written to a terminal; pass it on with $(formlabs-web-api token get),"
            " or use --show"
        )
    api, client_id, client_secret = _authentication(session)
    made = require(api.request_an_access_token("client_credentials", client_id, client_secret))
    if session.json:
        session.say_json(made)
    else:
        session.say(text(made.access_token))


@token.command(cls=Command)
def revoke(context: typer.Context) -> None:
    """Revoke an access token.

    It is read from standard input or prompted for, so that neither the shell's history nor the
    list of processes contains it.
    """
    from formlabs_web_api import ApiException

    session = session_of(context)
    if sys.stdin.isatty():
        value: str = typer.prompt("Token", hide_input=True, err=True)
    else:
        value = sys.stdin.readline()
    value = value.strip()
    if not value:
        raise Failure("standard input contains no token")
    api, client_id, client_secret = _authentication(session)
    try:
        api.revoke_an_access_token(value, client_id, client_secret)
    except ApiException as error:
        error.detail = error.detail.replace(value, "***")  # the service might repeat it
        raise
    session.note("The token is revoked.")


def _authentication(session: Session) -> Tuple[AuthenticationApi, str, str]:
    from formlabs_web_api import AuthenticationApi

    settings = session.client.configuration
    if not settings.client_id or not settings.client_secret:
        raise Failure("this command needs a client id and a client secret", NOT_AUTHORISED)
    return AuthenticationApi(session.client), settings.client_id, settings.client_secret
