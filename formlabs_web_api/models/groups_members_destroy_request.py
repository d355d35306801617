# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""GroupsMembersDestroyRequest: the member to remove from a printer group."""

from pydantic import StrictStr
from typing_extensions import Required, TypedDict

from formlabs_web_api.models._base import RequestModel


class GroupsMembersDestroyRequest(RequestModel):
    """The member to remove from a printer group."""

    user: StrictStr
    """E-mail address of the member."""


class GroupsMembersDestroyRequestDict(TypedDict, total=False):
    """A dict that a call takes in place of :class:`GroupsMembersDestroyRequest`."""

    user: Required[StrictStr]
