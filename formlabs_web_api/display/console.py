"""Render tables for consoles with rich."""

from __future__ import annotations

from typing import List

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text as Words

from formlabs_web_api.display.cells import Badge, Bar, Cell, Cells, Sheet, Text
from formlabs_web_api.display.formats import RICH_STYLES, Tone

_BAR_WIDTH = 10


def render_console(sheet: Sheet) -> RenderableType:
    """Render a table for rich; no text in it is parsed as markup."""
    head = Words(sheet.title, style="bold")
    for badge in sheet.badges:
        head.append("  ").append_text(_cell(badge))
    parts: List[RenderableType] = [head]
    if sheet.rows:
        table = Table(box=box.SIMPLE_HEAD, show_header=bool(sheet.columns), pad_edge=False)
        for column in sheet.columns:
            table.add_column(Words(column.title), justify="right" if column.right else "left")
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
        return Words.assemble(("● ", RICH_STYLES[cell.tone]), cell.text)
    if isinstance(cell, Bar):
        filled = round(_BAR_WIDTH * max(0.0, min(cell.fraction, 1.0)))
        full = ("━" * filled, RICH_STYLES[cell.tone])
        # Another character, not only another colour: consoles without colours show the bar too.
        empty = ("┄" * (_BAR_WIDTH - filled), RICH_STYLES[Tone.QUIET])
        return Words.assemble(full, empty, f" {cell.text}")
    return Words("▣ picture", style="dim")
