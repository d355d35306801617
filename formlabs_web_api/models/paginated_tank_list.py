# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""PaginatedTankList: one page of the account's resin tanks."""

from typing import List, Optional

from pydantic import StrictInt, StrictStr

from formlabs_web_api.models._base import Model
from formlabs_web_api.models.tank import Tank


class PaginatedTankList(Model):
    """One page of the account's resin tanks."""

    count: Optional[StrictInt] = None
    """Number of tanks on all pages together."""
    next: Optional[StrictStr] = None
    """Address of the next page; null on the last."""
    previous: Optional[StrictStr] = None
    """Address of the previous page; null on the first."""
    results: Optional[List[Tank]] = None
    """The tanks of this page."""
