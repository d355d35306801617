"""Pages of classes written by hand agree with the classes."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import pytest

import formlabs_web_api
from formlabs_web_api import models
from test.codegen.conftest import ROOT

classes = pytest.importorskip("codegen.classes", reason="the generator needs jinja2 and yaml")


def _page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "module"), list(classes.PAGES.items()))
def test_page_of_a_class_shows_every_argument_and_public_member(name: str, module: str) -> None:
    try:
        cls: Any = getattr(importlib.import_module(f"formlabs_web_api.{module}"), name)
    except ImportError as error:
        pytest.skip(f"{name} needs an extra: {error}")
    page = _page(name)
    signature = page.partition("```text")[2].partition("```")[0]
    for parameter in list(inspect.signature(cls.__init__).parameters)[1:]:
        assert parameter in signature
    for member, value in vars(cls).items():
        if not member.startswith("_") and (
            inspect.isfunction(value) or isinstance(value, property)
        ):
            assert f"| `{member}" in page


def test_page_of_exceptions_has_every_exported_exception() -> None:
    page = _page("exceptions")
    for name in formlabs_web_api.__all__:
        value = getattr(formlabs_web_api, name)
        if inspect.isclass(value) and issubclass(value, Exception):
            assert f"| `{name}` |" in page


@pytest.mark.parametrize(
    "name", ["DeveloperAPIMyPrinter", "PrintRunWithFleetControlData", "Cartridge", "TankReadOnly"]
)
def test_page_of_a_model_shows_its_derived_values(name: str) -> None:
    page, model = _page(name), getattr(models, name)
    base = next(one for one in model.__mro__ if one.__name__.endswith("Derived"))
    shown = [one for one in vars(base) if not one.startswith("_")]
    assert shown
    for value in shown:
        assert f"| `{value}" in page


def test_documented_classes_are_exported() -> None:
    for name in ("PrinterState", "PrintOutcome", "EndedAtSource", "RateLimiter", "Quota"):
        assert name in formlabs_web_api.__all__
        assert inspect.isclass(getattr(formlabs_web_api, name))
