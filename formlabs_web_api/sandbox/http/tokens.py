"""Access tokens: issued for the client's credentials, valid for a while, revoked on request."""

from __future__ import annotations

import secrets
from typing import Any, Dict, Mapping

from formlabs_web_api.sandbox.clock import Now
from formlabs_web_api.sandbox.errors import Refusal
from formlabs_web_api.sandbox.instants import SECOND, Instant


class Tokens:
    """The tokens of one client application.

    Args:
        client_id: the application's id.
        client_secret: its secret.
        lifetime: seconds a new token is valid.
        clock: tells the time.
    """

    def __init__(self, client_id: str, client_secret: str, lifetime: int, clock: Now) -> None:
        self._credentials = (client_id, client_secret)
        self.lifetime = lifetime
        self._clock = clock
        self._ends: Dict[str, Instant] = {}

    @property
    def lifetime(self) -> int:
        """Seconds a new token is valid."""
        return self._lifetime

    @lifetime.setter
    def lifetime(self, seconds: int) -> None:
        if type(seconds) is not int or seconds < 1:
            raise ValueError(f"a token's lifetime must be whole seconds, 1 or more, not {seconds}")
        self._lifetime = seconds

    def forget(self) -> None:
        """From now on no token that was issued is valid."""
        self._ends.clear()

    def issue(self, form: Mapping[str, str]) -> Dict[str, Any]:
        """A new token, for the fields of the token call.

        Raises:
            Refusal: 400 a field is missing or the grant is another one; 401 wrong credentials.
        """
        self._require(form, "grant_type", "client_id", "client_secret")
        if form["grant_type"] != "client_credentials":
            raise _refused("unsupported_grant_type", "Only client_credentials is supported here.")
        self._identify(form)
        now = self._clock()
        self._ends = {token: end for token, end in self._ends.items() if end > now}
        token = secrets.token_urlsafe(24)
        self._ends[token] = now + self.lifetime * SECOND
        return {
            "access_token": token,
            "expires_in": self.lifetime,
            "token_type": "Bearer",
            "scope": "developer-api",
        }

    def revoke(self, form: Mapping[str, str]) -> None:
        """End a token before its time; an unknown one is no error (RFC 7009).

        Raises:
            Refusal: 401 wrong credentials; 400 no token is given.
        """
        self._identify(form)
        self._require(form, "token")
        self._ends.pop(form["token"], None)

    def is_valid(self, token: str) -> bool:
        """Whether a token was issued here, is not revoked, and has not ended."""
        return self._ends.get(token, 0) > self._clock()

    def _identify(self, form: Mapping[str, str]) -> None:
        if (form.get("client_id"), form.get("client_secret")) != self._credentials:
            raise Refusal(401, {"error": "invalid_client"})

    @staticmethod
    def _require(form: Mapping[str, str], *names: str) -> None:
        missing = [name for name in names if not form.get(name)]
        if missing:
            raise _refused("invalid_request", f"Missing in the form: {', '.join(missing)}.")


def _refused(error: str, description: str) -> Refusal:
    return Refusal(400, {"error": error, "error_description": description})
