"""The pytest fixtures: a reset fleet for each test that uses them, no effect on others."""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Tuple

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
PLUGIN = ("-p", "formlabs_web_api.pytest_plugin")


def run(pytester: pytest.Pytester, code: str, *arguments: str) -> pytest.RunResult:
    """Run a user's tests in their own process, which shares nothing with this one."""
    pytester.makepyfile(code)
    return pytester.runpytest_subprocess("-W", "error", "-p", "no:cacheprovider", *arguments)


@pytest.fixture(autouse=True)
def on_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    # Other plugins import much, and slow the run down.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def is_installed() -> bool:
    try:
        return "pytest11" in {each.group for each in distribution("formlabs_web_api").entry_points}
    except PackageNotFoundError:
        return False


def documented() -> str:
    """Return the tests in the guide."""
    page = (ROOT / "docs" / "guides" / "sandbox.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.S | re.M)
    return next(block for block in blocks if "def test_" in block)


def test_the_documented_tests_pass(pytester: pytest.Pytester) -> None:
    outcomes = run(pytester, documented(), *PLUGIN).parseoutcomes()
    assert list(outcomes) == ["passed"]
    assert outcomes["passed"] >= documented().count("def test_") >= 4


def test_each_test_gets_the_same_reset_fleet(pytester: pytest.Pytester) -> None:
    code = """
        import os

        import pytest
        from formlabs_web_api import ApiClient, PrinterGroupsApi, PrintersApi, PrintsApi

        seen = set()

        @pytest.mark.parametrize("again", range(3))
        def test_fresh(formlabs_sandbox, formlabs_client, again):
            assert formlabs_sandbox.requests == []
            groups = PrinterGroupsApi(formlabs_client)
            assert len(groups.groups_list()) == 2
            groups.groups_create({"name": "Night shift"})
            seen.add(PrintsApi(formlabs_client).prints_list().results[0].guid)
            assert len(seen) == 1
            formlabs_sandbox.advance(days=2)
            formlabs_sandbox.faults.add(status=503)

        def test_the_environment_leads_there(formlabs_sandbox):
            assert os.environ["FORMLABS_HOST"] == formlabs_sandbox.url
            assert len(PrintersApi().printers_list()) == 12
            assert len(formlabs_sandbox.requests_to("/printers/")) == 1

        def test_a_sandbox_that_was_stopped_comes_back(formlabs_sandbox):
            formlabs_sandbox.stop()

        def test_the_client_tries_once(formlabs_sandbox, formlabs_client):
            formlabs_sandbox.faults.add("/printers/", status=503)
            with pytest.raises(Exception, match="503"):
                PrintersApi(formlabs_client).printers_list()
            assert len(formlabs_sandbox.requests_to("/printers/")) == 1

        def test_without():
            assert "FORMLABS_HOST" not in os.environ
    """
    run(pytester, code, *PLUGIN).assert_outcomes(passed=7)


def test_tests_that_freeze_time_end_and_freeze_only_themselves(pytester: pytest.Pytester) -> None:
    pytest.importorskip("freezegun")
    code = """
        import time

        from freezegun import freeze_time
        from formlabs_web_api import PrintersApi

        @freeze_time("2026-06-05 12:00:00")
        def test_frozen_first(formlabs_client):
            assert len(PrintersApi(formlabs_client).printers_list()) == 12

        def test_not_frozen(formlabs_sandbox, formlabs_client):
            before = time.time()
            formlabs_sandbox.advance(days=2)
            assert 0 <= time.time() - before < 60

        @freeze_time("2031-06-05 12:00:00")
        def test_frozen_last(formlabs_sandbox, formlabs_client):
            formlabs_sandbox.advance(hours=3)
            assert len(PrintersApi(formlabs_client).printers_list()) == 12
    """
    run(pytester, code, *PLUGIN).assert_outcomes(passed=3)


def test_the_plugin_has_no_effect_on_tests_without_its_fixtures(pytester: pytest.Pytester) -> None:
    code = """
        import sys

        def test_nothing_heavy_is_imported():
            heavy = {"urllib3", "pydantic", "starlette", "uvicorn", "formlabs_web_api.sandbox"}
            assert not heavy & set(sys.modules)
    """
    run(pytester, code, *PLUGIN).assert_outcomes(passed=1)


def test_without_the_extra_only_the_fixtures_fail(pytester: pytest.Pytester) -> None:
    code = """
        def test_with(formlabs_sandbox):
            pass

        def test_without():
            pass
    """
    pytester.makeconftest("import sys; sys.modules['uvicorn'] = None")
    result = run(pytester, code, *PLUGIN)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(['*pip install ".?sandbox?"*'])


@pytest.mark.skipif(not is_installed(), reason="installed before there was a plugin, or not at all")
def test_pytest_loads_the_plugin_by_its_entry_point(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    result = pytester.run(sys.executable, "-m", "pytest", "--fixtures", "-q")
    result.stdout.fnmatch_lines(["formlabs_sandbox*", "formlabs_client*"])


def entry_point() -> Tuple[str, str]:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r"^\[project\.entry-points\.pytest11\]\n(\w+) = \"([\w.]+)\"$", text, re.M)
    assert found is not None
    return found.group(1), found.group(2)


def test_the_plugin_is_declared_as_entry_point() -> None:
    assert entry_point() == ("formlabs_web_api", "formlabs_web_api.pytest_plugin")
