# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""PrinterTankStatus: the tank holder and its tank."""

from typing import Optional

from formlabs_web_api.models._base import DateTime, Model, ReadOnly
from formlabs_web_api.models.tank_read_only import TankReadOnly


class PrinterTankStatus(Model):
    """The tank holder and its tank."""

    tank: ReadOnly[Optional[TankReadOnly]]
    """The tank in the printer; null without a tank."""
    last_modified: ReadOnly[DateTime]
    """When the holder's record last changed."""
