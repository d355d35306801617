# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""PaginatedPrintRunWithFleetControlDataList: one page of prints."""

from typing import List, Optional

from pydantic import StrictInt, StrictStr

from formlabs_web_api.models._base import Model
from formlabs_web_api.models.print_run_with_fleet_control_data import PrintRunWithFleetControlData


class PaginatedPrintRunWithFleetControlDataList(Model):
    """One page of prints."""

    count: Optional[StrictInt] = None
    """Number of prints on all pages together."""
    next: Optional[StrictStr] = None
    """Address of the next page; null on the last."""
    previous: Optional[StrictStr] = None
    """Address of the previous page; null on the first."""
    results: Optional[List[PrintRunWithFleetControlData]] = None
    """The prints of this page."""
