"""``wait``: wait for a printer, in scripts."""

from __future__ import annotations

from typing import Any, Optional

import typer
from typing_extensions import Annotated

from formlabs_web_api.cli import lookup, options
from formlabs_web_api.cli.durations import seconds_of
from formlabs_web_api.cli.failures import TIMED_OUT, Failure
from formlabs_web_api.cli.session import session_of, usage


def wait(
    context: typer.Context,
    printer: options.Serial,
    until: Annotated[
        str,
        typer.Option(
            metavar="STATE",
            help="A state, idle or printing for example, or a kind of change, print_finished.",
        ),
    ] = "idle",
    timeout: Annotated[
        Optional[str],
        typer.Option(
            metavar="DURATION",
            help=f"Give up after this time, 2h for example, with exit code {TIMED_OUT}.",
            show_default=False,
        ),
    ] = None,
    every: Annotated[
        str, typer.Option(metavar="DURATION", help="How often to poll: 15s, 1m.")
    ] = "15s",
) -> None:
    """Wait until a printer is in a state, or changes."""
    from formlabs_web_api.watch import Change, WatchTimeout
    from formlabs_web_api.watch.waiting import Waiting

    session = session_of(context)
    longest = None if timeout is None else seconds_of("--timeout", timeout)
    pause = seconds_of("--every", every)
    try:
        waiting = Waiting(session.client, until, longest, pause)
    except ValueError as error:
        raise usage("--until", str(error)) from None
    serial = lookup.printer(session, printer).serial
    try:
        found = waiting.for_one(serial)
    except WatchTimeout as error:
        raise Failure(str(error), TIMED_OUT) from None
    result: Any = found.to_dict() if isinstance(found, Change) else found
    if session.json:
        session.say_json(result)
    elif isinstance(found, Change):
        session.say(str(found))
    else:
        session.say(f"{found.label} is {found.state(session.now())}")
