"""Render tables as plain text, without any library."""

from __future__ import annotations

from typing import Any, List, Optional, Sequence

from formlabs_web_api.display.cells import Bar, Cells, Column, Picture, Sheet
from formlabs_web_api.display.formats import bar, display_width, truncate
from formlabs_web_api.display.layout import GAP, fit_columns

_BAR_WIDTH = 8


def render_plain(sheet: Sheet, width: Optional[int] = None, ascii_only: bool = False) -> str:
    """Render a table as lines of text.

    Args:
        sheet: The table.
        width: Terminal cells that a line may take; None means any number.
        ascii_only: True to draw bars with ``#`` and ``.``.
    """
    head = "  ".join([sheet.title, *(badge.text for badge in sheet.badges)])
    lines = [head] if width is None else [truncate(head, width)]
    if sheet.rows:
        table = [[_text(cells, ascii_only) for cells in row] for row in sheet.rows]
        titles = [column.title for column in sheet.columns]
        lines += ["", *_table(sheet.columns, [titles, *table] if titles else table, width)]
    return "\n".join([*lines, *([sheet.note] if sheet.note else [])])


def _table(
    columns: Sequence[Column[Any]], rows: Sequence[Sequence[str]], room: Optional[int]
) -> List[str]:
    widths = [max(map(display_width, cells)) for cells in zip(*rows)]
    kept = list(range(len(widths)))
    if room is not None and columns:
        kept = fit_columns(columns, widths, room)
    return [
        (" " * GAP)
        .join(_aligned(row[at], widths[at], bool(columns) and columns[at].right) for at in kept)
        .rstrip()
        for row in rows
    ]


def _aligned(text: str, width: int, right: bool) -> str:
    text = truncate(text, width)
    padding = " " * (width - display_width(text))
    return padding + text if right else text + padding


def _text(cells: Cells, ascii_only: bool) -> str:
    texts: List[str] = []
    for cell in cells:
        if isinstance(cell, Picture):
            texts.append("picture")
        elif isinstance(cell, Bar):
            texts.append(f"{bar(cell.fraction, _BAR_WIDTH, ascii_only)} {cell.text}")
        else:
            texts.append(cell.text)
    return ", ".join(texts)
