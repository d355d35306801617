# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""CartridgeSlotEnum: slot of a printer with two cartridges."""

from formlabs_web_api.models._base import OpenEnum


class CartridgeSlotEnum(OpenEnum):
    """Slot of a printer with two cartridges."""

    FRONT = "FRONT"
    BACK = "BACK"
