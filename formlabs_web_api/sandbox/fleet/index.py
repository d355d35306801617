"""An in-memory index of records in the order of their creation.

The position of a record never changes, because new records come last. Each value of a column has a
posting list: the positions of the records that have it, in order. So a query is counted and paged
without reading the records of other pages.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right, insort
from typing import (
    Callable,
    Collection,
    Dict,
    Generic,
    Iterable,
    Iterator,
    List,
    Mapping,
    Optional,
    Sequence,
    TypeVar,
    Union,
)

from formlabs_web_api.sandbox.fleet.records import Event, Print
from formlabs_web_api.sandbox.instants import Instant

Record = TypeVar("Record", bound=Union[Print, Event])

Lines = Dict[Optional[str], "array[int]"]


class Selection(Generic[Record]):
    """The result of a query, newest record first.

    Args:
        records: all records, oldest first.
        lines: posting lists of the selected records; no position is in two of them.
        begin, end: only positions from ``begin`` to before ``end`` are selected.
    """

    def __init__(
        self, records: Sequence[Record], lines: Iterable[Sequence[int]], begin: int, end: int
    ) -> None:
        self._records = records
        self._begin, self._end = begin, end
        self._lines = [line for line in lines if self._after(line, begin)]

    def __len__(self) -> int:
        return self._count_from(self._begin)

    def newest(self, skip: int, count: int) -> List[Record]:
        """Return up to ``count`` records, newest first, after the ``skip`` newest ones."""
        edge = self._edge(skip)
        found: List[int] = []
        for line in self._lines:
            end = bisect_left(line, edge)
            found.extend(line[max(bisect_left(line, self._begin), end - count) : end])
        found.sort(reverse=True)
        return [self._records[position] for position in found[:count]]

    def where(self, holds: Callable[[Record], bool]) -> Selection[Record]:
        """Select the records for which ``holds`` is true."""
        found = [
            position
            for line in self._lines
            for position in line[bisect_left(line, self._begin) : bisect_left(line, self._end)]
            if holds(self._records[position])
        ]
        found.sort()
        return Selection(self._records, [found], self._begin, self._end)

    def _edge(self, skip: int) -> int:
        """Return the position at or after which the newest ``skip`` records are."""
        low, high = self._begin, self._end
        while low < high:
            middle = (low + high) // 2
            if self._count_from(middle) > skip:
                low = middle + 1
            else:
                high = middle
        return low

    def _count_from(self, position: int) -> int:
        return sum(self._after(line, position) for line in self._lines)

    def _after(self, line: Sequence[int], position: int) -> int:
        return max(0, bisect_left(line, self._end) - bisect_left(line, position))


class Timeline(Generic[Record]):
    """All records of a kind, indexed by columns.

    Args:
        records: the first records, in any order.
        columns: function that returns the value of a record, by name of the column.
        later: columns that are indexed only when they are first queried.
    """

    def __init__(
        self,
        records: Iterable[Record],
        columns: Mapping[str, Callable[[Record], Optional[str]]],
        later: Collection[str] = (),
    ) -> None:
        self._records = sorted(records, key=lambda record: record.created)
        self._created = [record.created for record in self._records]
        self._columns = columns
        self._lines: Dict[str, Lines] = {}
        self._kept: Optional[array[int]] = None
        for column in columns:
            if column not in later:
                self._lines_of(column)

    def __len__(self) -> int:
        return len(self._records if self._kept is None else self._kept)

    def __iter__(self) -> Iterator[Record]:
        kept = range(len(self._records)) if self._kept is None else self._kept
        return (self._records[position] for position in list(kept))

    def add(self, record: Record) -> None:
        """Append a new record, even after a record that was created in the future."""
        position = len(self._records)
        self._records.append(record)
        if self._kept is not None:
            self._kept.append(position)
        self._created.append(max([record.created, *self._created[-1:]]))
        for column, lines in self._lines.items():
            _line(lines, self._columns[column](record)).append(position)

    def moved(self, record: Record, column: str, before: str) -> None:
        """Update the index of a column after the value of a record has changed."""
        position = self._position(record)
        lines = self._lines_of(column)
        _delete(lines[before], position)
        insort(_line(lines, self._columns[column](record)), position)

    def all_records(self) -> Sequence[Record]:
        """Return all records, also removed ones, oldest first."""
        return self._records

    def remove(self, record: Record) -> None:
        """Remove a record; the positions of the others stay."""
        position = self._position(record)
        if self._kept is None:
            self._kept = array("l", range(len(self._records)))
        for column, lines in self._lines.items():
            _delete(lines[self._columns[column](record)], position)
        _delete(self._kept, position)

    def values(self, column: str) -> Iterable[Optional[str]]:
        """Return the values that occur in a column, or once did."""
        return self._lines_of(column)

    def select(
        self,
        wanted: Mapping[str, Collection[str]],
        after: Optional[Instant] = None,
        before: Optional[Instant] = None,
    ) -> Selection[Record]:
        """Select records that have one of the wanted values in every given column.

        Args:
            wanted: values by column.
            after, before: limits of the creation, both exclusive.
        """
        begin = 0 if after is None else bisect_right(self._created, after)
        end = len(self._created) if before is None else bisect_left(self._created, before)
        if not wanted:
            kept = range(len(self._records)) if self._kept is None else self._kept
            return Selection(self._records, [kept], begin, end)
        found: Dict[str, Selection[Record]] = {}
        for column, values in wanted.items():
            lines = self._lines_of(column)
            mine = [lines[value] for value in set(values) if value in lines]
            found[column] = Selection(self._records, mine, begin, end)
        rarest = min(found, key=lambda column: len(found[column]))
        others = [(self._columns[column], wanted[column]) for column in found if column != rarest]
        if not others:
            return found[rarest]
        return found[rarest].where(
            lambda record: all(value(record) in values for value, values in others)
        )

    def _lines_of(self, column: str) -> Lines:
        lines = self._lines.get(column)
        if lines is None:
            lines = self._lines[column] = {}
            value = self._columns[column]
            for position in range(len(self._records)) if self._kept is None else self._kept:
                _line(lines, value(self._records[position])).append(position)
        return lines

    def _position(self, record: Record) -> int:
        position = bisect_left(self._created, record.created)
        while self._records[position] is not record:
            position += 1
        return position


def _delete(line: array[int], position: int) -> None:
    at = bisect_left(line, position)
    if at == len(line) or line[at] != position:
        raise ValueError("the record is not in the list any more")
    del line[at]


def _line(lines: Lines, value: Optional[str]) -> array[int]:
    line = lines.get(value)
    if line is None:
        line = lines[value] = array("l")
    return line
