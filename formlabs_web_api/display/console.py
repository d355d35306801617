"""Sheets for consoles, drawn by rich."""

from __future__ import annotations

from typing import Dict, List

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text as Words

from formlabs_web_api.display.cells import Badge, Bar, Cell, Cells, Sheet, Text, Tone

_COLOURS: Dict[Tone, str] = {
    Tone.GOOD: "green",
    Tone.BUSY: "blue",
    Tone.WARN: "yellow",
    Tone.BAD: "red",
    Tone.QUIET: "bright_black",
}
_BAR_WIDTH = 10


def painted(sheet: Sheet) -> RenderableType:
    """A sheet as rich draws it; whatever it shows is text there, never markup."""
    head = Words(sheet.title, style="bold")
    for badge in sheet.badges:
        head.append("  ").append_text(_cell(badge))
    parts: List[RenderableType] = [head]
    if sheet.rows:
        table = Table(box=box.SIMPLE_HEAD, show_header=bool(sheet.titles), pad_edge=False)
        for title in sheet.titles or [""] * len(sheet.rows[0]):
            table.add_column(Words(title))
        for row in sheet.rows:
            table.add_row(*map(_cells, row))
        parts.append(table)
    if sheet.note:
        parts.append(Words(sheet.note, style="dim"))
    return Group(*parts)


def _cells(cells: Cells) -> Words:
    return Words("\n").join(_cell(cell) for cell in cells)


def _cell(cell: Cell) -> Words:
    if isinstance(cell, Text):
        return Words(cell.text, style="bold" if cell.is_strong else "dim" if cell.is_quiet else "")
    if isinstance(cell, Badge):
        return Words.assemble(("● ", _COLOURS[cell.tone]), cell.text)
    if isinstance(cell, Bar):
        filled = round(_BAR_WIDTH * max(0.0, min(cell.fraction, 1.0)))
        full = ("━" * filled, _COLOURS[cell.tone])
        return Words.assemble(full, ("━" * (_BAR_WIDTH - filled), "bright_black"), f" {cell.text}")
    return Words("▣ picture", style="dim")
