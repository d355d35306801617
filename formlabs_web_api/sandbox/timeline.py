"""Records in the order in which the service came to know them, searched without copying them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Callable, Dict, Generic, Iterable, List, Optional, Sequence, TypeVar, Union

from .instants import Instant
from .records import Event, Print

Record = TypeVar("Record", bound=Union[Print, Event])


class Selection(Generic[Record]):
    """A stretch of a list that is sorted oldest first, to be read newest first."""

    def __init__(self, records: Sequence[Record], begin: int, end: int) -> None:
        self._records = records
        self._begin = begin
        self._end = end

    def __len__(self) -> int:
        return self._end - self._begin

    def newest(self, skip: int, count: int) -> List[Record]:
        """Up to ``count`` records, newest first, after the ``skip`` newest ones."""
        end = self._end - skip
        begin = max(self._begin, end - count)
        return [self._records[index] for index in range(end - 1, begin - 1, -1)]

    def where(self, holds: Callable[[Record], bool]) -> Selection[Record]:
        """Only the records for which ``holds``."""
        found = [record for record in self._records[self._begin : self._end] if holds(record)]
        return Selection(found, 0, len(found))


class _Line(Generic[Record]):
    def __init__(self, records: List[Record]) -> None:
        self.records = records
        self.keys = [record.created for record in records]


class Timeline(Generic[Record]):
    """All records of a kind by creation time, and those of each printer."""

    def __init__(self, records: Iterable[Record]) -> None:
        ordered = sorted(records, key=lambda record: record.created)
        by_printer: Dict[str, List[Record]] = {}
        for record in ordered:
            if record.printer is not None:
                by_printer.setdefault(record.printer.serial, []).append(record)
        self._all = _Line(ordered)
        self._by_printer = {serial: _Line(mine) for serial, mine in by_printer.items()}

    def add(self, record: Record) -> None:
        """Put a new record in its place, usually the end."""
        lines = [self._all]
        if record.printer is not None:
            serial = record.printer.serial
            lines.append(self._by_printer.setdefault(serial, _Line([])))
        for line in lines:
            place = bisect_right(line.keys, record.created)
            line.keys.insert(place, record.created)
            line.records.insert(place, record)

    def select(
        self,
        *,
        printer: Optional[str] = None,
        after: Optional[Instant] = None,
        before: Optional[Instant] = None,
    ) -> Selection[Record]:
        """The records created after one instant and before another, both exclusive."""
        line = self._all
        if printer is not None:
            line = self._by_printer.get(printer) or _Line([])
        begin = 0 if after is None else bisect_right(line.keys, after)
        end = len(line.keys) if before is None else bisect_left(line.keys, before)
        return Selection(line.records, begin, max(begin, end))
