"""Output of commands in a pipe or a file."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import timedelta
from typing import Any, Callable, Dict

import pytest
import urllib3

from formlabs_web_api.cli import session
from formlabs_web_api.sandbox import Sandbox
from test.cli.conftest import NOW, PROGRAM, Run
from test.support.loopback import Answer, Asked, Loopback

Golden = Callable[[str, str], None]

true_service_clock = session.service_clock

COMMANDS: Dict[str, str] = {
    "status": "status",
    "printers": "printers",
    "printer": "printer Form4-JollyOkapi",
    "printer-idle": "printer SteadyWalrus --utc",
    "prints": "prints -n 12",
    "prints-filtered": "prints --since 30d --until yesterday --status aborted --model Form^4",
    "events": "events -n 8",
    "tanks": "tanks",
    "cartridges": "cartridges",
    "groups": "groups list",
    "queue": "groups queue Prototype^Workshop",
    "quota": "quota",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_table_in_a_pipe_is_complete_and_without_style(name: str, run: Run, golden: Golden) -> None:
    arguments = [one.replace("^", " ") for one in COMMANDS[name].split()]
    ran = run(*arguments)
    assert (ran.code, "\x1b" in ran.out, "…" in ran.out) == (0, False, False)
    assert not re.search(r" +$", ran.out, re.M)
    golden(name, ran.out)


def answer(sandbox: Sandbox, path: str) -> Any:
    """The response of the API itself."""
    credentials = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret}
    url = f"{sandbox.url}/developer/v1"
    with urllib3.PoolManager() as pool:
        token = pool.request(
            "POST",
            f"{url}/o/token/",
            fields={"grant_type": "client_credentials", **credentials},
            encode_multipart=False,
        )
        headers = {"Authorization": f"Bearer {json.loads(token.data)['access_token']}"}
        return json.loads(pool.request("GET", f"{url}{path}", headers=headers).data)


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("status", "/printers/"),
        ("printers", "/printers/"),
        ("printer SnugTapir", "/printers/SnugTapir/"),
        ("prints -n 7", "/prints/?per_page=7"),
        ("events -n 7", "/events/?per_page=7"),
        ("tanks", "/tanks/?per_page=100"),
        ("cartridges", "/cartridges/?per_page=100"),
        ("groups list", "/groups/"),
    ],
)
def test_json_equals_that_of_the_api(command: str, path: str, run: Run, sandbox: Sandbox) -> None:
    ran = run(*command.split(), "--json")
    asked = answer(sandbox, path)
    # A list is an envelope or an array; a single object is neither.
    is_envelope = isinstance(asked, dict) and "results" in asked
    assert json.loads(ran.out) == (asked["results"] if is_envelope else asked)


def test_json_option_may_precede_the_command(run: Run) -> None:
    assert run("--json", "version").out == run("version", "--json").out != run("version").out


def test_option_all_lists_all_prints(run: Run) -> None:
    assert len(json.loads(run("prints", "--all", "--json").out)) == 400
    assert len(json.loads(run("prints", "-n", "120", "--json").out)) == 120


def test_number_of_rows_not_shown_is_a_note_that_quiet_omits(run: Run) -> None:
    assert run("prints", "-n", "3").err == "3 of 400; --limit N or --all shows more\n"
    assert run("prints", "-n", "3", "--quiet").err == ""
    assert run("--quiet", "prints", "-n", "3").err == ""


def test_empty_listing_is_a_note_and_an_empty_array(run: Run) -> None:
    ran = run("prints", "--name", "no print has this name")
    assert (ran.code, ran.out, ran.err) == (0, "", "No rows match.\n")
    assert run("prints", "--name", "no print has this name", "--json").out == "[]\n"


def test_date_filters_are_sent_as_moments_with_both_ends_included(
    run: Run, sandbox: Sandbox
) -> None:
    run("prints", "--since", "2026-06-01", "--until", "2026-06-02")
    sent = next(one for one in reversed(sandbox.requests) if one.path.endswith("/prints/")).query
    assert sent["date__gt"] == ["2026-05-31T23:59:59.999999+0200"]
    assert sent["date__lt"] == ["2026-06-03T00:00:00.000000+0200"]


def test_names_used_by_people_are_sent_as_codes(run: Run, sandbox: Sandbox) -> None:
    run("prints", "--printer", "tidywombat", "--model", "Fuse 1", "--material", "Clear V5")
    sent = next(one for one in reversed(sandbox.requests) if one.path.endswith("/prints/")).query
    assert sent["printer"] == ["Form4-TidyWombat"]
    assert sent["machine_type_id"] == ["PILK-1-0", "PILK-1-1"]
    assert sent["material"] == ["FLGPCL05"]


@pytest.mark.parametrize("model", ["Form 4", "form 4", "Form4", "form-4-0", "FORM_4_0"])
def test_printer_type_may_be_written_in_any_spelling(
    model: str, run: Run, sandbox: Sandbox
) -> None:
    assert run("prints", "--model", model, "-n", "1").code == 0
    sent = next(one for one in reversed(sandbox.requests) if one.path.endswith("/prints/")).query
    assert sent["machine_type_id"] == ["FORM-4-0"]


def test_filter_with_an_unknown_name_is_sent_and_fails_with_a_hint(
    run: Run, sandbox: Sandbox
) -> None:
    ran = run("prints", "--model", "Frm 4", "--status", "finishd", "--printer", "TidyWombot")
    sent = next(one for one in reversed(sandbox.requests) if one.path.endswith("/prints/")).query
    assert (sent["machine_type_id"], sent["status"]) == (["Frm 4"], ["FINISHD"])
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("No rows match.\nError: ")
    assert 'No status is known as "finishd" (did you mean FINISHED?)' in ran.err
    assert 'No type of printer is known as "Frm 4" (did you mean Form 4' in ran.err
    assert 'No printer is called "TidyWombot" (did you mean TidyWombat?)' in ran.err
    ran = run("events", "--type", "resin-lw", "--json")
    assert (ran.code, ran.out, ran.err) == (
        1,
        "[]\n",
        'Error: No type of events is known as "resin-lw" (did you mean RESIN_LOW?)\n',
    )
    assert run("prints", "--printer", "none at all", "--name", "x").err.count("No printer") == 1


def test_printer_state_is_judged_by_the_clock_of_the_service(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = run("status").out
    monkeypatch.setattr(session, "service_clock", true_service_clock)
    monkeypatch.setattr(session, "clock", lambda: NOW + timedelta(days=3))
    assert run("status").out == before


def test_times_in_a_state_reason_are_in_the_zone_of_the_output(run: Run) -> None:
    assert "without a report since 2026-06-05 13:00\n" in run("printer", "JollyOkapi").out
    assert "without a report since 2026-06-05 11:00\n" in run("printer", "JollyOkapi", "--utc").out


def test_printer_is_found_by_its_name_in_tables(run: Run) -> None:
    by_name, by_serial = run("printer", "tidywombat"), run("printer", "Form4-TidyWombat")
    assert by_name.out == by_serial.out
    ran = run("printer", "TidyWombot")
    assert (ran.code, ran.err) == (1, 'Error: no printer "TidyWombot" (did you mean TidyWombat?)\n')


def test_status_watch_in_a_pipe_writes_one_table_after_the_other(
    environment: Dict[str, str], run: Run, sandbox: Sandbox
) -> None:
    sandbox.forget_requests()
    watched = subprocess.run(
        [sys.executable, str(PROGRAM), "status", "--watch"],
        env={**_environment(), "PROGRAM_LOOKS": "3"},
        stdout=subprocess.PIPE,
        check=True,
        timeout=60,
    ).stdout.decode()
    assert watched == f"2026-06-05 14:00:00\n{run('status').out}\n" * 3
    paths = [one.path for one in sandbox.requests]
    assert paths[:4] == ["/developer/v1/o/token/", *["/developer/v1/printers/"] * 3]


def test_failed_update_of_status_watch_is_one_request(
    run: Run, service: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(asked: Asked) -> Answer:
        is_token = asked.path.endswith("/o/token/")
        kind = {"Content-Type": "application/json"}
        return Answer(200, {"access_token": "tok-of-a-test"}, kind) if is_token else Answer(503)

    service.answer = answer
    watched = subprocess.run(
        [sys.executable, str(PROGRAM), "status", "--watch"],
        env={**_environment(), "PROGRAM_LOOKS": "2", "FORMLABS_HOST": service.url},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert watched.stdout == b""
    assert watched.stderr.count(b"14:00:00 503 ") == 2
    assert [asked.path for asked in service.asked].count("/developer/v1/printers/") == 2


def test_closed_pipe_is_not_a_failure(run: Run) -> None:
    command = [sys.executable, str(PROGRAM), "prints", "--all", "--json"]
    with subprocess.Popen(
        command, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


def test_neither_the_client_nor_rich_is_imported_for_version_and_help() -> None:
    for option in ("--version", "--help"):
        code = (
            "import sys; sys.argv = ['formlabs-web-api', sys.argv[1]]\n"
            "from formlabs_web_api.cli import main\n"
            "try: main()\n"
            "except SystemExit: pass\n"
            "names = {'rich', 'pydantic', 'urllib3', 'dateutil', 'formlabs_web_api.api_client'}\n"
            "sys.exit(', '.join(names & set(sys.modules)) or None)"
        )
        subprocess.run(
            [sys.executable, "-c", code, option],
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=60,
        )


def test_cli_runs_as_a_module(environment: Dict[str, str]) -> None:
    command = [sys.executable, "-m", "formlabs_web_api", "--sandbox", "status", "--json"]
    ran = subprocess.run(
        command, env=_environment(), stdout=subprocess.PIPE, check=True, timeout=60
    )
    assert len(json.loads(ran.stdout)) == 12


def test_sandbox_option_works_before_and_after_the_command(bare_run: Run) -> None:
    """The embedded sandbox uses the real clock; this test uses the fixed one."""
    assert bare_run("--sandbox", "printers").code == 0
    assert bare_run("printers", "--sandbox").out.count("\n") == 13


def _environment() -> Dict[str, str]:
    import os

    return {**os.environ, "PROGRAM_NOW": NOW.isoformat()}


HOSTILE = "a\x9b31m\u202eevil\u2028\ud83d"


def test_json_escapes_controls_and_keeps_the_value(
    run: Run, service: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"serial": "S", "alias": HOSTILE}
    token = {"access_token": "tok-of-a-test"}
    service.answer = lambda asked: Answer(
        200,
        token if asked.path.endswith("/o/token/") else [row],
        {"Content-Type": "application/json"},
    )
    monkeypatch.setenv("FORMLABS_HOST", service.url)
    ran = run("printers", "--json")
    assert json.loads(ran.out)[0]["alias"] == HOSTILE
    assert not set("\x9b\u202e\u2028\ud83d") & set(ran.out)


@pytest.mark.parametrize(
    "command", ["prints --all --json", "prints --all", "export prints", "status"]
)
def test_a_pipe_gets_utf_8_whatever_the_platform_encoding(
    command: str, run: Run, environment: Dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")
    done = subprocess.run([sys.executable, PROGRAM, *command.split()], capture_output=True)
    assert "歯車" in done.stdout.decode("utf-8")
