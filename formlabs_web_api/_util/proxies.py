"""Which proxy the environment names for an address, by the rules that curl and requests follow."""

from __future__ import annotations

import ipaddress
import os
import sys
from typing import Optional, Tuple

from formlabs_web_api._util.urls import Url


def environment_proxy(url: Url) -> Optional[str]:
    """Return the address of the proxy for ``url``; None for a direct connection.

    ``https_proxy``, ``http_proxy`` and ``all_proxy`` name proxies, in lower case or capitals.
    ``no_proxy`` lists hosts that are reached directly; see :func:`is_bypassed`. Windows and macOS
    have settings of their own, which are used as well.
    """
    is_set_elsewhere = sys.platform in ("win32", "darwin")
    if not is_set_elsewhere and not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    from urllib.request import getproxies  # slow to import

    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or _is_bypassed_by_system(url):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _is_bypassed_by_system(url: Url) -> bool:
    listed = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    if listed is not None:
        return is_bypassed(url, listed)
    from urllib.request import proxy_bypass

    host = f"[{url.host}]" if ":" in url.host else url.host
    return bool(proxy_bypass(f"{host}:{url.effective_port}"))


def is_bypassed(url: Url, no_proxy: str) -> bool:
    """Return True if a ``no_proxy`` list contains the host of ``url``.

    An entry is ``*``, a name (which includes the names below it), an IP address, with or without
    brackets, or a network such as ``10.0.0.0/8``; each may end in a port.
    """
    return any(_matches(url, entry.strip().lower()) for entry in no_proxy.split(","))


def _matches(url: Url, entry: str) -> bool:
    if entry == "*":
        return True
    name, port = _split_port(entry)
    if not name or (port is not None and port != url.effective_port):
        return False
    try:
        address = ipaddress.ip_address(url.host)
    except ValueError:
        name = name.lstrip("*").lstrip(".")
        return url.host == name or (bool(name) and url.host.endswith(f".{name}"))
    try:
        return address in ipaddress.ip_network(name, strict=False)
    except ValueError:  # a name, or a network of the other family
        return False


def _split_port(entry: str) -> Tuple[str, Optional[int]]:
    if entry.startswith("["):
        name, _, rest = entry[1:].partition("]")
        port = rest[1:] if rest.startswith(":") else ""
    elif entry.count(":") == 1:
        name, _, port = entry.partition(":")
    else:
        name, port = entry, ""
    return name, int(port) if port.isdecimal() and len(port) < 6 else None
