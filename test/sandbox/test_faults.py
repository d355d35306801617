"""Fault injection: which requests fail, how often, and how."""

from __future__ import annotations

import json
import socket
from typing import Any, Dict, Iterator

import pytest
import urllib3
from hypothesis import given
from hypothesis import strategies as st

from formlabs_web_api.sandbox import Sandbox
from formlabs_web_api.sandbox.http.faults import Faults
from test.sandbox.caller import Caller
from test.sandbox.conftest import NOW


@pytest.fixture
def reader(reader: Caller) -> Iterator[Caller]:
    """The shared reader; afterwards, its sandbox has no faults."""
    yield reader
    reader.sandbox.faults.clear()


def statuses(caller: Caller, path: str, count: int, method: str = "GET") -> Any:
    return [caller(method, path).status for _ in range(count)]


# Which requests


def test_a_fault_applies_to_the_given_number_of_matching_requests(reader: Caller) -> None:
    faults = reader.sandbox.faults
    faults.add(path="/printers/", status=503, times=2)
    assert statuses(reader, "/tanks/", 1) == [200]
    assert statuses(reader, "/printers/", 4) == [503, 503, 200, 200]
    faults.add(path="/developer/v1/tanks/", status=500, times=1, after=2)
    assert statuses(reader, "/tanks/", 4) == [200, 200, 500, 200]
    faults.add(path="/prints/", method="post", status=500)
    assert statuses(reader, "/prints/", 2) == [200, 200]
    assert statuses(reader, "/prints/", 2, "POST") == [500, 500]
    faults.clear()
    assert statuses(reader, "/prints/", 1, "POST") == [405]


def test_a_path_pattern_matches_many_paths(reader: Caller) -> None:
    reader.sandbox.faults.add(path="/printers/*", status=502)
    serial = next(iter(reader.sandbox.world.printers))
    assert statuses(reader, f"/printers/{serial}/prints/", 1) == [502]
    assert statuses(reader, "/groups/", 1) == [200]
    reader.sandbox.faults.add(status=504)
    assert statuses(reader, "/groups/", 1) == [504]
    assert reader.form("/o/token/").status == 504


def test_the_first_matching_fault_applies_until_it_is_used_up(reader: Caller) -> None:
    reader.sandbox.faults.add("/tanks/", status=500, times=1)
    reader.sandbox.faults.add("/tanks/", status=503, times=1)
    assert statuses(reader, "/tanks/", 3) == [500, 503, 200]


@given(st.integers(1, 5), st.integers(0, 5), st.integers(1, 15))
def test_times_and_after_count_matching_requests(times: int, after: int, asked: int) -> None:
    faults = Faults()
    faults.add("/tanks/", status=500, times=times, after=after)
    met = [faults.match("GET", "/developer/v1/tanks/") is not None for _ in range(asked)]
    assert met == ([False] * after + [True] * times + [False] * asked)[:asked]


# Kinds of failures


def test_a_fault_answers_with_its_status_headers_and_body(reader: Caller) -> None:
    faults = reader.sandbox.faults
    faults.add("/tanks/", status=429, headers={"Retry-After": "7"}, times=1)
    faults.add("/tanks/", status=429, times=1)
    faults.add("/tanks/", status=200, body={"count": 0, "results": None}, times=1)
    faults.add("/tanks/", status=502, body="<html>Bad gateway</html>", times=1)
    faults.add("/tanks/", status=599, body=b"\xff", headers={"content-type": "text/plain"}, times=1)
    waits, storm, empty, page, raw = (reader("GET", "/tanks/") for _ in range(5))
    assert (waits.status, waits.headers["Retry-After"]) == (429, "7")
    assert json.loads(waits.data) == {"detail": "Too Many Requests."}
    assert (storm.status, "Retry-After" in storm.headers) == (429, False)
    assert json.loads(empty.data) == {"count": 0, "results": None}
    assert (page.headers["Content-Type"], page.data[:6]) == ("text/html; charset=utf-8", b"<html>")
    assert (raw.status, raw.data, raw.headers["Content-Type"]) == (599, b"\xff", "text/plain")


def test_a_request_answered_by_a_fault_is_not_performed(caller: Caller, sandbox: Sandbox) -> None:
    before = len(caller.get("/groups/"))
    sandbox.faults.add("/groups/", method="POST", status=503, times=1)
    assert caller("POST", "/groups/", {"name": "Night shift"}).status == 503
    assert len(caller.get("/groups/")) == before


