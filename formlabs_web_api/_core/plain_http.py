"""Credentials over plain http, which each computer on the way can read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Tuple

from formlabs_web_api._core.pipeline import Handler
from formlabs_web_api._core.request import Request
from formlabs_web_api._util.urls import parse_url
from formlabs_web_api.exceptions import ApiValueError
from formlabs_web_api.hooks import logger
from formlabs_web_api.rest import RESTResponse

if TYPE_CHECKING:
    from formlabs_web_api.configuration import Configuration


_ADVICE = (
    "use https, or allow it with Configuration(allow_plain_http=True) or the environment variable"
    " FORMLABS_ALLOW_PLAIN_HTTP=1"
)


class PlainHttpGuard:
    """Refuse to send client credentials over plain http; warn once before a token is sent so.

    A client secret is valid for years and grants tokens, a token ends within a day. A host on this
    computer may have both: nothing leaves it.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._has_warned = False
        self._safe: Tuple[str, ...] = ("https://",)
        """How addresses begin to which anything may be sent, without taking each one apart."""

    def __call__(self, request: Request, proceed: Handler) -> RESTResponse:
        if not request.url.startswith(self._safe) and not self._configuration.allow_plain_http:
            self._check(request)
        return proceed(request)

    def _check(self, request: Request) -> None:
        address = parse_url(request.url)
        if address.scheme == "http" and address.is_loopback:
            # Up to the slash after the host, as written: what follows cannot name another host.
            end = request.url.find("/", len("http://")) + 1
            if end:
                self._safe = ("https://", request.url[:end])
            return
        if address.scheme != "http":
            return
        if "client_secret" in dict(request.post_params or ()):
            raise ApiValueError(
                f"the client secret is not sent to {address.host} over plain http, where others can"
                f" read it: {_ADVICE}"
            )
        if request.secured and self._configuration.access_token and not self._has_warned:
            self._has_warned = True
            logger.warning(
                "The access token is sent to %s over plain http, where others can read it: %s",
                address.host,
                _ADVICE,
            )
