"""Build pandas data frames from models."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Dict, Optional, Type

from formlabs_web_api._util.extras import install_hint
from formlabs_web_api.models._base import Model
from formlabs_web_api.tables.records import Models, RowSource

if TYPE_CHECKING:
    import pandas as pd

    from formlabs_web_api.frames.arrays import Array


def to_frame(
    models: Models,
    *,
    kind: Optional[Type[Model]] = None,
    derived: bool = True,
    secrets: bool = False,
    now: Optional[datetime] = None,
) -> pd.DataFrame:
    """A data frame with a row for each model; see the package for its columns and their types.

    Models of an iterator are not kept, so that a frame of many needs little more memory than
    itself. A value that does not fit the type of its column is missing; :func:`to_records` has it.
    A row that is no model, a null in a page for example, is left out, which is logged.

    Args:
        models: Models of one kind.
        kind: Which kind; needed only for the columns of a table that may be empty, unless it is
            of a page.
        derived: Whether to derive values as well, from what the fields mean.
        secrets: Whether to give signed addresses as well.
        now: The moment states, outcomes and ends are judged from; None means the present.

    Raises:
        ImportError: pandas is not installed.
        TypeError: The models are of several kinds, or are none.
    """
    try:
        import pandas as pd
    except ImportError as error:
        hint = install_hint("pandas")
        raise ImportError(f"a data frame needs {error.name}: {hint}") from error
    rows = RowSource(models, kind, derived, secrets, now)
    arrays = _filled(rows)
    return pd.DataFrame({name: array.finished() for name, array in arrays.items()}, copy=False)


def _filled(rows: RowSource) -> Dict[str, Array]:
    """The columns of a data frame by their names."""
    from formlabs_web_api.frames.arrays import array_of
    from formlabs_web_api.frames.print_columns import derived_chunks

    arrays = {column.name: array_of(column, rows.table.secrets) for column in rows.table.columns}
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
