"""``tanks`` and ``cartridges``: what is worn and used up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Sequence, Tuple, Union

import typer

from formlabs_web_api.cli import answers, cells
from formlabs_web_api.cli.session import session_of

if TYPE_CHECKING:
    from rich.text import Text

    from formlabs_web_api import Cartridge, Tank


def _in_printers_first(item: Union[Tank, Cartridge]) -> Tuple[bool, str]:
    return not item.inside_printer, cells.text(item.inside_printer)


def tanks(context: typer.Context) -> None:
    """List resin tanks: material, layers printed, where they are."""
    from formlabs_web_api import TanksApi
    from formlabs_web_api.cli.tables import Column, show

    session = session_of(context)
    items = TanksApi(session.client).tanks_list_iter()
    if session.json:
        session.say_json_list(items)
        return
    found = sorted(answers.things_of(session, items), key=_in_printers_first)
    now = session.now()
    columns: Sequence[Column[Tank]] = (
        Column("Serial", lambda tank: tank.serial),
        Column("Material", lambda tank: tank.material_name, narrowest=10),
        Column("Layers", lambda tank: cells.number(tank.layers), right=True),
        Column("Used for", lambda tank: cells.duration(tank.print_time), True, dispensable=2),
        Column("Filled", lambda tank: cells.moment(tank.filled_at, now)[:10], dispensable=1),
        Column("In printer", lambda tank: tank.inside_printer or ""),
    )
    show(session, columns, found, "There are none.")


def cartridges(context: typer.Context) -> None:
    """List resin cartridges: material, what is left, where they are.

    An exclamation mark stands for 100 ml or less in a printer. Form 4 and Form 4L tell in steps
    of 100 ml.
    """
    from formlabs_web_api import CartridgesApi
    from formlabs_web_api.cli.tables import Column, show

    session = session_of(context)
    items = CartridgesApi(session.client).cartridges_list_iter()
    if session.json:
        session.say_json_list(items)
        return
    found = sorted(answers.things_of(session, items), key=_in_printers_first)

    def left(cartridge: Cartridge) -> Text:
        from rich.text import Text

        amount = cells.millilitres(cartridge.remaining_ml)
        if not cartridge.inside_printer:
            return Text(amount, "dim")
        return Text(f"!{amount}", "bold red") if cartridge.is_low() else Text(amount)

    columns: Sequence[Column[Cartridge]] = (
        Column("Serial", lambda cartridge: cartridge.serial),
        Column("Material", lambda cartridge: cartridge.material_name, narrowest=10),
        Column("Left", left, right=True),
        Column("", lambda cartridge: cells.percent(cartridge.remaining_fraction), right=True),
        Column("In printer", lambda cartridge: cartridge.inside_printer or ""),
    )
    show(session, columns, found, "There are none.")
