# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""RequestAnAccessToken401Response: oAuth 2 error that states why a client was refused."""

from typing import Optional

from pydantic import StrictStr

from formlabs_web_api.models._base import Model


class RequestAnAccessToken401Response(Model):
    """OAuth 2 error that states why a client was refused."""

    error: Optional[StrictStr] = None
    """Code of the error, for instance invalid_client."""
