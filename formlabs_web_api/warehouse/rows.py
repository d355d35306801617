"""Rows of the tables of a warehouse, and the types of their columns."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Dict, Iterable, List, Tuple, Type

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
    """

    def __init__(self, kind: Type[Model]) -> None:
        self._kind = kind
        fields = columns_of(kind, derived=True, secrets=False)
        self._columns: List[Tuple[Field, str]] = [
            (field, _column_name(field)) for field in fields if field.field not in BLANKS
        ]

    def hints(self) -> Dict[str, Dict[str, Any]]:
        """Return the type of each column: dlt creates none for a column that is always null."""
        return {
            name: {"name": name, "data_type": _TYPES[field.kind], "nullable": True}
            for field, name in self._columns
        }

    def rows(self, models: Iterable[Any], now: datetime) -> List[Row]:
        """Return the rows of models, as judged at a time."""
        return [
            {name: _value(record[field.name]) for field, name in self._columns}
            for record in to_records(models, kind=self._kind, now=now)
        ]


def _column_name(field: Field) -> str:
    return f"{field.name}_s" if field.kind is FieldKind.DURATION else field.name


def _value(value: Any) -> Any:
    """Return a duration in seconds, for not every warehouse has a type for it."""
    return value.total_seconds() if isinstance(value, timedelta) else value
