"""Text and bytes whose repr is redacted: tokens, cookies, secrets, forms.

Tools that report errors write down the local variables of each frame, so a token must not show in
the repr of a dict of headers that urllib3 holds when a connection breaks.
"""

from __future__ import annotations

import json
from typing import Any, Dict, Iterable, List, Mapping, Optional, Union, overload

from typing_extensions import SupportsIndex

REDACTED = "***"
SHORTEST_SECRET = 6
"""Shorter texts are not secrets, and would be found in words that are not either."""


class HiddenText(str):
    """A token, client secret or cookie."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"

    def __getitem__(self, key: Union[SupportsIndex, slice]) -> HiddenText:
        """Return a part, hidden too: tools that shorten a text slice it before they call repr."""
        return HiddenText(super().__getitem__(key))


class HiddenBytes(bytes):
    """Bytes whose repr is redacted."""

    def __repr__(self) -> str:
        return "b'***'"

    @overload
    def __getitem__(self, key: SupportsIndex) -> int: ...

    @overload
    def __getitem__(self, key: slice) -> HiddenBytes: ...

    def __getitem__(self, key: Union[SupportsIndex, slice]) -> Union[int, HiddenBytes]:
        """Return a byte, or a part that is hidden too."""
        part = super().__getitem__(key)
        return HiddenBytes(part) if isinstance(part, bytes) else part


class HiddenValues(Dict[str, Any]):
    """A dict of texts, such as headers or API keys, each of which is hidden when it is set.

    Args:
        values: The first content.
        public: Names in lower case whose values are not hidden.
    """

    def __init__(
        self, values: Optional[Mapping[str, object]] = None, public: Iterable[str] = ()
    ) -> None:
        super().__init__()
        self._public = frozenset(public)
        for name, value in (values or {}).items():
            self[name] = value

    def __setitem__(self, name: str, value: object) -> None:
        super().__setitem__(name, value if name.lower() in self._public else hidden(value))

    def __reduce__(self) -> Any:
        return HiddenValues, (dict(self), self._public)


def hidden(value: object) -> Any:
    """Return text or bytes with a redacted repr; anything else as it is."""
    if isinstance(value, HiddenText):
        return value
    if isinstance(value, str):
        return HiddenText(value)
    return HiddenBytes(value) if isinstance(value, bytes) else value


def redact(text: str, secrets: Iterable[Optional[str]]) -> str:
    """Return ``text`` with each of the secrets replaced by ``***``."""
    for secret in secrets:
        if secret and len(secret) >= SHORTEST_SECRET:
            for form in {str(secret), json.dumps(secret)[1:-1]}:
                text = text.replace(form, REDACTED)
    return text


def redact_error(error: BaseException, secrets: Iterable[Optional[str]]) -> None:
    """Redact the secrets in the texts of an exception and of those that it was made from."""
    secrets = tuple(secrets)
    errors: List[BaseException] = [error]
    for one in errors:  # grows while it is read
        one.args = tuple(_redacted(arg, secrets) for arg in one.args)
        for name, value in list(vars(one).items()):
            if isinstance(value, (str, bytes)):
                setattr(one, name, _redacted(value, secrets))
        inner = (one.__cause__, one.__context__, *one.args)
        errors += [e for e in inner if isinstance(e, BaseException) and e not in errors]


def _redacted(value: object, secrets: Iterable[Optional[str]]) -> Any:
    """Return text without the secrets; bytes are hidden, as a part of a secret may end them."""
    return redact(value, secrets) if isinstance(value, str) else hidden(value)


def redact_bytes(raw: bytes, secrets: Iterable[Optional[str]]) -> bytes:
    """Return ``raw`` with each of the secrets, in UTF-8, replaced by ``***``."""
    for secret in secrets:
        if secret and len(secret) >= SHORTEST_SECRET:
            wanted = secret.encode("utf-8", "replace")
            if wanted in raw:
                raw = raw.replace(wanted, REDACTED.encode())
    return raw
