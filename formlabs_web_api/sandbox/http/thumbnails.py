"""Pictures of prints under signed URLs that expire, as the service's storage issues them."""

from __future__ import annotations

import hashlib
import hmac
import struct
import zlib
from typing import Callable, Mapping, Optional

from formlabs_web_api.sandbox.clock import Now
from formlabs_web_api.sandbox.fleet.identity import derived_hex
from formlabs_web_api.sandbox.instants import HOUR, SECOND

PATH = "/thumbnails/"
LIFETIME_HOURS = 2
_KEY_ID = "SANDBOXTHUMBNAILS"


class Thumbnails:
    """Signed URLs of pictures: issue and validate.

    Args:
        key: the key of the signatures.
        clock: returns the present instant.
    """

    def __init__(self, key: str, clock: Now) -> None:
        self._key = key.encode()
        self._clock = clock

    def signer(self, base: str) -> Callable[[str], str]:
        """Return a function from a print's guid to its picture's URL below ``base``."""
        expires = str((self._clock() + LIFETIME_HOURS * HOUR) // SECOND)

        def address(guid: str) -> str:
            signature = self._signature(guid, expires)
            query = f"AWSAccessKeyId={_KEY_ID}&Signature={signature}&Expires={expires}"
            return f"{base}{PATH}{guid}.png?{query}"

        return address

    def refusal(
        self, guid: str, query: Mapping[str, str], authorization: Optional[str]
    ) -> Optional[str]:
        """Return the storage's error code for a request; None if it is valid."""
        if authorization is not None:
            return "InvalidArgument"
        expires = query.get("Expires", "")
        expected = self._signature(guid, expires)
        if not hmac.compare_digest(query.get("Signature", "").encode(), expected.encode()):
            return "SignatureDoesNotMatch"
        return "AccessDenied" if int(expires) * SECOND <= self._clock() else None

    def _signature(self, guid: str, expires: str) -> str:
        return hmac.new(self._key, f"{guid}\n{expires}".encode(), hashlib.sha1).hexdigest()


def picture(guid: str) -> bytes:
    """Render a PNG of 32 by 32 pixels in a colour derived from the guid."""
    colour = bytes.fromhex(derived_hex(6, guid))
    lines = (b"\0" + colour * 32) * 32
    header = struct.pack(">IIBBBBB", 32, 32, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
