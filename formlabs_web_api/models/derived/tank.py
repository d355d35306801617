"""Derived values of a resin tank: its material, age and wear."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Optional

from formlabs_web_api import catalogue
from formlabs_web_api.models.derived.clock import TimeDependent
from formlabs_web_api.models.derived.raw import count, milliseconds, moment, text


class TankDerived(TimeDependent):
    """Derived values of a resin tank; computed when asked for."""

    __slots__ = ()

    @property
    def material_name(self) -> str:
        """Name of its material, from the catalogue; the code where that does not list it."""
        return catalogue.material_name(text(self, "material"))

    @property
    def layers(self) -> Optional[int]:
        """Layers printed with it: ``layer_count``, else ``layers_printed``.

        Both were the same wherever seen (observation 1.7).
        """
        found = count(self, "layer_count")
        return count(self, "layers_printed") if found is None else found

    @property
    def print_time(self) -> Optional[timedelta]:
        """Time printed with it."""
        return milliseconds(self, "print_time_ms")

    @property
    def filled_at(self) -> Optional[datetime]:
        """When it was first filled or, where that is not known, first seen; in UTC."""
        filled = moment(self, "first_fill_date")
        return moment(self, "created_at") if filled is None else filled

    def age(self, now: Optional[datetime] = None) -> Optional[timedelta]:
        """Time since :attr:`filled_at`, at the moment ``now``."""
        filled = self.filled_at
        return None if filled is None else max(self._resolve_now(now) - filled, timedelta())

    def wear(self, life_layers: float) -> Optional[float]:
        """Share of its life that is used up; more than 1 on a tank that has outlived it.

        Args:
            life_layers: Layers a tank lasts. The service does not say; users assume 75,000
                (observation 1.7).

        Raises:
            ValueError: ``life_layers`` is not above 0.
        """
        if not life_layers > 0:
            raise ValueError(f"life_layers: a number above 0 is needed, not {life_layers!r}")
        layers = self.layers
        return None if layers is None else layers / life_layers
