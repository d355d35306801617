"""Things of a listing with many pages, as a table or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Mapping, Sequence, TypeVar

from formlabs_web_api.cli.session import Session
from formlabs_web_api.cli.tables import Column, show

if TYPE_CHECKING:
    from datetime import datetime

    from formlabs_web_api.paging import Items

T = TypeVar("T")

_LARGEST_PAGE = 100


def listed(
    session: Session,
    iterate: Callable[..., Items[T]],
    filters: Mapping[str, Any],
    columns_at: Callable[[datetime], Sequence[Column[T]]],
    limit: int,
    everything: bool,
) -> None:
    """Write what fits the filters, so many at most, and remark how many more there are.

    ``columns_at`` gives the columns of the table, as they are at the moment of the answer.
    """
    size = _LARGEST_PAGE if everything else min(limit, _LARGEST_PAGE)
    items = iterate(**filters, limit=None if everything else limit, per_page=size)
    if session.json:
        if not session.say_json_list(items):
            session.note_doubts()
        return
    rows = list(items)
    shown = show(session, columns_at(session.now()), rows, "There are none.")
    if not shown:
        session.note_doubts()
    if items.count is not None and shown < items.count:
        session.note(f"{shown:,} of {items.count:,}; --limit N or --all shows more")
