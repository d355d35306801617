"""Derived values of a cartridge: its material and the resin left."""

from __future__ import annotations

from typing import Optional

from formlabs_web_api import catalogue
from formlabs_web_api.models.derived.raw import number, text


class CartridgeDerived:
    """Derived values of a cartridge; computed on access."""

    __slots__ = ()

    @property
    def material_name(self) -> str:
        """Name of the material from the catalogue; the code if it is not listed there."""
        return catalogue.material_name(text(self, "material"))

    @property
    def remaining_ml(self) -> Optional[float]:
        """Remaining resin in ml: the initial volume minus the dispensed volume, at least 0.

        None if either volume is not known. See :attr:`resolution_ml` for its precision.
        """
        initial = number(self, "initial_volume_ml")
        dispensed = number(self, "volume_dispensed_ml")
        if initial is None or dispensed is None:
            return None
        return max(0.0, min(initial - dispensed, initial))

    @property
    def remaining_fraction(self) -> Optional[float]:
        """Remaining resin as a share of the initial volume, 0 to 1; None if it is not known."""
        initial = number(self, "initial_volume_ml")
        remaining = self.remaining_ml
        return remaining / initial if initial and remaining is not None and initial > 0 else None

    @property
    def resolution_ml(self) -> Optional[float]:
        """Step size of the dispensed volume in ml; None if the volume is reported without steps.

        100 ml on the Form 4 family (observation 1.7): up to one step of resin may be left when
        0 ml is reported.
        """
        is_stepped = catalogue.is_form_4_family(text(self, "machine_type_id"))
        return 100.0 if is_stepped else None

    def is_low(self, threshold_ml: float = 100.0) -> bool:
        """Return True if ``threshold_ml`` or less is left, or the service reports it as empty.

        The service's ``is_empty`` alone is not sufficient: it was false for a cartridge whose
        whole volume was dispensed (observation 1.7). A cartridge of unknown volume is not low.
        """
        remaining = self.remaining_ml
        is_below = remaining is not None and remaining <= threshold_ml
        return is_below or getattr(self, "is_empty", None) is True