@pytest.mark.parametrize("how", ["reset", "cut", "stall", "garbage"])
def test_broken_answers_are_connection_errors(reader: Caller, how: str) -> None:
    reader.sandbox.faults.add("/tanks/", times=1, **{how: True})
    with pytest.raises(urllib3.exceptions.HTTPError) as raised:
        reader("GET", "/tanks/", timeout=0.3 if how == "stall" else 20)
    expected: Dict[str, Any] = {
        "reset": urllib3.exceptions.ProtocolError,
        "cut": urllib3.exceptions.ProtocolError,
        "stall": urllib3.exceptions.ReadTimeoutError,
        "garbage": urllib3.exceptions.ProtocolError,
    }
    assert isinstance(raised.value, expected[how])
    assert statuses(reader, "/tanks/", 1) == [200]


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_body_has_none_unless_the_rule_has_one(
    reader: Caller, status: int
) -> None:
    faults = reader.sandbox.faults
    faults.add("/tanks/", status=status, times=1)
    faults.add("/tanks/", status=status, body={"a": 1}, headers={"X-Fault": "yes"}, times=2)
    answer = reader("GET", "/tanks/")
    assert (answer.status, answer.data) == (status, b"")
    reader.sandbox.forget_requests()
    answer = reader("GET", "/tanks/")
    assert (answer.status, answer.headers["X-Fault"]) == (status, "yes")
    url = urllib3.util.parse_url(reader.sandbox.url)
    with socket.create_connection((str(url.host), url.port or 0)) as connection:
        connection.sendall(b"GET /developer/v1/tanks/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        received = b"".join(iter(lambda: connection.recv(4096), b""))
    assert received.startswith(b"HTTP/1.1 %d " % status)
    assert received.endswith(b'\r\n\r\n{"a": 1}')
    assert [each.status for each in reader.sandbox.requests] == [status, status]
    assert reader("GET", "/tanks/").status == 200


def test_a_body_that_contains_itself_is_refused() -> None:
    body: Any = []
    body.append(body)
    with pytest.raises(ValueError, match=r"contains itself|Circular"):
        Faults().add(status=500, body=body)


def test_a_request_with_a_cut_answer_is_performed(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.faults.add("/groups/", method="POST", cut=True, times=1)
    with pytest.raises(urllib3.exceptions.ProtocolError, match="IncompleteRead"):
        caller("POST", "/groups/", {"name": "Night shift"})
    assert "Night shift" in [group["name"] for group in caller.get("/groups/")]


def test_latency_delays_responses_and_faults(
    reader: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from formlabs_web_api.sandbox.http import fault_injection as interference

    waited = []

    async def gone(receive: Any, within: float = 0.0) -> bool:
        waited.append(within)
        return False

    monkeypatch.setattr(interference, "_gone", gone)
    reader.sandbox.faults.add("/tanks/", latency=2.5, times=1)
    reader.sandbox.faults.add("/tanks/", latency=40, status=504, times=1)
    assert statuses(reader, "/tanks/", 3) == [200, 504, 200]
    assert waited == [2.5, 40]


def test_client_that_disconnects_ends_the_latency_wait(reader: Caller) -> None:
    reader.sandbox.faults.add("/tanks/", latency=3600, times=1)
    with pytest.raises(urllib3.exceptions.ReadTimeoutError):
        reader("GET", "/tanks/", timeout=0.1)
    assert statuses(reader, "/tanks/", 1) == [200]


def test_the_sandbox_stops_while_an_answer_is_delayed(caplog: pytest.LogCaptureFixture) -> None:
    sandbox = Sandbox(now=NOW).start()
    caller = Caller(sandbox)
    sandbox.faults.add("/tanks/", stall=True)
    response = caller("GET", "/tanks/", preload_content=False, timeout=20)
    sandbox.stop()
    with pytest.raises(urllib3.exceptions.ProtocolError):
        response.read()
    assert caplog.messages == [], "the server had to end it by force"
    caller.pool.clear()


def test_a_head_request_gets_no_body_of_a_fault(reader: Caller) -> None:
    reader.sandbox.faults.add("/tanks/", status=503, times=1)
    response = reader("HEAD", "/tanks/")
    assert (response.status, response.data) == (503, b"")


# The log


def test_failed_requests_are_logged_with_their_status(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.faults.add("/tanks/", status=503, times=1)
    sandbox.faults.add("/groups/", method="POST", reset=True, times=1)
    caller("GET", "/tanks/")
    with pytest.raises(urllib3.exceptions.HTTPError):
        caller("POST", "/groups/", {"name": "x"})
    caller("GET", "/tanks/")
    assert [request.status for request in sandbox.requests_to("/tanks/")] == [503, 200]
    (broken,) = sandbox.requests_to("/groups/", method="post")
    assert (broken.status, broken.body) == (0, '{"name": "x"}')
    assert [request.path for request in sandbox.requests_to("/o/*")] == ["/developer/v1/o/token/"]
    assert len(sandbox.requests_to()) == len(sandbox.requests) == 4
    sandbox.forget_requests()
    assert sandbox.requests == []


# Invalid faults


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({}, ValueError, "needs latency, status"),
        ({"status": 99}, ValueError, "200 to 599"),
        ({"status": "503"}, TypeError, "whole number"),
        ({"status": 503, "reset": True}, ValueError, "one effect"),
        ({"cut": True, "stall": True}, ValueError, "one effect"),
        ({"reset": True, "body": "x"}, ValueError, "status"),
        ({"latency": 1, "headers": {"a": "b"}}, ValueError, "status"),
        ({"latency": -1}, ValueError, "0 seconds or more"),
        ({"latency": float("inf")}, ValueError, "0 seconds or more"),
        ({"latency": "1"}, TypeError, "number of seconds"),
        ({"status": 503, "times": 0}, ValueError, "1 or more"),
        ({"status": 503, "times": True}, TypeError, "whole number"),
        ({"status": 503, "after": -1}, ValueError, "0 or more"),
        ({"status": 503, "path": 7}, TypeError, "path must be a string"),
        ({"status": 503, "method": 7}, TypeError, "method must be a string"),
        ({"status": 503, "headers": ["a"]}, TypeError, "object of strings"),
        ({"status": 503, "headers": {"Retry-After": 2}}, TypeError, "headers must be a string"),
        ({"reset": 1}, TypeError, "true or false"),
        ({"status": 503, "body": {1, 2}}, TypeError, "JSON"),
        ({"status": 503, "headers": {"a": "b\r\nc: d"}}, ValueError, "header"),
    ],
)
def test_an_invalid_fault_is_refused(given: Dict[str, Any], error: Any, message: str) -> None:
    faults = Faults()
    with pytest.raises(error, match=message):
        faults.add(**given)
    assert len(faults) == 0
