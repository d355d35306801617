# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""DeveloperAPIGroupsBulkAddPrintersRequest: printers and the group they move to."""

from typing import Any, List

from pydantic import StrictStr
from typing_extensions import Required, TypedDict

from formlabs_web_api.models._base import RequestModel


class DeveloperAPIGroupsBulkAddPrintersRequest(RequestModel):
    """Printers and the group they move to."""

    target_group: StrictStr
    """Id of the group the printers move to."""
    printers: List[Any]
    """Serials of the printers."""


class DeveloperAPIGroupsBulkAddPrintersRequestDict(TypedDict, total=False):
    """A dict that a call takes in place of :class:`DeveloperAPIGroupsBulkAddPrintersRequest`."""

    target_group: Required[StrictStr]
    printers: Required[List[Any]]
