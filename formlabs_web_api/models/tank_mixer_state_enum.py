# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""TankMixerStateEnum: whether the mixer is in the tank: not reported by this type, present, not
confirmed, or missing."""

from formlabs_web_api.models._base import OpenEnum


class TankMixerStateEnum(OpenEnum):
    """Whether the mixer is in the tank: not reported by this type, present, not confirmed, or
    missing."""

    TANK_MIXER_STATE_NOT_SUPPORTED = "TANK_MIXER_STATE_NOT_SUPPORTED"
    TANK_MIXER_STATE_PRESENT = "TANK_MIXER_STATE_PRESENT"
    TANK_MIXER_STATE_UNCONFIRMED = "TANK_MIXER_STATE_UNCONFIRMED"
    TANK_MIXER_STATE_MISSING = "TANK_MIXER_STATE_MISSING"
