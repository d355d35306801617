"""Web pages of other sites cannot use the sandbox; programs on this machine can."""

from __future__ import annotations

import json
from typing import Dict

import pytest

from formlabs_web_api.sandbox import Sandbox
from test.sandbox.caller import Caller
from test.sandbox.conftest import NOW

CONTROL_RESET = "/__sandbox__/reset"


def control_status(caller: Caller, headers: Dict[str, str]) -> int:
    url = caller.sandbox.url + CONTROL_RESET
    return caller.pool.request("POST", url, headers=headers).status


@pytest.mark.parametrize(
    "host",
    ["rebound.example", "rebound.example:8080", "localhost.example", "127.0.0.1.example", "[evil]"],
)
def test_a_foreign_host_is_refused_everywhere_and_not_logged(reader: Caller, host: str) -> None:
    reader.sandbox.forget_requests()
    assert control_status(reader, {"Host": host}) == 403
    answer = reader("GET", "/printers/", headers={"Host": host})
    assert answer.status == 403
    assert "allowed_hosts" in json.loads(answer.data)["detail"]
    assert reader.sandbox.requests == []


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "sandbox.localhost:80", "127.0.0.1", "[::1]:9", "10.1.2.3"]
)
def test_localhost_and_addresses_are_accepted_as_host(reader: Caller, host: str) -> None:
    assert reader("GET", "/printers/", headers={"Host": host}).status == 200


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost", "file://", ""],
)
def test_a_foreign_origin_is_refused_everywhere(reader: Caller, origin: str) -> None:
    assert control_status(reader, {"Origin": origin}) == 403
    assert reader("GET", "/printers/", headers={"Origin": origin}).status == 403


def test_a_foreign_origin_neither_advances_nor_resets_nor_meets_a_fault(caller: Caller) -> None:
    sandbox = caller.sandbox
    sandbox.faults.add(status=503)
    before = sandbox.world.clock()
    for path in ("/__sandbox__/reset", "/__sandbox__/advance"):
        answer = caller.pool.request(
            "POST",
            sandbox.url + path,
            body='{"hours": 1}',
            headers={"Origin": "https://evil.example", "Content-Type": "text/plain"},
        )
        assert answer.status == 403
    assert sandbox.world.clock() == before
    assert len(sandbox.faults) == 1


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_of_another_site_is_refused_without_origin(reader: Caller, site: str) -> None:
    headers = {"Sec-Fetch-Site": site}
    assert control_status(reader, headers) == 403
    assert reader("POST", "/groups/", {"name": "x"}, headers=headers).status == 403
    assert reader("GET", "/printers/", headers=headers).status == 200


def test_origin_of_the_sandbox_is_accepted(reader: Caller) -> None:
    assert reader("GET", "/printers/", headers={"Origin": reader.sandbox.url}).status == 200


def test_a_preflight_of_another_origin_gets_no_permission(reader: Caller) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    answer = reader("OPTIONS", "/printers/", headers=headers)
    assert answer.status == 403
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_a_host_name_that_is_allowed_is_accepted() -> None:
    with Sandbox(now=NOW, allowed_hosts=["sandbox"]) as sandbox:
        caller = Caller(sandbox)
        assert caller("GET", "/printers/", headers={"Host": "Sandbox:8080"}).status == 200
        assert caller("GET", "/printers/", headers={"Host": "other"}).status == 403
        caller.pool.clear()
    with pytest.raises(ValueError, match="allowed_hosts"):
        Sandbox(allowed_hosts="sandbox")
