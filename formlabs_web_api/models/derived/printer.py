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
"""Maximum age of the last call of an online printer. Printers call every 30 seconds, and the
service's data is up to 90 seconds older (observation 1.3)."""

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
"""States by status: the statuses seen on printers, and those of prints, which printers use too."""


class PrinterDerived(TimeDependent):
    """Derived values of a printer; computed on access."""

    __slots__ = ()

    @property
    def label(self) -> str:
        """The alias, or the serial of a printer without alias."""
        return text(self, "alias") or text(self, "serial")

    @property
    def model_name(self) -> str:
        """Name of the machine type, ``Form 4`` for FORM-4-0; the code if it is not catalogued."""
        return catalogue.machine_name(text(self, "machine_type_id"))

    @property
    def cartridge_slots(self) -> List[PrinterCartridgeStatus]:
        """The cartridge slots, including empty ones.

        Always a list, although the service sends an object for a single slot (observation 1.4).
        Powder printers have one slot, which is always empty.
        """
        given: Any = getattr(self, "cartridge_status", None)
        return [slot for slot in (given if is_array(given) else [given]) if _is_slot(slot)]

    @property
    def cartridges(self) -> List[CartridgeReadOnly]:
        """The inserted cartridges: up to two (front and back)."""
        found = [getattr(slot, "cartridge", None) for slot in self.cartridge_slots]
        return cast(
            "List[CartridgeReadOnly]", [one for one in found if isinstance(one, CartridgeDerived)]
        )

    @property
    def tank(self) -> Optional[TankReadOnly]:
        """The inserted resin tank, if any."""
        found = getattr(getattr(self, "tank_status", None), "tank", None)
        return cast("TankReadOnly", found) if isinstance(found, TankDerived) else None

    @property
    def current_run(self) -> Optional[MyPrintRunReadOnly]:
        """The print run that the service reports as the current one.

        A Form 4 keeps a run that has ended until the next one begins; check the run's ``outcome``.
        Other printers then have no current run (observation 1.4).
        """
        status: Any = getattr(self, "printer_status", None)
        found = getattr(status, "current_print_run", None)
        return cast("MyPrintRunReadOnly", found) if isinstance(found, PrintRunDerived) else None

    @property
    def previous_run(self) -> Optional[MyPrintRunReadOnly]:
        """The print run that ended last; None for a printer that never printed.

        It is parsed from ``previous_print_run``, which the API's description types as an object
        with any keys.
        """
        found = getattr(self, "previous_print_run", None)
        if not is_object(found) or not found:
            return None
        from formlabs_web_api.models.my_print_run_read_only import MyPrintRunReadOnly

        return MyPrintRunReadOnly.from_dict(found)

    @property
    def last_seen_at(self) -> Optional[datetime]:
        """Time of the printer's last call to the service, in UTC."""
        return moment(self, "printer_status", "last_pinged_at")

    def is_online(self, now: Optional[datetime] = None, within: timedelta = ONLINE_WITHIN) -> bool:
        """Return True if the last call is recent and the status is not UNKNOWN (off line).

        Both conditions are needed: printers that were off line for months briefly had the status
        IDLE, with an old ``last_pinged_at``, and were always READY (observation 1.4).

        Args:
            now: Reference time; None means the time of the model's response.
            within: Maximum age of the last call.
        """
        if _STATES.get(self._status_word) is PrinterState.OFFLINE:
            return False
        seen = self.last_seen_at
        return seen is not None and self._resolve_now(now) - seen <= within

    def state(
        self, now: Optional[datetime] = None, within: timedelta = ONLINE_WITHIN
    ) -> PrinterState:
        """Return the state, which combines the status, the last call and the current job.

        Args:
            now: Reference time; None means the time of the model's response.
            within: Maximum age of the last call of an online printer.
        """
        return self._judged(self._resolve_now(now), within)[0]

    def state_reason(
        self, now: Optional[datetime] = None, within: timedelta = ONLINE_WITHIN
    ) -> str:
        """Return the reason for the result of :meth:`state` as text; same arguments."""
        return self._judged(self._resolve_now(now), within)[1]

    @property
    def _status_word(self) -> str:
        return text(self, "printer_status", "status")

    def _judged(self, now: datetime, within: timedelta) -> Tuple[PrinterState, str]:
        word, seen = self._status_word, self.last_seen_at
        state = _STATES.get(word)
        if not word:
            return PrinterState.UNKNOWN, "the service reports no status"
        if state is PrinterState.OFFLINE:
            return state, f"its status is {word}, which means off line"
        if seen is None:
            return PrinterState.UNKNOWN, f"its status is {word}, reported at an unknown time"
        if now - seen > within:
            return PrinterState.OFFLINE, f"no contact since {_short(seen)}; its status was {word}"
        if state is None:
            return PrinterState.UNKNOWN, f"its status is {word}, which this version does not know"
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
            return state, f"its status is {word}; its last job is {job}"
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


def _is_slot(value: object) -> bool:
    return hasattr(value, "cartridge") and hasattr(value, "last_modified")


def _short(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
