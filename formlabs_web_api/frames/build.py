"""Build pandas data frames from models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Collection, Dict, Optional

from formlabs_web_api._util.extras import install_hint
from formlabs_web_api.tables.records import Models, Now, RowKind, RowSource

if TYPE_CHECKING:
    import pandas as pd

    from formlabs_web_api.frames.arrays import Array


def to_frame(
    models: Models,
    *,
    kind: Optional[RowKind] = None,
    derived: bool = True,
    secrets: bool = False,
    now: Now = None,
    columns: Optional[Collection[str]] = None,
) -> pd.DataFrame:
    """Build a data frame with a row for each model; the package names its columns and types.

    Models of an iterator are not kept, so that a frame of many needs little more memory than
    itself. A value that does not fit the type of its column is missing; :func:`to_records` keeps
    it. A row that is not a model, a null in a page for example, is dropped and logged.

    Args:
        models: Models of one class.
        kind: Their class, or the name of a listing, ``"prints"`` for example. It is needed only for
            the columns of an empty list; a page and the iterator of a listing know it.
        derived: True to add the derived values.
        secrets: True to add signed addresses.
        now: The time to judge states, outcomes and ends at; None means the present.
        columns: Names of the columns to build, in the order of the table; None means all.

    Raises:
        ImportError: pandas is not installed.
        TypeError: The models are of several classes, or are not models.
        ValueError: ``kind`` names no listing, or ``columns`` one that the table does not have.
    """
    try:
        import pandas as pd
    except ImportError as error:
        hint = install_hint("pandas")
        raise ImportError(f"a data frame needs {error.name}: {hint}") from error
    rows = RowSource(models, kind, derived, secrets, now)
    arrays = _filled(rows, columns)
    wanted = [name for name in arrays if columns is None or name in columns]
    return pd.DataFrame({name: arrays[name].finished() for name in wanted}, copy=False)


def _filled(rows: RowSource, names: Optional[Collection[str]]) -> Dict[str, Array]:
    """Return the filled arrays of a data frame by column name, and those they are derived from."""
    from formlabs_web_api.frames.arrays import array_of
    from formlabs_web_api.frames.print_columns import DERIVED_FROM, derived_chunks

    columns = rows.table.columns
    if names is not None:
        unknown = set(names).difference(column.name for column in columns)
        if unknown:
            raise ValueError(f"columns: the table has none named {', '.join(sorted(unknown))}")
        needed = {*names, *(DERIVED_FROM if rows.table.is_of_prints else ())}
        columns = tuple(column for column in columns if column.name in needed)
    arrays = {column.name: array_of(column, rows.table.secrets) for column in columns}
    for batch in rows.batches():
        for array in arrays.values():
            if array.column.derive is None:
                array.add(batch.values(array.column))
        quickly = derived_chunks(arrays, rows.now) if rows.table.is_of_prints else {}
        for name, array in arrays.items():
            if name in quickly:
                array.chunks.append(quickly[name])
            elif array.column.derive is not None:
                array.add(batch.values(array.column))
    return arrays
