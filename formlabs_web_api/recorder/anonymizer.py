"""Answers of the service without what identifies anybody or anything, and otherwise the same.

Every text is replaced unless it stands in a field that is known to say nothing about the account,
and looks as the values of that field do. A replacement has the shape of what it replaces (length,
letters and digits in their places, an e-mail address for one), and is the same for the same text,
so that what belongs together still does. Numbers stay, but for those that are ids.
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import date, timedelta
from typing import Any, Callable, Dict, FrozenSet, Iterable, Iterator, Pattern, Set
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from pydantic import BaseModel

from formlabs_web_api import catalogue, models
from formlabs_web_api._util.json import is_array, is_object

_HOST = "https://api.example.com"
_API = "/developer/v1"
_STEPS = frozenset(("", "printers", "prints", "tanks", "cartridges", "events", "groups"))

_DATE_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})([Tt ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?([Zz]|[+-]\d{2}:?\d{2})?)?"
)
_WORD = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_MATERIAL = re.compile(r"[A-Z0-9]{1,16}")
_MACHINE = re.compile(r"[A-Z0-9]{1,8}(-[0-9]{1,3}){0,3}")
_VERSION = re.compile(r"[0-9]{1,6}([.-][0-9]{1,8}){0,5}|NONE")
_CAPABILITY = re.compile(r"[A-Z][A-Za-z0-9_]{0,63}")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+(; ?charset=[A-Za-z0-9-]+)?")
_COUNT = re.compile(r"[0-9]{1,6}")
_MATERIAL_NAMES = frozenset(
    spelling
    for name in (*catalogue.MATERIALS.values(), "Elastic 50A V1", "Nylon 12 GF V1")
    for spelling in (name, catalogue.without_version(name))
)


def _one_of(texts: Iterable[str]) -> Pattern[str]:
    return re.compile("|".join(map(re.escape, texts)))


_KEPT: Dict[str, Pattern[str]] = {
    **dict.fromkeys(
        (
            *("status", "type", "action", "print_run_success", "harvest_status", "update_mode"),
            *("consumable_type", "tank_type", "cartridge_slot", "rotation", "initiated_on"),
            *("build_platform_contents", "tank_mixer_state", "ready_to_print", "camera_status"),
        ),
        _WORD,
    ),
    **dict.fromkeys(("material", "hopper_material", "MaterialCode"), _MATERIAL),
    **dict.fromkeys(("machine_type_id", "allowed_machine_type_ids"), _MACHINE),
    **dict.fromkeys(("firmware_version", "form_auto_fw_version", "mechanical_version"), _VERSION),
    **dict.fromkeys(("printer_capabilities", "printernet_capabilities"), _CAPABILITY),
    **dict.fromkeys(
        (
            *("created_at", "updated_at", "last_modified", "last_pinged_at", "print_started_at"),
            *("print_finished_at", "last_printer_cooldown_started", "first_fill_date"),
            *("last_print_date", "manufacture_date"),
        ),
        _DATE_TIME,
    ),
    "material_name": _one_of(_MATERIAL_NAMES),
    "print_settings_name": _one_of(("Default",)),
    "print_settings_code": _one_of(("DEFAULT", "NEW_DEFAULT", "DEFAULT_V5")),
    "form_auto_serial": _one_of(("DISCONNECTED",)),
    "detail": _one_of(
        (
            "Authentication credentials were not provided.",
            "You do not have permission to perform this action.",
            "Not found.",
            "Invalid page.",
        )
    ),
    "page": _COUNT,
    "per_page": _COUNT,
    "content-type": _MEDIA_TYPE,
    "retry-after": _COUNT,
}
"""Fields whose texts stay, as long as they look like this."""

_ID_FIELD = re.compile(r"id|\w+_id|\w+_updated_by|user|author|printer|group|print_run|print_job")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")

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


class Disguise:
    """Replaces what identifies, consistently, for as long as it lives.

    First :meth:`learn` everything that will be replaced, so that no replacement is by chance a text
    that was to go; then :meth:`apply` it.
    """

    def __init__(self) -> None:
        self._fields = _described_fields()
        self._key = secrets.token_bytes(32)
        self._days = timedelta(days=100 + secrets.randbelow(3000))
        self._replaced: Dict[str, str] = {}
        self._numbers: Dict[int, int] = {}
        self._originals: Set[str] = set()
        self._taken: Set[str] = set()

    def learn(self, value: Any, name: str = "") -> None:
        """Take note of the texts that are to go from a value, found under a name."""
        _walk(value, name, self._note, self._same, self._note_field)

    def apply(self, value: Any, name: str = "") -> Any:
        """The same value in disguise."""
        return _walk(value, name, self._text, self._number, self._field)

    def _note(self, name: str, text: str) -> str:
        if not _stays(name, text):
            self._originals.add(text)
        return text

    def _note_field(self, name: str) -> str:
        if name not in self._fields and not _FIELD.fullmatch(name):
            self._originals.add(name)
        return name

    def _same(self, name: str, number: int) -> int:
        return number

    def _text(self, name: str, text: str) -> str:
        if _stays(name, text):
            return text
        if name in ("next", "previous") and _URL.fullmatch(text):
            return self._link(text)
        return self._made_up(text)

    def _field(self, name: str) -> str:
        """The name of a field; what is none is a value, as where e-mail addresses are keys."""
        novel = _FIELD.fullmatch(name) and name not in self._originals
        return name if novel or name in self._fields else self._made_up(name)

    def _number(self, name: str, number: int) -> int:
        if not _ID_FIELD.fullmatch(name):
            return number
        return self._numbers.setdefault(number, 100_001 + len(self._numbers))

    def _link(self, url: str) -> str:
        """The address of another page: of which list, and with what filter, stays visible."""
        parts = urlsplit(url)
        _, api, path = parts.path.partition(_API)
        steps = [
            step if step in _STEPS else quote(self._made_up(unquote(step)), safe="")
            for step in path.split("/")
        ]
        return f"{_HOST}{api}{'/'.join(steps)}{self._query(parts.query)}"

    def _query(self, query: str) -> str:
        pairs = parse_qsl(query, keep_blank_values=True)
        disguised = [(self._field(name), self._text(name, value)) for name, value in pairs]
        return f"?{urlencode(disguised)}" if disguised else ""

    def _made_up(self, text: str) -> str:
        known = self._replaced.get(text)
        if known is not None:
            return known
        prefixed = _PREFIXED.fullmatch(text)
        if prefixed is not None:
            # A Form 4's alias is its serial without the prefix.
            made = prefixed.group(1) + self._made_up(prefixed.group(2))
        else:
            made = next(each for each in self._candidates(text) if self._is_free(each))
        self._taken.add(made)
        self._replaced[text] = made
        return made

    def _is_free(self, text: str) -> bool:
        return text not in self._taken and text not in self._originals

    def _candidates(self, text: str) -> Iterator[str]:
        """Ever other texts of the same shape; in the end longer ones, when there are too few."""
        write = self._writer(text)
        attempt = 0
        while True:
            longer = text + "x" * max(0, attempt // 100)
            yield write(longer, _Chance(self._key, f"{attempt} {text}"))
            attempt += 1

    def _writer(self, text: str) -> Callable[[str, _Chance], str]:
        if _EMAIL.fullmatch(text):
            return lambda text, chance: f"{chance.letters(8)}@example.com"
        if _URL.fullmatch(text):
            return self._address
        if _DATE_TIME.fullmatch(text):
            return self._later
        if _UUID.fullmatch(text):
            return _hexadecimal
        if _HEX.fullmatch(text):
            return lambda text, chance: (
                text[:3] + _hexadecimal(text[3:], chance)
                if text.startswith("4c-")
                else _hexadecimal(text, chance)
            )
        return _scrambled

    def _address(self, text: str, chance: _Chance) -> str:
        """A signed address: its parameters keep their names."""
        try:
            query = urlsplit(text).query
        except ValueError:
            query = ""
        return f"https://recorded.example.com/{chance.letters(12)}{self._query(query)}"

    def _later(self, text: str, chance: _Chance) -> str:
        """A date of a field that nobody knows: shifted, in the same format."""
        try:
            day = date.fromisoformat(text[:10]) - self._days - timedelta(days=chance.below(1000))
        except (ValueError, OverflowError):
            return _scrambled(text, chance)
        return day.isoformat() + text[10:]


class _Chance:
    """Numbers that follow from a key and a text, and tell neither."""

    def __init__(self, key: bytes, text: str) -> None:
        self._key = key
        self._text = text.encode("utf-8", "surrogatepass")
        self._numbers = self._draw()

    def below(self, limit: int) -> int:
        return next(self._numbers) % limit

    def letters(self, count: int) -> str:
        return "".join(_LOWER[self.below(26)] for _ in range(count))

    def of(self, characters: str) -> str:
        return characters[self.below(len(characters))]

    def _draw(self) -> Iterator[int]:
        block = 0
        while True:
            digest = hmac.new(self._key, b"%d %s" % (block, self._text), "sha256").digest()
            for place in range(0, len(digest), 4):
                yield int.from_bytes(digest[place : place + 4], "big")
            block += 1


def _described_fields() -> FrozenSet[str]:
    """The names of all fields that are described: no value that happens to equal one hides it."""
    described = [getattr(models, name) for name in dir(models)]
    kinds = [kind for kind in described if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return frozenset(name for kind in kinds for name in kind.model_fields)


def _walk(
    value: Any,
    name: str,
    text: Callable[[str, str], str],
    number: Callable[[str, int], int],
    field: Callable[[str], str],
) -> Any:
    if is_object(value):
        return {field(key): _walk(inner, key, text, number, field) for key, inner in value.items()}
    if is_array(value):
        return [_walk(inner, name, text, number, field) for inner in value]
    if isinstance(value, str):
        return text(name, value)
    if isinstance(value, int) and not isinstance(value, bool):
        return number(name, value)
    return value


def _stays(name: str, text: str) -> bool:
    if not text.strip():
        return True
    pattern = _KEPT.get(name)
    return pattern is not None and pattern.fullmatch(text) is not None


def _hexadecimal(text: str, chance: _Chance) -> str:
    digits = "0123456789ABCDEF" if text == text.upper() and text != text.lower() else None
    return "".join(
        character if character == "-" else chance.of(digits or "0123456789abcdef")
        for character in text
    )


def _scrambled(text: str, chance: _Chance) -> str:
    only_punctuation = not any(map(_alphabet, text))
    return "".join(
        chance.of(_alphabet(character) or (_PUNCTUATION if only_punctuation else character))
        for character in text
    )


def _alphabet(character: str) -> str:
    """What may stand in place of a character; nothing for ASCII's blanks and punctuation."""
    if character.isascii():
        return _ALPHABETS.get(character, "")
    if not character.isalnum():
        return _SYMBOLS
    if character.islower():
        return _FOREIGN_LOWER
    return _FOREIGN_UPPER if character.isupper() else _UNCASED
