"""The generated package: imports, exports and calls."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import formlabs_web_api
from test.codegen.conftest import MARK, ROOT

USE_THE_LAB = """
import inspect
import formlabs_web_api as lab

assert lab.__version__ == "2.0.0"
for package in (lab, lab.api, lab.models):
    for name in package.__all__:
        assert getattr(package, name) is not None and name in dir(package)

with lab.ApiClient(lab.Configuration(access_token="made-up")) as client:
    printers, access = lab.PrintersApi(client), lab.LabAccessApi(client)
    for api, method, arguments in (
        (printers, "printers_retrieve", ["printer_id", "var_date", "var_op"]),
        (printers, "printers_partial_update", ["printer_id", "printers_partial_update_request"]),
        (access, "ask_for_a_key", ["secret", "var_from", "days"]),
        (lab.DefaultApi(client), "call_print", []),
    ):
        for spelling in ("", "_with_http_info", "_without_preload_content"):
            names = list(inspect.signature(getattr(api, method + spelling)).parameters)
            assert names[: len(arguments)] == arguments
            assert names[len(arguments)] == "_request_timeout"
    assert type(client.printers.iter()) is type(printers.lab_printers_get_iter())
    assert client.printers.get and not hasattr(client.printers, "forget")
    assert not hasattr(client, "nowhere") and not hasattr(lab, "Nobody")
    assert lab.LabPrinter is lab.Printer and lab.Kind is not lab.Place
    assert printers.lab_printers_get_iter and printers.lab_printers_get_pages

data = {
    "id": "1", "kind": "", "anything": [1], "places": None, "seen": "2026-01-31T08:30:00-05:00",
    "slots": [{"printer": {"id": "2", "kind": None}}], "settings": {"speed": 1.5},
    "list": {"copy": "x", "_id": 3, "class": "c", "camelCase": True},
}
printer = lab.Printer.from_dict(data)
assert printer.kind is lab.Kind.EMPTY and lab.Kind("FORM-4") is lab.Kind.FORM_MINUS_4
assert isinstance(printer.slots[0].printer, lab.Printer)
assert printer.list.var_copy == "x" and printer.list.var_id == 3 and printer.list.camel_case
assert {**printer.to_dict(), "seen": data["seen"]} == data
assert lab.Place.from_dict({"room": "lab", "inside": {"room": "house 7"}}).inside.room == "house 7"
try:
    lab.PrintersPartialUpdateRequest(name="")
except ValueError as error:
    assert "name" in str(error)
else:
    raise AssertionError("an empty name must be refused")
"""


def run(code: str, path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(path), "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=path,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_import_of_the_package_loads_neither_pydantic_nor_urllib3() -> None:
    run(
        "import sys, formlabs_web_api, formlabs_web_api.api, formlabs_web_api.models\n"
        "assert not {'pydantic', 'urllib3'} & set(sys.modules)\n"
        "assert formlabs_web_api.Tank is formlabs_web_api.models.tank.Tank",
        ROOT,
    )


def test_package_generated_from_another_document_works(lab: Path, tmp_path: Path) -> None:
    shutil.copytree(lab, tmp_path, dirs_exist_ok=True)
    package = ROOT / "formlabs_web_api"
    for path in package.rglob("*.py"):
        target = tmp_path / path.relative_to(ROOT)
        if MARK not in path.read_text(encoding="utf-8") and "sandbox" not in path.parts:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    run(USE_THE_LAB, tmp_path)


def test_every_exported_name_can_be_imported() -> None:
    for package in (formlabs_web_api, formlabs_web_api.api, formlabs_web_api.models):
        for name in package.__all__:
            assert getattr(package, name) is not None
            assert name in dir(package)


def test_unknown_name_of_the_package_raises_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"formlabs_web_api\.models.*'Tonk'"):
        formlabs_web_api.models.Tonk  # noqa: B018
