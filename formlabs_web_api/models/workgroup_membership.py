# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""WorkgroupMembership: a member of a printer group."""

from typing import Optional

from pydantic import StrictBool, StrictStr

from formlabs_web_api.models._base import Model, ReadOnly


class WorkgroupMembership(Model):
    """A member of a printer group."""

    is_admin: Optional[StrictBool] = None
    """Whether the member is an administrator of the group."""
    user: ReadOnly[StrictStr]
    """The user, as text."""
    email: ReadOnly[StrictStr]
    """E-mail address of the member."""
    first_name: ReadOnly[StrictStr]
    """First name of the member; may be blank."""
    last_name: ReadOnly[StrictStr]
    """Last name of the member; may be blank."""
