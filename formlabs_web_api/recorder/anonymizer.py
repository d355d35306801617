"""Replace personal data and ids by consistent, same-shaped pseudonyms.

Every text, number and key is replaced unless :mod:`formlabs_web_api.recorder.allowed` lists it. A
replacement has the shape of the original (length, letters and digits in their places; an e-mail
address for an e-mail address), and equal originals have equal replacements, so that references
between rows survive.
"""

from __future__ import annotations

import hmac
import math
import re
import secrets
from datetime import date, timedelta
from typing import Any, Callable, Dict, Iterator, Set
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from formlabs_web_api._util.json import is_array, is_object
from formlabs_web_api.recorder.allowed import known_fields, may_stay, may_stay_number

_HOST = "https://api.example.com"
_API = "/developer/v1"
_SEGMENTS = frozenset(("", "printers", "prints", "tanks", "cartridges", "events", "groups"))

_FLAGS = (-1, 0, 1)
"""Numbers that stay in fields that are not ids: they count nothing and identify nobody."""
_ID_FIELD = re.compile(r"id|\w+_id|\w+_updated_by|user|author|printer|group|print_run|print_job")

_DATE_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})([Tt ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?([Zz]|[+-]\d{2}:?\d{2})?)?"
)
_UUID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)
_HEX = re.compile(r"(4c-)?([0-9a-f]{12,64})")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://.*", re.IGNORECASE | re.DOTALL)
_PREFIXED = re.compile(r"(Form[0-9][A-Z]*-|BC-FS[0-9]-[0-9]{3}V-)(.+)", re.DOTALL)

_LOWER = "abcdefghijklmnopqrstuvwxyz"
_ALPHABETS = {
    **dict.fromkeys(_LOWER, _LOWER),
    **dict.fromkeys(_LOWER.upper(), _LOWER.upper()),
    **dict.fromkeys("0123456789", "0123456789"),
}
_FOREIGN_LOWER, _FOREIGN_UPPER = "àéîøüßñçłğ", "ÀÉÎØÜÑÇŁĞ"
_UNCASED = "一二三四五六七八九十百千"
_SYMBOLS = "★●▲■◆♥☀☂"
_PUNCTUATION = "-_.~"


