# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""NewWorkgroup: a printer group as it was just created."""

from typing import ClassVar, FrozenSet, Optional

from pydantic import StrictBool, StrictInt, StrictStr

from formlabs_web_api.models._base import DateTime, Model


class NewWorkgroup(Model):
    """A printer group as it was just created."""

    read_only_fields: ClassVar[FrozenSet[str]] = frozenset(["id", "created_at"])
    id: StrictStr
    """Id of the group."""
    name: StrictStr
    """Name of the group."""
    created_at: DateTime
    """When the group was created."""
    has_fleet_control: Optional[StrictBool] = None
    """Whether the group has Fleet Control (also called Group Queue), that is a print queue of its
    own."""
    has_fleet_control_updated_by: Optional[StrictInt] = None
    """Id of the user who last switched Fleet Control on or off."""
