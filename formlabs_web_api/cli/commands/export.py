"""``export``: all rows of a listing as a file."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Callable, List, Optional

import typer
from typing_extensions import Annotated, get_args

from formlabs_web_api.cli import mirrored
from formlabs_web_api.cli.command import Command, Group, with_options_of
from formlabs_web_api.cli.exporter.formats import Format
from formlabs_web_api.cli.filters import Selection, event_filters, print_filters
from formlabs_web_api.cli.session import session_of, usage

export = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    help="""Write prints, events and more as CSV, JSON Lines or Parquet.

    Each field is a column; times are in UTC; derived values (progress, end, outcome, remaining
    resin) are added. The file is created when it is complete. After an interruption, also by
    Ctrl-C, the same command continues where it stopped; --fresh starts again.""",
)


class Export(Command):
    """A command that hides ``--json``, since an export has other formats."""

    def get_params(self, ctx: object) -> List[Any]:
        params = super().get_params(ctx)
        for param in params:
            if param.name == "json":
                param.hidden = True
        return params


Output = Annotated[
    Path,
    typer.Option("--output", "-o", metavar="FILE", help="The file; - for standard output."),
]
FormatOption = Annotated[
    Optional[str],
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        help="csv, jsonl or parquet; by default from the file's suffix.",
        autocompletion=lambda: [one.value for one in Format],
        show_default=False,
    ),
]
Fresh = Annotated[
    bool, typer.Option("--fresh", help="Start again, even if an interrupted export could continue.")
]
Raw = Annotated[
    bool, typer.Option("--raw", help="In CSV, do not escape texts that begin like a formula.")
]
Excel = Annotated[
    bool, typer.Option("--excel", help="CSV for Excel: local times, ; and decimal commas.")
]
_STANDARD_OUTPUT = Path("-")


@export.command(cls=Export)
@with_options_of(print_filters)
def prints(
    context: typer.Context,
    output: Output = _STANDARD_OUTPUT,
    format_: FormatOption = None,
    fresh: Fresh = False,
    raw: Raw = False,
    excel: Excel = False,
    from_: mirrored.From = None,
    **filters: Any,
) -> None:
    """Write prints to a file."""
    from formlabs_web_api import PrintsApi

    session = session_of(context)
    mirrored.read_from(session, from_)
    selection = print_filters(session, **filters)
    _export(context, PrintsApi, "prints", "guid", selection)


@export.command(cls=Export)
@with_options_of(event_filters)
def events(
    context: typer.Context,
    output: Output = _STANDARD_OUTPUT,
    format_: FormatOption = None,
    fresh: Fresh = False,
    raw: Raw = False,
    excel: Excel = False,
    from_: mirrored.From = None,
    **filters: Any,
) -> None:
    """Write events to a file."""
    from formlabs_web_api import EventsApi

    session = session_of(context)
    mirrored.read_from(session, from_)
    selection = event_filters(session, **filters)
    _export(context, EventsApi, "events", "id", selection)


@export.command(cls=Export)
def printers(
    context: typer.Context,
    output: Output = _STANDARD_OUTPUT,
    format_: FormatOption = None,
    fresh: Fresh = False,
    raw: Raw = False,
    excel: Excel = False,
    from_: mirrored.From = None,
) -> None:
    """Write printers, with their current state, to a file."""
    from formlabs_web_api import PrintersApi

    _export(context, PrintersApi, "printers", "serial")


@export.command(cls=Export)
def tanks(
    context: typer.Context,
    output: Output = _STANDARD_OUTPUT,
    format_: FormatOption = None,
    fresh: Fresh = False,
    raw: Raw = False,
    excel: Excel = False,
    from_: mirrored.From = None,
) -> None:
    """Write resin tanks to a file."""
    from formlabs_web_api import TanksApi

    _export(context, TanksApi, "tanks", "serial")


@export.command(cls=Export)
def cartridges(
    context: typer.Context,
    output: Output = _STANDARD_OUTPUT,
    format_: FormatOption = None,
    fresh: Fresh = False,
    raw: Raw = False,
    excel: Excel = False,
    from_: mirrored.From = None,
) -> None:
    """Write resin cartridges to a file."""
    from formlabs_web_api import CartridgesApi

    _export(context, CartridgesApi, "cartridges", "serial")


@export.command(cls=Export)
def groups(
    context: typer.Context,
    output: Output = _STANDARD_OUTPUT,
    format_: FormatOption = None,
    fresh: Fresh = False,
    raw: Raw = False,
    excel: Excel = False,
    from_: mirrored.From = None,
) -> None:
    """Write printer groups to a file."""
    from formlabs_web_api import PrinterGroupsApi

    _export(context, PrinterGroupsApi, "groups", "id")


def _export(
    context: typer.Context,
    api: Callable[..., object],
    name: str,
    key: str,
    selection: Optional[Selection] = None,
) -> None:
    from formlabs_web_api.cli.exporter.run import Listing, run

    session = session_of(context)
    if session.json:
        raise usage(
            "--json",
            "export does not support it: --format jsonl writes rows as JSON;"
            " `prints --all --json` writes the API's JSON",
        )
    how = dict(context.params)
    output, fresh = Path(how.pop("output")), bool(how.pop("fresh"))
    format_ = _format(how.pop("format_"))
    selected = selection or Selection()
    (kind,) = get_args(getattr(api, f"{name}_list_pages").__annotations__["return"])
    if session.mirror is None:
        mirrored.read_from(session, how["from_"])
    if session.mirror is None:
        pages = getattr(api(session.client), f"{name}_list_pages")
    else:
        pages = partial(mirrored.MirrorPages, session.mirror, name)
        selected = mirrored.localized(session, selected)
    listing = Listing(name, kind, pages, selected, key)
    how["utc"] = session.utc
    run(session, listing, how, output, format_, fresh)


def _format(name: Optional[str]) -> Optional[Format]:
    """Return the format with a name.

    Raises:
        typer.BadParameter: No format has this name.
    """
    try:
        return None if name is None else Format(name.lower())
    except ValueError:
        raise usage("--format", f'"{name}" is not one of csv, jsonl and parquet') from None
