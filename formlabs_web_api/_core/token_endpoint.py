"""The calls by which a client gets a token of its own, and gives it back."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Dict, Optional, Tuple

from formlabs_web_api._core import request as serialization
from formlabs_web_api._core.pipeline import Handler, Request
from formlabs_web_api._core.token_source import REVOKE_PATH, TOKEN_PATH
from formlabs_web_api._util.json import is_object
from formlabs_web_api._util.secrets import HiddenText
from formlabs_web_api.exceptions import AuthenticationException
from formlabs_web_api.rest import RESTResponse
from formlabs_web_api.retry import RetryPolicy

if TYPE_CHECKING:
    from formlabs_web_api.api_client import ApiClient

_TOKEN = re.compile(r"[!-~]+")
"""What can stand in a header as a token."""


class TokenCalls:
    """Asks for tokens as a client's configuration says.

    Args:
        client: Whose tokens they are.
        send: Sends a request without a token.
    """

    def __init__(self, client: ApiClient, send: Handler) -> None:
        self._client = client
        self._send = send

    def fetch(self) -> Tuple[str, Optional[float]]:
        """A token and the seconds it lasts, None where the service does not say.

        Raises:
            AuthenticationException: the service gives none for these credentials.
            RateLimitException, ServiceException: it gives none to anybody now.
            ApiConnectionException: there was no answer.
        """
        fields = {"grant_type": "client_credentials", **self._credentials()}
        response = self._post(TOKEN_PATH, fields)
        if response.status == 429 or response.status >= 500:
            raise self._client.failure_of(response)
        token, life = _token_in(response) if response.status < 300 else (None, None)
        if token is None:
            error = self._client.failure_of(response, kind=AuthenticationException)
            if response.status < 300:
                error.reason = f"{response.reason}, but there is no access_token in the answer"
            raise error
        return token, life

    def revoke(self, token: str) -> None:
        """End the life of a token; raises ApiException where that is refused."""
        response = self._post(REVOKE_PATH, {"token": HiddenText(token), **self._credentials()})
        if response.status >= 300:
            raise self._client.failure_of(response)

    def _credentials(self) -> Dict[str, str]:
        settings = self._client.configuration
        return {
            "client_id": settings.client_id or "",
            "client_secret": HiddenText(settings.client_secret or ""),
        }

    def _post(self, path: str, fields: Dict[str, str]) -> RESTResponse:
        serialized = self._client.param_serialize(
            method="POST",
            resource_path=path,
            header_params={"Accept": "application/json", "Content-Type": serialization.FORM},
            post_params=fields,
        )
        method, url, headers, body, pairs = serialized
        policy = RetryPolicy.of(self._client.configuration.retries)
        # Asking twice for a token, or for its end, does no harm.
        request = Request(method, url, headers, body, pairs, policy=policy, repeatable=True)
        response = self._send(request)
        response.secrets = tuple(request.secrets())
        return response


def _token_in(response: RESTResponse) -> Tuple[Optional[str], Optional[float]]:
    """The token of an answer and the seconds it lasts, as far as they are there and make sense."""
    try:
        answer = json.loads(response.read())
    except (ValueError, RecursionError):
        return None, None
    answer = answer if is_object(answer) else {}
    token, life = answer.get("access_token"), answer.get("expires_in")
    if isinstance(life, str) and life.isdecimal():
        life = int(life)
    return (
        HiddenText(token) if isinstance(token, str) and _TOKEN.fullmatch(token) else None,
        life if isinstance(life, (int, float)) else None,
    )
