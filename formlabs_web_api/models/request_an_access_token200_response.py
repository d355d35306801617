# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""RequestAnAccessToken200Response: an access token and how long it is valid."""

from typing import ClassVar, FrozenSet, Optional

from pydantic import StrictInt, StrictStr

from formlabs_web_api.models._base import Model


class RequestAnAccessToken200Response(Model):
    """An access token and how long it is valid."""

    secret_fields: ClassVar[FrozenSet[str]] = frozenset(["access_token", "refresh_token"])
    access_token: Optional[StrictStr] = None
    """The token that authenticates requests."""
    token_type: Optional[StrictStr] = None
    """Kind of token: Bearer."""
    expires_in: Optional[StrictInt] = None
    """Time the token is valid, in seconds; usually 86400."""
    scope: Optional[StrictStr] = None
    """Scope of the token: developer-api."""
    refresh_token: Optional[StrictStr] = None
    """Token that renews the access token; returned for the undocumented password grant only."""
