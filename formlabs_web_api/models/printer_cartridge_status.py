# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""PrinterCartridgeStatus: a cartridge slot and its cartridge."""

from typing import Optional

from formlabs_web_api.models._base import DateTime, Model, ReadOnly
from formlabs_web_api.models.cartridge_read_only import CartridgeReadOnly
from formlabs_web_api.models.cartridge_slot_enum import CartridgeSlotEnum


class PrinterCartridgeStatus(Model):
    """A cartridge slot and its cartridge."""

    cartridge: ReadOnly[Optional[CartridgeReadOnly]]
    """The cartridge in the slot; null when the slot is empty."""
    last_modified: ReadOnly[DateTime]
    """When the slot's record last changed; may be older than the cartridge."""
    cartridge_slot: Optional[CartridgeSlotEnum] = None
    """Which slot it is, on printers with two; blank on the others."""
