"""The command ``python -m codegen``: files it writes, compares and keeps, and its errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from test.codegen.conftest import LAB, Command

SLOT = "formlabs_web_api/models/slot.py"


@pytest.fixture
def out(generate: Command, tmp_path: Path) -> Path:
    assert generate(tmp_path) == 0
    return tmp_path


def test_committed_files_equal_the_generated_ones(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(["--check"]) == 0
    assert capsys.readouterr() == ("", "")


def test_check_prints_nothing_without_differences(
    generate: Command, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generate(out, "--check") == 0
    assert capsys.readouterr().out == ""


def test_check_shows_an_edited_generated_file(
    generate: Command, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (out / SLOT).read_text(encoding="utf-8")
    (out / SLOT).write_text(text.replace("Slot(Model)", "Slot(Other)"), encoding="utf-8")
    assert generate(out, "--check") == 1
    shown = capsys.readouterr().out
    assert f"--- {SLOT}" in shown
    assert "-class Slot(Other):" in shown
    assert "+class Slot(Model):" in shown


def test_check_names_a_missing_generated_file(
    generate: Command, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (out / SLOT).unlink()
    assert generate(out, "--check") == 1
    assert capsys.readouterr().out == f"{SLOT}: missing\n"
    assert not (out / SLOT).exists()


def test_file_that_is_no_longer_generated_is_removed(
    generate: Command, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leftover = out / "docs" / "Gone.md"
    leftover.write_text((out / "docs" / "Kind.md").read_text(encoding="utf-8"), encoding="utf-8")
    assert generate(out, "--check") == 1
    assert capsys.readouterr().out == "docs/Gone.md: no longer generated\n"
    assert generate(out) == 0
    assert not leftover.exists()


def test_generator_keeps_files_written_by_hand(generate: Command, out: Path) -> None:
    by_hand = [out / "docs" / "guide.md", out / "formlabs_web_api" / "models" / "_base.py"]
    for path in by_hand:
        path.write_text("By hand.\n", encoding="utf-8")
    assert generate(out, "--check") == 0
    assert generate(out) == 0
    assert [path.read_text(encoding="utf-8") for path in by_hand] == ["By hand.\n"] * 2


def test_generator_replaces_the_tables_of_the_readme(generate: Command, out: Path) -> None:
    readme = out / "README.md"
    readme.write_text(
        "# Lab\n<!-- models -->\nold\n<!-- /models -->\nend\n"
        "<!-- operations -->\n<!-- /operations -->\n",
        encoding="utf-8",
    )
    assert generate(out, "--check") == 1
    assert generate(out) == 0
    text = readme.read_text(encoding="utf-8")
    assert text.startswith("# Lab\n<!-- models -->\n| Model |")
    assert "[Slot](docs/Slot.md)" in text
    assert "old" not in text
    assert "<!-- /models -->\nend\n<!-- operations -->\n| Class |" in text
    assert generate(out, "--check") == 0


def test_generator_keeps_a_readme_without_marks(generate: Command, out: Path) -> None:
    (out / "README.md").write_text("# Lab\n", encoding="utf-8")
    assert generate(out) == 0
    assert (out / "README.md").read_text(encoding="utf-8") == "# Lab\n"


def test_corrections_reach_code_and_documentation(generate: Command, tmp_path: Path) -> None:
    overlay = tmp_path / "overlay.yaml"
    at = "/components/schemas/Slot/properties/printer"
    correction = {"at": at, "merge": {"nullable": True}, "observed": "1.4: null when empty"}
    overlay.write_text(json.dumps({"corrections": [correction]}), encoding="utf-8")
    assert generate(tmp_path, overlay=overlay) == 0
    page = (tmp_path / "docs" / "Slot.md").read_text(encoding="utf-8")
    assert "may be null; observed 1.4: null when empty" in page


def test_json_and_yaml_documents_give_the_same_files(
    generate: Command, out: Path, tmp_path: Path
) -> None:
    import yaml

    document = yaml.safe_load(LAB.read_text(encoding="utf-8"))
    spec = tmp_path / "lab.json"
    spec.write_text(json.dumps(document, indent="\t"), encoding="utf-8-sig")
    assert generate(out, "--check", spec=spec) == 0


def test_option_merged_writes_the_corrected_document(command: Command, tmp_path: Path) -> None:
    import yaml

    validator = pytest.importorskip("openapi_spec_validator", reason="checks the document")
    merged = tmp_path / "merged.yaml"
    assert command(["--merged", str(merged)]) == 0
    document = yaml.safe_load(merged.read_text(encoding="utf-8"))
    validator.validate(document)
    schemas = document["components"]["schemas"]
    assert schemas["Tank"]["properties"]["display_name"]["nullable"] is True
    assert "x-observed" not in merged.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read"),
        ("a: b: c", "neither YAML nor JSON"),
        ('{"openapi": ', "neither YAML nor JSON"),
        ("- a", "a mapping is needed"),
        ("{}", "OpenAPI 3.0"),
        ("swagger: '2.0'\npaths: {}", "version 2.0"),
        ("openapi: 3.2.0\npaths: {}", "version 3.2.0"),
        ("openapi: 3.0.3", "with paths"),
        (
            "openapi: 3.0.3\npaths: {/a: {get: {responses: {'200': {$ref: '#/nowhere'}}}}}",
            "#/nowhere leads nowhere",
        ),
    ],
)
def test_invalid_document_is_refused_in_one_line(
    generate: Command,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    text: str | None,
    message: str,
) -> None:
    spec = tmp_path / "bad.yaml"
    if text is not None:
        spec.write_text(text, encoding="utf-8")
    assert generate(tmp_path / "out", spec=spec) == 2
    shown = capsys.readouterr().err
    assert message in shown
    assert shown.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_invalid_overlay_is_refused_in_one_line(
    generate: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text("changes: []", encoding="utf-8")
    assert generate(tmp_path / "out", overlay=overlay) == 2
    assert capsys.readouterr().err.count("\n") == 1
