# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""HarvestStatusEnum: progress of the automatic removal of a finished print."""

from formlabs_web_api.models._base import OpenEnum


class HarvestStatusEnum(OpenEnum):
    """Progress of the automatic removal of a finished print."""

    FORM_CELL_HARVEST_UNKNOWN = "FORM_CELL_HARVEST_UNKNOWN"
    FORM_CELL_HARVEST_STARTED = "FORM_CELL_HARVEST_STARTED"
    FORM_CELL_HARVEST_FINISHED = "FORM_CELL_HARVEST_FINISHED"
    FORM_CELL_HARVEST_FAILED = "FORM_CELL_HARVEST_FAILED"
    FORM_CELL_HARVEST_ABORTED = "FORM_CELL_HARVEST_ABORTED"
