# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""CartridgeReadOnly: a resin cartridge as a printer reports it."""

from typing import Optional

from pydantic import StrictBool, StrictStr

from formlabs_web_api.models._base import DateTime, Model, Number, ReadOnly
from formlabs_web_api.models.derived import CartridgeDerived


class CartridgeReadOnly(CartridgeDerived, Model):
    """A resin cartridge as a printer reports it."""

    serial: ReadOnly[StrictStr]
    """Serial of the cartridge, unique."""
    material: ReadOnly[Optional[StrictStr]]
    """Code of the material, for instance FLGPCL05."""
    consumable_type: ReadOnly[StrictStr]
    """Kind of cartridge, for instance CARTRIDGE_V2."""
    initial_volume_ml: ReadOnly[Number]
    """Volume of resin when new, in ml."""
    volume_dispensed_ml: ReadOnly[Number]
    """Volume of resin dispensed so far, in ml. Form 4 and Form 4L report it in steps of 100 ml; it
    may exceed the initial volume."""
    display_name: Optional[StrictStr] = None
    """Name shown for the cartridge; usually missing or blank."""
    is_empty: ReadOnly[StrictBool]
    """Whether the service reports the cartridge as empty; it was false for a completely dispensed
    cartridge."""
    inside_printer: ReadOnly[Optional[StrictStr]]
    """Serial of the printer the cartridge is in."""
    connected_group: ReadOnly[Optional[StrictStr]]
    """Id of the printer group the cartridge belongs to."""
    created_at: ReadOnly[Optional[DateTime]]
    """When the service first saw the cartridge."""
    last_print_date: ReadOnly[Optional[DateTime]]
    """When the cartridge was last printed from."""
    machine_type_id: ReadOnly[StrictStr]
    """Type of printer the cartridge is for, for instance FORM-4-0."""
