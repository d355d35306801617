# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""WorkgroupSettings: settings of a printer group."""

from typing import Optional

from pydantic import StrictStr

from formlabs_web_api.models._base import Model, ReadOnly


class WorkgroupSettings(Model):
    """Settings of a printer group."""

    group: ReadOnly[StrictStr]
    """Id of the group."""
    update_mode: Optional[StrictStr] = None
    """Update mode of the group: DISABLED, NORMAL, UNATTENDED or blank."""
