# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""ReadyToPrintEnum: whether the printer is ready to print: not reported by this type, ready, to be
confirmed by a person, or not ready."""

from formlabs_web_api.models._base import OpenEnum


class ReadyToPrintEnum(OpenEnum):
    """Whether the printer is ready to print: not reported by this type, ready, to be confirmed by a
    person, or not ready."""

    READY_TO_PRINT_NOT_SUPPORTED = "READY_TO_PRINT_NOT_SUPPORTED"
    READY_TO_PRINT_READY = "READY_TO_PRINT_READY"
    READY_TO_PRINT_NEEDS_CONFIRMATION = "READY_TO_PRINT_NEEDS_CONFIRMATION"
    READY_TO_PRINT_NOT_READY = "READY_TO_PRINT_NOT_READY"
