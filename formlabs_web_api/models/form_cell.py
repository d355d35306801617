# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""FormCell: the Form Cell automation a printer works in."""

from pydantic import StrictStr

from formlabs_web_api.models._base import Model


class FormCell(Model):
    """The Form Cell automation a printer works in."""

    serial: StrictStr
    """Serial of the Form Cell."""
    firmware_version: StrictStr
    """Firmware of the Form Cell."""
    status: StrictStr
    """State of the Form Cell."""
    rotation: StrictStr
    """Rotation of the Form Cell; its values are not documented."""
