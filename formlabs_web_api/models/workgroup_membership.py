# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""WorkgroupMembership: a member of a printer group."""

from typing import ClassVar, FrozenSet, Optional

from pydantic import StrictBool, StrictStr

from formlabs_web_api.models._base import Model


class WorkgroupMembership(Model):
    """A member of a printer group."""

    read_only_fields: ClassVar[FrozenSet[str]] = frozenset(
        ["user", "email", "first_name", "last_name"]
    )
    is_admin: Optional[StrictBool] = None
    """Whether the member is an administrator of the group."""
    user: StrictStr
    """The user, as text."""
    email: StrictStr
    """E-mail address of the member."""
    first_name: StrictStr
    """First name of the member; may be blank."""
    last_name: StrictStr
    """Last name of the member; may be blank."""
