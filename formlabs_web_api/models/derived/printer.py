"""Derived values of a printer: its state, whether it is online, and its contents."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple, cast

from formlabs_web_api import catalogue
from formlabs_web_api._util.json import is_array, is_object
from formlabs_web_api.models.derived.cartridge import CartridgeDerived
from formlabs_web_api.models.derived.clock import TimeDependent
from formlabs_web_api.models.derived.print_run import ENDED, PrintRunDerived
from formlabs_web_api.models.derived.raw import moment, number, text
from formlabs_web_api.models.derived.states import PrinterState
from formlabs_web_api.models.derived.tank import TankDerived

if TYPE_CHECKING:
    from formlabs_web_api.models.cartridge_read_only import CartridgeReadOnly
    from formlabs_web_api.models.my_print_run_read_only import MyPrintRunReadOnly
    from formlabs_web_api.models.printer_cartridge_status import PrinterCartridgeStatus
    from formlabs_web_api.models.tank_read_only import TankReadOnly

ONLINE_WITHIN = timedelta(minutes=5)
"""Age up to which a printer's last call counts as a sign of life. They call every half minute, and
what is read of them lags by up to another minute and a half (observation 1.3)."""

_STATES: Dict[str, PrinterState] = {
    "UNKNOWN": PrinterState.OFFLINE,
    "OFFLINE": PrinterState.OFFLINE,
    "IDLE": PrinterState.IDLE,
    "PRIMED": PrinterState.IDLE,
    "ABORTED": PrinterState.IDLE,
    "QUEUED": PrinterState.PREPARING,
    "PREPRINT": PrinterState.PREPARING,
    "PREHEAT": PrinterState.PREPARING,
    "PRECOAT": PrinterState.PREPARING,
    "PRINTING": PrinterState.PRINTING,
    "POSTCOAT": PrinterState.PRINTING,
    "ABORTING": PrinterState.PRINTING,
    "PAUSING": PrinterState.PAUSED,
    "PAUSED": PrinterState.PAUSED,
    "CHECK_PRINTER": PrinterState.NEEDS_ATTENTION,
    "WAITING_FOR_RESOLUTION": PrinterState.NEEDS_ATTENTION,
    "FINISHED": PrinterState.FINISHED,
    "ERROR": PrinterState.ERROR,
}
"""What the words mean: those seen of printers, and those of prints, which printers use as well."""


class PrinterDerived(TimeDependent):
    """Derived values of a printer; computed when asked for."""

    __slots__ = ()

    @property
    def label(self) -> str:
        """What to call it: its alias or, where it has none, its serial."""
        return text(self, "alias") or text(self, "serial")

    @property
    def model_name(self) -> str:
        """Name of its type, ``Form 4`` for FORM-4-0; the code where the catalogue lacks it."""
        return catalogue.machine_name(text(self, "machine_type_id"))

    @property
    def cartridge_slots(self) -> List[PrinterCartridgeStatus]:
        """Its cartridge slots, empty ones included.

        Always a list, though the service gives an object where there is one slot only (observation
        1.4). Powder printers show one slot, always empty.
        """
        given: Any = getattr(self, "cartridge_status", None)
        return [slot for slot in (given if is_array(given) else [given]) if _is_slot(slot)]

    @property
    def cartridges(self) -> List[CartridgeReadOnly]:
        """The cartridges in it: none, one, or two (front and back)."""
        found = [getattr(slot, "cartridge", None) for slot in self.cartridge_slots]
        return cast(
            "List[CartridgeReadOnly]", [one for one in found if isinstance(one, CartridgeDerived)]
        )

    @property
    def tank(self) -> Optional[TankReadOnly]:
        """The resin tank in it, if there is one."""
        found = getattr(getattr(self, "tank_status", None), "tank", None)
        return cast("TankReadOnly", found) if isinstance(found, TankDerived) else None

    @property
    def current_run(self) -> Optional[MyPrintRunReadOnly]:
        """The print run it shows as its present one.

        A Form 4 goes on showing one that has ended until the next begins; ask the run's
        ``outcome``. Others show none then (observation 1.4).
        """
        status: Any = getattr(self, "printer_status", None)
        found = getattr(status, "current_print_run", None)
        return cast("MyPrintRunReadOnly", found) if isinstance(found, PrintRunDerived) else None

    @property
    def previous_run(self) -> Optional[MyPrintRunReadOnly]:
        """The print that ended last, read from ``previous_print_run``, which the service types as
        an object of any keys; None on a printer that never printed."""
        found = getattr(self, "previous_print_run", None)
        if not is_object(found) or not found:
            return None
        from formlabs_web_api.models.my_print_run_read_only import MyPrintRunReadOnly

        return MyPrintRunReadOnly.from_dict(found)

    @property
    def last_seen_at(self) -> Optional[datetime]:
        """When it last called the service, in UTC."""
        return moment(self, "printer_status", "last_pinged_at")

    def is_online(self, now: Optional[datetime] = None, within: timedelta = ONLINE_WITHIN) -> bool:
        """Whether it called the service lately and its status is not UNKNOWN, which means off line.

        Neither is enough alone: printers off line for months showed IDLE for a moment, with an old
        ``last_pinged_at``, and READY all the time (observation 1.4).

        Args:
            now: The moment to judge from; None means the time of the model's response.
            within: Age up to which its last call counts.
        """
        if _STATES.get(self._status_word) is PrinterState.OFFLINE:
            return False
        seen = self.last_seen_at
        return seen is not None and self._resolve_now(now) - seen <= within

    def state(
        self, now: Optional[datetime] = None, within: timedelta = ONLINE_WITHIN
    ) -> PrinterState:
        """What it is doing: its status, judged together with its last call and its job.

        Args:
            now: The moment to judge from; None means the time of the model's response.
            within: Age up to which its last call counts as a sign of life.
        """
        return self._judged(self._resolve_now(now), within)[0]

    def state_reason(
        self, now: Optional[datetime] = None, within: timedelta = ONLINE_WITHIN
    ) -> str:
        """Why :meth:`state` is what it is, in a few words for people; arguments as there."""
        return self._judged(self._resolve_now(now), within)[1]

    @property
    def _status_word(self) -> str:
        return text(self, "printer_status", "status")

    def _judged(self, now: datetime, within: timedelta) -> Tuple[PrinterState, str]:
        word, seen = self._status_word, self.last_seen_at
        state = _STATES.get(word)
        if not word:
            return PrinterState.UNKNOWN, "the service gives no status"
        if state is PrinterState.OFFLINE:
            return state, f"its status is {word}, the service's word for off line"
        if seen is None:
            return PrinterState.UNKNOWN, f"its status is {word}, of a time that is not known"
        if now - seen > within:
            return PrinterState.OFFLINE, f"not heard of since {_short(seen)}; it was {word} then"
        if state is None:
            return PrinterState.UNKNOWN, f"its status is {word}, a word not known here"
        run = self.current_run
        if run is None or state not in (PrinterState.IDLE, PrinterState.PRINTING):
            return state, f"its status is {word}"
        return self._judged_by_job(run, state, word, now)

    def _judged_by_job(
        self, run: PrintRunDerived, state: PrinterState, word: str, now: datetime
    ) -> Tuple[PrinterState, str]:
        job = text(run, "status")
        doing = _STATES.get(job)
        is_idle = state is PrinterState.IDLE
        if job in ENDED:
            if is_idle and job == "FINISHED" and self._platform_is_unconfirmed:
                return (
                    PrinterState.FINISHED,
                    "its job is FINISHED, its platform not confirmed clear",
                )
            return state, f"its status is {word}; the job it shows is {job}"
        if doing is None or not run.is_open(now):
            return state, f"its status is {word}"
        layer = number(run, "currently_printing_layer")
        if doing is PrinterState.PRINTING and layer is not None and layer < 0:
            return PrinterState.PREPARING, f"its job is {job}, before the first layer"
        if run.is_stale(now):
            reported = run.last_progress_at
            since = f", without a report since {_short(reported)}" if reported else ""
            return state, f"its status is {word}; its job is {job}{since}"
        return doing, f"its job is {job}" + (f", though its status is {word}" if is_idle else "")

    @property
    def _platform_is_unconfirmed(self) -> bool:
        status: Any = getattr(self, "printer_status", None)
        word = getattr(status, "build_platform_contents", None)
        return text(word) == "BUILD_PLATFORM_CONTENTS_UNCONFIRMED"


def _is_slot(value: Any) -> bool:
    return hasattr(value, "cartridge") and hasattr(value, "last_modified")


def _short(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
