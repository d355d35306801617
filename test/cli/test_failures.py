"""Failures of commands: exit codes, and messages without a traceback."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List

import pytest

from formlabs_web_api.cli import failures, session
from formlabs_web_api.sandbox import Sandbox
from test.cli.conftest import PROGRAM, Run
from test.support.loopback import Answer, Asked, Loopback

TOKEN = {"access_token": "tok-of-a-test", "expires_in": 86400, "token_type": "Bearer"}
SECRET = "a-secret-of-a-test"


@pytest.fixture
def answered(
    service: Loopback, bare_run: Run, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Run]:
    """A service that issues a token, and then gives one response to every request."""
    monkeypatch.setenv("FORMLABS_HOST", service.url)
    monkeypatch.setenv("FORMLABS_CLIENT_ID", "an-id-of-a-test")
    monkeypatch.setenv("FORMLABS_CLIENT_SECRET", SECRET)

    def answer(status: int, body: Any = "", **headers: str) -> Run:
        def respond(asked: Asked) -> Answer:
            if asked.path.endswith("/o/token/"):
                return Answer(200, TOKEN, {"Content-Type": "application/json"})
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return Answer(status, body, {"Content-Type": "application/json", **named})

        service.answer = respond
        return bare_run

    return answer


@pytest.mark.parametrize(
    ("status", "body", "headers", "code"),
    [
        (400, {"status": ["Not a valid choice."]}, {}, failures.FAILED),
        (404, {"detail": "Not found."}, {}, failures.FAILED),
        (501, "", {}, failures.FAILED),
        (200, "<html>", {}, failures.FAILED),
        (401, {"detail": "Invalid token."}, {}, failures.NOT_AUTHORISED),
        (403, {"detail": "Not yours."}, {}, failures.NOT_AUTHORISED),
        (429, "", {"Retry_After": "1800"}, failures.THROTTLED),
    ],
)
def test_each_error_status_has_its_exit_code(
    status: int,
    body: Any,
    headers: Dict[str, str],
    code: int,
    answered: Callable[..., Run],
) -> None:
    ran = answered(status, body, **headers)("prints")
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith("Error: ")
    assert ran.err.count("\n") == 1


def test_error_429_names_the_time_to_wait(answered: Callable[..., Run]) -> None:
    ran = answered(429, "", Retry_After="1800")("quota")
    assert ran.code == failures.THROTTLED
    assert ran.err.endswith("try again in 30 min\n")


@pytest.fixture
def single_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    """One attempt per request, so that no test waits."""
    original = session.Session.configuration

    def configuration(run: session.Session) -> Any:
        found = original(run)
        found.retries = False
        return found

    monkeypatch.setattr(session.Session, "configuration", configuration)


def test_unreachable_service_is_a_network_failure(
    bare_run: Run, single_attempts: None, unused_host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMLABS_HOST", unused_host)
    monkeypatch.setenv("FORMLABS_CLIENT_ID", "an-id-of-a-test")
    monkeypatch.setenv("FORMLABS_CLIENT_SECRET", SECRET)
    ran = bare_run("printers")
    assert ran.code == failures.NETWORK
    assert "Error: the service cannot be reached: Connection refused (POST" in ran.err
    assert "run `formlabs-web-api doctor` for details" in ran.err


def test_error_without_credentials_explains_how_to_get_them(bare_run: Run) -> None:
    ran = bare_run("status")
    assert ran.code == failures.NOT_AUTHORISED
    assert "formlabs-web-api login" in ran.err
    assert "formlabs-web-api --sandbox status" in ran.err


def test_refused_credentials_have_the_exit_code_not_authorised(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMLABS_CLIENT_SECRET", "wrong-secret-of-a-test")
    ran = run("status")
    assert ran.code == failures.NOT_AUTHORISED
    assert "wrong-secret" not in ran.err


@pytest.mark.parametrize(
    "command",
    [
        "statsu",
        "status --evry 3",
        "status --every 2",
        "prints --since foo",
        "prints --since 2030-01-01",
        "prints --since today --until yesterday",
        "prints --limit 0",
        "prints --limit ten",
        "prints --all --limit 5",
        "prints --since 2d --since 1d",
        "prints --limit 1 -n 2",
        "prints --ended today --ended-since 2d",
        "prints --outcome done",
        "prints --columns nmae",
        "prints --sort nmae",
        "prints --derived",
        "events --tank A --tank B",
        "groups remote-print Model^Foundry maybe",
        "printer",
        "printer ..",
        "export prints -o prints.txt",
        "export prints -o no-such-folder/prints.csv",
        "export prints --format parquet",
        "export prints --format xml",
        "groups delete Prototype^Workshop",
        "--config no-such-file.ini status --foo",
    ],
)
def test_invalid_command_is_refused_with_a_reason(command: str, run: Run) -> None:
    ran = run(*(one.replace("^", " ") for one in command.split()))
    assert (ran.code, ran.out) == (failures.USAGE, "")
    assert "Error: " in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("export prints --format xlsx", '"xlsx" is not one of csv, jsonl and parquet'),
        (
            "export prints --json",
            "--format jsonl writes rows as JSON; `prints --all --json` writes",
        ),
        (
            "export --json prints",
            "--format jsonl writes rows as JSON; `prints --all --json` writes",
        ),
        ("sandbox --port 70000", "70000 is not in the range 0 to 65535"),
        ("sandbox --prints 5", "Error: prints must be at least 24"),
        ("sandbox --load no-such.json", "Error: no-such.json: No such file or directory"),
    ],
)
def test_invalid_option_is_explained_in_plain_words(command: str, message: str, run: Run) -> None:
    ran = run(*command.split())
    assert ran.code in (failures.FAILED, failures.USAGE)
    assert message in ran.err
    assert "Input should" not in ran.err
    assert "python -m" not in ran.err


def test_client_id_without_secret_is_a_usage_error(
    bare_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMLABS_CLIENT_ID", "an-id-of-a-test")
    ran = bare_run("status")
    assert (ran.code, "the environment has no client_secret" in ran.err) == (failures.USAGE, True)


def test_interrupted_request_shows_no_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*arguments: Any, **more: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("formlabs_web_api.PrintersApi.printers_list", interrupt)
    ran = run("printers")
    assert (ran.code, ran.out, ran.err) == (failures.INTERRUPTED, "", "")


HOSTILE = "\x1b[2J\x1b]0;owned\x07evil\r\nForm4-Fake  printing\u202e\x9b31m"


def test_names_cannot_control_the_terminal_or_add_rows(
    answered: Callable[..., Run], own_sandbox: Sandbox
) -> None:
    with own_sandbox.world.lock:
        printers = list(own_sandbox.world.printers.values())
    assert printers
    row = json.loads(_printer(own_sandbox))
    row["alias"] = row["printer_status"]["current_print_run"]["name"] = HOSTILE
    for command in (["status"], ["printer", "Form4-TidyWombat"], ["printers"]):
        body = row if command[0] == "printer" else [row]
        ran = answered(200, body)(*command)
        assert ran.code == 0
        steering = set(ran.out) & set("\x1b\x07\r\x9b\u202e")
        assert not steering
    ran = answered(200, [row])("status")
    assert ran.out.count("\n") == 4  # a summary, an empty line, a head, one row


def test_error_text_of_the_service_cannot_control_the_terminal(
    answered: Callable[..., Run],
) -> None:
    ran = answered(400, {"detail": HOSTILE})("prints")
    assert "evil" in ran.err
    assert "\x1b" not in ran.err
    assert ran.err.count("\n") == 1


def _printer(sandbox: Sandbox) -> str:
    from formlabs_web_api import ApiClient, Configuration, PrintersApi

    configuration = Configuration(
        host=sandbox.url, client_id=sandbox.client_id, client_secret=sandbox.client_secret
    )
    with ApiClient(configuration) as client:
        return PrintersApi(client).printers_retrieve("Form4-TidyWombat").to_json()


SECRETS: List[str] = [SECRET, TOKEN["access_token"]]  # type: ignore[list-item]


@pytest.mark.parametrize(
    "command",
    [
        "status",
        "prints --json",
        "groups create Night",
        "doctor",
        "doctor --json",
        "quota",
        "token revoke",
        "export prints",
        "version",
    ],
)
@pytest.mark.parametrize("status", [200, 401, 403, 404, 429, 501])
def test_no_failed_command_shows_a_secret(
    command: str, status: int, answered: Callable[..., Run]
) -> None:
    message = {"detail": f"the token {TOKEN['access_token']} of {SECRET} is not wanted"}
    run = answered(status, [] if status == 200 else message, Retry_After="1800")
    ran = run(*command.split(), stdin=f"{TOKEN['access_token']}\n")
    assert not [one for one in SECRETS if one in ran.out + ran.err]


def test_bug_of_the_program_shows_its_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*arguments: Any) -> None:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr(session.Session, "now", fault)
    with pytest.raises(ZeroDivisionError):
        run("prints")


@pytest.mark.parametrize(
    ("name", "why"), [("none.ini", "No such file or directory"), (".", "Is a directory")]
)
def test_error_names_a_file_that_cannot_be_read(
    name: str, why: str, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / name
    ran = run("--config", str(path), "status")
    assert (ran.code, ran.err) == (failures.USAGE, f"Error: {path}: {why}\n")


READING = (
    "status",
    "printers",
    "printer x",
    "prints",
    "prints --json",
    "events",
    "tanks",
    "cartridges",
    "groups list",
    "groups list --json",
    "groups queue x",
    "groups create x",
    "groups delete x --yes",
    "token get",
    "export prints",
)


@pytest.mark.parametrize("command", READING)
def test_empty_response_is_an_error_of_one_line(
    command: str, answered: Callable[..., Run], service: Loopback
) -> None:
    run = answered(204)
    if command.startswith("token"):
        service.answer = lambda asked: Answer(204)
    ran = run(*command.split())
    assert ran.code == failures.FAILED
    assert ran.err.startswith("Error: ")
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_export_of_an_empty_response_fails_and_leaves_no_file(
    suffix: str, answered: Callable[..., Run], tmp_path: Path
) -> None:
    ran = answered(204)("export", "prints", "-o", str(tmp_path / f"prints.{suffix}"))
    assert ran.code == failures.FAILED
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (429, failures.THROTTLED, "try again in 30 min"),
        (500, failures.FAILED, "500"),
        (503, failures.FAILED, "503"),
        (401, failures.NOT_AUTHORISED, "doctor"),
    ],
)
def test_missing_token_on_standard_input_is_an_error(
    status: int,
    code: int,
    message: str,
    answered: Callable[..., Run],
    single_attempts: None,
    service: Loopback,
) -> None:
    run = answered(200)
    service.answer = lambda asked: Answer(
        status, "", {"Retry-After": "1800"} if status == 429 else {}
    )
    ran = run("status")
    assert (ran.code, ran.out) == (code, "")
    assert message in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("command", ["--help", "--version", "--sandbox status", "--sandbox prints"])
@pytest.mark.parametrize(
    ("redirection", "code", "message"),
    [(">/dev/full", 1, b"Error: "), (">&-", 0, b""), ("2>&- >/dev/full", 1, b"")],
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_unwritable_standard_output_shows_no_traceback(
    command: str,
    redirection: str,
    code: int,
    message: bytes,
    unbuffered: str,
    environment: Dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    program = [sys.executable, str(PROGRAM), *command.split(), "--quiet"]
    line = f"{shlex.join(program[:-1] if command.startswith('--h') else program)} {redirection}"
    ran = subprocess.run(["sh", "-c", line], stderr=subprocess.PIPE, timeout=60)
    assert ran.returncode == code
    assert ran.stderr.startswith(message)
    assert ran.stderr.count(b"\n") == bool(message)
