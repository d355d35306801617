"""Derived values of a resin tank: its material, age and wear."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Optional

from formlabs_web_api import catalogue
from formlabs_web_api.models.derived.clock import TimeDependent
from formlabs_web_api.models.derived.raw import count, milliseconds, moment, text


class TankDerived(TimeDependent):
    """Derived values of a resin tank; computed on access."""

    __slots__ = ()

    @property
    def material_name(self) -> str:
        """Name of the material from the catalogue; the code if it is not listed there."""
        return catalogue.material_name(text(self, "material"))

    @property
    def layers(self) -> Optional[int]:
        """Number of layers printed with the tank: ``layer_count``, else ``layers_printed``.

        Both were equal in all observed data (observation 1.7).
        """
        found = count(self, "layer_count")
        return count(self, "layers_printed") if found is None else found

    @property
    def print_time(self) -> Optional[timedelta]:
        """Total printing time with the tank."""
        return milliseconds(self, "print_time_ms")

    @property
    def filled_at(self) -> Optional[datetime]:
        """Time of the first fill or, if it is not known, of the first report; in UTC."""
        filled = moment(self, "first_fill_date")
        return moment(self, "created_at") if filled is None else filled

    def age(self, now: Optional[datetime] = None) -> Optional[timedelta]:
        """Return the time from :attr:`filled_at` to ``now``."""
        filled = self.filled_at
        return None if filled is None else max(self._resolve_now(now) - filled, timedelta())

    def wear(self, life_layers: float) -> Optional[float]:
        """Return the share of the tank's life that is used, more than 1 after its end.

        Args:
            life_layers: Life of a tank in layers. The service does not report it; users assume
                75,000 (observation 1.7).

        Raises:
            ValueError: ``life_layers`` is not above 0.
        """
        if not life_layers > 0:
            raise ValueError(f"life_layers: a number above 0 is needed, not {life_layers!r}")
        layers = self.layers
        return None if layers is None else layers / life_layers
