"""Encrypt a token with a key that only holders of the client secret can derive."""

from __future__ import annotations

import base64
import hashlib

from formlabs_web_api._util.secrets import HiddenText
from formlabs_web_api.shared.store import SharedStateError


class TokenCipher:
    """Encrypts and decrypts a token; the key is derived from the client secret with scrypt.

    Args:
        client_secret: The secret of the account; a process without it cannot read the token.
        salt: Any text that differs by account.

    Raises:
        SharedStateError: the package ``cryptography`` is not installed.
    """

    def __init__(self, client_secret: str, salt: str) -> None:
        try:
            from cryptography.fernet import Fernet
        except ImportError:
            raise SharedStateError(
                'shared: share_token="encrypted" needs cryptography, which the extra "redis" brings'
            ) from None
        secret, salt_bytes = client_secret.encode(), salt.encode()
        key = hashlib.scrypt(secret, salt=salt_bytes, n=2**14, r=8, p=1, dklen=32)
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def encrypt(self, token: str) -> bytes:
        """Return the token as text that can be stored where others can read it."""
        return self._fernet.encrypt(str.__str__(token).encode())

    def decrypt(self, stored: bytes) -> str:
        """Return the token; raise ValueError if another secret encrypted it, or it was altered."""
        from cryptography.fernet import InvalidToken

        try:
            return HiddenText(self._fernet.decrypt(stored).decode())
        except InvalidToken:
            raise ValueError("the stored token was not encrypted with this secret") from None
