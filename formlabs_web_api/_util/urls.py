"""Parse addresses so that every part of the package agrees on where a request goes.

``urllib.parse`` and urllib3 take some addresses apart differently: the host of ``http://a\\@b/`` is
``b`` to one and ``a`` to the other. An address that is compared by one and opened by the other can
take a token to a foreign host. :func:`parse_url` refuses each address on which they disagree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Optional, Tuple
from urllib.parse import urljoin, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff]")
_AUTHORITY = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")


@dataclass(frozen=True)
class Url:
    """An absolute address on whose parts all parsers agree."""

    scheme: str
    """In lower case."""
    host: str
    """In lower case; without brackets for IPv6."""
    port: Optional[int]
    """As written; None where the address has none."""
    path: str
    userinfo: Optional[str] = field(default=None, repr=False)

    @property
    def effective_port(self) -> Optional[int]:
        """Return the port a request goes to; None for a scheme without a usual port."""
        return self.port if self.port is not None else _DEFAULT_PORTS.get(self.scheme)

    @property
    def origin(self) -> Tuple[str, str, Optional[int]]:
        """Return scheme, host and port: what credentials belong to."""
        return self.scheme, self.host, self.effective_port

    @property
    def authority(self) -> Tuple[str, Optional[int]]:
        """Return host and port, the same for the usual ports of http and https."""
        is_usual = self.effective_port in _DEFAULT_PORTS.values()
        return self.host, None if is_usual else self.effective_port

    @property
    def is_loopback(self) -> bool:
        """True if a request to the address does not leave this computer."""
        return self.host in ("localhost", "::1") or bool(re.fullmatch(r"127(\.\d+){3}", self.host))


def shown_address(address: str) -> str:
    """Return the repr of a malformed address for an error, without its user and password.

    What is long and does not look like an address is hidden: a token given in the wrong place.
    """
    shown = str.__str__(address).rpartition("@")[2]  # hidden text would stay hidden
    is_plain = len(shown) <= 24 or (len(shown) <= 100 and any(one in shown for one in ".:/"))
    return repr(shown) if is_plain else "a text that is not shown, since it may be a secret"


def parse_url(text: str) -> Url:
    """Parse an absolute address.

    Raises:
        ValueError: the address is not absolute, holds a character that has to be encoded, names no
            host, or is taken apart differently by ``urllib.parse`` and urllib3.
    """
    found = _AUTHORITY.match(text)
    if found is None:
        raise ValueError("an address has to begin with a scheme and a host, like https://host")
    if _UNSAFE.search(text) or "\\" in text.partition("?")[0]:
        raise ValueError("an address must not hold blanks, control characters or backslashes")
    authority: str = found[1]
    if authority.count("@") > 1 or "%" in authority.rpartition("@")[2]:
        raise ValueError("the host of the address is ambiguous")
    # Not at import: a configuration is made without urllib3.
    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url as parse_with_urllib3

    parts = urlsplit(text)
    try:
        other = parse_with_urllib3(text)
        other_host = (other.host or "").strip("[]").lower()
        host = parts.hostname or ""
        if ":" not in host and host:  # urllib3 encodes international names
            host = (parse_with_urllib3(f"http://{host}/").host or "").lower()
        same_host = other_host == host
    except (LocationParseError, UnicodeError):
        raise ValueError("the host of the address is not valid") from None
    scheme = parts.scheme.lower()
    if not other_host:
        raise ValueError("the address names no host")
    if not same_host or other.port != parts.port or (other.scheme or "") != scheme:
        raise ValueError("the host of the address is ambiguous")
    if parts.port == 0:
        raise ValueError("port 0 cannot be connected to")
    userinfo = authority.rpartition("@")[0] or None
    return Url(scheme, other_host, parts.port, parts.path, userinfo)


def join_url(base: str, target: str) -> str:
    """Return ``target``, which may be relative, as an absolute address.

    Raises:
        ValueError: the result is an address that :func:`parse_url` refuses.
    """
    if _UNSAFE.search(target) or "\\" in target.partition("?")[0]:
        raise ValueError("an address must not hold blanks, control characters or backslashes")
    joined = urljoin(base, target)
    parse_url(joined)
    return joined


def is_same_origin(first: str, second: str) -> bool:
    """Return True if scheme, host and port are the same; False if either address is refused."""
    try:
        return parse_url(first).origin == parse_url(second).origin
    except ValueError:
        return False
