# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""BasicUser: a Dashboard user."""

from typing import Optional

from pydantic import StrictInt, StrictStr

from formlabs_web_api.models._base import Model, ReadOnly


class BasicUser(Model):
    """A Dashboard user."""

    id: ReadOnly[StrictInt]
    """Id of the user."""
    username: StrictStr
    """User name."""
    first_name: Optional[StrictStr] = None
    """First name; may be blank."""
    last_name: Optional[StrictStr] = None
    """Last name; may be blank."""
    email: Optional[StrictStr] = None
    """E-mail address."""
