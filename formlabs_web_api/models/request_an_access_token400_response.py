# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""RequestAnAccessToken400Response: oAuth 2 error that states why a token was refused."""

from typing import Optional

from pydantic import StrictStr

from formlabs_web_api.models._base import Model


class RequestAnAccessToken400Response(Model):
    """OAuth 2 error that states why a token was refused."""

    error: Optional[StrictStr] = None
    """Code of the error, for instance invalid_grant."""
    error_description: Optional[StrictStr] = None
    """Description of the error."""
