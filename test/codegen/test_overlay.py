"""The overlay corrects the document: corrections find their nodes, invalid ones are named."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen.document import read
from codegen.overlay import OverlayError, apply
from codegen.short_names import namespaces

ROOT = Path(__file__).parents[2]
DOCUMENT = read(ROOT / "openapi.yaml")
OVERLAY = read(ROOT / "overlay.yaml")
OBSERVATION = re.compile(r"1\.\d+(, 1\.\d+)*: \w")


def correct(document: dict[str, Any], **correction: Any) -> tuple[dict[str, Any], list[str]]:
    return apply(document, {"corrections": [{"observed": "1.1: seen", **correction}]})


def test_every_correction_of_the_overlay_fits_the_document() -> None:
    assert apply(DOCUMENT, OVERLAY)[1] == []


def test_every_correction_of_the_overlay_changes_the_document() -> None:
    merged: dict[str, Any] = DOCUMENT
    for correction in OVERLAY["corrections"]:
        before, merged = merged, apply(merged, {"corrections": [correction]})[0]
        assert merged != before, correction["at"]


def test_every_correction_of_the_overlay_cites_an_observation() -> None:
    for correction in OVERLAY["corrections"]:
        assert OBSERVATION.match(correction["observed"]), correction["at"]


def test_document_is_valid_openapi_before_and_after_the_overlay() -> None:
    validator = pytest.importorskip("openapi_spec_validator", reason="it needs Python 3.9")
    validator.validate(DOCUMENT)
    validator.validate(apply(DOCUMENT, OVERLAY)[0])


def test_every_schema_and_property_is_described() -> None:
    for name, schema in apply(DOCUMENT, OVERLAY)[0]["components"]["schemas"].items():
        assert schema["description"].endswith("."), name
        for field, value in schema.get("properties", {}).items():
            if "$ref" not in value:
                assert value["description"].endswith("."), f"{name}.{field}"


def test_merge_changes_only_the_given_keys() -> None:
    merged, _ = correct(
        {"a": {"b": {"c": 1, "d": 2}}}, at="/a", merge={"b": {"c": 3, "e": {"f": 4}}}
    )
    assert merged == {"a": {"b": {"c": 3, "d": 2, "e": {"f": 4}}}}


def test_merge_deletes_keys_that_are_null() -> None:
    merged, _ = correct(
        {"a": {"b": {"c": 1}, "d": 2}}, at="/a", merge={"d": None, "b": {"c": None}}
    )
    assert merged == {"a": {"b": {}}}


def test_merge_replaces_a_list() -> None:
    assert correct({"a": {"b": [1, 2]}}, at="/a", merge={"b": [3]})[0] == {"a": {"b": [3]}}


def test_replace_overwrites_a_node_and_adds_a_missing_one() -> None:
    assert correct({"a": {"b": {"c": 1}}}, at="/a/b", replace={"d": 2})[0] == {"a": {"b": {"d": 2}}}
    assert correct({"a": {}}, at="/a/b", replace=[1])[0] == {"a": {"b": [1]}}


def test_optional_removes_names_from_required() -> None:
    merged, _ = correct({"a": {"required": ["b", "c"]}}, at="/a", optional=["b"])
    assert merged == {"a": {"required": ["c"]}}


def test_correction_in_several_places_gives_independent_copies() -> None:
    merged, _ = correct({}, at=["/a", "/b"], replace={"c": {"d": 1}})
    assert merged == {"a": {"c": {"d": 1}}, "b": {"c": {"d": 1}}}
    merged["a"]["c"]["d"] = 2
    assert merged["b"]["c"]["d"] == 1


def test_later_correction_changes_the_result_of_an_earlier_one() -> None:
    first = {"at": "/a", "replace": {"b": {}}, "observed": "1.1: seen"}
    second = {"at": "/a/b", "merge": {"c": 1}, "observed": "1.1: seen"}
    assert apply({}, {"corrections": [first, second]})[0] == {"a": {"b": {"c": 1}}}


@pytest.mark.parametrize(
    ("pointer", "action"),
    [
        ("/a/missing", {"merge": {"b": 1}}),
        ("/a/text", {"merge": {"b": 1}}),
        ("/missing/b", {"replace": {}}),
        ("/a/text/b", {"replace": {}}),
        ("/a", {"optional": ["unknown"]}),
        ("/a/text", {"optional": ["known"]}),
    ],
)
def test_correction_that_does_not_fit_is_returned_and_changes_nothing(
    pointer: str, action: dict[str, Any]
) -> None:
    document = {"a": {"text": "b", "required": ["known"]}}
    merged, misplaced = correct(document, at=pointer, **action)
    assert merged == document
    assert misplaced == [f"{pointer} (1.1: seen)"]


@pytest.mark.parametrize(
    ("correction", "words"),
    [
        (
            {"at": "/a", "merge": {}, "observed": "1.1", "note": ""},
            "correction 1: unknown key 'note'",
        ),
        (
            {"at": "/a", "merge": {}, "replace": {}, "observed": "1.1"},
            "one of ['add', 'merge', 'optional', 'replace']",
        ),
        ({"at": "/a", "observed": "1.1"}, "one of ['add', 'merge', 'optional', 'replace']"),
        ({"at": "/a", "merge": {}}, "needs at, observed"),
        ({"merge": {}, "observed": "1.1"}, "needs at, observed"),
        ({"at": "a/b", "merge": {}, "observed": "1.1"}, "'a/b' is not a pointer like"),
        ({"at": ["/a", 7], "merge": {}, "observed": "1.1"}, "7 is not a pointer like"),
    ],
)
def test_malformed_correction_is_refused_with_its_number(
    correction: dict[str, Any], words: str
) -> None:
    with pytest.raises(OverlayError, match=re.escape(words)):
        apply({"a": {}}, {"corrections": [correction]})


@pytest.mark.parametrize("overlay", [{"corections": []}, {"corrections": [], "alias": {}}, {}])
def test_overlay_with_unknown_or_missing_sections_is_refused(overlay: dict[str, Any]) -> None:
    with pytest.raises(OverlayError, match="expected corrections and perhaps"):
        apply({}, overlay)


@pytest.mark.parametrize("node", [{}, {"operations": {}}, None, {"description": "x"}, "list"])
def test_namespace_without_description_and_operations_is_refused(node: Any) -> None:
    with pytest.raises(OverlayError, match="namespace printers: needs a description"):
        namespaces({"printers": node}, [])


def test_add_keeps_existing_keys_and_creates_missing_nodes() -> None:
    lacking: dict[str, Any] = {"components": {"responses": {"NotFound": "theirs"}}}
    new = {"NotFound": "ours", "Forbidden": "ours"}
    expected = {"components": {"responses": {"NotFound": "theirs", "Forbidden": "ours"}}}
    assert correct(lacking, at="/components/responses", add=new) == (expected, [])
    created, misplaced = correct({}, at="/components/responses", add=new)
    assert (created, misplaced) == ({"components": {"responses": new}}, [])


@given(
    st.recursive(
        st.dictionaries(st.text(max_size=4), st.none() | st.integers(), max_size=3),
        lambda node: st.dictionaries(st.text(max_size=4), node, max_size=3),
    ),
    st.text(max_size=4),
)
def test_pointer_reaches_any_key_and_the_original_document_is_unchanged(
    document: dict[str, Any], key: str
) -> None:
    before = copy.deepcopy(document)
    pointer = "/" + key.replace("~", "~0").replace("/", "~1")
    assert correct(document, at=pointer, replace="new") == ({**document, key: "new"}, [])
    assert document == before
