"""``client.frames``: all pages of a listing as one data frame."""

from __future__ import annotations

import inspect
from datetime import datetime
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    Iterable,
    Iterator,
    Optional,
    Type,
    TypeVar,
    cast,
)

from typing_extensions import Concatenate, ParamSpec, get_args

from formlabs_web_api.api.cartridges_api import CartridgesApi
from formlabs_web_api.api.events_api import EventsApi
from formlabs_web_api.api.printer_groups_api import PrinterGroupsApi
from formlabs_web_api.api.printers_api import PrintersApi
from formlabs_web_api.api.prints_api import PrintsApi
from formlabs_web_api.api.tanks_api import TanksApi
from formlabs_web_api.frames.build import to_frame
from formlabs_web_api.models._base import Model
from formlabs_web_api.models.derived.clock import resolve_now
from formlabs_web_api.tables.ended import has_ended_within
from formlabs_web_api.tables.records import Now

if TYPE_CHECKING:
    import pandas as pd

    from formlabs_web_api._core.operation import Api
    from formlabs_web_api.api_client import ApiClient
    from formlabs_web_api.paging import Items

P = ParamSpec("P")
A = TypeVar("A", bound="Api")
M = TypeVar("M", bound=Model)

_TABLE_OPTIONS = {"derived": True, "secrets": False, "now": None}
_END_OPTIONS = {"ended_since": None, "ended_until": None}


def _all_of(
    api: Type[A],
    listing: Callable[Concatenate[A, P], Items[M]],
    about: str,
    has_end: bool = False,
) -> Callable[Concatenate[Frames, P], pd.DataFrame]:
    """Return a method that reads a listing into a data frame.

    Its arguments are those of the listing's iterator, and the options of :func:`to_frame`.
    """
    own = {**_TABLE_OPTIONS, **(_END_OPTIONS if has_end else {})}

    def frame(self: Frames, *args: Any, **kwargs: Any) -> Any:
        options = {name: kwargs.pop(name, default) for name, default in own.items()}
        items = cast("Callable[..., Items[M]]", listing)(api(self.client), *args, **kwargs)
        return _frame_of(self.client, items, kind, options)

    signature = inspect.signature(listing)
    (kind,) = get_args(signature.return_annotation)
    parameters = [
        *signature.parameters.values(),
        *(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
            for name, default in own.items()
        ),
    ]
    frame.__name__ = listing.__name__.replace("_list_iter", "")
    frame.__qualname__ = f"Frames.{frame.__name__}"
    frame.__doc__ = about
    vars(frame)["__signature__"] = signature.replace(
        parameters=parameters, return_annotation="pd.DataFrame"
    )
    return cast("Callable[Concatenate[Frames, P], pd.DataFrame]", frame)


def _frame_of(
    client: ApiClient, items: Items[M], kind: Type[M], options: Dict[str, Any]
) -> pd.DataFrame:
    # The service's clock: known once the first page has come.
    now: Now = client.now if options["now"] is None else options["now"]
    rows: Iterable[M] = items
    since, until = (_aware(name, options.get(name)) for name in _END_OPTIONS)
    if since is not None or until is not None:
        rows = _ended_within(items, since, until, now)
    return to_frame(
        rows, kind=kind, derived=options["derived"], secrets=options["secrets"], now=now
    )


def _ended_within(
    runs: Iterable[M], since: Optional[datetime], until: Optional[datetime], now: Now
) -> Iterator[M]:
    for run in runs:
        if has_ended_within(run, since, until, resolve_now(now() if callable(now) else now)):
            yield run


def _aware(name: str, value: Any) -> Optional[datetime]:
    """Return a time with a zone; local time for one without.

    Raises:
        TypeError: The value is not a date-time.
    """
    if value is None:
        return None
    if not isinstance(value, datetime) or value != value:  # NaT is a datetime unlike itself
        raise TypeError(f"{name} must be a datetime, not {value!r}")
    # pandas' own astimezone() refuses a time without a zone.
    plain = cast(Any, value).to_pydatetime() if hasattr(value, "to_pydatetime") else value
    return resolve_now(plain)


class Frames:
    """Data frames of the listings of an account: :attr:`ApiClient.frames`.

    Each method reads all pages of a listing and returns a data frame as :func:`to_frame` does. It
    takes the arguments of the listing's iterator, and ``derived``, ``secrets`` and ``now``; states
    and ends are judged by the service's clock unless ``now`` is given. Times are in UTC, durations
    are ``timedelta``.
    """

    def __init__(self, client: ApiClient) -> None:
        self.client = client

    printers = _all_of(
        PrintersApi,
        PrintersApi.printers_list_iter,
        """Return all printers with their status, tank and current print, a row each.

        Derived: ``label``, ``model_name``, ``state``, ``state_reason``, ``is_online``,
        ``cartridge_count`` and ``remaining_ml`` (ml in all its cartridges), and those of the tank
        and the print. Temperature in °C. Cartridges have a table of their own; join it on
        ``inside_printer``. The previous print is left out; it is among the prints.
        """,
    )
    prints = _all_of(
        PrintsApi,
        PrintsApi.prints_list_iter,
        """Return the prints that match the filters, a row each.

        ``ended_since`` and ``ended_until`` keep the prints that ended in this period, the second
        excluded. The service filters by another time, so that all pages are read; ``date__gt``,
        some weeks earlier, saves requests.

        Derived: ``progress`` (0 to 1), ``last_progress_at``, ``is_stale``, ``eta``, ``ended_at``
        with ``ended_at_source``, ``duration``, ``outcome``, ``is_open``. ``volume_ml`` in ml,
        ``layer_thickness_mm`` and ``z_height_offset_mm`` in mm, ``estimated_duration_ms`` and its
        like in ms. ``print_finished_at`` is as reported, 1970 included; ``ended_at`` is better.
        """,
        has_end=True,
    )
    events = _all_of(
        EventsApi,
        EventsApi.events_list_iter,
        """Return the events that match the filters, a row each, with their print in brief.""",
    )
    tanks = _all_of(
        TanksApi,
        TanksApi.tanks_list_iter,
        """Return all resin tanks, a row each.

        Derived: ``material_name``, ``layers``, ``print_time``, ``age``. ``print_time_ms`` in ms.
        """,
    )
    cartridges = _all_of(
        CartridgesApi,
        CartridgesApi.cartridges_list_iter,
        """Return all resin cartridges, a row each.

        Derived: ``material_name``, ``remaining_ml``, ``remaining_fraction`` (0 to 1),
        ``resolution_ml`` (steps in which the volume is reported, missing where smooth). Volumes
        in ml.
        """,
    )
    groups = _all_of(
        PrinterGroupsApi,
        PrinterGroupsApi.groups_list_iter,
        """Return all printer groups, a row each, with the number of members and invitations.""",
    )

    def __repr__(self) -> str:
        return f"<Frames of {self.client!r}>"
