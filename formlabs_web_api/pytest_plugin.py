"""pytest fixtures: a sandbox and a client for it.

pytest loads this plugin where the package is installed with the extra ``sandbox``. Nothing is
imported or started before a test requests a fixture.
"""

from __future__ import annotations

import os
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Iterator
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from formlabs_web_api.api_client import ApiClient
    from formlabs_web_api.sandbox import Sandbox


@pytest.fixture(scope="session", name="_formlabs_sandbox")
def session_sandbox() -> Iterator[Sandbox]:
    """Start one server for all tests: a reset is ten times as fast as a start."""
    from formlabs_web_api.sandbox import Sandbox

    with Sandbox(seed=1, now=datetime(2026, 6, 5, 12, 0, tzinfo=timezone.utc)) as sandbox:
        yield sandbox


@pytest.fixture
def formlabs_sandbox(
    _formlabs_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sandbox]:
    """Provide a sandbox, a local server with a generated fleet, reset for each test.

    The fleet's clock is stopped at noon of 5 June 2026 (UTC) until the test calls
    ``formlabs_sandbox.advance(hours=3)``; the computer's clock is not changed. During the test, the
    environment variables ``FORMLABS_HOST``, ``FORMLABS_CLIENT_ID`` and ``FORMLABS_CLIENT_SECRET``
    are those of the sandbox, so that ``ApiClient()`` in the program under test uses it instead of
    the real service.
    """
    from formlabs_web_api import ApiClient, Configuration

    sandbox = _formlabs_sandbox.start()
    sandbox.reset()
    monkeypatch.setenv("FORMLABS_HOST", sandbox.url)
    monkeypatch.setenv("FORMLABS_CLIENT_ID", sandbox.client_id)
    monkeypatch.setenv("FORMLABS_CLIENT_SECRET", sandbox.client_secret)
    # A proxy of the machine that runs the tests cannot reach its loopback address.
    direct = (os.environ.get("no_proxy"), urlsplit(sandbox.url).hostname)
    monkeypatch.setenv("no_proxy", ",".join(filter(None, direct)))
    # The defaults of the process may have been created from the former variables.
    ApiClient.set_default(None)
    Configuration.set_default(None)
    yield sandbox
    ApiClient.set_default(None)
    Configuration.set_default(None)


@pytest.fixture
def formlabs_client(formlabs_sandbox: Sandbox) -> Iterator[ApiClient]:
    """Provide a client for :func:`formlabs_sandbox` without retries, so that tests fail fast."""
    from formlabs_web_api import ApiClient, Configuration

    configuration = Configuration(
        host=formlabs_sandbox.url,
        client_id=formlabs_sandbox.client_id,
        client_secret=formlabs_sandbox.client_secret,
        retries=False,
    )
    with ApiClient(configuration) as client:
        yield client
