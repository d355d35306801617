# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""DeveloperAPIMyCloudQueueItems: a print waiting in a group's queue."""

from typing import List, Optional

from pydantic import StrictInt, StrictStr

from formlabs_web_api.models._base import DateTime, Model, Number, ReadOnly


class DeveloperAPIMyCloudQueueItems(Model):
    """A print waiting in a group's queue."""

    id: ReadOnly[StrictStr]
    """Id of the queue item."""
    name: StrictStr
    """Name of the print."""
    volume_ml: Number
    """Volume of resin or powder of the print, in ml."""
    material_name: StrictStr
    """Name of the material, without its version: Nylon 12 GF where the print has Nylon 12 GF V1."""
    created_at: ReadOnly[DateTime]
    """When the print was added to the queue."""
    username: StrictStr
    """Name of the user who added the print."""
    allowed_machine_type_ids: Optional[List[StrictStr]] = None
    """Types of printer that can print it, for instance FORM-4-0."""
    estimated_duration_ms: Optional[StrictInt] = None
    """Estimated duration of the print, in ms. Not documented."""
