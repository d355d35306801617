"""Tables that fit: on a terminal the less important gives way, elsewhere all of it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Generic,
    Iterable,
    List,
    Optional,
    Sequence,
    Tuple,
    TypeVar,
)

from formlabs_web_api.cli import answers
from formlabs_web_api.cli.cells import MISSING, plain

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from formlabs_web_api.cli.session import Session

T = TypeVar("T")
Cell = Any
"""A text of rich is shown as it is styled; anything else as :func:`cells.plain` writes it, and None
as a dash."""
Facts = List[Tuple[str, Any]]
"""Names and values; one without a value is left out."""
Section = Tuple[str, Facts]

_GAP = 2


@dataclass(frozen=True)
class Column(Generic[T]):
    """A column of a table of things."""

    title: str
    """Its heading; may have two lines, which become one where there is room without end."""
    cell: Callable[[T], Cell]
    right: bool = False
    narrowest: Optional[int] = None
    """How far it may be cut where there is too little room; None: not at all."""
    dispensable: int = 0
    """Where there is still too little room, the column with the largest number goes first."""
    narrowest_at_last: Optional[int] = None
    """How far it may be cut when no other column can go any more, as names that one may want to
    copy are only then; None: no further than before."""


def show(session: Session, columns: Sequence[Column[T]], rows: Iterable[T], empty: str) -> int:
    """Write things as a table, or what is to be said where there are none; gives their number."""
    found = list(rows)
    if not found:
        session.note(empty)
    things = answers.things_of(session, found)
    if things:
        session.write(*table(session.out, columns, things))
    return len(found)


def table(
    console: Console, columns: Sequence[Column[T]], rows: Sequence[T]
) -> Sequence[RenderableType]:
    """The lines of a table of things, no wider than the console."""
    from rich.text import Text

    titles = [column.title for column in columns]
    if not console.is_terminal:
        titles = [title.replace("\n", " ") for title in titles]
    height = 1 + max(title.count("\n") for title in titles)
    heads = [[""] * (height - 1 - title.count("\n")) + title.split("\n") for title in titles]
    cells = [
        [*(Text(line, "bold") for line in head), *(_text(column.cell(row)) for row in rows)]
        for column, head in zip(columns, heads)
    ]
    widths = [max(cell.cell_len for cell in made) for made in cells]
    kept = _fit(columns, widths, console.width)
    return [_line(columns, cells, widths, kept, number) for number in range(height + len(rows))]


def _line(
    columns: Sequence[Column[T]],
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
            line.append(" " * _GAP)
        line.append_text(cell)
    line.rstrip()
    return line


def write_facts(session: Session, sections: Sequence[Section]) -> None:
    """Write what is known of things, each under its title; long values below themselves."""
    from rich.table import Table
    from rich.text import Text

    width = max([len(name) for _, facts in sections for name, _ in facts], default=0)
    for number, (title, facts) in enumerate(sections):
        if number:
            session.write("")
        session.write(Text(plain(title), "bold"))
        made = Table.grid(padding=(0, _GAP, 0, 0), pad_edge=False)
        made.add_column(width=_GAP + width, style="dim", no_wrap=True)
        made.add_column(overflow="fold")
        for name, value in facts:
            written = plain(value)
            if written:
                made.add_row(f"{' ' * _GAP}{name}", Text(written))
        session.write(made)


def _text(cell: Cell) -> Text:
    from rich.text import Text

    if isinstance(cell, Text):
        return cell
    return Text(MISSING if cell is None else plain(cell))


def _fit(columns: Sequence[Column[T]], widths: List[int], room: int) -> List[int]:
    """Which columns stay; makes ``widths`` smaller where they must be."""
    least = [
        width if column.narrowest is None else min(width, column.narrowest)
        for column, width in zip(columns, widths)
    ]
    kept = list(range(len(columns)))
    while sum(least[index] + _GAP for index in kept) - _GAP > room:
        worst = max(kept, key=lambda index: columns[index].dispensable)
        if columns[worst].dispensable == 0:
            break
        kept.remove(worst)
    if sum(least[index] + _GAP for index in kept) - _GAP > room:
        for index in kept:
            least[index] = min(least[index], columns[index].narrowest_at_last or least[index])
    while sum(widths[index] + _GAP for index in kept) - _GAP > room:
        widest = max(kept, key=lambda index: widths[index] - least[index])
        if widths[widest] <= least[widest]:
            break
        widths[widest] -= 1
    return kept
