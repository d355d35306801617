"""``sandbox``: the sandbox as a server, until Ctrl-C."""

from __future__ import annotations

from typing import List, Optional

import typer
from typing_extensions import Annotated

from formlabs_web_api.cli.failures import Failure
from formlabs_web_api.cli.session import session_of, usage

# Those of `python -m formlabs_web_api.sandbox`, which works without this command line; declared
# here too, so that they are completed and their errors read as all others.
Host = Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen at.")]
Port = Annotated[int, typer.Option(metavar="N", help="Port; 0: any free.")]
Seed = Annotated[int, typer.Option(metavar="N", help="Which fleet.")]
Printers = Annotated[int, typer.Option(metavar="N", help="How many printers.")]
Prints = Annotated[int, typer.Option(metavar="N", help="How many prints.")]
Load = Annotated[
    Optional[str],
    typer.Option(metavar="FILE", help="Start from a recording, not made up.", show_default=False),
]
Speed = Annotated[
    Optional[float],
    typer.Option(
        metavar="N",
        help="How many times as fast the fleet lives; 0 stands still.",
        show_default=False,
    ),
]
AllowHost = Annotated[
    Optional[List[str]],
    typer.Option(metavar="NAME", help="Host name, besides localhost, that clients may use."),
]


def sandbox(
    context: typer.Context,
    host: Host = "127.0.0.1",
    port: Port = 8080,
    seed: Seed = 1,
    printers: Printers = 12,
    prints: Prints = 400,
    load: Load = None,
    speed: Speed = None,
    allow_host: AllowHost = None,
) -> None:
    """Serve a made-up fleet on this computer."""
    from formlabs_web_api.sandbox.__main__ import CannotServe, serve

    session = session_of(context)
    if not 0 <= port <= 65_535:
        raise usage("--port", f"{port} is no port: 0 to 65535")
    try:
        serve(
            host=host,
            port=port,
            seed=seed,
            printers=printers,
            prints=prints,
            load=load,
            speed=speed,
            allowed_hosts=allow_host or (),
            remarks=not session.quiet,
        )
    except CannotServe as error:
        raise Failure(str(error)) from None
