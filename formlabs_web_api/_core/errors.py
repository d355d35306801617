"""Build the exception for an error response; secrets that the server repeats are redacted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Mapping, Optional, Sequence, Type

import urllib3

from formlabs_web_api._core.pipeline import retry_after_of
from formlabs_web_api._core.token_source import NO_CREDENTIALS
from formlabs_web_api._util.secrets import redact
from formlabs_web_api.exceptions import (
    ApiException,
    AuthenticationException,
    RateLimitException,
    ServiceException,
    class_of_status,
    combined_class,
)

if TYPE_CHECKING:
    from formlabs_web_api.rest import RESTResponse


def error_from(
    response: RESTResponse,
    secrets: Sequence[Optional[str]],
    data: object = None,
    kind: Optional[Type[ApiException]] = None,
) -> ApiException:
    """Return the exception for an error response.

    Args:
        response: The response; its status is an error.
        secrets: Texts that no message shows, besides those that were sent with the request.
        data: The decoded body, if the API describes one for this status.
        kind: The class of the exception; None means that of the status.
    """
    lacks_credentials = response.status == 401 and response.lacked_credentials
    if kind is None:
        kind = AuthenticationException if lacks_credentials else class_of_status(response.status)
    if response.refused_wait is not None and kind is ServiceException:
        kind = combined_class(RateLimitException, ServiceException)
    error = kind(http_resp=response, data=data)
    if isinstance(error, RateLimitException):
        error.retry_after = retry_after_of(response)
    hidden = (*secrets, *response.secrets, *response.credentials)
    error.detail = redact(error.detail, hidden)
    if error.reason:
        error.reason = redact(error.reason, hidden)
        error.args = (error.status, error.reason)
    if error.headers is not None:
        error.headers = _redacted_headers(error.headers, hidden)
    if error.body:
        error.body = redact(error.body, hidden)
    if lacks_credentials:
        error.detail = "; ".join(part for part in (error.detail, NO_CREDENTIALS) if part)
    return error


def _redacted_headers(
    headers: Mapping[str, str], secrets: Sequence[Optional[str]]
) -> Mapping[str, str]:
    """Return the headers; a copy without the secrets where a value holds one."""
    redacted = [(name, redact(value, secrets)) for name, value in headers.items()]
    if redacted == list(headers.items()):
        return headers
    copied = urllib3.HTTPHeaderDict()
    for name, value in redacted:
        copied.add(name, value)
    return copied
