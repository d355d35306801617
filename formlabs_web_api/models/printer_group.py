# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""PrinterGroup: a printer group, by id and name."""

from typing import ClassVar, FrozenSet

from pydantic import StrictStr

from formlabs_web_api.models._base import Model


class PrinterGroup(Model):
    """A printer group, by id and name."""

    read_only_fields: ClassVar[FrozenSet[str]] = frozenset(["id"])
    id: StrictStr
    """Id of the group."""
    name: StrictStr
    """Name of the group."""
