"""Download the thumbnail of a print, without the access token and within limits.

The address is signed: anybody who has it can open the picture until it expires. No error message
contains it.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Dict, List, Optional
from urllib.parse import parse_qsl, urlsplit

from formlabs_web_api._util.checks import check_count, check_seconds
from formlabs_web_api._util.proxies import environment_proxy
from formlabs_web_api._util.urls import Url, parse_url

if TYPE_CHECKING:
    from urllib3 import PoolManager

_CHUNK_SIZE = 8_192


def fetch(address: str, timeout: float, max_bytes: int, pool: Optional[PoolManager]) -> bytes:
    """Download ``address``; see ``PrintRunDerived.thumbnail`` for limits and errors."""
    import urllib3
    from urllib3.exceptions import HTTPError, NewConnectionError, TimeoutError

    from formlabs_web_api import exceptions

    check_seconds("timeout", timeout, zero=False)
    check_count("max_bytes", max_bytes, least=1)
    if not address:
        raise exceptions.ApiValueError("this print has no thumbnail")
    url = _parse_address(address)
    deadline = time.monotonic() + timeout
    content: List[bytes] = []
    try:
        # No Authorization header: the storage refuses it, and must not receive the token.
        response = (pool or _pool(url)).urlopen(
            "GET",
            address,
            headers={"Accept": "image/*", "Accept-Encoding": "identity"},
            timeout=urllib3.Timeout(total=timeout),
            preload_content=False,
            redirect=False,
            retries=False,
        )
        try:
            if response.status != 200:
                kind = exceptions.class_of_status(response.status)
                raise kind(status=response.status, reason=_refusal(response.status, url, address))
            remaining = max_bytes
            for chunk in response.stream(_CHUNK_SIZE):
                remaining -= len(chunk)
                if remaining < 0:
                    reason = f"the thumbnail is larger than {max_bytes:,} bytes"
                    raise exceptions.ResponseException(status=200, reason=reason)
                if time.monotonic() > deadline:
                    raise TimeoutError
                content.append(chunk)
        finally:
            response.close()
    except HTTPError as error:
        # urllib3 derives NewConnectionError (a refused connection) from its timeouts.
        timed_out = isinstance(error, TimeoutError) and not isinstance(error, NewConnectionError)
        kind = exceptions.ApiTimeoutException if timed_out else exceptions.ApiConnectionException
        reason = f"no thumbnail from {url.host}: {type(error).__name__}"
        # Without the cause: some errors of urllib3 contain the address.
        raise kind(status=0, reason=reason) from None
    return b"".join(content)


def _parse_address(address: str) -> Url:
    from formlabs_web_api import exceptions

    try:
        url = parse_url(address)
    except ValueError as error:
        raise exceptions.ApiValueError(f"the thumbnail's address cannot be used: {error}") from None
    if url.scheme not in ("http", "https"):
        raise exceptions.ApiValueError("the thumbnail's address must begin with http or https")
    return url


def _pool(url: Url) -> PoolManager:
    """Return a pool manager that connects to ``url`` through the environment's proxy, if any."""
    from formlabs_web_api.rest import ENVIRONMENT_PROXY, manager_through

    return manager_through(environment_proxy(url), ENVIRONMENT_PROXY)


def _refusal(status: int, url: Url, address: str) -> str:
    """Return the reason of an error status, judged by the expiry time in the address."""
    expired = _expiry(dict(parse_qsl(urlsplit(address).query)))
    if 400 <= status <= 499 and expired is not None and expired <= datetime.now(timezone.utc):
        return (
            f"the thumbnail's address expired at {expired:%Y-%m-%d %H:%M} UTC; "
            "read the print again for a fresh one"
        )
    return f"no thumbnail: {url.host} refused the request"


def _expiry(query: Dict[str, str]) -> Optional[datetime]:
    """Return the expiry time of a signed address, in Amazon's old or current form; else None."""
    try:
        if "Expires" in query:
            return datetime.fromtimestamp(int(query["Expires"]), timezone.utc)
        signed = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ")
        lifetime = timedelta(seconds=int(query["X-Amz-Expires"]))
        return signed.replace(tzinfo=timezone.utc) + lifetime
    except (KeyError, ValueError, OverflowError, OSError):
        return None
