"""Rows of the tables of a warehouse, and the types of their columns."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Dict, Iterable, List, Tuple, Type

from formlabs_web_api._util.json import is_array
from formlabs_web_api.models import PrintPart
from formlabs_web_api.models._base import Model
from formlabs_web_api.tables.columns import Field, FieldKind, columns_of
from formlabs_web_api.tables.private import BLANKS
from formlabs_web_api.tables.records import to_records

Row = Dict[str, Any]

_TYPES = {
    FieldKind.TEXT: "text",
    FieldKind.WORD: "text",
    FieldKind.INTEGER: "bigint",
    FieldKind.NUMBER: "double",
    FieldKind.FLAG: "bool",
    FieldKind.MOMENT: "timestamp",
    FieldKind.DURATION: "double",
}


class WarehouseTable:
    """The columns of a table: those of ``to_records``, without e-mails and signed addresses.

    Args:
        kind: The class of the models.
        added: The types of further columns, by their names.
    """

    def __init__(self, kind: Type[Model], **added: str) -> None:
        self._kind = kind
        self._added = added
        fields = columns_of(kind, derived=True, secrets=False)
        self._columns: List[Tuple[Field, str]] = [
            (field, _column_name(field)) for field in fields if field.field not in BLANKS
        ]

    def hints(self) -> Dict[str, Dict[str, Any]]:
        """Return the type of each column: dlt creates none for a column that is always null."""
        types = {name: _TYPES[field.kind] for field, name in self._columns}
        return {
            name: {"name": name, "data_type": kind, "nullable": True}
            for name, kind in {**types, **self._added}.items()
        }

    def rows(self, models: Iterable[Any], now: datetime, **added: Any) -> List[Row]:
        """Return the rows of models, as judged at a time, with values of the further columns."""
        return [
            {**{name: _value(record[field.name]) for field, name in self._columns}, **added}
            for record in to_records(models, kind=self._kind, now=now)
        ]


def _column_name(field: Field) -> str:
    return f"{field.name}_s" if field.kind is FieldKind.DURATION else field.name


def _value(value: Any) -> Any:
    """Return a duration in seconds, for not every warehouse has a type for it."""
    return value.total_seconds() if isinstance(value, timedelta) else value


PARTS = WarehouseTable(PrintPart, print_run="text", position="bigint")
"""The parts of prints; their columns have the names of those of a mirror."""


def part_rows(runs: Iterable[Any], now: datetime) -> List[Row]:
    """Return a row for each part of each print."""
    return [
        {**row, "print_run": run.guid, "position": position}
        for run in runs
        if is_array(getattr(run, "parts", None))
        for position, row in enumerate(PARTS.rows(run.parts, now))
    ]
