"""The requests that fetch and revoke a client's own token."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Dict, Optional, Tuple, Type

from typing_extensions import Protocol

from formlabs_web_api._core import serialization
from formlabs_web_api._core.pipeline import Handler
from formlabs_web_api._core.request import Request, request_headers
from formlabs_web_api._core.token_source import REVOKE_PATH, TOKEN_PATH
from formlabs_web_api._util.checks import is_finite_number
from formlabs_web_api._util.json import is_object
from formlabs_web_api._util.secrets import HiddenText
from formlabs_web_api.exceptions import ApiException, AuthenticationException
from formlabs_web_api.rest import RESTResponse

if TYPE_CHECKING:
    from formlabs_web_api.configuration import Configuration

_TOKEN = re.compile(r"[!-~]+")
"""Characters that a token in a header may have."""


class ErrorFactory(Protocol):
    """Build the exception for an error response."""

    def __call__(
        self, response: RESTResponse, *, kind: Optional[Type[ApiException]] = None
    ) -> ApiException: ...


class TokenEndpoint:
    """Fetch and revoke tokens with the credentials of a configuration.

    Args:
        configuration: Credentials and host.
        default_headers: Headers of every request, a token among them excepted.
        send: Sends a request.
        error_from: Builds the exception for an error response.
    """

    def __init__(
        self,
        configuration: Configuration,
        default_headers: Dict[str, str],
        send: Handler,
        error_from: ErrorFactory,
    ) -> None:
        self._configuration = configuration
        self._default_headers = default_headers
        self._send = send
        self._error_from = error_from

    def fetch(self) -> Tuple[str, Optional[float]]:
        """Return a token and its lifetime in seconds, None if the service does not state it.

        Raises:
            AuthenticationException: the service refuses the credentials.
            RateLimitException, ServiceException: the service issues no token to anybody now.
            ApiConnectionException: there was no response.
        """
        fields = {"grant_type": "client_credentials", **self._credentials()}
        response = self._post(TOKEN_PATH, fields)
        if response.status == 429 or response.status >= 500:
            raise self._error_from(response)
        token, life = _token_in(response) if response.status < 300 else (None, None)
        if token is None:
            error = self._error_from(response, kind=AuthenticationException)
            if response.status < 300:
                error.reason = f"{error.reason}, but there is no access_token in the response"
            raise error
        return token, life

    def revoke(self, token: str) -> None:
        """Revoke a token; raise ApiException if the service refuses."""
        response = self._post(REVOKE_PATH, {"token": HiddenText(token), **self._credentials()})
        if response.status >= 300:
            raise self._error_from(response)

    def _credentials(self) -> Dict[str, str]:
        return {
            "client_id": self._configuration.client_id or "",
            "client_secret": HiddenText(self._configuration.client_secret or ""),
        }

    def _post(self, path: str, fields: Dict[str, str]) -> RESTResponse:
        headers = {"Accept": "application/json", "Content-Type": serialization.FORM}
        # Fetching or revoking a token twice does no harm. No redirect is followed for a POST: it
        # would take the client's secret elsewhere.
        request = Request(
            "POST",
            self._configuration.host + path,
            request_headers(headers, self._default_headers, None, secured=False),
            post_params=list(fields.items()),
            policy=self._configuration.retry_policy,
            repeatable=True,
        )
        return self._send(request)


def _token_in(response: RESTResponse) -> Tuple[Optional[str], Optional[float]]:
    """Return the token of a response and its lifetime, each None if missing or malformed."""
    try:
        answer = json.loads(response.read())
    except (ValueError, RecursionError):
        return None, None
    answer = answer if is_object(answer) else {}
    token, life = answer.get("access_token"), answer.get("expires_in")
    if isinstance(life, str) and life.isdecimal():
        life = float(life)
    return (
        HiddenText(token) if isinstance(token, str) and _TOKEN.fullmatch(token) else None,
        life if is_finite_number(life) else None,
    )
