"""Compare a mirror with the service, without changing it."""

from __future__ import annotations

import random
from typing import Any, Dict, List, NamedTuple, Optional

import sqlalchemy as sa

from formlabs_web_api.mirror.database import Database
from formlabs_web_api.mirror.paged import EVENTS, PRINTS, PagedListing
from formlabs_web_api.mirror.rows import PASSING, Key, Row, by_key
from formlabs_web_api.mirror.service import PER_PAGE, Service, models_in
from formlabs_web_api.mirror.whole import WHOLE_LISTINGS, read_whole
from formlabs_web_api.mirror.writing import has_key_of


class Difference(NamedTuple):
    """A row of a mirror that differs from the service."""

    table: str
    key: Key
    problem: str
    """Which columns differ, that the row is missing, or that the service does not list it."""

    def __str__(self) -> str:
        return f"{self.table} {' '.join(map(str, self.key))}: {self.problem}"


class Verification:
    """The result of a comparison."""

    def __init__(self) -> None:
        self.rows = 0
        """Rows that were compared."""
        self.differences: List[Difference] = []

    def __repr__(self) -> str:
        return f"<Verification: {len(self.differences)} of {self.rows} rows differ>"

    def __bool__(self) -> bool:
        """Return True if nothing differs."""
        return not self.differences


def verify(service: Service, database: Database, pages: int, seed: Optional[int]) -> Verification:
    """Compare whole listings, and some pages of prints and events; see ``Mirror.verify``."""
    result = Verification()
    for name in WHOLE_LISTINGS:
        for table, rows in read_whole(service, name):
            _compare(database, table, rows, result, is_whole=True)
    draw = random.Random(seed)
    for listing in (PRINTS, EVENTS):
        for models in _drawn_pages(service, listing, pages, draw):
            now = service.now()
            rows = [listing.row(model, now) for model in models]
            _compare(database, listing.table, rows, result, is_whole=False)
    return result


def _drawn_pages(
    service: Service, listing: PagedListing, pages: int, draw: random.Random
) -> List[List[Any]]:
    first = service.page(listing.name, 1)
    last = max(1, -(-(first.count or 0) // PER_PAGE))
    numbers = sorted(draw.sample(range(1, last + 1), min(pages, last)))
    drawn = [first if number == 1 else service.page(listing.name, number) for number in numbers]
    return [models_in(page.results) for page in drawn]


def _compare(
    database: Database, table: sa.Table, rows: List[Row], result: Verification, is_whole: bool
) -> None:
    keyed = by_key(table, rows)
    stored = _stored(database, table, None if is_whole else list(keyed))
    for key, row in keyed.items():
        if row.get("is_open"):  # what goes on differs from one second to the next
            continue
        result.rows += 1
        problem = _problem(table, row, stored.pop(key, None))
        if problem:
            result.differences.append(Difference(table.name, key, problem))
    if is_whole:
        for key in stored:
            problem = "the service does not list it"
            result.differences.append(Difference(table.name, key, problem))


def _stored(database: Database, table: sa.Table, keys: Optional[List[Key]]) -> Dict[Key, Row]:
    """Return the stored rows by key: those with some keys, or all rows."""
    statement = sa.select(table).where(table.c.deleted_at.is_(None))
    if keys is not None:
        statement = statement.where(has_key_of(table, keys))
    with database.read() as connection:
        rows = [dict(row) for row in connection.execute(statement).mappings()]
    return by_key(table, rows)


def _problem(table: sa.Table, row: Row, stored: Optional[Row]) -> str:
    if stored is None:
        return "missing in the mirror"
    if stored["content_hash"] == row["content_hash"]:
        return ""
    different = [
        name
        for name, value in row.items()
        if name not in ("raw", "content_hash") and name not in PASSING and stored[name] != value
    ]
    return f"not as the service lists it: {', '.join(different or ['raw'])}"
