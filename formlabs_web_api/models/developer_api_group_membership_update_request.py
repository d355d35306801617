# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""DeveloperAPIGroupMembershipUpdateRequest: new rights of a member of a printer group."""

from typing import ClassVar, FrozenSet, Optional

from pydantic import Field, StrictBool, StrictStr
from typing_extensions import Annotated, Required, TypedDict

from formlabs_web_api.models._base import RequestModel


class DeveloperAPIGroupMembershipUpdateRequest(RequestModel):
    """New rights of a member of a printer group."""

    omitted_if_none: ClassVar[FrozenSet[str]] = frozenset(["is_admin"])
    user: Annotated[StrictStr, Field(min_length=1)]
    """E-mail address of the member."""
    is_admin: Optional[StrictBool] = None
    """Whether the member is an administrator of the group from now on."""


class DeveloperAPIGroupMembershipUpdateRequestDict(TypedDict, total=False):
    """A dict that a call takes in place of :class:`DeveloperAPIGroupMembershipUpdateRequest`."""

    user: Required[StrictStr]
    is_admin: StrictBool
