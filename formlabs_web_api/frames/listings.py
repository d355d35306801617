"""``client.frames``: all pages of a listing as one data frame."""

from __future__ import annotations

import inspect
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from itertools import chain
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    Generator,
    Iterable,
    Iterator,
    List,
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
from formlabs_web_api.frames.allowance import Extent, within_allowance
from formlabs_web_api.frames.build import to_frame
from formlabs_web_api.frames.options import EventFrameOptions, FrameOptions, PrintFrameOptions
from formlabs_web_api.frames.progress import with_progress
from formlabs_web_api.frames.spool import kept_pages, opened_spool, question_of
from formlabs_web_api.models._base import Model
from formlabs_web_api.models.derived.clock import resolve_now
from formlabs_web_api.tables.ended import has_ended_within
from formlabs_web_api.tables.records import Now

if TYPE_CHECKING:
    import pandas as pd

    from formlabs_web_api.api_client import ApiClient
    from formlabs_web_api.paging import Pages

M = TypeVar("M", bound=Model)
F = TypeVar("F", bound=Callable[..., Any])

_TABLE_OPTIONS: Mapping[str, Any] = {
    "derived": True,
    "secrets": False,
    "now": None,
    "spool": None,
    "progress": None,
}
_END_OPTIONS: Mapping[str, Any] = {"ended_since": None, "ended_until": None}


def _with_filters_of(listing: Callable[..., Any], has_end: bool = False) -> Callable[[F], F]:
    """Give a method the signature of a listing's pages and the options of a table."""
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


def _aware(name: str, value: object) -> Optional[datetime]:
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
    page, with RateLimitException, unless ``max_wait`` permits to wait for more, or ``spool`` keeps
    what was read.

    ``spool`` names a file, ``"prints.spool"`` for example, that keeps the pages until the frame is
    complete, and is removed then. After an error, Ctrl-C or a kill the same call reads the missing
    pages only; it reads the last page again, since rows may have moved meanwhile, so that each row
    that exists all the time is in the frame exactly once, and rows added meanwhile may be missing.
    Rows are as they were when their page was read. A file of other arguments, of another account or
    of another version of the package is refused; after six hours everything is read again. Only its
    owner may read the file; it has e-mail addresses, but signed addresses only with ``secrets``.

    ``progress`` is called after each page with a :class:`FrameProgress`. Without it, the progress
    of a reading of more than some seconds is shown on a terminal and in a notebook.
    """

    def __init__(self, client: ApiClient) -> None:
        self.client = client

    @_with_filters_of(PrintersApi.printers_list_pages)
    def printers(self, **options: Unpack[FrameOptions]) -> pd.DataFrame:
        """Return all printers with their status, tank and current print, a row each.

        Derived: ``label``, ``model_name``, ``state``, ``state_reason``, ``is_online``,
        ``cartridge_count`` and ``remaining_ml`` (ml in all its cartridges), and those of the tank
        and the print. Temperature in °C. Cartridges have a table of their own; join it on
        ``inside_printer``. The previous print is left out; it is among the prints.
        """
        return self._read(PrintersApi(self.client).printers_list_pages, options)

    @_with_filters_of(PrintsApi.prints_list_pages, has_end=True)
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
        return self._read(PrintsApi(self.client).prints_list_pages, options, has_end=True)

    @_with_filters_of(EventsApi.events_list_pages)
    def events(self, **options: Unpack[EventFrameOptions]) -> pd.DataFrame:
        """Return the events that match the filters, a row each, with their print in brief."""
        return self._read(EventsApi(self.client).events_list_pages, options)

    @_with_filters_of(TanksApi.tanks_list_pages)
    def tanks(self, **options: Unpack[FrameOptions]) -> pd.DataFrame:
        """Return all resin tanks, a row each.

        Derived: ``material_name``, ``layers``, ``print_time``, ``age``. ``print_time_ms`` in ms.
        """
        return self._read(TanksApi(self.client).tanks_list_pages, options)

    @_with_filters_of(CartridgesApi.cartridges_list_pages)
    def cartridges(self, **options: Unpack[FrameOptions]) -> pd.DataFrame:
        """Return all resin cartridges, a row each.

        Derived: ``material_name``, ``remaining_ml``, ``remaining_fraction`` (0 to 1),
        ``resolution_ml`` (steps in which the volume is reported, missing where smooth). Volumes
        in ml.
        """
        return self._read(CartridgesApi(self.client).cartridges_list_pages, options)

    @_with_filters_of(PrinterGroupsApi.groups_list_pages)
    def groups(self, **options: Unpack[FrameOptions]) -> pd.DataFrame:
        """Return all printer groups, a row each, with the number of members and invitations."""
        return self._read(PrinterGroupsApi(self.client).groups_list_pages, options)

    def _read(
        self, listing: Callable[..., Pages[M]], options: Mapping[str, Any], has_end: bool = False
    ) -> pd.DataFrame:
        """Return a data frame of all rows of a listing."""
        own = {**_TABLE_OPTIONS, **(_END_OPTIONS if has_end else {})}
        own.update((name, options[name]) for name in own if name in options)
        filters = {name: value for name, value in options.items() if name not in own}
        pages = listing(**filters)
        # The service's clock: known once the first page has come.
        now: Now = self.client.now if own["now"] is None else own["now"]
        since, until = (_aware(name, own.get(name)) for name in _END_OPTIONS)
        derived, secrets = own["derived"], own["secrets"]
        name = listing.__name__.partition("_")[0]
        with self._opened(name, pages, filters, own) as read:
            rows: Iterable[M] = chain.from_iterable(read)
            if since is not None or until is not None:
                rows = _ended_within(rows, since, until, now)
            return to_frame(rows, kind=pages.item_type, derived=derived, secrets=secrets, now=now)

    @contextmanager
    def _opened(
        self, name: str, pages: Pages[M], filters: Mapping[str, Any], own: Mapping[str, Any]
    ) -> Generator[Iterator[List[M]], None, None]:
        """Open the pages of a listing: through a spool if one is named, with progress."""
        asked: Dict[str, Any] = {"per_page": 100, "start_page": 1, "limit": None, **filters}
        extent = Extent(pages, asked["per_page"], asked["limit"], asked["start_page"])
        read: Iterable[List[M]] = pages
        rows_kept = 0
        with ExitStack() as opened:
            if own["spool"] is not None:
                question = question_of(self.client.configuration, name, asked)
                spool = opened.enter_context(opened_spool(own["spool"], question, own["secrets"]))
                rows_kept = len(spool.keys)
                read = kept_pages(pages, spool)
            allowed = within_allowance(self.client, read, extent, own["spool"] is not None)
            shown = with_progress(allowed, name, extent.rows, own["progress"], rows_kept)
            yield opened.enter_context(closing(shown))

    def __repr__(self) -> str:
        return f"<Frames of {self.client!r}>"
