# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""CameraStatusEnum: state of the printer's camera."""

from formlabs_web_api.models._base import OpenEnum


class CameraStatusEnum(OpenEnum):
    """State of the printer's camera."""

    UNKNOWN = "UNKNOWN"
    DISCONNECTED = "DISCONNECTED"
    ENABLED = "ENABLED"
    DISABLED = "DISABLED"
