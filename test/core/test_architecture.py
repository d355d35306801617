"""The import rules of the package: allowed imports, and no import cycle."""

from __future__ import annotations

import ast
from functools import lru_cache
from pathlib import Path
from typing import Dict, Iterator, List, Sequence, Set, Tuple

import pytest

PACKAGE = Path(__file__).parents[2] / "formlabs_web_api"
FEATURES = frozenset(
    [
        "display",
        "tables",
        "frames",
        "recorder",
        "shared",
        "telemetry",
        "watch",
        "mirror",
        "reports",
        "mcp",
        "warehouse",
        "cli",
        "sandbox",
        "pytest_plugin",
        "notebook",
    ]
)
ALLOWED = {
    "frames": {"tables"},
    "reports": {"frames", "tables", "mirror", "display"},
    "mirror": {"tables", "frames"},
    "warehouse": {"tables"},
    "cli": set(FEATURES),
    "telemetry": {"watch"},
    "mcp": {"reports", "tables"},
    "notebook": {"display"},
    "pytest_plugin": {"sandbox"},
}
"""Which feature package may import which other one."""
LAZY_ATTRIBUTES = frozenset({"api_client", "configuration", "_util.displayable"})
"""Modules of the client that may import a feature package, inside a function or for types only."""


def _modules() -> Dict[str, Path]:
    found: Dict[str, Path] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = _modules()


@lru_cache(maxsize=None)
def _imports(module: str) -> Sequence[Tuple[str, bool]]:
    """Return each imported module of the package and whether the import runs at import time."""
    return list(_read_imports(module))


def _read_imports(module: str) -> Iterator[Tuple[str, bool]]:
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    inside: Set[int] = set()
    for node in ast.walk(tree):
        is_type_only = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        if isinstance(node, (ast.FunctionDef, ast.Lambda)) or is_type_only:
            inside.update(id(child) for child in ast.walk(node))
    for node in ast.walk(tree):
        names: List[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            if name.partition(".")[0] != PACKAGE.name:
                continue
            target = name.partition(".")[2]
            while target and target not in MODULES:
                target = target.rpartition(".")[0]
            yield target, id(node) not in inside


def _feature(module: str) -> str:
    first = module.partition(".")[0]
    return first if first in FEATURES else ""


@pytest.mark.parametrize("module", sorted(MODULES))
def test_module_imports_only_what_the_import_rules_allow(module: str) -> None:
    home = _feature(module)
    for target, at_import_time in _imports(module):
        other = _feature(target)
        if module.startswith("_util") and module not in LAZY_ATTRIBUTES:
            assert target.startswith("_util"), f"_util must not import {target}"
        if home == "sandbox":
            is_neutral = not target or target.startswith("_util")
            assert other == "sandbox" or is_neutral, f"the sandbox must not import {target}"
        if not other or other == home:
            continue
        if home:
            assert other in ALLOWED.get(home, set()), f"{home} must not import {target}"
        else:
            assert module in LAZY_ATTRIBUTES or module == "__main__", f"imports {target}"
            assert not at_import_time or module == "__main__", f"imports {target} too early"


BACK_REFERENCES = frozenset(
    [
        # What a client has refers back to the client, and to the default one.
        *(("_core.operation", "api_client"), ("_core.namespace", "api_client")),
        ("namespaces", "api_client"),
        # Derived values of a printer are other models.
        *(
            ("models.derived.printer", f"models.{name}")
            for name in (
                *("cartridge_read_only", "my_print_run_read_only"),
                *("printer_cartridge_status", "tank_read_only"),
            )
        ),
    ]
)
"""Imports that close a cycle, inside a function or for types only."""


def test_no_cycle_of_imports_that_run_at_import_time() -> None:
    _check_no_cycle(
        {
            module: {target for target, early in _imports(module) if early and target != module}
            for module in MODULES
        }
    )


def test_no_cycle_of_lazy_and_type_only_imports_beyond_the_known_ones() -> None:
    def is_known(module: str, target: str) -> bool:
        is_attribute = module in LAZY_ATTRIBUTES and bool(_feature(target))
        return is_attribute or (module, target) in BACK_REFERENCES

    _check_no_cycle(
        {
            module: {
                target
                for target, _ in _imports(module)
                if target not in ("", module) and not is_known(module, target)
            }
            for module in MODULES
            if module  # its lazy exports name every layer
        }
    )


def test_each_known_back_reference_still_exists() -> None:
    for module, target in BACK_REFERENCES:
        assert target in {found for found, _ in _imports(module)}, f"{module} -> {target}"


def _check_no_cycle(graph: Dict[str, Set[str]]) -> None:
    done: Set[str] = set()

    def visit(module: str, path: List[str]) -> None:
        assert module not in path, " -> ".join([*path[path.index(module) :], module])
        if module in done:
            return
        for target in sorted(graph[module]):
            visit(target, [*path, module])
        done.add(module)

    for module in sorted(graph):
        visit(module, [])


_SEVERAL = frozenset(
    [
        # Of urllib3, once strict and once fast: texts of its exceptions show these names.
        *("HTTPConnection", "HTTPConnectionPool", "HTTPSConnection", "HTTPSConnectionPool"),
        *("PoolManager", "ProxyManager"),
    ]
)


def test_no_two_classes_have_the_same_name() -> None:
    places: Dict[str, List[str]] = {}
    for module, path in MODULES.items():
        if module.startswith("sandbox."):  # records are named after their objects
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(module)
    doubled = {name: found for name, found in places.items() if len(found) > 1}
    assert set(doubled) <= _SEVERAL, doubled