class Anonymizer:
    """Pseudonyms for one recording; two anonymizers use different ones.

    Call :meth:`collect` with everything first, so that no pseudonym is by chance a text that has to
    be replaced; then :meth:`anonymize`.
    """

    def __init__(self) -> None:
        self._fields = known_fields()
        self._key = secrets.token_bytes(32)
        self._days = timedelta(days=100 + secrets.randbelow(3000))
        self._replaced: Dict[str, str] = {}
        self._numbers: Dict[int, int] = {}
        self._fractions: Dict[float, float] = {}
        self._originals: Set[str] = set()
        self._taken: Set[str] = set(self._fields)

    def collect(self, value: object, name: str = "") -> None:
        """Collect the texts of a JSON value that have to be replaced.

        Args:
            value: the value.
            name: the field that holds it.
        """
        _walk(value, name, self._collect_text, self._keep_number, self._collect_key)

    def anonymize(self, value: object, name: str = "") -> Any:
        """Return a JSON value with all that may identify somebody replaced.

        Args:
            value: the value.
            name: the field that holds it.
        """
        return _walk(value, name, self._text, self._number, self._key_of)

    def _collect_text(self, name: str, text: str) -> str:
        if not may_stay(name, text):
            self._originals.add(text)
        return text

    def _collect_key(self, name: str) -> str:
        if name not in self._fields:
            self._originals.add(name)
        return name

    def _keep_number(self, name: str, number: float) -> float:
        return number

    def _text(self, name: str, text: str) -> str:
        if may_stay(name, text):
            return text
        if name in ("next", "previous") and _URL.fullmatch(text):
            return self._link(text)
        return self._pseudonym(text)

    def _key_of(self, name: str) -> str:
        """Return a key; an unknown one is a value, as where e-mail addresses are keys."""
        return name if name in self._fields else self._pseudonym(name)

    def _number(self, name: str, number: float) -> float:
        if may_stay_number(name, number):
            return number
        if number in _FLAGS and not _ID_FIELD.fullmatch(name):
            return number
        if isinstance(number, int):
            return self._numbers.setdefault(number, 100_001 + len(self._numbers))
        if not math.isfinite(number):
            return number
        if number not in self._fractions:
            self._fractions[number] = next(
                each for each in self._other_fractions(number) if each != number
            )
        return self._fractions[number]

    def _other_fractions(self, number: float) -> Iterator[float]:
        """Yield numbers with as many digits."""
        mantissa, e, exponent = repr(number).partition("e")
        attempt = 0
        while True:
            made = _scrambled(mantissa, _Random(self._key, f"{attempt} {number!r}"))
            yield float(f"{made}{e}{exponent}")
            attempt += 1

    def _link(self, url: str) -> str:
        """Return the address of another page: list and kind of filter stay visible."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return self._pseudonym(url)
        _, api, path = parts.path.partition(_API)
        segments = [
            segment if segment in _SEGMENTS else quote(self._pseudonym(unquote(segment)), safe="")
            for segment in path.split("/")
        ]
        return f"{_HOST}{api}{'/'.join(segments)}{self._query(parts.query)}"

    def _query(self, query: str) -> str:
        pairs = parse_qsl(query, keep_blank_values=True)
        made = [(self._key_of(name), self._text(name, value)) for name, value in pairs]
        return f"?{urlencode(made)}" if made else ""

    def _pseudonym(self, text: str) -> str:
        known = self._replaced.get(text)
        if known is not None:
            return known
        prefixed = _PREFIXED.fullmatch(text)
        if prefixed is not None:
            # A Form 4's alias is its serial without the prefix.
            made = prefixed.group(1) + self._pseudonym(prefixed.group(2))
        else:
            made = next(each for each in self._candidates(text) if self._is_free(each))
        self._taken.add(made)
        self._replaced[text] = made
        return made

    def _is_free(self, text: str) -> bool:
        return text not in self._taken and text not in self._originals

    def _candidates(self, text: str) -> Iterator[str]:
        """Yield texts of the same shape, then longer ones, because there may be too few."""
        write = self._writer(text)
        attempt = 0
        while True:
            longer = text + "x" * max(0, attempt // 100)
            yield write(longer, _Random(self._key, f"{attempt} {text}"))
            attempt += 1

    def _writer(self, text: str) -> Callable[[str, _Random], str]:
        if _EMAIL.fullmatch(text):
            return lambda text, chance: f"{chance.letters(8)}@example.com"
        if _URL.fullmatch(text):
            return self._signed_address
        if _DATE_TIME.fullmatch(text):
            return self._shifted_date
        if _UUID.fullmatch(text):
            return _hexadecimal
        if _HEX.fullmatch(text):
            return lambda text, chance: (
                text[:3] + _hexadecimal(text[3:], chance)
                if text.startswith("4c-")
                else _hexadecimal(text, chance)
            )
        return _scrambled

    def _signed_address(self, text: str, chance: _Random) -> str:
        """Return an address whose known parameters keep their names."""
        try:
            query = urlsplit(text).query
        except ValueError:
            query = ""
        return f"https://recorded.example.com/{chance.letters(12)}{self._query(query)}"

    def _shifted_date(self, text: str, chance: _Random) -> str:
        """Return another date in the same format."""
        try:
            day = date.fromisoformat(text[:10]) - self._days - timedelta(days=chance.below(1000))
        except (ValueError, OverflowError):
            return _scrambled(text, chance)
        return day.isoformat() + text[10:]


class _Random:
    """Random choices that follow from a key and a text, and reveal neither."""

    def __init__(self, key: bytes, text: str) -> None:
        # The text is hashed once: a long one would otherwise be hashed for each few of its letters.
        encoded = text.encode("utf-8", "surrogatepass")
        self._seed = hmac.new(key, encoded, "sha256").digest()
        self._numbers = self._draw()

    def below(self, limit: int) -> int:
        return next(self._numbers) % limit

    def letters(self, count: int) -> str:
        return "".join(_LOWER[self.below(26)] for _ in range(count))

    def one_of(self, characters: str) -> str:
        return characters[self.below(len(characters))]

    def _draw(self) -> Iterator[int]:
        block = 0
        while True:
            digest = hmac.new(self._seed, b"%d" % block, "sha256").digest()
            for place in range(0, len(digest), 4):
                yield int.from_bytes(digest[place : place + 4], "big")
            block += 1


def _walk(
    value: Any,
    name: str,
    text: Callable[[str, str], str],
    number: Callable[[str, float], float],
    key: Callable[[str], str],
) -> Any:
    if is_object(value):
        return {key(field): _walk(each, field, text, number, key) for field, each in value.items()}
    if is_array(value):
        return [_walk(each, name, text, number, key) for each in value]
    if isinstance(value, str):
        return text(name, value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number(name, value)
    return value


def _hexadecimal(text: str, chance: _Random) -> str:
    digits = "0123456789ABCDEF" if text == text.upper() and text != text.lower() else None
    return "".join(
        character if character == "-" else chance.one_of(digits or "0123456789abcdef")
        for character in text
    )


def _scrambled(text: str, chance: _Random) -> str:
    is_punctuation = not any(map(_alphabet, text))
    return "".join(
        chance.one_of(_alphabet(character) or (_PUNCTUATION if is_punctuation else character))
        for character in text
    )


def _alphabet(character: str) -> str:
    """Return what may replace a character; nothing for blanks and punctuation in ASCII."""
    if character.isascii():
        return _ALPHABETS.get(character, "")
    if not character.isalnum():
        return _SYMBOLS
    if character.islower():
        return _FOREIGN_LOWER
    return _FOREIGN_UPPER if character.isupper() else _UNCASED
