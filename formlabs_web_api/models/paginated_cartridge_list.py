# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""PaginatedCartridgeList: one page of the account's cartridges."""

from typing import List, Optional

from pydantic import StrictInt, StrictStr

from formlabs_web_api.models._base import Model
from formlabs_web_api.models.cartridge import Cartridge


class PaginatedCartridgeList(Model):
    """One page of the account's cartridges."""

    count: Optional[StrictInt] = None
    """Number of cartridges on all pages together."""
    next: Optional[StrictStr] = None
    """Address of the next page; null on the last."""
    previous: Optional[StrictStr] = None
    """Address of the previous page; null on the first."""
    results: Optional[List[Cartridge]] = None
    """The cartridges of this page."""
