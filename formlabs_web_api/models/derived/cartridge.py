"""Derived values of a cartridge: its material and the resin left."""

from __future__ import annotations

from typing import Optional

from formlabs_web_api import catalogue
from formlabs_web_api.models.derived.raw import number, text


class CartridgeDerived:
    """Derived values of a cartridge; computed when asked for."""

    __slots__ = ()

    @property
    def material_name(self) -> str:
        """Name of its material, from the catalogue; the code where that does not list it."""
        return catalogue.material_name(text(self, "material"))

    @property
    def remaining_ml(self) -> Optional[float]:
        """Resin left, in ml: what it held when new less what it dispensed, never below 0.

        See :attr:`resolution_ml` for how exact that is. None where either is not known.
        """
        initial = number(self, "initial_volume_ml")
        dispensed = number(self, "volume_dispensed_ml")
        if initial is None or dispensed is None:
            return None
        return max(0.0, min(initial - dispensed, initial))

    @property
    def remaining_fraction(self) -> Optional[float]:
        """Resin left as a share of a new cartridge, 0 to 1; None where it is not known."""
        initial = number(self, "initial_volume_ml")
        remaining = self.remaining_ml
        return remaining / initial if initial and remaining is not None and initial > 0 else None

    @property
    def resolution_ml(self) -> Optional[float]:
        """Size of the steps, in ml, in which the dispensed volume is reported; None where smooth.

        100 ml on the Form 4 family (observation 1.7): 0 ml left is shown early there, while
        there may be up to a step more.
        """
        is_stepped = catalogue.is_form_4_family(text(self, "machine_type_id"))
        return 100.0 if is_stepped else None

    def is_low(self, threshold_ml: float = 100.0) -> bool:
        """Whether ``threshold_ml`` or less is left, or the service takes it for empty.

        The service's own ``is_empty`` was false for a cartridge dispensed in full (observation
        1.7), so it is not relied on. A cartridge nothing is known of is not low.
        """
        remaining = self.remaining_ml
        is_below = remaining is not None and remaining <= threshold_ml
        return is_below or getattr(self, "is_empty", None) is True
