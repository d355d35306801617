# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""PrintRunSuccess: how somebody rated a print, on the printer or on the Dashboard."""

from typing import Optional

from pydantic import StrictStr

from formlabs_web_api.models._base import DateTime, Model, ReadOnly
from formlabs_web_api.models.print_run_success_enum import PrintRunSuccessEnum


class PrintRunSuccess(Model):
    """How somebody rated a print, on the printer or on the Dashboard."""

    print_run: StrictStr
    """Guid of the print."""
    print_run_success: Optional[PrintRunSuccessEnum] = None
    """The rating."""
    created_at: ReadOnly[Optional[DateTime]]
    """When the print was rated, seconds to days after its end; not the time it ended."""
