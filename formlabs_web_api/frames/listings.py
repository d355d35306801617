"""``client.frames``: all pages of a listing as one data frame."""

from __future__ import annotations

import inspect
from datetime import datetime
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Optional,
    TypeVar,
    cast,
)

from typing_extensions import Unpack

from formlabs_web_api.api.cartridges_api import CartridgesApi
from formlabs_web_api.api.events_api import EventsApi
from formlabs_web_api.api.printer_groups_api import PrinterGroupsApi
from formlabs_web_api.api.printers_api import PrintersApi
from formlabs_web_api.api.prints_api import PrintsApi
from formlabs_web_api.api.tanks_api import TanksApi
from formlabs_web_api.frames.allowance import within_allowance
from formlabs_web_api.frames.build import to_frame
from formlabs_web_api.frames.options import EventFrameOptions, FrameOptions, PrintFrameOptions
from formlabs_web_api.models._base import Model
from formlabs_web_api.models.derived.clock import resolve_now
from formlabs_web_api.tables.ended import has_ended_within
from formlabs_web_api.tables.records import Now

if TYPE_CHECKING:
    import pandas as pd

    from formlabs_web_api.api_client import ApiClient
    from formlabs_web_api.paging import Items

M = TypeVar("M", bound=Model)
F = TypeVar("F", bound=Callable[..., Any])

_TABLE_OPTIONS: Mapping[str, Any] = {"derived": True, "secrets": False, "now": None}
_END_OPTIONS: Mapping[str, Any] = {"ended_since": None, "ended_until": None}


def _with_filters_of(listing: Callable[..., Any], has_end: bool = False) -> Callable[[F], F]:
    """Give a method the signature of a listing's iterator and the options of a table."""
    own = {**_TABLE_OPTIONS, **(_END_OPTIONS if has_end else {})}
    signature = inspect.signature(listing)
    parameters = [
        *signature.parameters.values(),
        *(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
            for name, default in own.items()
        ),
    ]

    def decorate(method: F) -> F:
        vars(method)["__signature__"] = signature.replace(
            parameters=parameters, return_annotation="pd.DataFrame"
        )
        return method

    return decorate


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
    are ``timedelta``. A listing of more pages than the rate limit allows is refused after its first
    page, with RateLimitException, unless ``max_wait`` permits to wait for more.
    """

    def __init__(self, client: ApiClient) -> None:
        self.client = client

    @_with_filters_of(PrintersApi.printers_list_iter)
    def printers(self, **options: Unpack[FrameOptions]) -> pd.DataFrame:
        """Return all printers with their status, tank and current print, a row each.

        Derived: ``label``, ``model_name``, ``state``, ``state_reason``, ``is_online``,
        ``cartridge_count`` and ``remaining_ml`` (ml in all its cartridges), and those of the tank
        and the print. Temperature in °C. Cartridges have a table of their own; join it on
        ``inside_printer``. The previous print is left out; it is among the prints.
        """
        return self._read(PrintersApi(self.client).printers_list_iter, options)

    @_with_filters_of(PrintsApi.prints_list_iter, has_end=True)
    def prints(self, **options: Unpack[PrintFrameOptions]) -> pd.DataFrame:
        """Return the prints that match the filters, a row each.

        ``ended_since`` and ``ended_until`` keep the prints that ended in this period, the second
        excluded. The service filters by another time, so that all pages are read; ``date__gt``,
        some weeks earlier, saves requests.

        Derived: ``progress`` (0 to 1), ``last_progress_at``, ``is_stale``, ``eta``, ``ended_at``
        with ``ended_at_source``, ``duration``, ``outcome``, ``is_open``. ``volume_ml`` in ml,
        ``layer_thickness_mm`` and ``z_height_offset_mm`` in mm, ``estimated_duration_ms`` and its
        like in ms. ``print_finished_at`` is as reported, 1970 included; ``ended_at`` is better.
        """
        return self._read(PrintsApi(self.client).prints_list_iter, options, has_end=True)

    @_with_filters_of(EventsApi.events_list_iter)
    def events(self, **options: Unpack[EventFrameOptions]) -> pd.DataFrame:
        """Return the events that match the filters, a row each, with their print in brief."""
        return self._read(EventsApi(self.client).events_list_iter, options)

    @_with_filters_of(TanksApi.tanks_list_iter)
    def tanks(self, **options: Unpack[FrameOptions]) -> pd.DataFrame:
        """Return all resin tanks, a row each.

        Derived: ``material_name``, ``layers``, ``print_time``, ``age``. ``print_time_ms`` in ms.
        """
        return self._read(TanksApi(self.client).tanks_list_iter, options)

    @_with_filters_of(CartridgesApi.cartridges_list_iter)
    def cartridges(self, **options: Unpack[FrameOptions]) -> pd.DataFrame:
        """Return all resin cartridges, a row each.

        Derived: ``material_name``, ``remaining_ml``, ``remaining_fraction`` (0 to 1),
        ``resolution_ml`` (steps in which the volume is reported, missing where smooth). Volumes
        in ml.
        """
        return self._read(CartridgesApi(self.client).cartridges_list_iter, options)

    @_with_filters_of(PrinterGroupsApi.groups_list_iter)
    def groups(self, **options: Unpack[FrameOptions]) -> pd.DataFrame:
        """Return all printer groups, a row each, with the number of members and invitations."""
        return self._read(PrinterGroupsApi(self.client).groups_list_iter, options)

    def _read(
        self, listing: Callable[..., Items[M]], options: Mapping[str, Any], has_end: bool = False
    ) -> pd.DataFrame:
        """Return a data frame of all rows of a listing."""
        own = {**_TABLE_OPTIONS, **(_END_OPTIONS if has_end else {})}
        own.update((name, options[name]) for name in own if name in options)
        items = listing(**{name: value for name, value in options.items() if name not in own})
        # The service's clock: known once the first page has come.
        now: Now = self.client.now if own["now"] is None else own["now"]
        per_page, limit = options.get("per_page", 100), options.get("limit")
        rows: Iterable[M] = within_allowance(self.client, items, per_page, limit)
        since, until = (_aware(name, own.get(name)) for name in _END_OPTIONS)
        if since is not None or until is not None:
            rows = _ended_within(rows, since, until, now)
        derived, secrets = own["derived"], own["secrets"]
        return to_frame(rows, kind=items.item_type, derived=derived, secrets=secrets, now=now)

    def __repr__(self) -> str:
        return f"<Frames of {self.client!r}>"
