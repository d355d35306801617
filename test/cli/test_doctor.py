"""``doctor`` names each problem and gives advice for it."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, Tuple

import pytest

from formlabs_web_api.cli import failures
from formlabs_web_api.cli.commands import doctor
from test.cli.conftest import Run
from test.support.loopback import Answer, Asked, Loopback

COMPARE = "Compare client id and client secret"
OWN_TROUBLE = "The problem is in the service; try again later."
NOT_THE_API = "This is not the API: check the host"


@pytest.fixture
def examined(
    service: Loopback, bare_run: Run, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Tuple[int, Dict[str, Any]]]:
    """The exit code and the last finding, of a service with its answers to three requests: one
    without a token, one for a token, one with it."""
    monkeypatch.setenv("FORMLABS_HOST", service.url)
    monkeypatch.setenv("FORMLABS_CLIENT_ID", "an-id-of-a-test")
    monkeypatch.setenv("FORMLABS_CLIENT_SECRET", "a-secret-of-a-test")

    def examine(
        without: int = 401, token: int = 200, with_token: int = 200
    ) -> Tuple[int, Dict[str, Any]]:
        def respond(asked: Asked) -> Answer:
            kind = {"Content-Type": "application/json"}
            if asked.path.endswith("/o/token/"):
                body: Any = {"access_token": "tok-of-a-test"} if token == 200 else {}
                return Answer(token, body, kind)
            status = with_token if "authorization" in asked.headers else without
            return Answer(status, [] if status == 200 else {"detail": "No."}, kind)

        service.answer = respond
        ran = bare_run("doctor", "--json")
        assert "Traceback" not in ran.err
        return ran.code, json.loads(ran.out)[-1]

    return examine


@pytest.mark.parametrize(
    ("answers", "code", "about", "advice"),
    [
        ({"without": 404}, failures.FAILED, "host", NOT_THE_API),
        ({"without": 503}, failures.FAILED, "host", OWN_TROUBLE),
        ({"without": 429}, failures.THROTTLED, "host", "send fewer requests"),
        ({"token": 404}, failures.FAILED, "token", NOT_THE_API),
        ({"token": 429}, failures.THROTTLED, "token", "send fewer requests"),
        ({"token": 500}, failures.FAILED, "token", OWN_TROUBLE),
        ({"token": 401}, failures.NOT_AUTHORISED, "token", COMPARE),
        ({"token": 400}, failures.NOT_AUTHORISED, "token", COMPARE),
        ({"with_token": 403}, failures.NOT_AUTHORISED, "account", "has no access to printers"),
        ({"with_token": 500}, failures.FAILED, "account", OWN_TROUBLE),
        ({"with_token": 204}, failures.FAILED, "account", OWN_TROUBLE),
    ],
)
def test_doctor_gives_the_advice_for_each_response(
    answers: Dict[str, int],
    code: int,
    about: str,
    advice: str,
    examined: Callable[..., Tuple[int, Dict[str, Any]]],
) -> None:
    ended, last = examined(**answers)
    assert (ended, last["about"], last["verdict"]) == (code, about, "failed")
    assert advice in last["advice"]
    assert (COMPARE in last["advice"]) == (advice == COMPARE)


@pytest.fixture
def silent() -> Iterator[int]:
    """A port on which connections are accepted and nothing is sent."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_doctor_reports_a_silent_host_with_the_timeout(
    scheme: str, silent: int, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "TIMEOUT", 0.2)
    monkeypatch.setenv("FORMLABS_HOST", f"{scheme}://127.0.0.1:{silent}")
    ran = run("doctor")
    assert ran.code == failures.NETWORK
    assert "cannot be reached: no response within 0.2 s" in ran.out
    assert "accepts connections but does not respond" in ran.out
    assert "Error" not in ran.out
    assert ":443" not in ran.out.replace(f":{silent}", "")


def test_doctor_reports_a_server_without_tls(
    service: Loopback, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMLABS_HOST", service.url.replace("http://", "https://"))
    ran = run("doctor")
    assert ran.code == failures.NETWORK
    assert f"The server does not use TLS: try {service.url}, or another port." in ran.out
    assert "certificate" not in ran.out


def test_doctor_names_the_missing_half_of_the_credentials(
    bare_run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "half.ini"
    path.write_text("[formlabs]\nclient_id = an-id-of-a-test\n")
    ran = bare_run("doctor", "--config", str(path))
    assert (ran.code, ran.err) == (failures.USAGE, "")
    assert f"{path} has no client_secret" in ran.out
    monkeypatch.setenv("FORMLABS_CLIENT_ID", "an-id-of-a-test")
    monkeypatch.setenv("FORMLABS_CLIENT_SECRET", "")
    ran = bare_run("doctor")
    assert ran.code == failures.USAGE
    assert "FORMLABS_CLIENT_SECRET is not set, or empty" in ran.out


def test_doctor_reports_an_expired_access_token(
    service: Loopback, bare_run: Run, tmp_path: Path
) -> None:
    service.reply(401, {"detail": "Invalid token."})
    path = tmp_path / "token.ini"
    path.write_text(f"[formlabs]\nhost = {service.url}\naccess_token = tok-of-a-test\n")
    ran = bare_run("doctor", "--config", str(path))
    assert ran.code == failures.NOT_AUTHORISED
    assert "get another one" in ran.out
    assert COMPARE not in ran.out


def test_doctor_names_a_dead_proxy_without_its_password(
    bare_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    monkeypatch.setenv("FORMLABS_HOST", "http://formlabs.invalid")
    monkeypatch.setenv("http_proxy", f"http://user:a-password@127.0.0.1:{port}")
    ran = bare_run("doctor", "--json")
    findings = {one["about"]: one for one in json.loads(ran.out)}
    assert findings["proxy"]["text"] == f"requests go through 127.0.0.1:{port}"
    assert "https_proxy" in findings["host"]["advice"]
    assert "a-password" not in ran.out + ran.err


def test_doctor_reports_a_malformed_proxy_without_its_address(
    bare_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMLABS_HOST", "http://formlabs.invalid")
    monkeypatch.setenv("http_proxy", "http://user:a-password@a@b")
    ran = bare_run("doctor", "--json")
    last = json.loads(ran.out)[-1]
    assert (last["about"], last["code"]) == ("proxy", failures.USAGE)
    assert "a-password" not in ran.out + ran.err
