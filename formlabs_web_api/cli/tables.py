"""Tables that fit the width of a terminal; in pipes and files, columns are not truncated."""

from __future__ import annotations

from typing import (
    TYPE_CHECKING,
    Callable,
    Iterable,
    List,
    Sequence,
    Tuple,
    TypeVar,
)

from formlabs_web_api._util.text import MISSING
from formlabs_web_api.cli import answers
from formlabs_web_api.cli.cells import plain
from formlabs_web_api.display.cells import Column
from formlabs_web_api.display.layout import GAP, fit_columns

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from formlabs_web_api.cli.session import Session

T = TypeVar("T")
Cell = object
"""A Text of rich keeps its style; any other value is sanitized by :func:`cells.plain`, and None
becomes a dash."""
Facts = List[Tuple[str, object]]
"""Names and values; names without a value are left out."""
Section = Tuple[str, Facts]
TerminalColumn = Column[Callable[[T], Cell]]
"""A column of a table whose rows are one line each."""


def show(
    session: Session, columns: Sequence[TerminalColumn[T]], rows: Iterable[T], empty: str
) -> int:
    """Write models as a table, or a note if there are none, and return their number."""
    found = list(rows)
    if not found:
        session.note(empty)
    models = answers.models_in(session, found)
    if models:
        session.write(*table(session.out, columns, models))
    return len(found)


def table(
    console: Console, columns: Sequence[TerminalColumn[T]], rows: Sequence[T]
) -> Sequence[RenderableType]:
    """Return the lines of a table, no wider than the console."""
    from rich.text import Text

    titles = [column.title for column in columns]
    if not console.is_terminal:
        titles = [title.replace("\n", " ") for title in titles]
    height = 1 + max(title.count("\n") for title in titles)
    heads = [[""] * (height - 1 - title.count("\n")) + title.split("\n") for title in titles]
    cells = [
        [*(Text(line, "bold") for line in head), *(_text(column.cells(row)) for row in rows)]
        for column, head in zip(columns, heads)
    ]
    widths = [max(cell.cell_len for cell in made) for made in cells]
    kept = fit_columns(columns, widths, console.width)
    return [_line(columns, cells, widths, kept, number) for number in range(height + len(rows))]


def _line(
    columns: Sequence[TerminalColumn[T]],
    cells: Sequence[Sequence[Text]],
    widths: Sequence[int],
    kept: Sequence[int],
    number: int,
) -> Text:
    from rich.text import Text

    line = Text(no_wrap=True, overflow="ellipsis")
    for index in kept:
        cell = cells[index][number].copy()
        cell.truncate(widths[index], overflow="ellipsis")
        cell.align("right" if columns[index].right else "left", widths[index])
        if line:
            line.append(" " * GAP)
        line.append_text(cell)
    line.rstrip()
    return line


def write_facts(session: Session, sections: Sequence[Section]) -> None:
    """Write sections of names and values; long values are wrapped in their own column."""
    from rich.table import Table
    from rich.text import Text

    width = max([len(name) for _, facts in sections for name, _ in facts], default=0)
    for number, (title, facts) in enumerate(sections):
        if number:
            session.write("")
        session.write(Text(plain(title), "bold"))
        made = Table.grid(padding=(0, GAP, 0, 0), pad_edge=False)
        made.add_column(width=GAP + width, style="dim", no_wrap=True)
        made.add_column(overflow="fold")
        for name, value in facts:
            written = plain(value)
            if written:
                made.add_row(f"{' ' * GAP}{name}", Text(written))
        session.write(made)


def _text(cell: Cell) -> Text:
    from rich.text import Text

    if isinstance(cell, Text):
        return cell
    return Text(MISSING if cell is None else plain(cell))
