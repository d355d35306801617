"""Listings read from a mirror instead of the service, for commands with ``--from``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, FrozenSet, Iterable, Iterator, List, Optional

import typer
from typing_extensions import Annotated

from formlabs_web_api._util.fields import value_at
from formlabs_web_api.cli import cells
from formlabs_web_api.cli.failures import Failure

if TYPE_CHECKING:
    from datetime import datetime

    from formlabs_web_api.cli.filters import Predicate, Selection
    from formlabs_web_api.cli.session import Session
    from formlabs_web_api.mirror import Mirror

From = Annotated[
    Optional[str],
    typer.Option(
        "--from",
        metavar="URL",
        help="Read a mirror, sqlite:///fleet.db, instead of the service.",
        show_default=False,
    ),
]
_PER_PAGE = 500


def read_from(session: Session, url: Optional[str]) -> None:
    """Make the session read the mirror at ``url`` instead of the service; None changes nothing.

    Raises:
        Failure: The extra is not installed, or the mirror is empty.
        MirrorError: The address is malformed, or there is no mirror.
    """
    if url is None:
        return
    try:
        from formlabs_web_api.mirror import Mirror
    except ImportError as error:
        raise Failure(str(error)) from None
    mirror = Mirror(url)
    synced_at = mirror.synced_at
    if synced_at is None:
        raise Failure(f"{mirror!r} has no prints yet; run `formlabs-web-api sync` first")
    session.read_mirror(mirror, synced_at)


class MirrorPages:
    """The rows of a listing, page by page, in the service's order.

    Args:
        mirror: The mirror.
        listing: Name of the listing.
    """

    count: Optional[int] = None
    """Number of rows; unknown, since filters are applied here."""

    page_number: int = 1
    """Always 1: a continued export reads the mirror from its beginning, which costs no request."""

    def __init__(self, mirror: Mirror, listing: str) -> None:
        self._mirror = mirror
        self._listing = listing
        self._read_before: FrozenSet[str] = frozenset()

    def resume(self, page_number: int, keys: Iterable[str]) -> None:
        """Drop the rows with these keys, which an earlier run has exported."""
        self._read_before = frozenset(keys)

    def __iter__(self) -> Iterator[List[Any]]:
        from formlabs_web_api.paging import row_key

        page: List[Any] = []
        for row in self._mirror.read(self._listing):
            if row_key(row) in self._read_before:
                continue
            page.append(row)
            if len(page) == _PER_PAGE:
                yield page
                page = []
        if page:
            yield page


def localized(session: Session, selection: Selection) -> Selection:
    """Return a selection that applies the service's filters to the rows of a mirror."""
    for name, value in selection.query.items():
        if value is not None:
            selection.keep(_predicate(session, name, value))
    selection.query = {}
    return selection


def _predicate(session: Session, name: str, value: Any) -> Predicate:
    if name == "date__gt":
        return lambda row, now: _is_between(row, value, None)
    if name == "date__lt":
        return lambda row, now: _is_between(row, None, value)
    if name == "name":
        part = value.casefold()
        return lambda row, now: part in cells.text(row.name).casefold()
    if name == "machine_type_id":
        types = {cells.text(one.serial): one.machine_type_id for one in session.printers()}
        return lambda row, now: types.get(cells.text(row.printer)) in value
    if name == "print_run":
        return lambda row, now: value_at(row, "print_run", "guid") == value
    wanted = str(value).casefold()
    return lambda row, now: cells.text(value_at(row, name)).casefold() == wanted


def _is_between(row: object, after: Optional[datetime], before: Optional[datetime]) -> bool:
    """Compare the start of a print, or the time of an event."""
    from formlabs_web_api.models.derived.raw import moment

    time = moment(row, "print_started_at") or moment(row, "created_at")
    if time is None:
        return False
    return (after is None or time > after) and (before is None or time < before)
