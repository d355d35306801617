# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""PrintRunSuccessEnum: rating of a print."""

from formlabs_web_api.models._base import OpenEnum


class PrintRunSuccessEnum(OpenEnum):
    """Rating of a print."""

    UNKNOWN = "UNKNOWN"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
