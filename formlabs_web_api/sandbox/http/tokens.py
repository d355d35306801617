"""Access tokens: issued for credentials, valid for a limited time, revocable.

The documented grant is ``client_credentials``. Programs in production also use the undocumented
``password`` grant, which returns a refresh token (observation 1.11); its answers to wrong values
are an assumption.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from typing import Any, Dict, Mapping, NamedTuple, Tuple
from urllib.parse import unquote_plus

from formlabs_web_api.sandbox.clock import Now
from formlabs_web_api.sandbox.errors import Refusal
from formlabs_web_api.sandbox.http.redaction import HIDDEN
from formlabs_web_api.sandbox.instants import SECOND, Instant

_TOKEN_BYTES = 24
_TOKEN = re.compile(r"[\w-]{32,}", re.ASCII)


class Credentials(NamedTuple):
    """What the token calls accept."""

    client_id: str
    client_secret: str
    username: str
    password: str


class Tokens:
    """The tokens of one client application.

    Args:
        credentials: those of the application, and of the user of the ``password`` grant.
        lifetime: seconds a new token is valid.
        clock: returns the present instant.
    """

    def __init__(self, credentials: Credentials, lifetime: int, clock: Now) -> None:
        self._credentials = credentials
        self.lifetime = lifetime
        self._clock = clock
        self._expiry: Dict[str, Instant] = {}
        self._refresh_tokens: Dict[str, str] = {}
        """Refresh token to the access token that was issued with it."""

    @property
    def lifetime(self) -> int:
        """Seconds a new token is valid."""
        return self._lifetime

    @lifetime.setter
    def lifetime(self, seconds: int) -> None:
        if type(seconds) is not int or seconds < 1:
            raise ValueError(f"a token's lifetime must be whole seconds, 1 or more, not {seconds}")
        self._lifetime = seconds

    def clear(self) -> None:
        """Invalidate all tokens."""
        self._expiry.clear()
        self._refresh_tokens.clear()

    def issue(self, form: Mapping[str, str], authorization: str = "") -> Dict[str, Any]:
        """Issue a token for the form of a token request.

        Args:
            form: the fields of the request.
            authorization: its ``Authorization`` header: the client's credentials may come as HTTP
                Basic (RFC 6749, section 2.3.1) instead of in the form.

        Raises:
            Refusal: 400 if a field is missing, the grant is unknown, or user, password or refresh
                token are wrong; 401 if the client's credentials are wrong.
        """
        form = _with_basic_credentials(form, authorization)
        grant = form.get("grant_type", "")
        if grant == "password":
            return self._issue_for_password(form)
        if grant == "refresh_token":
            return self._issue_for_refresh_token(form)
        _require(form, "grant_type", "client_id", "client_secret")
        if grant != "client_credentials":
            raise _refused("unsupported_grant_type", f"The grant type {grant!r} is not supported.")
        self._authenticate(form)
        return self._new_token()

    def revoke(self, form: Mapping[str, str], authorization: str = "") -> None:
        """Invalidate a token; an unknown token is not an error (RFC 7009).

        Raises:
            Refusal: 401 if the client's credentials are wrong, 400 if there is no token.
        """
        form = _with_basic_credentials(form, authorization)
        self._authenticate(form)
        _require(form, "token")
        self._expiry.pop(form["token"], None)
        access_token = self._refresh_tokens.pop(form["token"], None)
        self._expiry.pop(access_token or "", None)

    def is_valid(self, token: str) -> bool:
        """Return True if a token was issued here and is neither revoked nor expired."""
        return self._expiry.get(token, 0) > self._clock()

    def redact(self, text: str) -> str:
        """Replace secret, password and tokens of the sandbox in a text."""
        for secret in (self._credentials.client_secret, self._credentials.password):
            text = text.replace(secret, HIDDEN)
        return _TOKEN.sub(lambda found: HIDDEN if self._is_known(found[0]) else found[0], text)

    def _is_known(self, token: str) -> bool:
        return token in self._expiry or token in self._refresh_tokens

    def _issue_for_password(self, form: Mapping[str, str]) -> Dict[str, Any]:
        _require(form, "client_id", "username", "password")
        self._authenticate_public(form)
        expected = (self._credentials.username, self._credentials.password)
        if (form["username"], form["password"]) != expected:
            raise _refused("invalid_grant", "Invalid credentials given.")
        return self._with_refresh_token(self._new_token())

    def _issue_for_refresh_token(self, form: Mapping[str, str]) -> Dict[str, Any]:
        _require(form, "client_id", "refresh_token")
        self._authenticate_public(form)
        former = self._refresh_tokens.pop(form["refresh_token"], None)
        if former is None:
            raise _refused("invalid_grant", "The refresh token is not valid.")
        self._expiry.pop(former, None)
        return self._with_refresh_token(self._new_token())

    def _new_token(self) -> Dict[str, Any]:
        now = self._clock()
        self._expiry = {token: end for token, end in self._expiry.items() if end > now}
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._expiry[token] = now + self.lifetime * SECOND
        return {
            "access_token": token,
            "expires_in": self.lifetime,
            "token_type": "Bearer",
            "scope": "developer-api",
        }

    def _with_refresh_token(self, answer: Dict[str, Any]) -> Dict[str, Any]:
        refresh_token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._refresh_tokens[refresh_token] = answer["access_token"]
        return {**answer, "refresh_token": refresh_token}

    def _authenticate(self, form: Mapping[str, str]) -> None:
        expected = (self._credentials.client_id, self._credentials.client_secret)
        if (form.get("client_id"), form.get("client_secret")) != expected:
            raise Refusal(401, {"error": "invalid_client"})

    def _authenticate_public(self, form: Mapping[str, str]) -> None:
        """Check the client's credentials, of which the secret may be left out."""
        secret = form.get("client_secret") or self._credentials.client_secret
        self._authenticate({**form, "client_secret": secret})


def _with_basic_credentials(form: Mapping[str, str], authorization: str) -> Mapping[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return form
    client_id, client_secret = _decode_basic(encoded)
    if form.get("client_id", client_id) != client_id:
        raise Refusal(401, {"error": "invalid_client"})
    return {**form, "client_id": client_id, "client_secret": client_secret}


def _decode_basic(encoded: str) -> Tuple[str, str]:
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        raise Refusal(401, {"error": "invalid_client"}) from None
    client_id, _, client_secret = decoded.partition(":")
    return unquote_plus(client_id), unquote_plus(client_secret)


def _require(form: Mapping[str, str], *names: str) -> None:
    missing = [name for name in names if not form.get(name)]
    if missing:
        raise _refused("invalid_request", f"Missing in the form: {', '.join(missing)}.")


def _refused(error: str, description: str) -> Refusal:
    return Refusal(400, {"error": error, "error_description": description})
