"""``sandbox``: the sandbox as a server, until Ctrl-C."""

from __future__ import annotations

from typing import List, Optional

import typer
from typing_extensions import Annotated

from formlabs_web_api.cli.failures import Failure
from formlabs_web_api.cli.session import session_of, usage

# The options of `python -m formlabs_web_api.sandbox`, which works without the extra `cli`. They
# are declared here too, for shell completion and uniform error messages.
Host = Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen on.")]
Port = Annotated[int, typer.Option(metavar="N", help="Port; 0 for any free port.")]
Seed = Annotated[int, typer.Option(metavar="N", help="Seed of the generated fleet.")]
Printers = Annotated[int, typer.Option(metavar="N", help="Number of printers.")]
Prints = Annotated[int, typer.Option(metavar="N", help="Number of prints.")]
Load = Annotated[
    Optional[str],
    typer.Option(metavar="FILE", help="Serve a recording instead.", show_default=False),
]
Speed = Annotated[
    Optional[float],
    typer.Option(
        metavar="N",
        help="Speed of the fleet's clock; 0 stops it.",
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
    """Serve a generated fleet on this computer."""
    from formlabs_web_api.sandbox.__main__ import CannotServe, serve

    session = session_of(context)
    if not 0 <= port <= 65_535:
        raise usage("--port", f"{port} is not in the range 0 to 65535")
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
