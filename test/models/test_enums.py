"""Enums are open: an unlisted value is kept, and behaves like listed ones."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from typing import Any, Type

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from formlabs_web_api import models
from formlabs_web_api.models._base import OpenEnum

KINDS = [
    kind
    for kind in (getattr(models, name) for name in models.__all__)
    if isinstance(kind, type) and issubclass(kind, OpenEnum)
]
WORDS = ["SINTERING", "", "with spaces", "UNKNOWN?", "\ud83d", "Käfer"]

each_kind = pytest.mark.parametrize("kind", KINDS)
each_word = pytest.mark.parametrize("word", WORDS, ids=ascii)


def test_eight_enums_are_generated() -> None:
    assert len(KINDS) == 8


@each_kind
def test_listed_value_is_a_known_member(kind: Type[OpenEnum]) -> None:
    assert len(kind) >= 2
    for member in kind:
        assert isinstance(member, str)
        assert member.is_known
        assert kind(member.value) is member
        assert kind[member.name] is member
        assert kind.from_json(json.dumps(member.value)) is member
        assert str(member) == f"{member}" == member.value == member
        assert pickle.loads(pickle.dumps(member)) is member
        assert copy.deepcopy(member) is copy.copy(member) is member


@each_word
@each_kind
def test_unlisted_value_is_kept_as_an_unknown_member(kind: Type[OpenEnum], word: str) -> None:
    member = kind(word)
    assert type(member) is kind
    assert isinstance(member, str)
    assert not member.is_known
    assert (member.value, member.name) == (word, word)
    assert str(member) == f"{member}" == member == word
    assert f"{member:>12}" == f"{word:>12}"
    assert member == kind(word)
    assert member != kind(word + "x")
    assert member != next(iter(kind))
    assert hash(member) == hash(word)
    assert {member: 1}[word] == 1  # type: ignore[index]
    assert member in {word}
    assert kind.from_json(json.dumps(word)) == member
    assert json.dumps(member) == json.dumps(word)
    assert repr(member).startswith(f"<{kind.__name__}")


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("\x1b[31mX", "<StatusEnum: '\\x1b[31mX'>"),
        ("two\nlines", "<StatusEnum: 'two\\nlines'>"),
        ("\ud83d", "<StatusEnum: '\\ud83d'>"),
        ("", "<StatusEnum: ''>"),
        ("SINTERING", "<StatusEnum: 'SINTERING'>"),
        ("PRINTING", "<StatusEnum.PRINTING: 'PRINTING'>"),
    ],
    ids=ascii,
)
def test_repr_of_an_unlisted_value_is_escaped(word: str, shown: str) -> None:
    assert repr(models.StatusEnum(word)) == shown
    assert models.StatusEnum(word) == word


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("word", ["SINTERING", "", "PRINTING"])
def test_unlisted_member_can_be_pickled(word: str, protocol: int) -> None:
    member = models.StatusEnum(word)
    twin = pickle.loads(pickle.dumps(member, protocol))
    assert type(twin) is models.StatusEnum
    assert twin == member
    assert twin.is_known is member.is_known


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
@pytest.mark.parametrize("word", ["SINTERING", ""])
def test_unlisted_member_can_be_copied(word: str, copied: Any) -> None:
    twin = copied({"a": [models.StatusEnum(word)]})["a"][0]
    assert type(twin) is models.StatusEnum
    assert twin == word


def test_unlisted_value_does_not_become_listed() -> None:
    before = list(models.StatusEnum)
    models.StatusEnum("SINTERING")
    assert list(models.StatusEnum) == before
    assert "SINTERING" not in models.StatusEnum.__members__
    assert not models.StatusEnum("SINTERING").is_known


@pytest.mark.parametrize("wrong", [5, None, [], b"PRINTING", 1.5], ids=repr)
def test_value_that_is_not_text_is_not_an_enum_member(wrong: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the text is enum's own
        models.StatusEnum(wrong)
    with pytest.raises(ValueError):  # noqa: PT011
        models.StatusEnum.from_json("5")


def test_member_created_by_a_program_reports_no_deviation(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    models.StatusEnum("A_WORD_OF_MINE")
    assert caplog.records == []


class Row(BaseModel):
    status: models.StatusEnum


def test_open_enum_can_be_used_in_models_of_a_program() -> None:
    row = Row.model_validate_json('{"status": "SINTERING"}')
    assert row.status == models.StatusEnum("SINTERING")
    assert row.model_dump_json() == '{"status":"SINTERING"}'
    assert row.model_dump(mode="json") == {"status": "SINTERING"}
    assert TypeAdapter(models.StatusEnum).validate_python("PRINTING") is models.StatusEnum.PRINTING
    with pytest.raises(ValidationError, match="status"):
        Row.model_validate({"status": 5})


def test_enum_members_sort_and_compare_as_text() -> None:
    words = [models.StatusEnum(word) for word in ("b", "PRINTING", "a", "")]
    assert sorted(words) == ["", "PRINTING", "a", "b"]
    assert models.StatusEnum.PRINTING in ("PRINTING", "PAUSED")
    assert models.StatusEnum("SINTERING").lower() == "sintering"
