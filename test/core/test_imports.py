"""Every name can be imported, and modules are not imported before their use."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import List

import pytest

import formlabs_web_api
from formlabs_web_api import api, models

DEPENDENCIES = ("pydantic", "urllib3", "dateutil", "starlette", "pandas", "typer")
MODULES = (
    "api_client",
    "api_response",
    "configuration",
    "exceptions",
    "rest",
    "api.authentication_api",
    "api.cartridges_api",
    "api.events_api",
    "api.printer_groups_api",
    "api.printers_api",
    "api.prints_api",
    "api.tanks_api",
    "models.basic_user",
    "models.developer_apimy_printer",
    "models.developer_apimy_cloud_queue_items",
    "models.developer_api_groups_bulk_add_printers_request",
    "models.request_an_access_token200_response",
    "models.status_enum",
)


def output_of(program: str) -> str:
    """Return the output of a new interpreter in which warnings are errors."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.strip()


def imported_by(statement: str) -> List[str]:
    """Return the dependencies that a statement imports."""
    program = f"import sys\n{statement}\nprint(*[n for n in {DEPENDENCIES} if n in sys.modules])"
    return output_of(program).split()


@pytest.mark.parametrize(
    "statement",
    [
        "import formlabs_web_api",
        "import formlabs_web_api.api, formlabs_web_api.models",
        "import formlabs_web_api; dir(formlabs_web_api); formlabs_web_api.__version__",
        "import formlabs_web_api; hasattr(formlabs_web_api, 'no_such_name')",
        "import formlabs_web_api.configuration; formlabs_web_api.configuration.Configuration()",
        "import formlabs_web_api; formlabs_web_api.ApiException; formlabs_web_api.exceptions",
    ],
)
def test_statement_imports_no_dependency(statement: str) -> None:
    assert imported_by(statement) == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("import formlabs_web_api; formlabs_web_api.StatusEnum", ["pydantic"]),
        ("from formlabs_web_api.models import Tank", ["pydantic"]),
        ("import formlabs_web_api.rest", ["urllib3"]),
        ("from formlabs_web_api import ApiClient", ["pydantic", "urllib3"]),
        ("from formlabs_web_api import TanksApi", ["pydantic", "urllib3"]),
    ],
)
def test_first_use_of_a_name_imports_its_dependencies(statement: str, expected: List[str]) -> None:
    assert imported_by(statement) == expected


def test_import_of_one_model_does_not_import_the_others() -> None:
    program = (
        "import sys; from formlabs_web_api import BasicUser\n"
        "print(*[n.rpartition('.')[2] for n in sys.modules if '.models.' in n])"
    )
    imported = [name for name in output_of(program).split() if not name.startswith("_")]
    assert "basic_user" in imported
    assert "print_part" not in imported
    assert "developer_apimy_printer" not in imported


def test_every_exported_name_exists() -> None:
    for package in (formlabs_web_api, api, models):
        assert sorted(package.__all__) == list(package.__all__)
        for name in package.__all__:
            assert getattr(package, name) is not None
        assert set(package.__all__) <= set(dir(package))


def test_official_names_can_be_imported_from_the_package() -> None:
    classes, apis, kinds = (
        {name for name in package.__all__ if name[0].isupper()}
        for package in (formlabs_web_api, api, models)
    )
    assert len(apis) == 7
    assert apis | kinds <= classes
    for name in ("ApiClient", "ApiResponse", "Configuration", "ApiException", "OpenApiException"):
        assert name in classes
    for name in apis:
        assert getattr(formlabs_web_api, name) is getattr(api, name)
    for name in kinds:
        assert getattr(formlabs_web_api, name) is getattr(models, name)


@pytest.mark.parametrize("name", MODULES)
def test_official_modules_can_be_imported(name: str) -> None:
    module = importlib.import_module(f"formlabs_web_api.{name}")
    assert module.__doc__
    program = f"import formlabs_web_api; print(formlabs_web_api.{name}.__name__)"
    assert output_of(program) == f"formlabs_web_api.{name}"


def test_star_import_brings_exactly_the_exports() -> None:
    program = (
        "import formlabs_web_api\nbefore = set(globals())\nfrom formlabs_web_api import *\n"
        "print(set(globals()) - before - {'before'} == set(formlabs_web_api.__all__))"
    )
    assert output_of(program) == "True"


@pytest.mark.parametrize("package", [formlabs_web_api, api, models])
def test_unknown_name_raises_attribute_error(package: object) -> None:
    with pytest.raises(AttributeError, match="no attribute 'Printr'"):
        _ = package.Printr  # type: ignore[attr-defined]


def test_lazy_name_is_imported_once() -> None:
    program = (
        "import formlabs_web_api as f\n"
        "first = f.Workgroup\n"
        "print('Workgroup' in vars(f), f.Workgroup is first, f.models.Workgroup is first)"
    )
    assert output_of(program) == "True True True"


def test_threads_may_import_lazy_names_together() -> None:
    program = (
        "import threading, formlabs_web_api as f\n"
        "start = threading.Barrier(8); found = []\n"
        "def work():\n"
        "    start.wait(); found.append((f.ApiClient, f.PrintsApi, f.Tank, f.models))\n"
        "threads = [threading.Thread(target=work) for _ in range(8)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\n"
        "print(len(found), len(set(found)))"
    )
    assert output_of(program) == "8 1"


def test_version_is_that_of_the_api() -> None:
    assert formlabs_web_api.__version__ == "0.8.1"
