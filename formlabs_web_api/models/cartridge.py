# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""Cartridge: a resin cartridge, in full."""

from typing import Optional

from pydantic import StrictBool, StrictInt, StrictStr

from formlabs_web_api.models._base import DateTime, Model, Number, ReadOnly
from formlabs_web_api.models.derived import CartridgeDerived


class Cartridge(CartridgeDerived, Model):
    """A resin cartridge, in full."""

    serial: StrictStr
    """Serial of the cartridge, unique."""
    consumable_type: Optional[StrictStr] = None
    """Kind of cartridge, for instance CARTRIDGE_V2."""
    machine_type_id: Optional[StrictStr] = None
    """Type of printer the cartridge is for, for instance FORM-4-0."""
    material: Optional[StrictStr] = None
    """Code of the material, for instance FLGPCL05."""
    initial_volume_ml: Optional[Number] = None
    """Volume of resin when new, in ml."""
    volume_dispensed_ml: Optional[Number] = None
    """Volume of resin dispensed so far, in ml. Form 4 and Form 4L report it in steps of 100 ml; it
    may exceed the initial volume."""
    dispense_count: Optional[StrictInt] = None
    """Number of times the cartridge dispensed resin."""
    write_count: Optional[StrictInt] = None
    """Number of writes to the cartridge's memory."""
    mechanical_version: Optional[StrictStr] = None
    """Version of the cartridge's mechanics."""
    manufacture_date: Optional[DateTime] = None
    """When the cartridge was made."""
    manufacturer: Optional[StrictStr] = None
    """Manufacturer of the cartridge."""
    display_name: Optional[StrictStr] = None
    """Name shown for the cartridge; usually missing or blank."""
    lot_number: Optional[StrictStr] = None
    """Production lot."""
    last_modified: ReadOnly[DateTime]
    """When this record last changed."""
    is_empty: ReadOnly[StrictBool]
    """Whether the service reports the cartridge as empty; it was false for a completely dispensed
    cartridge."""
    inside_printer: ReadOnly[Optional[StrictStr]]
    """Serial of the printer the cartridge is in."""
    connected_group: Optional[StrictStr] = None
    """Id of the printer group the cartridge belongs to."""
    created_at: ReadOnly[Optional[DateTime]]
    """When the service first saw the cartridge."""
    last_print_date: ReadOnly[Optional[DateTime]]
    """When the cartridge was last printed from."""
