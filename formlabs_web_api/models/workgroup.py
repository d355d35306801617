# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""Workgroup: a printer group with its members, printers and settings."""

from typing import List, Optional

from pydantic import StrictBool, StrictInt, StrictStr

from formlabs_web_api.models._base import DateTime, Model, ReadOnly
from formlabs_web_api.models.group_invitation import GroupInvitation
from formlabs_web_api.models.workgroup_membership import WorkgroupMembership
from formlabs_web_api.models.workgroup_settings import WorkgroupSettings


class Workgroup(Model):
    """A printer group with its members, printers and settings."""

    id: ReadOnly[StrictStr]
    """Id of the group."""
    name: StrictStr
    """Name of the group."""
    remote_print_enabled_override: Optional[StrictBool] = None
    """Remote-print setting of the group, instead of the default; null without an override."""
    created_at: ReadOnly[DateTime]
    """When the group was created."""
    memberships: ReadOnly[List[WorkgroupMembership]]
    """Members of the group."""
    printers: ReadOnly[List[StrictStr]]
    """Serials of the printers in the group."""
    invitations: ReadOnly[List[GroupInvitation]]
    """Invitations that were not accepted yet."""
    has_fleet_control: Optional[StrictBool] = None
    """Whether the group has Fleet Control (also called Group Queue), that is a print queue of its
    own."""
    has_fleet_control_updated_by: Optional[StrictInt] = None
    """Id of the user who last switched Fleet Control on or off."""
    settings: ReadOnly[WorkgroupSettings]
    """Settings of the group."""
