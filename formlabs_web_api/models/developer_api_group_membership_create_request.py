# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""DeveloperAPIGroupMembershipCreateRequest: the user to invite into a printer group."""

from typing import ClassVar, FrozenSet, Optional

from pydantic import Field, StrictBool, StrictStr
from typing_extensions import Annotated, Required, TypedDict

from formlabs_web_api.models._base import RequestModel


class DeveloperAPIGroupMembershipCreateRequest(RequestModel):
    """The user to invite into a printer group."""

    omitted_if_none: ClassVar[FrozenSet[str]] = frozenset(["is_admin"])
    user: Annotated[StrictStr, Field(min_length=1)]
    """E-mail address of the user to invite."""
    is_admin: Optional[StrictBool] = None
    """Whether the user becomes an administrator of the group."""


class DeveloperAPIGroupMembershipCreateRequestDict(TypedDict, total=False):
    """A dict that a call takes in place of :class:`DeveloperAPIGroupMembershipCreateRequest`."""

    user: Required[StrictStr]
    is_admin: StrictBool
