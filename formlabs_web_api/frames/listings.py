"""``client.frames``: all pages of a listing as one data frame."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Callable, Type, TypeVar, cast

from typing_extensions import Concatenate, ParamSpec, get_args

from formlabs_web_api.api.cartridges_api import CartridgesApi
from formlabs_web_api.api.events_api import EventsApi
from formlabs_web_api.api.printer_groups_api import PrinterGroupsApi
from formlabs_web_api.api.printers_api import PrintersApi
from formlabs_web_api.api.prints_api import PrintsApi
from formlabs_web_api.api.tanks_api import TanksApi
from formlabs_web_api.frames.build import to_frame
from formlabs_web_api.models._base import Model

if TYPE_CHECKING:
    import pandas as pd

    from formlabs_web_api._core.operation import Api
    from formlabs_web_api.api_client import ApiClient
    from formlabs_web_api.paging import Items

P = ParamSpec("P")
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
