# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""PatchedPartialWorkGroupRequest: changes of a printer group; omitted fields keep their value."""

from typing import Optional

from pydantic import Field, StrictStr
from typing_extensions import Annotated, TypedDict

from formlabs_web_api.models._base import RequestModel


class PatchedPartialWorkGroupRequest(RequestModel):
    """Changes of a printer group; omitted fields keep their value."""

    name: Optional[Annotated[StrictStr, Field(min_length=1)]] = None
    """New name of the group."""
    remote_print_enabled_override: Optional[Annotated[StrictStr, Field(min_length=1)]] = None
    """Remote-print setting of the group, instead of the default; sent as text, received as a
    boolean."""


class PatchedPartialWorkGroupRequestDict(TypedDict, total=False):
    """A dict that a call takes in place of :class:`PatchedPartialWorkGroupRequest`."""

    name: Optional[StrictStr]
    remote_print_enabled_override: Optional[StrictStr]
