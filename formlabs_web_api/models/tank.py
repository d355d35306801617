# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""Tank: a resin tank, in full."""

from typing import Optional

from pydantic import StrictInt, StrictStr

from formlabs_web_api.models._base import DateTime, Model, ReadOnly
from formlabs_web_api.models.derived import TankDerived


class Tank(TankDerived, Model):
    """A resin tank, in full."""

    serial: StrictStr
    """Serial of the tank, unique."""
    material: Optional[StrictStr] = None
    """Code of the material the tank holds, for instance FLGPCL05."""
    layers_printed: Optional[StrictInt] = None
    """Layers printed with the tank; equal to `layer_count` in every observed record."""
    print_time_ms: Optional[StrictInt] = None
    """Time printed with the tank, in ms."""
    heatmap: Optional[StrictStr] = None
    """Address of the tank's heat map, a picture."""
    heatmap_gif: ReadOnly[Optional[StrictStr]]
    """Address of the tank's heat map, animated."""
    mechanical_version: Optional[StrictStr] = None
    """Version of the tank's mechanics."""
    manufacture_date: Optional[DateTime] = None
    """When the tank was made."""
    manufacturer: Optional[StrictStr] = None
    """Manufacturer of the tank."""
    display_name: Optional[StrictStr] = None
    """Name shown for the tank; usually missing or blank."""
    lot_number: Optional[StrictStr] = None
    """Production lot."""
    layer_count: Optional[StrictInt] = None
    """Layers printed with the tank, the measure of its wear."""
    last_modified: ReadOnly[DateTime]
    """When this record last changed."""
    inside_printer: ReadOnly[Optional[StrictStr]]
    """Serial of the printer the tank is in."""
    write_count: Optional[StrictInt] = None
    """Number of writes to the tank's memory."""
    tank_type: Optional[StrictStr] = None
    """Kind of tank, for instance TYPE_DIESEL."""
    connected_group: Optional[StrictStr] = None
    """Id of the printer group the tank belongs to."""
    first_fill_date: Optional[DateTime] = None
    """When the tank was first filled."""
    created_at: ReadOnly[Optional[DateTime]]
    """When the service first saw the tank."""
    last_print_date: ReadOnly[Optional[DateTime]]
    """When the tank was last printed with."""
