"""``sandbox``: the sandbox as a server, until Ctrl-C."""

from __future__ import annotations

from typing import List, Optional

import typer
from typing_extensions import Annotated

Arguments = Annotated[
    Optional[List[str]],
    typer.Argument(metavar="[OPTIONS]", help="Those of the sandbox.", show_default=False),
]


def sandbox(arguments: Arguments = None) -> None:
    """Serve a made-up fleet on this computer."""
    from formlabs_web_api.sandbox.__main__ import main

    raise typer.Exit(main(list(arguments or ())))


# The sandbox reads its own options, --help too.
vars(sandbox)["settings"] = {
    "add_help_option": False,
    "context_settings": {"ignore_unknown_options": True},
}
