"""Fetching the picture behind a signed address: without the token, in bounded time and size."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Dict, List, Optional
from urllib.parse import SplitResult, parse_qsl, urlsplit
from urllib.request import getproxies, proxy_bypass

from formlabs_web_api._util.checks import check_count, check_seconds

if TYPE_CHECKING:
    from urllib3 import PoolManager

_AT_A_TIME = 8_192


def fetch(address: str, timeout: float, max_bytes: int, pool: Optional[PoolManager]) -> bytes:
    """What is behind ``address``; see ``PrintRunDerived.thumbnail``.

    The address opens the picture to anybody who has it, so no error repeats it.
    """
    import urllib3
    from urllib3.exceptions import HTTPError, NewConnectionError, TimeoutError

    from formlabs_web_api import exceptions

    check_seconds("timeout", timeout, zero=False)
    check_count("max_bytes", max_bytes, least=1)
    if not address:
        raise exceptions.ApiValueError("this print has no thumbnail")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise exceptions.ApiValueError("the thumbnail's address is not one of http or https")
    deadline = time.monotonic() + timeout
    content: List[bytes] = []
    try:
        # The storage refuses requests that bring a token, and a token is not its business.
        response = (pool or _pool(parts)).urlopen(
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
                raise kind(status=response.status, reason=_refusal(response.status, parts))
            left = max_bytes
            for part in response.stream(_AT_A_TIME):
                left -= len(part)
                if left < 0:
                    reason = f"the thumbnail is larger than {max_bytes:,} bytes"
                    raise exceptions.ResponseException(status=200, reason=reason)
                if time.monotonic() > deadline:
                    raise TimeoutError
                content.append(part)
        finally:
            response.close()
    except HTTPError as error:
        too_late = isinstance(error, TimeoutError) and not isinstance(error, NewConnectionError)
        ours = exceptions.ApiTimeoutException if too_late else exceptions.ApiConnectionException
        reason = f"no thumbnail from {parts.hostname}: {type(error).__name__}"
        # Not from the error: some of urllib3's repeat the address.
        raise ours(status=0, reason=reason) from None
    return b"".join(content)


def _pool(parts: SplitResult) -> PoolManager:
    """Connections to the host, through the proxy that the environment names, if it does."""
    import urllib3

    proxy = getproxies().get(parts.scheme)
    if proxy and not proxy_bypass(parts.hostname or ""):
        return urllib3.ProxyManager(proxy if "://" in proxy else f"http://{proxy}")
    return urllib3.PoolManager()


def _refusal(status: int, parts: SplitResult) -> str:
    """Why the storage refused, as far as the address itself tells."""
    expired = _expiry(dict(parse_qsl(parts.query)))
    if 400 <= status <= 499 and expired is not None and expired <= datetime.now(timezone.utc):
        return (
            f"the thumbnail's address expired at {expired:%Y-%m-%d %H:%M} UTC; "
            "read the print again for a fresh one"
        )
    return f"no thumbnail: {parts.hostname} refused the request"


def _expiry(query: Dict[str, str]) -> Optional[datetime]:
    """When a signed address ends, in either of the forms that storages use."""
    try:
        if "Expires" in query:
            return datetime.fromtimestamp(int(query["Expires"]), timezone.utc)
        signed = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ")
        life = timedelta(seconds=int(query["X-Amz-Expires"]))
        return signed.replace(tzinfo=timezone.utc) + life
    except (KeyError, ValueError, OverflowError, OSError):
        return None
