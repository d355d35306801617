# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""TankReadOnly: a resin tank as a printer reports it."""

from typing import Optional

from pydantic import StrictInt, StrictStr

from formlabs_web_api.models._base import DateTime, Model, ReadOnly
from formlabs_web_api.models.derived import TankDerived


class TankReadOnly(TankDerived, Model):
    """A resin tank as a printer reports it."""

    serial: ReadOnly[StrictStr]
    """Serial of the tank, unique."""
    material: ReadOnly[Optional[StrictStr]]
    """Code of the material the tank holds, for instance FLGPCL05."""
    print_time_ms: ReadOnly[Optional[StrictInt]]
    """Time printed with the tank, in ms."""
    layers_printed: ReadOnly[Optional[StrictInt]]
    """Layers printed with the tank; equal to `layer_count` in every observed record."""
    first_fill_date: ReadOnly[Optional[DateTime]]
    """When the tank was first filled."""
    heatmap: Optional[StrictStr] = None
    """Address of the tank's heat map, a picture."""
    heatmap_gif: ReadOnly[Optional[StrictStr]]
    """Address of the tank's heat map, animated."""
    display_name: Optional[StrictStr] = None
    """Name shown for the tank; usually missing or blank."""
    layer_count: ReadOnly[StrictInt]
    """Layers printed with the tank, the measure of its wear."""
    inside_printer: ReadOnly[Optional[StrictStr]]
    """Serial of the printer the tank is in."""
    tank_type: ReadOnly[Optional[StrictStr]]
    """Kind of tank, for instance TYPE_DIESEL."""
    connected_group: ReadOnly[Optional[StrictStr]]
    """Id of the printer group the tank belongs to."""
    created_at: ReadOnly[Optional[DateTime]]
    """When the service first saw the tank."""
    last_print_date: ReadOnly[Optional[DateTime]]
    """When the tank was last printed with."""
