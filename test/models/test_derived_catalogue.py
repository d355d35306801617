"""Names of printer types and materials by code; unknown codes are their own names."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from formlabs_web_api import catalogue


def test_1_5_every_type_of_printer_seen_live_has_a_name() -> None:
    codes = ["FORM-4-0", "FRML-4-0", "FORM-3-2", "FRML-3-0", "FS30-1-0"]
    names = ["Form 4", "Form 4L", "Form 3+", "Form 3L", "Fuse 1+ 30W"]
    assert [catalogue.machine_name(code) for code in codes] == names


def test_1_8_several_codes_share_a_name() -> None:
    assert catalogue.material_name("FLTO2002") == catalogue.material_name("FLTO2011")
    assert catalogue.material_codes("Tough 2000 V2") == ("FLTO2002", "FLTO2011")


def test_codes_are_found_by_a_name_without_its_version() -> None:
    assert set(catalogue.material_codes("Clear")) == {"FLGPCL05", "FLGPCL04"}
    assert catalogue.material_codes("Marmalade") == ()
    assert "FORM-3-1" in catalogue.machine_codes("Form 3")


def test_unknown_code_is_its_own_name() -> None:
    assert catalogue.material_name("FLZZZZ99") == "FLZZZZ99"
    assert catalogue.machine_name("FORM-9-0") == "FORM-9-0"
    assert catalogue.material_name(None) == catalogue.machine_name(None) == ""


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("Nylon 12 GF V1", "Nylon 12 GF"),
        ("Flexible 80A V1.1", "Flexible 80A"),
        ("Nylon 12", "Nylon 12"),
        ("V5", "V5"),
        ("Nylon  V1", "Nylon"),
        ("", ""),
    ],
)
def test_1_8_the_queue_names_materials_without_version(name: str, bare: str) -> None:
    assert catalogue.without_version(name) == bare


def test_removing_the_version_of_a_long_name_is_fast() -> None:
    assert catalogue.without_version("Nylon" + " " * 500_000 + "!") == "Nylon" + " " * 500_000 + "!"


@pytest.mark.parametrize("code", [None, 4, True, ["FORM-4-0"], {"is": "FORM-4-0"}, b"FORM-4-0"])
def test_value_that_is_not_text_has_an_empty_name(code: Any) -> None:
    assert catalogue.machine_name(code) == catalogue.material_name(code) == ""
    assert catalogue.without_version(code) == ""
    assert not catalogue.is_form_4_family(code)


def test_catalogue_is_read_only() -> None:
    with pytest.raises(TypeError):
        catalogue.MATERIALS["FLZZZZ99"] = "Marmalade"  # type: ignore[index]


def test_catalogue_can_be_imported_without_pydantic() -> None:
    code = "import sys; import formlabs_web_api.catalogue; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
