# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""PrintRunSuccess: rating of a print by a user, on the printer or on the Dashboard."""

from typing import Optional

from pydantic import StrictStr

from formlabs_web_api.models._base import DateTime, Model, ReadOnly
from formlabs_web_api.models.print_run_success_enum import PrintRunSuccessEnum


class PrintRunSuccess(Model):
    """Rating of a print by a user, on the printer or on the Dashboard."""

    print_run: StrictStr
    """Guid of the print."""
    print_run_success: Optional[PrintRunSuccessEnum] = None
    """The rating."""
    created_at: ReadOnly[Optional[DateTime]]
    """When the print was rated, seconds to days after its end."""
