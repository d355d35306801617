# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""RequestAnAccessToken401Response: why a client was refused, in the manner of OAuth 2."""

from typing import Optional

from pydantic import StrictStr

from formlabs_web_api.models._base import Model


class RequestAnAccessToken401Response(Model):
    """Why a client was refused, in the manner of OAuth 2."""

    error: Optional[StrictStr] = None
    """Code of the error, for instance invalid_client."""
