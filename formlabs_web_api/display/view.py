"""A view of one model or many, for notebooks, consoles and plain text."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, List, Optional, Sequence

from formlabs_web_api._util.checks import check_count
from formlabs_web_api._util.json import is_array
from formlabs_web_api.display.cells import (
    Badge,
    Cells,
    Column,
    RenderContext,
    Sheet,
    Text,
    sanitized,
)
from formlabs_web_api.display.columns import Table, table_of
from formlabs_web_api.display.formats import Tone
from formlabs_web_api.display.summary import summarize
from formlabs_web_api.models.derived.clock import resolve_now, response_time_of
from formlabs_web_api.rate_limit import Quota

if TYPE_CHECKING:
    from rich.console import RenderableType


class View:
    """Models as a table, in a notebook (HTML), a console (rich) or plain text.

    Printers are sorted by urgency, as in the command line's status table.

    Args:
        models: A model, a list of models, a page of a listing, or a quota.
        limit: Maximum number of rows; a note counts the rest.
        thumbnails: True to download the thumbnail of each print that is shown, one request each.
        tz: The zone of times; None means the local one.
        now: Reference time of states and progress; None means the time of the response that
            contained the model, or the present.

    Raises:
        ValueError: ``limit`` is not a positive integer.
    """

    def __init__(
        self,
        models: object,
        *,
        limit: int = 50,
        thumbnails: bool = False,
        tz: Optional[tzinfo] = None,
        now: Optional[datetime] = None,
    ) -> None:
        check_count("limit", limit, least=1)
        self._models = models
        self._limit = limit
        self._thumbnails = thumbnails
        self._tz = tz
        self._now = now

    def html(self) -> str:
        """Return the table as HTML with its style; every text is escaped."""
        from formlabs_web_api.display import html

        return html.render_html(self._sheet())

    def rich(self) -> RenderableType:
        """Return the table for a console of rich, which must be installed."""
        from formlabs_web_api.display import console

        return console.render_console(self._sheet())

    def text(self, width: Optional[int] = None) -> str:
        """Return the table as plain text, in lines of at most ``width`` terminal cells if given."""
        from formlabs_web_api.display.plain import render_plain

        return render_plain(self._sheet(), width)

    _repr_html_ = html
    __rich__ = rich

    def __repr__(self) -> str:
        many = _many(self._models)
        return (
            summarize(self._models)
            if many is None
            else "\n".join(map(summarize, many[: self._limit]))
        )

    def _sheet(self) -> Sheet:
        now = None if self._now is None else resolve_now(self._now)
        present = resolve_now(now or response_time_of(self._models))
        context = RenderContext(now, present, self._tz, self._thumbnails)
        many = _many(self._models)
        if many is None:
            return _sheet_of_one(self._models, context)
        return self._sheet_of_many(many, context)

    def _sheet_of_many(self, models: Sequence[object], context: RenderContext) -> Sheet:
        total = max(_total(self._models) or 0, len(models))
        table = _common_table(models)
        shown = table.ordered(models, context)[: self._limit]
        rows = [
            [sanitized(column.cells(model, context)) for column in table.columns] for model in shown
        ]
        used = [at for at in range(len(table.columns)) if any(row[at] for row in rows)]
        left = len(models) - len(shown)
        counted = table.counted(total) if models else "nothing"
        return Sheet(
            counted if len(models) == total else f"{len(models):,} of {counted}",
            [*_warnings(self._models), *table.badges(models, context)],
            [table.columns[at] for at in used],
            [[row[at] for at in used] for row in rows],
            note=f"… and {left:,} more" if left else "",
            bars=table.bars(models, context),
        )


def _sheet_of_one(model: object, context: RenderContext) -> Sheet:
    table = table_of(model)
    facts = [(column.title, sanitized(column.cells(model, context))) for column in table.columns]
    return Sheet(
        table.noun[0][:1].upper() + table.noun[0][1:],
        [],
        [],
        [[[Text(title, is_quiet=True)], cells] for title, cells in facts if cells],
    )


def _many(models: Any) -> Optional[List[Any]]:
    """Return the models of a list, a page or a quota; None for a single model."""
    if isinstance(models, Quota):
        return list(models.windows)
    found = getattr(models, "results", models)
    return found if is_array(found) else None


def _total(models: object) -> Optional[int]:
    total = getattr(models, "total" if is_array(models) else "count", None)
    return total if isinstance(total, int) else None


def _warnings(models: object) -> List[Badge]:
    seconds = getattr(models, "closed_for", 0.0)
    return [Badge(f"closed by the service for {seconds:.0f} s", Tone.BAD)] if seconds else []


def _common_table(models: Sequence[object]) -> Table:
    """Return the table of the models; for several kinds, one line for each."""
    if models and all(type(model) is type(models[0]) for model in models):
        return table_of(models[0])
    return Table(("item", "items"), [Column("", _in_one_line)])


def _in_one_line(model: object, _: RenderContext) -> Cells:
    return [Text(summarize(model))]
