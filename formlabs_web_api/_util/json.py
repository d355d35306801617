"""Parse and repair JSON text, and distinguish JSON's types for people and for type checkers."""

from __future__ import annotations

import json
import re
from collections import abc
from typing import Any, Dict, FrozenSet, List, Mapping, Match, Set, Tuple, Union

from typing_extensions import TypeGuard

Json = Union[None, bool, int, float, str, List["Json"], Dict[str, "Json"]]
"""A value of parsed JSON."""

_MAX_DEPTH = 500
"""Levels of nesting up to which JSON is parsed: half of Python's recursion limit, so that a parsed
value can also be written, compared and shown."""

_TOO_DEEP = f"JSON nested more than {_MAX_DEPTH} levels deep"
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_REPAIRABLE = re.compile(
    r'\\u[0-9a-fA-F]{4}|\\["\\/bfnrt]'  # valid escapes, matched so that they are left as they are
    r"|(?P<backslash>\\)|(?P<control>[\x00-\x1f])|(?P<byte>[\udc80-\udcff]+)"
)


class NestedTooDeeply(ValueError):
    """JSON text that is nested more than 500 levels deep."""


def is_array(value: object) -> TypeGuard[List[Any]]:
    return isinstance(value, list)


def is_object(value: object) -> TypeGuard[Dict[str, Any]]:
    return isinstance(value, dict)


def is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    return isinstance(value, abc.Mapping)


def json_type(value: object) -> str:
    """Return JSON's own name of a value's type: ``null``, ``boolean``, ``number`` and so on."""
    if value is None:
        return "null"
    for kind, word in (
        (bool, "boolean"),
        ((int, float), "number"),
        (str, "string"),
        (list, "array"),
        (dict, "object"),
    ):
        if isinstance(value, kind):
            return word
    return type(value).__name__


def parse_json(text: Union[str, bytes]) -> Any:
    """Parse JSON text with the standard library.

    Unlike pydantic's parser, it accepts half of an escaped surrogate pair, which is left of an
    emoji where a name was cut short, and whole numbers of any length: those of more digits than
    Python converts (4,300) become infinity, as ``1e999`` does.

    Raises:
        ValueError: The text is not JSON, or :class:`NestedTooDeeply`.
    """
    try:
        value = _loaded(text)
    except RecursionError:
        raise NestedTooDeeply(_TOO_DEEP) from None
    if is_nested_deeper(value, _MAX_DEPTH):
        raise NestedTooDeeply(_TOO_DEEP)
    return value


def _loaded(text: Union[str, bytes]) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise
    except ValueError:
        return json.loads(text, parse_int=_parse_integer)


def _parse_integer(digits: str) -> Union[int, float]:
    try:
        return int(digits)
    except ValueError:
        return float(digits)


def is_nested_deeper(value: object, limit: int) -> bool:
    """Return True if arrays and objects are nested in ``value`` more than ``limit`` deep.

    Without recursion: what reads and writes such a value may exceed the interpreter's limit.
    """
    level: List[Any] = [value]
    for _ in range(limit):
        nested: List[Any] = []
        for each in level:
            if is_array(each):
                nested.extend(each)
            elif is_object(each):
                nested.extend(each.values())
        if not nested:
            return False
        level = nested
    return any(is_array(each) or is_object(each) for each in level)


def repair_json(text: Union[str, bytes]) -> Tuple[bytes, FrozenSet[str]]:
    """Repair the strings in JSON text that make the whole text invalid.

    Bytes that are not UTF-8 become U+FFFD, raw control characters are escaped, and a backslash
    that begins no escape is kept as a backslash. Names and values are repaired alike.

    Returns:
        The text, which is still invalid where something else is wrong with it, and the strings
        that were repaired, as a parser returns them.
    """
    repaired: Set[str] = set()

    def repair(string: Match[str]) -> str:
        fixed = _REPAIRABLE.sub(_repair_part, string[0])
        if fixed != string[0]:
            repaired.add(json.loads(fixed))
        return fixed

    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text), "surrogateescape")
    # Outside of strings "?" is as invalid as the byte that it replaces.
    return _STRING.sub(repair, text).encode("utf-8", "replace"), frozenset(repaired)


def _repair_part(part: Match[str]) -> str:
    if part["byte"]:
        return "\N{REPLACEMENT CHARACTER}"
    if part["control"]:
        return f"\\u{ord(part['control']):04x}"
    return r"\\" if part["backslash"] else part[0]
