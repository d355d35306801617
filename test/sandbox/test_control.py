"""The control addresses do over HTTP what the Python interface does."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Dict, Optional, Tuple

import pytest

from formlabs_web_api.sandbox import Sandbox
from formlabs_web_api.sandbox.instants import to_datetime
from test.sandbox.caller import Caller
from test.sandbox.conftest import NOW


def control(
    caller: Caller, method: str, path: str, body: Optional[Any] = None
) -> Tuple[int, Optional[Any]]:
    """Return status and JSON of a call of a control address, without a token."""
    response = caller(
        method,
        f"{caller.sandbox.url}/__sandbox__/{path}",
        body,
        headers={"Authorization": ""},
    )
    return response.status, json.loads(response.data) if response.data else None


def test_the_root_address_returns_time_and_credentials(reader: Caller) -> None:
    status, about = control(reader, "GET", "")
    assert (status, about) == (
        200,
        {
            "now": "2026-06-05T12:00:00+00:00",
            "client_id": reader.sandbox.client_id,
            "client_secret": reader.sandbox.client_secret,
        },
    )


def test_advance_lets_time_pass(caller: Caller, sandbox: Sandbox) -> None:
    status, body = control(caller, "POST", "advance", {"hours": 3, "minutes": 0.5})
    assert (status, body) == (200, {"now": "2026-06-05T15:00:30+00:00"})
    assert to_datetime(sandbox.world.clock()) == NOW + timedelta(hours=3, seconds=30)


def test_faults_are_added_listed_and_cleared(caller: Caller) -> None:
    rule = {"path": "/tanks/", "status": 429, "times": 1, "headers": {"Retry-After": "1"}}
    assert control(caller, "POST", "faults", rule) == (200, rule)
    assert control(caller, "POST", "faults", {"latency": 0.5, "path": "/groups/"})[0] == 200
    assert control(caller, "GET", "faults") == (
        200,
        [rule, {"path": "/groups/", "latency": 0.5}],
    )
    assert [caller("GET", "/tanks/").status for _ in range(2)] == [429, 200]
    assert control(caller, "DELETE", "faults") == (204, None)
    assert control(caller, "GET", "faults") == (200, [])


def test_no_fault_applies_to_control_addresses(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.faults.add(status=503)
    sandbox.limit_per_second = 1
    assert [control(caller, "GET", "settings")[0] for _ in range(3)] == [200] * 3
    assert control(caller, "DELETE", "faults")[0] == 204


def test_logged_requests_are_listed_and_cleared(caller: Caller, sandbox: Sandbox) -> None:
    caller("GET", "/prints/?status=ERROR")
    caller("POST", "/groups/", {"name": "x"})
    status, requests = control(caller, "GET", "requests")
    assert status == 200
    assert requests is not None
    assert [request["path"] for request in requests] == [
        "/developer/v1/o/token/",
        "/developer/v1/prints/",
        "/developer/v1/groups/",
    ]
    assert requests[1] == sandbox.requests[1]._asdict()
    assert requests[1]["query"] == {"status": ["ERROR"]}
    _, posted = control(caller, "GET", "requests?path=/g*&method=POST")
    assert posted == requests[2:]
    assert control(caller, "DELETE", "requests") == (204, None)
    assert control(caller, "GET", "requests") == (200, [])


def test_settings_are_read_and_changed(caller: Caller, sandbox: Sandbox) -> None:
    before = {
        "speed": 0.0,
        "token_lifetime": 86_400,
        "limit_per_second": None,
        "limit_per_hour": None,
    }
    assert control(caller, "GET", "settings") == (200, before)
    changes = {"token_lifetime": 5, "limit_per_hour": 2}
    assert control(caller, "PATCH", "settings", changes) == (200, {**before, **changes})
    token = {"Authorization": f"Bearer {caller.token()}"}
    statuses = [caller("GET", "/tanks/", headers=token).status for _ in range(3)]
    assert statuses == [200, 200, 429]
    sandbox.limit_per_hour = None
    sandbox.advance(seconds=5)
    assert caller("GET", "/tanks/", headers=token).status == 401


def test_reset_restores_the_first_state(caller: Caller, sandbox: Sandbox) -> None:
    fresh = caller("GET", "/events/?per_page=100").data
    caller("POST", "/groups/", {"name": "Night shift"})
    sandbox.advance(days=3)
    sandbox.faults.add(status=503)
    sandbox.token_lifetime = 1
    sandbox.limit_per_second = 2
    sandbox.speed = 100
    url = sandbox.url
    assert control(caller, "POST", "reset") == (204, None)
    assert sandbox.requests == []
    assert caller("GET", "/tanks/").status == 401, "tokens are gone too"
    caller.headers["Authorization"] = f"Bearer {caller.token()}"
    sandbox.advance(hours=23)
    sandbox.reset()
    caller.headers["Authorization"] = f"Bearer {caller.token()}"
    assert caller("GET", "/events/?per_page=100").data == fresh
    assert len(caller.get("/groups/")) == 2
    assert (sandbox.url, sandbox.speed) == (url, 0)


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        ("POST", "advance", {"hours": -1}, "only goes forward"),
        ("POST", "advance", {"eons": 1}, "no unit of time 'eons'; there are weeks, days, hours"),
        ("POST", "advance", {"hours": "3"}, 'hours must be a number, 0 or more, not "3"'),
        ("POST", "advance", {"hours": None}, "hours must be a number, 0 or more, not null"),
        ("POST", "advance", {"days": 1e300}, "end of the calendar"),
        ("POST", "advance", {"days": 1e7}, "ten years"),
        ("POST", "advance", {"weeks": 600}, "ten years at once at most, not by 4,200 days"),
        ("POST", "advance", b"no JSON", 'the body is not JSON; send an object, like {"hours"'),
        ("POST", "advance", [3], "must be a JSON object"),
        ("POST", "faults", {}, "needs latency"),
        ("POST", "faults", {"pth": "/x/", "status": 503}, "'pth'; there are path, method, times"),
        ("POST", "faults", {"path": 7, "status": 503}, "path must be a string"),
        ("PATCH", "settings", {"limit_per_hour": 0}, "at least 1"),
        ("PATCH", "settings", {"limit_per_hour": "7"}, "at least 1"),
        ("PATCH", "settings", {"token_lifetime": 1.5}, "whole seconds"),
        ("PATCH", "settings", {"speed": -1}, "speed"),
        ("PATCH", "settings", {"speed": "fast"}, "speed"),
        ("PATCH", "settings", {"colour": 1}, "there is no setting 'colour'; there are speed,"),
        ("GET", "requests?colour=1", None, "no filter 'colour'; there are path, method"),
    ],
)
def test_a_wrong_control_request_is_answered_with_400_and_a_reason(
    reader: Caller, method: str, path: str, body: Any, message: str
) -> None:
    status, refusal = control(reader, method, path, body)
    assert status == 400
    assert refusal is not None
    assert message in refusal["detail"]
    for internal in ("__", "keyword", "argument", "int()", "Expecting", "Python", "timedelta"):
        assert internal not in refusal["detail"]
    unchanged: Dict[str, Any] = {"limit_per_hour": None, "speed": 0.0, "token_lifetime": 86_400}
    assert unchanged.items() <= dict(control(reader, "GET", "settings")[1] or {}).items()


def test_unknown_control_addresses_and_methods_are_refused(reader: Caller) -> None:
    assert control(reader, "GET", "nothing")[0] == 404
    response = reader("PUT", f"{reader.sandbox.url}/__sandbox__/faults")
    assert response.status == 405
