# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""PartialWorkGroupRequest: a printer group to create."""

from pydantic import Field, StrictStr
from typing_extensions import Annotated, Required, TypedDict

from formlabs_web_api.models._base import RequestModel


class PartialWorkGroupRequest(RequestModel):
    """A printer group to create."""

    name: Annotated[StrictStr, Field(min_length=1)]
    """Name of the group."""


class PartialWorkGroupRequestDict(TypedDict, total=False):
    """A dict that a call takes in place of :class:`PartialWorkGroupRequest`."""

    name: Required[StrictStr]
