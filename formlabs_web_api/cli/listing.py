"""Rows of a listing, filtered, sorted and limited, as a table or as JSON."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple

from typing_extensions import NamedTuple

from formlabs_web_api.cli import answers, cells
from formlabs_web_api.cli.session import Session, usage
from formlabs_web_api.cli.tables import TerminalColumn, show
from formlabs_web_api.display.cells import Column

if TYPE_CHECKING:
    from formlabs_web_api.cli.filters import Selection

DEFAULT_LIMIT = 20
_LARGEST_PAGE = 100


class ListingView(NamedTuple):
    """The settings for showing rows."""

    kind: Any
    """Model of the rows."""
    columns_at: Callable[[datetime], Sequence[TerminalColumn[Any]]]
    """Returns the columns of the table, given the time of the response."""
    columns: Optional[str] = None
    """Names of columns to show instead of these."""
    sort: Optional[str] = None
    limit: Optional[int] = None
    empty: str = "No rows match."


def limit_of(limit: Optional[int], everything: bool) -> Optional[int]:
    """Return the maximum number of rows to show; None for every row.

    Raises:
        typer.BadParameter: Both options are given, which contradict each other.
    """
    if everything and limit is not None:
        raise usage("--all", "cannot be combined with --limit, since it shows every row")
    return None if everything else limit or DEFAULT_LIMIT


def list_pages(
    session: Session, iterate: Callable[..., Any], selection: Selection, view: ListingView
) -> None:
    """Write the rows of a listing with many pages, reading no further than the limit."""
    _check(view)
    reads_all = view.limit is None or view.sort or selection.is_partial
    size = _LARGEST_PAGE if reads_all else min(view.limit or _LARGEST_PAGE, _LARGEST_PAGE)
    items = iterate(**selection.query, limit=None if reads_all else view.limit, per_page=size)
    shown = list_rows(session, items, selection, view)
    if selection.is_partial or items.count is None:
        if shown == view.limit:
            session.note(f"the first {shown:,}; --limit N or --all shows more")
    elif shown < items.count:
        session.note(f"{shown:,} of {items.count:,}; --limit N or --all shows more")


def list_rows(
    session: Session, rows: Iterable[object], selection: Selection, view: ListingView
) -> int:
    """Write rows and return their number.

    Raises:
        Failure: No rows match, and a filter names a printer or other item that does not exist.
    """
    names, sort = _check(view)
    found: Iterable[Any] = (row for row in rows if selection.matches(row, session.now()))
    if sort is not None:
        found = _sorted(session, answers.models_in(session, found), view, *sort)
    found = islice(found, view.limit)
    if session.json:
        shown = session.say_json_list(
            found if names is None else (_picked(session, row, view, names) for row in found)
        )
    else:
        kept = list(found)
        now = session.now()
        table = view.columns_at(now) if names is None else _named_columns(view, names, now)
        shown = show(session, table, kept, view.empty)
    if not shown:
        session.show_hints()
    return shown


def _check(view: ListingView) -> Tuple[Optional[List[str]], Optional[Tuple[str, bool]]]:
    """Return the names of the columns, and the column to sort by and whether descending.

    Raises:
        typer.BadParameter: A column does not exist.
    """
    sort = None
    if view.sort is not None:
        (name,) = _known("--sort", view, [view.sort.lstrip("-")])
        sort = name, view.sort.startswith("-")
    if view.columns is None:
        return None, sort
    return _known("--columns", view, [one.strip() for one in view.columns.split(",")]), sort


def _known(option: str, view: ListingView, names: List[str]) -> List[str]:
    from formlabs_web_api.cli.lookup import suggestion

    known = list(_columns_of(view))
    for name in names:
        if name not in known:
            raise usage(option, f'"{name}" is not a column{suggestion(name, known)}')
    return names


def _columns_of(view: ListingView) -> Dict[str, Any]:
    from formlabs_web_api.tables.columns import columns_of

    return {one.name: one for one in columns_of(view.kind, derived=True, secrets=False)}


def _record(row: object, view: ListingView, now: datetime) -> Dict[str, Any]:
    from formlabs_web_api.tables.records import to_records

    (record,) = to_records([row], kind=view.kind, now=now)
    return record


def _picked(
    session: Session, row: object, view: ListingView, names: Sequence[str]
) -> Dict[str, Any]:
    if not answers.is_model(row):
        return dict.fromkeys(names)
    record = _record(row, view, session.now())
    return {name: cells.json_value(record[name]) for name in names}


def _sorted(
    session: Session, rows: List[object], view: ListingView, name: str, descending: bool
) -> List[Any]:
    """Sort rows by a column; rows without a value come last in both directions."""
    now = session.now()
    keyed = [(_record(row, view, now)[name], row) for row in rows]
    present = [one for one in keyed if one[0] is not None]
    present.sort(key=lambda one: _comparable(one[0]), reverse=descending)
    return [row for _, row in (*present, *(one for one in keyed if one[0] is None))]


def _comparable(value: Any) -> Tuple[int, Any]:
    """Return a key that compares values of different types: numbers before texts."""
    if isinstance(value, timedelta):
        return 0, value.total_seconds()
    if isinstance(value, datetime):
        return 0, value.timestamp()
    if isinstance(value, (int, float)):
        return 0, value
    return 1, cells.text(value).casefold()


def _named_columns(
    view: ListingView, names: Sequence[str], now: datetime
) -> List[TerminalColumn[Any]]:
    from formlabs_web_api.tables.columns import FieldKind

    known = _columns_of(view)
    numeric = (FieldKind.INTEGER, FieldKind.NUMBER, FieldKind.DURATION)

    def column(place: int, name: str) -> TerminalColumn[Any]:
        return Column(
            name,
            lambda row: _shown(_record(row, view, now)[name], now),
            right=known[name].kind in numeric,
            min_width=8,
            drop_priority=place,  # the last column is dropped first
        )

    return [column(place, name) for place, name in enumerate(names)]


def _shown(value: object, now: datetime) -> Optional[str]:
    if isinstance(value, datetime):
        return cells.moment(value, now)
    if isinstance(value, timedelta):
        return cells.duration(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else cells.text(value)
