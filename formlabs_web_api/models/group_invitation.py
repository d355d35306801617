# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""GroupInvitation: an invitation into a group that was not accepted yet."""

from typing import Optional

from pydantic import StrictBool, StrictStr

from formlabs_web_api.models._base import Model


class GroupInvitation(Model):
    """An invitation into a group that was not accepted yet."""

    email: StrictStr
    """E-mail address that was invited."""
    is_admin: Optional[StrictBool] = None
    """Whether the user becomes an administrator of the group."""
