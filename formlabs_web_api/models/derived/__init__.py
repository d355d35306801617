"""Derived values of models, computed from raw fields on access.

Many raw fields are misleading (observations 1.3 to 1.7); the mixins of this package interpret them
in one place. Derived values never raise, whatever was received, and do not change the raw fields:
times are aware and in UTC, durations are ``timedelta``, volumes are in ml. Values that depend on
the present take ``now``; its default is the time of the response that contained the model, or the
computer's time for a model that was not part of a response. A naive ``now`` is in local time.
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
