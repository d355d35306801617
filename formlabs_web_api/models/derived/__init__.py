"""What the raw fields mean: values that generated models derive from them, computed when asked for.

The raw fields mislead, each in its own way (observations 1.3 to 1.7); these are the meanings in one
place. They never raise, whatever was received, and leave the raw field as it is: times are aware
and in UTC, durations are ``timedelta``, volumes are in ml. Values that depend on the present take
``now``; without it they are judged by the time of the response, or by the computer's clock for a
model that did not come with one. A naive ``now`` is in local time.
"""

from __future__ import annotations

from formlabs_web_api.models.derived.cartridge import CartridgeDerived
from formlabs_web_api.models.derived.print_run import PrintRunDerived
from formlabs_web_api.models.derived.printer import PrinterDerived
from formlabs_web_api.models.derived.states import EndedAtSource, PrinterState, PrintOutcome
from formlabs_web_api.models.derived.tank import TankDerived

__all__ = [
    "CartridgeDerived",
    "EndedAtSource",
    "PrintOutcome",
    "PrintRunDerived",
    "PrinterDerived",
    "PrinterState",
    "TankDerived",
]
