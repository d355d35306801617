# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""PrinterGroup: a printer group, by id and name."""

from pydantic import StrictStr

from formlabs_web_api.models._base import Model, ReadOnly


class PrinterGroup(Model):
    """A printer group, by id and name."""

    id: ReadOnly[StrictStr]
    """Id of the group."""
    name: StrictStr
    """Name of the group."""
