"""Text from outside, made safe for a terminal, a log and JSON."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formlabs_web_api._util.text import escape_json, one_line

BIDI = {"RLE", "LRE", "PDF", "RLO", "LRO", "LRI", "RLI", "FSI", "PDI"}
MARKS = {"\u061c", "\u200e", "\u200f"}


def is_unsafe(character: str) -> bool:
    """Judge by the Unicode database, not by the ranges of the code under test."""
    return (
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(character) in BIDI
        or character in MARKS
        or "\u206a" <= character <= "\u206f"  # deprecated controls of the same block
    )


anything = st.text(st.characters())


@given(anything)
def test_one_line_leaves_no_control_bidi_or_surrogate(text: str) -> None:
    line = one_line(text)
    assert not [character for character in line if is_unsafe(character)]
    line.encode("utf-8")


@given(anything)
def test_one_line_keeps_every_other_character(text: str) -> None:
    def visible(line: str) -> str:
        return "".join(line.replace("\N{REPLACEMENT CHARACTER}", "").split())

    assert visible(one_line(text)) == visible("".join(one for one in text if not is_unsafe(one)))


@given(st.recursive(anything | st.integers() | st.none(), lambda of: st.lists(of)))
def test_escaped_json_is_parsed_to_the_same_value(value: object) -> None:
    written = escape_json(json.dumps(value, ensure_ascii=False))
    assert json.loads(written) == value
    assert not [character for character in written if is_unsafe(character)]


@pytest.mark.parametrize("character", ["\u202e", "\x9b", "\x85", "\u2028", "\ud800", "\x7f"])
def test_one_line_and_escaped_json_agree_on_what_is_unsafe(character: str) -> None:
    assert one_line(f"a{character}b") in ("a b", "a\N{REPLACEMENT CHARACTER}b")
    assert escape_json(f'"{character}"') == f'"\\u{ord(character):04x}"'
