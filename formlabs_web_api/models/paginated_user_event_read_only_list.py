# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""PaginatedUserEventReadOnlyList: one page of the account's events."""

from typing import List, Optional

from pydantic import StrictInt, StrictStr

from formlabs_web_api.models._base import Model
from formlabs_web_api.models.user_event_read_only import UserEventReadOnly


class PaginatedUserEventReadOnlyList(Model):
    """One page of the account's events."""

    count: Optional[StrictInt] = None
    """Number of events on all pages together."""
    next: Optional[StrictStr] = None
    """Address of the next page; null on the last."""
    previous: Optional[StrictStr] = None
    """Address of the previous page; null on the first."""
    results: Optional[List[UserEventReadOnly]] = None
    """The events of this page."""
