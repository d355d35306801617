# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""NewWorkgroup: a printer group as it was just created."""

from typing import Optional

from pydantic import StrictBool, StrictInt, StrictStr

from formlabs_web_api.models._base import DateTime, Model, ReadOnly


class NewWorkgroup(Model):
    """A printer group as it was just created."""

    id: ReadOnly[StrictStr]
    """Id of the group."""
    name: StrictStr
    """Name of the group."""
    created_at: ReadOnly[DateTime]
    """When the group was created."""
    has_fleet_control: Optional[StrictBool] = None
    """Whether the group has Fleet Control (also called Group Queue), that is a print queue of its
    own."""
    has_fleet_control_updated_by: Optional[StrictInt] = None
    """Id of the user who last switched Fleet Control on or off."""
