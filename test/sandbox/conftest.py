"""A sandbox with a fixed time, and a plain HTTP caller for it."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Iterator

import pytest

pytest.importorskip("uvicorn", reason="the extra sandbox is not installed")

from formlabs_web_api.sandbox import Sandbox
from test.sandbox.caller import Caller

NOW = datetime(2026, 6, 5, 12, 0, tzinfo=timezone.utc)


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=1, now=NOW) as sandbox:
        yield sandbox


@pytest.fixture
def reader(shared_sandbox: Sandbox) -> Iterator[Caller]:
    """A caller of a shared sandbox, for tests that change nothing."""
    caller = Caller(shared_sandbox)
    yield caller
    caller.pool.clear()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=1, now=NOW) as sandbox:
        yield sandbox


@pytest.fixture
def caller(sandbox: Sandbox) -> Iterator[Caller]:
    """A caller of the test's own sandbox, for tests that change it."""
    caller = Caller(sandbox)
    yield caller
    caller.pool.clear()
