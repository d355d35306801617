"""Classes written by hand, read from their source: their signatures and docstrings."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, NamedTuple

from codegen import text

ROOT = Path(__file__).resolve().parent.parent / "formlabs_web_api"
DERIVED = ROOT / "models" / "derived"
PAGES = {
    "ApiClient": "api_client",
    "Configuration": "configuration",
    "RetryPolicy": "retry",
    "RateLimiter": "rate_limit",
    "Frames": "frames.listings",
    "Sandbox": "sandbox.server",
}
"""Classes that have a page of their own, by their module."""
MIXINS = {"OfficialHelpers": "_core.official", "ClientNamespaces": "namespaces.__init__"}
"""Base classes whose public members are part of a page, by their module."""


class Member(NamedTuple):
    """A public method or property."""

    name: str
    signature: str
    """Of a method, its arguments; empty for a property."""
    returns: str
    summary: str

    @property
    def code(self) -> str:
        return f"{self.name}{self.signature}"


@dataclass
class HandWritten:
    """A class of the package that is not generated."""

    name: str
    module: str
    bases: list[str]
    docstring: str
    signature: str
    members: list[Member]


def pages() -> list[HandWritten]:
    """Return the classes that have pages, in order."""
    return [_class(name, module) for name, module in PAGES.items()]


def exceptions() -> list[HandWritten]:
    """Return the public exceptions, bases before what derives from them."""
    names = [node.name for node in _tree("exceptions").body if isinstance(node, ast.ClassDef)]
    return [_class(name, "exceptions") for name in names if not name.startswith("_")]


def derived(name: str) -> list[Member]:
    """Return the derived values of models whose ``x-derived`` is ``name``."""
    for path in sorted(DERIVED.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and node.name == f"{name}Derived":
                return list(_members(node))
    return []


def _tree(module: str) -> ast.Module:
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    return ast.parse(path.read_text(encoding="utf-8"))


def _node(name: str, module: str) -> ast.ClassDef:
    nodes = [one for one in _tree(module).body if isinstance(one, ast.ClassDef)]
    return next(one for one in nodes if one.name == name)


def _public_bases(node: ast.ClassDef, module: str) -> Iterator[str]:
    """Yield the names of the base classes; those of a private class in its place."""
    for base in map(ast.unparse, node.bases):
        if base.startswith("_"):
            yield from _public_bases(_node(base, module), module)
        else:
            yield base


def _class(name: str, module: str) -> HandWritten:
    node = _node(name, module)
    methods = {one.name: one for one in node.body if isinstance(one, ast.FunctionDef)}
    fields = [ast.unparse(one) for one in node.body if isinstance(one, ast.AnnAssign)]
    is_dataclass = any("dataclass" in ast.unparse(one) for one in node.decorator_list)
    signature = f"({', '.join(fields)})" if is_dataclass else "()"
    signature = _signature(methods["__init__"]) if "__init__" in methods else signature
    # The plain text of the docstring: Markdown reads its indented lists of arguments as code.
    docstring = _plain(node)
    bases = list(_public_bases(node, module))
    members = list(_members(node))
    for base in bases:
        if base in MIXINS:
            members += _members(_node(base, MIXINS[base]))
    return HandWritten(name, module, bases, docstring, signature, members)


def _members(node: ast.ClassDef) -> Iterator[Member]:
    for one, after in zip(node.body, [*node.body[1:], None]):
        if isinstance(one, (ast.Assign, ast.AnnAssign)):
            yield from _attribute(one, after)
        if not isinstance(one, ast.FunctionDef) or one.name.startswith("_"):
            continue
        decorators = {ast.unparse(decorator) for decorator in one.decorator_list}
        if any(name.endswith((".setter", "overload")) for name in decorators):
            continue
        is_property = any(name.lower().endswith("property") for name in decorators)
        summary = _summary(_plain(one))
        returns = ast.unparse(one.returns) if one.returns is not None else ""
        signature = "" if is_property else _signature(one)
        yield Member(one.name, signature, returns, summary)


def _attribute(node: ast.Assign | ast.AnnAssign, after: ast.stmt | None) -> Iterator[Member]:
    """Yield an attribute with a docstring, below it or as an argument of what makes a method."""
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    name = ast.unparse(target)
    value = node.value
    if name.startswith("_"):
        return
    if isinstance(value, ast.Call) and value.args and isinstance(value.args[-1], ast.Constant):
        if isinstance(value.args[-1].value, str):
            yield Member(name, "(...)", "", _summary(value.args[-1].value))
    elif isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
        kind = ast.unparse(node.annotation) if isinstance(node, ast.AnnAssign) else ""
        yield Member(name, "", kind, _summary(str(after.value.value)))


def _summary(docstring: str) -> str:
    first = re.split(r"\n\s*\n", docstring)[0]
    return text.plain(first.replace("``", "`"))


def _plain(node: ast.ClassDef | ast.FunctionDef) -> str:
    """Return a docstring without the roles of reStructuredText."""
    return re.sub(r":\w+:`~?([^`]*)`", r"`\1`", ast.get_docstring(node) or "")


def _signature(node: ast.FunctionDef) -> str:
    arguments = node.args
    for group in (arguments.posonlyargs, arguments.args):
        if group and group[0].arg in ("self", "cls"):
            del group[0]
    return f"({ast.unparse(arguments)})"
