"""Texts as a table may hold them: without lone surrogates and signed addresses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Optional, Sequence

from formlabs_web_api._util.signed_urls import redact_signed_urls, redact_signed_urls_in
from formlabs_web_api._util.text import replace_surrogates

_TEXTLESS = frozenset((type(None), bool, int, float, datetime, timedelta))


def clean_texts(texts: Sequence[Optional[str]], secrets: bool) -> Sequence[Optional[str]]:
    """Replace lone surrogates and, unless secrets are wanted, signed addresses.

    The texts are checked together, as few need a change: that is many times as fast.
    """
    joined = "".join(filter(None, texts))
    if not joined.isascii():
        texts = [None if text is None else replace_surrogates(text) for text in texts]
    if "://" in joined and not secrets:
        texts = [None if text is None else redact_signed_urls_in(text) for text in texts]
    return texts


def redact_all(values: Sequence[object]) -> Sequence[Any]:
    """Redact signed addresses in values of any type."""
    return values if set(map(type, values)) <= _TEXTLESS else list(map(redact_signed_urls, values))
