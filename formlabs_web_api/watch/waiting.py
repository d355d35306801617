"""Waiting for a printer, for scripts and robot cells."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Callable, Iterable, List, Optional, Tuple, Union

from formlabs_web_api._util.checks import check_seconds
from formlabs_web_api.exceptions import ApiException, ApiValueError, OpenApiException, is_outage
from formlabs_web_api.models.derived import PrinterState
from formlabs_web_api.models.derived.raw import text
from formlabs_web_api.watch.changes import Change, ChangeKind
from formlabs_web_api.watch.pace import Pace
from formlabs_web_api.watch.watcher import Watcher

if TYPE_CHECKING:
    from formlabs_web_api.api_client import ApiClient
    from formlabs_web_api.models.developer_apimy_printer import DeveloperAPIMyPrinter

Until = Union[str, Callable[["DeveloperAPIMyPrinter"], Any]]
"""A state of a printer, a kind of change, or a function of a printer that returns True."""
Found = Union["DeveloperAPIMyPrinter", Change]
"""The printer in that state, or the change of that kind."""


class WatchTimeout(OpenApiException, TimeoutError):
    """What was waited for did not happen in time."""


class Waiting:
    """One wait: what for, how long, and how often to look.

    Args:
        client: The client to poll with.
        until: A state such as ``idle``, a kind of change such as ``print_finished`` (one that
            happens from now on), or a function of a printer.
        timeout: Seconds after which it is given up; None means never.
        every: Seconds between two looks.
        clock: Seconds that never go back, for tests.
        pause: Waits for some seconds, for tests.

    Raises:
        ValueError: An argument is invalid; ``until`` is an unknown word, for example.
    """

    def __init__(
        self,
        client: ApiClient,
        until: Until,
        timeout: Optional[float],
        every: float,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        if timeout is not None:
            check_seconds("timeout", timeout)
        check_seconds("every", every, zero=False)
        self._client = client
        self._timeout = timeout
        self._pace = Pace(every)
        self._clock = clock
        self._pause = pause
        self._name = until if isinstance(until, str) else "as asked"
        self._kind, self._test = _read_until(client, until)

    def for_one(self, serial: str) -> Found:
        """Return the printer, or its change, once it is as wanted."""
        if self._kind is not None:
            return self._for_change(self._kind, (serial,), None)
        return self._poll_until(lambda: self._printers(serial), f"{serial} was not {self._name}")

    def for_any(self, serials: Optional[Iterable[str]], material: Optional[str]) -> Found:
        """Return the first printer that is as wanted and holds a material, or the first change."""
        wanted = None if serials is None else frozenset(serials)
        if self._kind is not None:
            return self._for_change(self._kind, wanted, material)
        return self._poll_until(
            lambda: [
                printer
                for printer in self._list()
                if (wanted is None or printer.serial in wanted)
                and (material is None or _holds(printer, material))
            ],
            f"no printer{f' with {material}' if material else ''} was {self._name}",
        )

    def _printers(self, serial: str) -> List[DeveloperAPIMyPrinter]:
        from formlabs_web_api.api.printers_api import PrintersApi

        return [PrintersApi(self._client).printers_retrieve(serial)]

    def _list(self) -> List[DeveloperAPIMyPrinter]:
        from formlabs_web_api.api.printers_api import PrintersApi

        return list(PrintersApi(self._client).printers_list())

    def _for_change(
        self, kind: ChangeKind, serials: Optional[Iterable[str]], material: Optional[str]
    ) -> Change:
        with Watcher(self._client, kinds=[kind], printers=serials) as watcher:

            def look() -> List[Change]:
                changes = watcher.poll()
                unknown = set(serials or ()) - watcher.serials
                if unknown:
                    raise ApiValueError(f"no such printer: {', '.join(sorted(unknown))}")
                return [one for one in changes if material is None or _is_of(one, material)]

            found = self._repeat(look, f"no {kind}")
            assert isinstance(found, Change)
            return found

    def _poll_until(
        self, look: Callable[[], List[DeveloperAPIMyPrinter]], what: str
    ) -> DeveloperAPIMyPrinter:
        found: DeveloperAPIMyPrinter = self._repeat(
            lambda: [printer for printer in look() if self._test(printer)], what
        )
        return found

    def _repeat(self, look: Callable[[], List[Any]], what: str) -> Any:
        """Return the first result of ``look``, repeated until there is one."""
        deadline = None if self._timeout is None else self._clock() + self._timeout
        while True:
            try:
                found = look()
                pause = self._pace.after_success(self._client.quota)
            except ApiException as error:
                if not is_outage(error):
                    raise
                found, pause = [], self._pace.after_failure(error)
            if found:
                return found[0]
            if deadline is not None:
                left = deadline - self._clock()
                if left <= 0:
                    raise WatchTimeout(f"{what} in {self._timeout:g} s")
                pause = min(pause, left)
            self._pause(pause)


def _read_until(
    client: ApiClient, until: Until
) -> Tuple[Optional[ChangeKind], Callable[[Any], Any]]:
    if not isinstance(until, str):
        if not callable(until):
            raise ValueError(f"until: a text or a function is needed, not {until!r}")
        return None, until
    if until in list(PrinterState):
        state = PrinterState(until)
        return None, lambda printer: printer.state(client.now()) is state
    if until in list(ChangeKind):
        return ChangeKind(until), bool
    states, kinds = ", ".join(PrinterState), ", ".join(ChangeKind)
    raise ValueError(
        f"{until!r} is neither a state of a printer ({states}) nor a kind of change ({kinds})"
    )


def _holds(printer: DeveloperAPIMyPrinter, material: str) -> bool:
    """Return True if a cartridge or the hopper contains a material, given by code or name."""
    wanted = material.casefold()
    names = [text(getattr(printer.printer_status, "hopper_material", None))]
    for cartridge in printer.cartridges:
        names += [text(getattr(cartridge, "material", None)), cartridge.material_name]
    return wanted in (name.casefold() for name in names)


def _is_of(change: Change, material: str) -> bool:
    """Return True if a change is about a print or a consumable of a material."""
    if change.run is not None:
        names = (change.run.material, change.run.material_name)
    else:
        facts = change.after
        names = (str(facts.get("material")), str(facts.get("material_name")))
    return material.casefold() in (name.casefold() for name in names)
