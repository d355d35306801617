# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""PrintPart: a part on the build platform of a print."""

from typing import Optional

from pydantic import StrictInt, StrictStr

from formlabs_web_api.models._base import Model, Number, ReadOnly


class PrintPart(Model):
    """A part on the build platform of a print."""

    id: ReadOnly[StrictInt]
    """Id of the part."""
    guid: ReadOnly[StrictStr]
    """Id of the part, unique and stable."""
    display_name: Optional[StrictStr] = None
    """Name shown for the part."""
    end_layer: Optional[StrictInt] = None
    """Last layer of the part."""
    name: Optional[StrictStr] = None
    """Name of the part."""
    raw_mesh_hash: Optional[StrictStr] = None
    """Hash of the part's mesh."""
    start_layer: Optional[StrictInt] = None
    """First layer of the part."""
    volume_ml: Optional[Number] = None
    """Volume of the part, in ml."""
    prepared_scene: StrictStr
    """The prepared scene the part belongs to."""
