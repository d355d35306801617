"""Models as tables: pandas data frames, plain records, CSV.

    from formlabs_web_api.frames import to_frame

    runs = PrintsApi(client).prints_list_iter(status="FINISHED")
    frame = to_frame(runs)

or, of everything at once, ``client.frames.prints(status="FINISHED")``. Data frames need the extra
``pandas`` (``pip install "formlabs_web_api[pandas]"``); records and CSV do not.

A table has one row for each model and a column for each field, named by the path to it as
``pandas.json_normalize(sep="_")`` would: ``user_username``, ``print_run_success_created_at``. Lists
of texts are joined to one; of lists of things there is the number, ``parts_count``. A print inside
another thing is told in brief. Derived values stand beside the raw ones: see the documentation of
the models. What the service's description does not know is left out, and so are signed addresses,
which open a picture to anybody, unless they are asked for.

The columns of a kind of model are always the same. In a data frame they are of these types:

==================  ===================  ==========================================================
text                ``string``
one of few words    ``category``         of derived values and described enums, always all words
whole numbers       ``Int64``            layers, counts; fields that end in ``_ms`` are ms
numbers             ``float64``          ml where ``_ml``, mm where ``_mm``, shares 0 to 1, °C
yes or no           ``boolean``
date and time       ``datetime64[us, UTC]``
durations           ``timedelta64[us]``
==================  ===================  ==========================================================
"""

from __future__ import annotations

import csv
import inspect
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from itertools import chain
from os import PathLike
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    Iterable,
    Iterator,
    List,
    Optional,
    Sequence,
    TextIO,
    Type,
    TypeVar,
    Union,
    cast,
)

from typing_extensions import Concatenate, ParamSpec, get_args

from formlabs_web_api._flat import Batch, Column, Kind, table_of
from formlabs_web_api._json import is_array
from formlabs_web_api.api.cartridges_api import CartridgesApi
from formlabs_web_api.api.events_api import EventsApi
from formlabs_web_api.api.printer_groups_api import PrinterGroupsApi
from formlabs_web_api.api.printers_api import PrintersApi
from formlabs_web_api.api.prints_api import PrintsApi
from formlabs_web_api.api.tanks_api import TanksApi
from formlabs_web_api.models._base import Model
from formlabs_web_api.models._derived.raw import as_now

if TYPE_CHECKING:
    import pandas as pd

    from formlabs_web_api._arrays import Array
    from formlabs_web_api._operation import Api
    from formlabs_web_api.api_client import ApiClient
    from formlabs_web_api.paging import Items

Models = Union[Iterable[Any], Model]
"""Models of one kind, however they come: a list, an iterator, a page of a listing, or one alone."""

P = ParamSpec("P")


class _Rows:
    """Models, and the table to be made of them."""

    def __init__(
        self,
        models: Models,
        kind: Optional[Type[Model]],
        derived: bool,
        secrets: bool,
        now: Optional[datetime],
    ) -> None:
        self.now = as_now(now)
        rest = iter(_each(models))
        first = next(rest, None)
        self._models = rest if first is None else chain([first], rest)
        self.table = table_of(kind or (Model if first is None else _kind(first)), derived, secrets)

    def batches(self) -> Iterator[Batch]:
        """The models, a thousand at a time."""
        return self.table.batches(self._models, self.now)


def to_frame(
    models: Models,
    *,
    kind: Optional[Type[Model]] = None,
    derived: bool = True,
    secrets: bool = False,
    now: Optional[datetime] = None,
) -> pd.DataFrame:
    """A data frame with a row for each model; see above for its columns and their types.

    Models of an iterator are not kept, so that a frame of many needs little more memory than
    itself. A value that does not fit the type of its column is missing; :func:`to_records` has it.

    Args:
        models: Models of one kind.
        kind: Which kind; needed only for the columns of a table that may be empty.
        derived: Whether to derive values as well, from what the fields mean.
        secrets: Whether to give signed addresses as well.
        now: The moment states and outcomes are judged from; None means the present.

    Raises:
        ImportError: pandas is not installed.
        TypeError: The models are of several kinds, or are none.
    """
    try:
        import pandas as pd
    except ImportError as error:
        hint = f'a data frame needs {error.name}: pip install "formlabs_web_api[pandas]"'
        raise ImportError(hint) from error
    rows = _Rows(models, kind, derived, secrets, now)
    arrays = _filled(rows)
    return pd.DataFrame({name: array.finished() for name, array in arrays.items()}, copy=False)


def _filled(rows: _Rows) -> Dict[str, Array]:
    """The columns of a data frame by their names."""
    from formlabs_web_api._arrays import array_of
    from formlabs_web_api._columns_of_runs import derived_chunks

    arrays = {column.name: array_of(column) for column in rows.table.columns}
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


def to_records(
    models: Models,
    *,
    derived: bool = True,
    secrets: bool = False,
    now: Optional[datetime] = None,
) -> List[Dict[str, Any]]:
    """The same rows as dicts of plain values, without pandas.

    Date-times are aware and in UTC, durations are ``timedelta``, words are text. A value that does
    not fit its column is as it came. Arguments and errors as of :func:`to_frame`.
    """
    return list(_records(_Rows(models, None, derived, secrets, now)))


