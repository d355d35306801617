"""``tanks`` and ``cartridges``: resin tanks and cartridges, and their use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterable, Sequence, Tuple, Union

import typer

from formlabs_web_api.cli import answers, cells, options
from formlabs_web_api.cli.session import Session, session_of

if TYPE_CHECKING:
    from datetime import datetime

    from rich.text import Text

    from formlabs_web_api import Cartridge, Tank
    from formlabs_web_api.cli.filters import Selection
    from formlabs_web_api.cli.listing import ListingView
    from formlabs_web_api.cli.tables import TerminalColumn


def _in_printers_first(item: Union[Tank, Cartridge]) -> Tuple[bool, str]:
    return not item.inside_printer, cells.text(item.inside_printer)


def tanks(
    context: typer.Context,
    in_printer: options.InPrinter = None,
    material: options.Material = None,
    sort: options.Sort = None,
    columns: options.Columns = None,
) -> None:
    """List resin tanks: material, layers printed, printer."""
    from formlabs_web_api import Tank, TanksApi
    from formlabs_web_api.cli.filters import consumable_filters
    from formlabs_web_api.cli.listing import ListingView

    session = session_of(context)
    view = ListingView(Tank, _tank_columns, columns, sort)
    selection = consumable_filters(session, in_printer or (), material or ())
    _list(session, TanksApi(session.client).tanks_list_iter(), selection, view)


def _tank_columns(now: datetime) -> Sequence[TerminalColumn[Tank]]:
    from formlabs_web_api.display.cells import Column

    return (
        Column("Serial", lambda tank: tank.serial),
        Column("Material", lambda tank: tank.material_name, min_width=10),
        Column("Layers", lambda tank: cells.number(tank.layers), right=True),
        Column("Used for", lambda tank: cells.duration(tank.print_time), True, drop_priority=2),
        Column("Filled", lambda tank: cells.moment(tank.filled_at, now)[:10], drop_priority=1),
        Column("In printer", lambda tank: tank.inside_printer or ""),
    )


def cartridges(
    context: typer.Context,
    in_printer: options.InPrinter = None,
    material: options.Material = None,
    low: options.Low = False,
    sort: options.Sort = None,
    columns: options.Columns = None,
) -> None:
    """List resin cartridges: material, remaining resin, printer.

    An exclamation mark means 100 ml or less in a printer. Form 4 and Form 4L report in steps of
    100 ml.
    """
    from formlabs_web_api import Cartridge, CartridgesApi
    from formlabs_web_api.cli.filters import consumable_filters
    from formlabs_web_api.cli.listing import ListingView

    session = session_of(context)
    view = ListingView(Cartridge, _cartridge_columns, columns, sort)
    selection = consumable_filters(session, in_printer or (), material or (), low)
    _list(session, CartridgesApi(session.client).cartridges_list_iter(), selection, view)


def _cartridge_columns(now: datetime) -> Sequence[TerminalColumn[Cartridge]]:
    from formlabs_web_api.display.cells import Column

    def left(cartridge: Cartridge) -> Text:
        from rich.text import Text

        amount = cells.volume(cartridge.remaining_ml)
        if not cartridge.inside_printer:
            return Text(amount, "dim")
        return Text(f"!{amount}", "bold red") if cartridge.is_low() else Text(amount)

    return (
        Column("Serial", lambda cartridge: cartridge.serial),
        Column("Material", lambda cartridge: cartridge.material_name, min_width=10),
        Column("Left", left, right=True),
        Column("", lambda cartridge: cells.percent(cartridge.remaining_fraction), right=True),
        Column("In printer", lambda cartridge: cartridge.inside_printer or ""),
    )


def _list(session: Session, items: Iterable[Any], selection: Selection, view: ListingView) -> None:
    """Write tanks or cartridges; tables show those in printers first unless sorted otherwise."""
    from formlabs_web_api.cli.listing import list_rows

    if not session.json and view.sort is None:
        items = sorted(answers.models_in(session, items), key=_in_printers_first)
    list_rows(session, items, selection, view)
