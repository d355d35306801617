"""One thing or many, ready to be shown wherever somebody looks."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, List, Optional, Sequence

from formlabs_web_api._util.checks import check_count
from formlabs_web_api._util.json import is_array
from formlabs_web_api.display.cells import (
    Badge,
    Cells,
    Column,
    Setting,
    Sheet,
    Text,
    Tone,
    harmless,
)
from formlabs_web_api.display.columns import Table, table_of
from formlabs_web_api.display.one_line import line
from formlabs_web_api.models.derived.raw import as_now

if TYPE_CHECKING:
    from rich.console import RenderableType


class View:
    """Models as a table in a notebook (HTML) or console (rich).

    Args:
        things: A model, a list of models, a page of a listing, or a quota.
        limit: So many rows at most; how many there are besides is said below.
        thumbnails: Fetch the thumbnail of each print that is shown, which takes a request each.
        tz: The zone times are shown in; None means the machine's.
        now: The moment states and progress are judged from; None means that of looking.

    Raises:
        ValueError: ``limit`` is no whole number above 0.
    """

    def __init__(
        self,
        things: Any,
        *,
        limit: int = 50,
        thumbnails: bool = False,
        tz: Optional[tzinfo] = None,
        now: Optional[datetime] = None,
    ) -> None:
        check_count("limit", limit, least=1)
        self._things = things
        self._limit = limit
        self._thumbnails = thumbnails
        self._tz = tz
        self._now = now

    def html(self) -> str:
        """The table as HTML, with its style; what it shows is text there, never markup."""
        from formlabs_web_api.display import html

        return html.painted(self._sheet())

    def rich(self) -> RenderableType:
        """The table as rich draws it; needs rich."""
        from formlabs_web_api.display import console

        return console.painted(self._sheet())

    _repr_html_ = html
    __rich__ = rich

    def __repr__(self) -> str:
        many = _many(self._things)
        return line(self._things) if many is None else "\n".join(map(line, many[: self._limit]))

    def _sheet(self) -> Sheet:
        setting = Setting(as_now(self._now), self._tz, self._thumbnails)
        many = _many(self._things)
        if many is None:
            return _sheet_of_one(self._things, setting)
        return self._sheet_of_many(many, setting)

    def _sheet_of_many(self, things: Sequence[Any], setting: Setting) -> Sheet:
        shown = things[: self._limit]
        total = max(_total(self._things) or 0, len(things))
        table = _common_table(things)
        titles = [column.title for column in table.columns]
        rows = [
            [harmless(column.cells(thing, setting)) for column in table.columns] for thing in shown
        ]
        used = [at for at, _ in enumerate(titles) if any(row[at] for row in rows)]
        left = len(things) - len(shown)
        counted = table.counted(total) if things else "nothing"
        return Sheet(
            counted if len(things) == total else f"{len(things):,} of {counted}",
            [*_warnings(self._things), *table.badges(things, setting)],
            [titles[at] for at in used],
            [[row[at] for at in used] for row in rows],
            note=f"… and {left:,} more" if left else "",
        )


def _sheet_of_one(thing: Any, setting: Setting) -> Sheet:
    table = table_of(thing)
    facts = [(column.title, harmless(column.cells(thing, setting))) for column in table.columns]
    return Sheet(
        table.noun[0][:1].upper() + table.noun[0][1:],
        [],
        [],
        [[[Text(title, is_quiet=True)], cells] for title, cells in facts if cells],
    )


def _many(things: Any) -> Optional[List[Any]]:
    """The things in a list, a page or a quota; None where it is one thing."""
    if is_array(things):
        return things
    for name in ("results", "windows"):
        found = getattr(things, name, None)
        if isinstance(found, (list, tuple)):
            return list(found)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return None


def _total(things: Any) -> Optional[int]:
    total = getattr(things, "total" if is_array(things) else "count", None)
    return total if isinstance(total, int) else None


def _warnings(things: Any) -> List[Badge]:
    seconds = getattr(things, "closed_for", 0.0)
    return [Badge(f"closed by the service for {seconds:.0f} s", Tone.BAD)] if seconds else []


def _common_table(things: Sequence[Any]) -> Table:
    """The table all things share; for a mixture, a line of text for each."""
    if things and all(type(thing) is type(things[0]) for thing in things):
        return table_of(things[0])
    return Table(("thing", "things"), [Column("", _in_one_line)])


def _in_one_line(thing: Any, _: Setting) -> Cells:
    return [Text(line(thing))]