def to_csv(
    models: Models,
    target: Union[str, PathLike[str], TextIO],
    *,
    derived: bool = True,
    secrets: bool = False,
    now: Optional[datetime] = None,
) -> None:
    """Write the same rows as CSV, with a head, as they come.

    Date-times are ISO 8601 in UTC, durations are seconds, yes and no are ``true`` and ``false``;
    what is missing is empty.

    Args:
        models: Models of one kind.
        target: Path of a file, which is written anew in UTF-8, or a text file that is open.
        derived, secrets, now: As of :func:`to_frame`.

    Raises:
        TypeError: The models are of several kinds, or are none.
        OSError: The file cannot be written.
    """
    rows = _Rows(models, None, derived, secrets, now)
    with ExitStack() as stack:
        file: TextIO
        if isinstance(target, (str, PathLike)):
            file = stack.enter_context(open(target, "w", encoding="utf-8", newline=""))
        else:
            file = target
        writer = csv.writer(file)
        writer.writerow([column.name for column in rows.table.columns])
        for record in _records(rows):
            writer.writerow([_written(value) for value in record.values()])


A = TypeVar("A", bound="Api")
M = TypeVar("M", bound=Model)


def _all_of(
    api: Type[A], listing: Callable[Concatenate[A, P], Items[M]], about: str
) -> Callable[Concatenate[Frames, P], pd.DataFrame]:
    """A method that reads a listing into a data frame; its arguments are those of the listing."""

    def frame(self: Frames, *args: P.args, **kwargs: P.kwargs) -> Any:
        return to_frame(listing(api(self.client), *args, **kwargs), kind=kind)

    signature = inspect.signature(listing)
    (kind,) = get_args(signature.return_annotation)
    frame.__name__ = listing.__name__.replace("_list_iter", "")
    frame.__qualname__ = f"Frames.{frame.__name__}"
    frame.__doc__ = about
    vars(frame)["__signature__"] = signature.replace(return_annotation="pd.DataFrame")
    return cast("Callable[Concatenate[Frames, P], pd.DataFrame]", frame)


class Frames:
    """Data frames of what the account has; :attr:`ApiClient.frames` is one.

    Each method reads all pages of a listing, takes the arguments of the listing's iterator, and
    gives a data frame as :func:`to_frame` does. Times are in UTC, durations are ``timedelta``.
    """

    def __init__(self, client: ApiClient) -> None:
        self.client = client

    printers = _all_of(
        PrintersApi,
        PrintersApi.printers_list_iter,
        """All printers with their status, tank and present print, a row each.

        Derived: ``label``, ``model_name``, ``state``, ``state_reason``, ``is_online``,
        ``cartridge_count`` and ``remaining_ml`` (ml in all its cartridges), and those of the tank
        and the print. Temperature in °C. Cartridges have a table of their own; join it on
        ``inside_printer``. The previous print is left out; it is among the prints.
        """,
    )
    prints = _all_of(
        PrintsApi,
        PrintsApi.prints_list_iter,
        """The prints that fit the filters, a row each.

        Derived: ``progress`` (0 to 1), ``last_progress_at``, ``is_stale``, ``eta``, ``ended_at``
        with ``ended_at_source``, ``duration``, ``outcome``, ``is_open``. ``volume_ml`` in ml,
        ``layer_thickness_mm`` and ``z_height_offset_mm`` in mm, ``estimated_duration_ms`` and its
        like in ms. ``print_finished_at`` is as reported, 1970 included; ``ended_at`` is better.
        """,
    )
    events = _all_of(
        EventsApi,
        EventsApi.events_list_iter,
        """The events that fit the filters, a row each, with the print they are about in brief.""",
    )
    tanks = _all_of(
        TanksApi,
        TanksApi.tanks_list_iter,
        """All resin tanks, a row each.

        Derived: ``material_name``, ``layers``, ``print_time``, ``age``. ``print_time_ms`` in ms.
        """,
    )
    cartridges = _all_of(
        CartridgesApi,
        CartridgesApi.cartridges_list_iter,
        """All resin cartridges, a row each.

        Derived: ``material_name``, ``remaining_ml``, ``remaining_fraction`` (0 to 1),
        ``resolution_ml`` (steps in which the volume is reported, missing where smooth). Volumes
        in ml.
        """,
    )
    groups = _all_of(
        PrinterGroupsApi,
        PrinterGroupsApi.groups_list_iter,
        """All printer groups, a row each; of members and invitations there is the number.""",
    )

    def __repr__(self) -> str:
        return f"<Frames of {self.client!r}>"


def _each(models: Models) -> Iterable[Any]:
    if isinstance(models, Model):
        results = getattr(models, "results", None)
        return results if is_array(results) else [models]
    return models


def _kind(model: Any) -> Type[Model]:
    if not isinstance(model, Model):
        raise TypeError(f"the rows of a table are models, not {type(model).__name__}")
    return type(model)


def _records(rows: _Rows) -> Iterator[Dict[str, Any]]:
    names = [column.name for column in rows.table.columns]
    for batch in rows.batches():
        plain = [_plain(column, batch.values(column)) for column in rows.table.columns]
        for row in zip(*plain):
            yield dict(zip(names, row))


def _plain(column: Column, values: Sequence[Any]) -> Sequence[Any]:
    if column.kind is Kind.WORD:
        return [str(value) if isinstance(value, str) else value for value in values]
    if column.kind is Kind.MOMENT:
        return [_in_utc(value) if isinstance(value, datetime) else value for value in values]
    return values


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=timezone.utc)
    try:
        return moment.astimezone(timezone.utc)
    except OverflowError:  # a day before the first or after the last that Python knows
        return moment


def _written(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    return value.total_seconds() if isinstance(value, timedelta) else value
