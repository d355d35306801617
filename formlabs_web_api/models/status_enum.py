# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""StatusEnum: state of a print run."""

from formlabs_web_api.models._base import OpenEnum


class StatusEnum(OpenEnum):
    """State of a print run. FINISHED, ABORTED and ERROR are final; FINISHED alone does not mean
    success."""

    QUEUED = "QUEUED"
    PREPRINT = "PREPRINT"
    PRINTING = "PRINTING"
    PAUSED = "PAUSED"
    PAUSING = "PAUSING"
    FINISHED = "FINISHED"
    ABORTING = "ABORTING"
    ABORTED = "ABORTED"
    ERROR = "ERROR"
    WAITING_FOR_RESOLUTION = "WAITING_FOR_RESOLUTION"
    PREHEAT = "PREHEAT"
    PRECOAT = "PRECOAT"
    POSTCOAT = "POSTCOAT"
