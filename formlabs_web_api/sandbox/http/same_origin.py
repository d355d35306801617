"""Refusal of requests that a web page of another site makes through the user's browser.

The sandbox needs no token for its control addresses, so a page that the user happens to visit must
not reach them. A page sends its own ``Origin``; a page that points its own name at this machine
(DNS rebinding) sends that name as ``Host``.
"""

from __future__ import annotations

import ipaddress
from typing import Iterable, Optional

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_LOCALHOST = "localhost"
_OWN_SITE = ("none", "same-origin")
_FOREIGN_PAGE = "The sandbox does not answer web pages of another origin."


class SameOriginMiddleware:
    """Answer 403 to a request with a foreign ``Host`` or ``Origin``, before anything else sees it.

    IP addresses, ``localhost`` and names below it are accepted as ``Host``: no other site can make
    them its own.

    Args:
        app: the application to protect.
        hosts: further host names that are accepted.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        problem = self._problem(scope) if scope["type"] == "http" else None
        if problem is None:
            await self._app(scope, receive, send)
        else:
            await JSONResponse({"detail": problem}, 403)(scope, receive, send)

    def _problem(self, scope: Scope) -> Optional[str]:
        headers = Headers(scope=scope)
        host, origin = headers.get("host"), headers.get("origin")
        if host is not None and not self._is_accepted(host):
            return (
                "The sandbox does not answer under this host name; use localhost or an IP address,"
                " or allow the name with allowed_hosts."
            )
        # Without a Host (HTTP/1.0) the client is not a browser, so it sends no Origin.
        if origin is not None and origin.lower().partition("://")[2] != (host or "").lower():
            return _FOREIGN_PAGE
        # Some browsers leave Origin out of a form's POST. A read may come from another site, as a
        # picture in a page does: the page cannot read the answer.
        is_read = scope["method"] in ("GET", "HEAD")
        if not is_read and headers.get("sec-fetch-site", "none") not in _OWN_SITE:
            return _FOREIGN_PAGE
        return None

    def _is_accepted(self, host: str) -> bool:
        name = _without_port(host.lower())
        if name in self._hosts or name == _LOCALHOST or name.endswith("." + _LOCALHOST):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
