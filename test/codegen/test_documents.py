"""Documents of other vendors: supported features, and notes on unsupported ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

import pytest

from test.codegen.conftest import ROOT, Command

OK: Dict[str, Any] = {"200": {"description": "done"}}


def _document(paths: Dict[str, Any], version: str = "3.0.3", **more: Any) -> Dict[str, Any]:
    return {"openapi": version, "info": {"title": "Lab", "version": "1"}, "paths": paths, **more}


def _operation(*parameters: Dict[str, Any], **more: Any) -> Dict[str, Any]:
    return {"operationId": "look", "parameters": list(parameters), "responses": OK, **more}


def _query(name: str, schema: Dict[str, Any], **more: Any) -> Dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, **more}


@pytest.fixture
def make(generate: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Generate from a document; return the code of its API class and the notes."""

    def run(document: Dict[str, Any], overlay: Optional[Path] = None) -> Tuple[str, str]:
        spec = tmp_path / "spec.json"
        spec.write_text(json.dumps(document), encoding="utf-8")
        more = {} if overlay is None else {"overlay": overlay}
        status = generate(tmp_path / "out", spec=spec, **more)
        errors = capsys.readouterr().err
        assert status == 0, errors
        code = (tmp_path / "out/formlabs_web_api/api/default_api.py").read_text(encoding="utf-8")
        return code, errors

    return run


@pytest.mark.parametrize(
    ("top", "own", "secured"),
    [
        (None, None, False),
        (None, [{"token": []}], True),
        ([{"token": []}], None, True),
        ([{"token": []}], [], False),
        ([{"token": []}], [{}], False),
        (None, [{}, {"token": []}], True),
    ],
)
def test_security_is_read_as_openapi_defines_it(
    make: Any, top: Any, own: Any, secured: bool
) -> None:
    more = {} if top is None else {"security": top}
    operation = _operation(**({} if own is None else {"security": own}))
    code, _ = make(_document({"/look": {"get": operation}}, **more))
    assert ("secured=False" not in code) is secured


def test_responses_of_the_document_are_kept(make: Any) -> None:
    """The corrections of this package add responses, and one of them has a name in common."""
    own = {"Shared": {"description": "Shared."}, "NotFound": {"description": "Its own."}}
    answers = {**OK, "404": {"$ref": "#/components/responses/NotFound"}}
    answers["410"] = {"$ref": "#/components/responses/Shared"}
    document = _document({"/look": {"get": _operation()}}, components={"responses": own})
    document["paths"]["/look"]["get"]["responses"] = answers
    code, errors = make(document, overlay=ROOT / "overlay.yaml")
    assert "def look(" in code
    assert errors == ""


@pytest.mark.parametrize("components", [{}, {"components": None}, {"components": {}}])
def test_document_without_schemas_generates_operations_only(
    make: Any, components: Dict[str, Any]
) -> None:
    code, errors = make(_document({"/look": {"get": _operation()}}, **components))
    assert "op.Call[None]" in code
    assert errors == ""


@pytest.mark.parametrize(
    ("schema", "style", "note"),
    [
        ({"type": "array", "items": {"type": "string"}}, {}, ""),
        ({"type": "array", "items": {"type": "string"}}, {"explode": False}, "explode: false"),
        ({"type": "object"}, {"style": "deepObject"}, "style form, not deepObject"),
        ({"type": "array", "items": {}}, {"style": "pipeDelimited"}, "not pipeDelimited"),
        ({"type": "string"}, {"explode": False}, ""),
    ],
)
def test_unsupported_style_of_a_query_parameter_is_noted(
    make: Any, schema: Dict[str, Any], style: Dict[str, Any], note: str
) -> None:
    _, errors = make(_document({"/look": {"get": _operation(_query("which", schema, **style))}}))
    assert note in errors
    assert len(errors.splitlines()) == bool(note)


@pytest.mark.parametrize(
    ("schema", "limit"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 9}, "Field(ge=1, le=9)"),
        ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, "Field(gt=0)"),
        ({"type": "string", "minLength": 2, "pattern": "^a"}, "Field(min_length=2, pattern='^a')"),
        ({"type": "integer", "multipleOf": 5}, "Field(multiple_of=5)"),
    ],
)
def test_range_of_a_parameter_is_validated(make: Any, schema: Dict[str, Any], limit: str) -> None:
    code, _ = make(_document({"/look": {"get": _operation(_query("size", schema))}}))
    assert limit in code.replace('"', "'")


def test_binary_content_is_noted(make: Any) -> None:
    binary = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    operation = _operation(requestBody={"content": binary})
    operation["responses"] = {"200": {"description": "A file.", "content": binary}}
    _, errors = make(_document({"/look": {"post": operation}}))
    assert [line.partition(": ")[2] for line in errors.splitlines()] == [
        "look: the body is binary and is treated as text",
        "look: answer 200 is binary and is treated as text",
    ]


def test_corrections_without_a_node_are_named_only_on_request(
    generate: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(_document({"/look": {"get": _operation()}})), encoding="utf-8")
    assert generate(tmp_path, spec=spec, overlay=ROOT / "overlay.yaml") == 0
    assert capsys.readouterr().err == ""
    assert generate(tmp_path, "--verbose", spec=spec, overlay=ROOT / "overlay.yaml") == 0
    notes = capsys.readouterr().err.splitlines()
    assert any("/components/schemas/Tank/properties/display_name" in note for note in notes)
    assert all(note.startswith("note: no place for the correction of ") for note in notes)


def test_document_of_version_3_1_gives_the_code_of_its_3_0_form(make: Any) -> None:
    size = {"type": "integer", "minimum": 0, "exclusiveMinimum": True, "nullable": True}
    schema = {"type": "object", "properties": {"size": size, "kind": {"enum": ["a"]}}}
    newer_size = {"type": ["integer", "null"], "exclusiveMinimum": 0}
    newer = {"type": "object", "properties": {"size": newer_size, "kind": {"const": "a"}}}

    def body(of: Dict[str, Any]) -> Dict[str, Any]:
        content = {"application/json": {"schema": of}}
        operation = _operation(_query("size", of["properties"]["size"]))
        return {"/look": {"post": {**operation, "requestBody": {"content": content}}}}

    old = make(_document(body(schema)))
    assert make(_document(body(newer), version="3.1.0")) == old
    union = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    code, _ = make(_document({"/look": {"get": _operation(_query("a", union))}}, version="3.1.1"))
    assert "a: Optional[op.Text] = None" in code


@pytest.mark.parametrize(
    "reference", ["#/components/schemas/Nobody", "other.yaml#/Thing", "#/components/schemas/Loop"]
)
def test_reference_that_leads_nowhere_is_an_error_of_one_line(
    generate: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str], reference: str
) -> None:
    loop = {"Loop": {"$ref": "#/components/schemas/Loop"}}
    operation = _operation(_query("a", {"$ref": reference}))
    document = _document({"/look": {"get": operation}}, components={"schemas": loop})
    if "Loop" not in reference:
        document["components"] = {}
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(document), encoding="utf-8")
    assert generate(tmp_path, spec=spec) == 2
    assert capsys.readouterr().err == f"codegen: the reference {reference} leads nowhere\n"
