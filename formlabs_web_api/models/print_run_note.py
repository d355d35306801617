# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""PrintRunNote: a note of a user on a print."""

from typing import Optional

from pydantic import StrictStr

from formlabs_web_api.models._base import DateTime, Model, ReadOnly
from formlabs_web_api.models.basic_user import BasicUser


class PrintRunNote(Model):
    """A note of a user on a print."""

    print_run: StrictStr
    """Guid of the print."""
    note: StrictStr
    """Text of the note."""
    author: Optional[BasicUser] = None
    """User who wrote the note."""
    updated_at: ReadOnly[DateTime]
    """When the note last changed."""
