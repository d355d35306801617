"""The commands ``watch``, ``watch log`` and ``wait``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Callable, Iterator, List

import pytest

from formlabs_web_api.cli.commands import watch as command
from formlabs_web_api.sandbox import Sandbox
from test.cli.conftest import PROGRAM, Run
from test.support.mosquitto import Mosquitto, Subscriber, require_mosquitto


@pytest.fixture
def polls(own_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[List[float]]:
    """Let an hour of the sandbox pass with each wait; SIGTERM comes in the sixth poll's wait."""
    waits: List[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        own_sandbox.advance(hours=1)
        if len(waits) == 6:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(command, "sleep", sleep)
    former = signal.getsignal(signal.SIGTERM)
    yield waits
    signal.signal(signal.SIGTERM, former)


@pytest.fixture
def stop_when(
    own_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Callable[[], object]], None]]:
    """Let five hours of the sandbox pass with the first waits; SIGTERM comes on a condition."""
    former = signal.getsignal(signal.SIGTERM)

    def when(condition: Callable[[], object]) -> None:
        waits: List[float] = []

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) <= 5:
                own_sandbox.advance(hours=1)
            elif condition():
                os.kill(os.getpid(), signal.SIGTERM)
            else:
                threading.Event().wait(0.01)  # receivers have threads of their own

        monkeypatch.setattr(command, "sleep", sleep)

    yield when
    signal.signal(signal.SIGTERM, former)


def test_watch_writes_each_change_as_json_and_ends_on_sigterm(
    run_own: Run, polls: List[float], tmp_path: Path
) -> None:
    state = str(tmp_path / "state.db")
    ran = run_own("watch", "--json", "--every", "0.5", "--state", state)
    assert ran.code == 0
    changes = [json.loads(line) for line in ran.out.splitlines()]
    assert {"print_started", "print_finished"} <= {change["kind"] for change in changes}
    logged = json.loads(run_own("watch", "log", "--state", state, "--json", "-n", "999").out)
    assert [entry["change"] for entry in reversed(logged)] == changes
    assert {entry["status"] for entry in logged} == {"delivered"}


def test_json_lines_are_appended_to_a_file(
    run_own: Run, stop_when: Callable[[Callable[[], object]], None], tmp_path: Path
) -> None:
    path = tmp_path / "changes.jsonl"
    stop_when(lambda: path.read_bytes())
    ran = run_own("watch", "--json", "--every", "0.5", "--json-lines", str(path))
    written = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert written
    assert written == [json.loads(line) for line in ran.out.splitlines()][: len(written)]
    ran = run_own("watch", "--json-lines", str(tmp_path / "none" / "changes.jsonl"))
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "No such file or directory" in ran.err


def test_watch_writes_only_the_given_kinds_and_printers(run_own: Run, polls: List[float]) -> None:
    ran = run_own(
        *("watch", "--every", "0.5", "--kind", "print_finished", "--printer", "TidyWombat")
    )
    assert ran.out
    assert all(line.endswith("finished on TidyWombat") for line in ran.out.splitlines())


def test_watch_log_is_a_table_for_people(run_own: Run, polls: List[float], tmp_path: Path) -> None:
    state = str(tmp_path / "state.db")
    run_own("watch", "--every", "0.5", "--state", state)
    ran = run_own("watch", "log", "--state", state)
    assert ran.out.splitlines()[0].split() == [
        *("Found", "Change", "To", "Delivery", "Attempts", "Reason")
    ]
    assert "delivered" in ran.out


def test_watch_log_retry_counts_the_changes_to_send_again(
    run_own: Run, polls: List[float], tmp_path: Path
) -> None:
    state = str(tmp_path / "state.db")
    run_own("watch", "--every", "0.5", "--state", state)
    ran = run_own("watch", "log", "--state", state, "--retry")
    assert ran.err == "0 changes will be sent again\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("watch --kind print_finnished", "unknown kind 'print_finnished'; the kinds"),
        ("watch --every soon", '"soon" is not a duration'),
        ("watch --every 0", '"0" is not a duration'),
        ("wait TidyWombat --until asleep", "'asleep' is neither a state of a printer"),
        ("wait TidyWombat --timeout never", '"never" is not a duration'),
        ("watch log", "Missing option '--state'"),
    ],
)
def test_invalid_watch_option_is_a_usage_error(run: Run, arguments: str, message: str) -> None:
    ran = run(*arguments.split())
    assert ran.code == 2
    assert message in ran.err


def test_unusable_watch_state_is_an_error_of_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a state, but a text that somebody needs")
    ran = run("watch", "--state", str(tmp_path / "notes.txt"))
    assert ran.code == 1
    assert "cannot be used as the state of a watcher" in ran.err
    assert ran.err.count("\n") == 1
    assert (tmp_path / "notes.txt").read_text().startswith("not a state")
    assert run("watch", "log", "--state", str(tmp_path / "none.db")).code == 1


def test_wait_returns_at_once_if_the_printer_is_in_the_state(run: Run) -> None:
    ran = run("wait", "MerryPelican", "--until", "idle")
    assert (ran.code, ran.out) == (0, "MerryPelican is idle\n")


def test_wait_timeout_has_its_own_exit_code(run: Run) -> None:
    ran = run("wait", "LivelyOtter", "--until", "idle", "--timeout", "0.01")
    assert ran.code == 124
    assert ran.err == "Error: Form4L-LivelyOtter was not idle in 0.01 s\n"


def test_closed_pipe_ends_watch_and_the_change_is_written_again(
    own_sandbox: Sandbox, run_own: Run, polls: List[float], tmp_path: Path
) -> None:
    state = str(tmp_path / "state.db")
    run_own("watch", "--state", state, "--every", "0.5")
    own_sandbox.advance(hours=12)
    command_line = [sys.executable, str(PROGRAM), "watch", "--state", state]
    with subprocess.Popen(command_line, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(60) == 0
    logged: Any = json.loads(run_own("watch", "log", "--state", state, "--json", "-n", "9").out)
    assert {entry["status"] for entry in logged} == {"pending"}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    pytest.importorskip("paho.mqtt", reason="the extra mqtt is not installed")
    require_mosquitto()
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def subscriber(broker: Mosquitto) -> Iterator[Subscriber]:
    subscriber = broker.subscriber()
    yield subscriber
    subscriber.close()


def test_mqtt_publishes_each_change_and_the_state_of_each_printer(
    run_own: Run,
    stop_when: Callable[[Callable[[], object]], None],
    broker: Mosquitto,
    subscriber: Subscriber,
) -> None:
    state = "formlabs/Form4-TidyWombat/state"
    stop_when(lambda: subscriber.events() and state in subscriber.last)
    mqtt = ("--mqtt", broker.url, "--mqtt-discovery", "home/one")
    ran = run_own("watch", "--json", "--every", "0.5", *mqtt)
    keys = [json.loads(line)["key"] for line in ran.out.splitlines()]
    last = subscriber.wait_for(lambda last: last.get("formlabs/bridge/state") == "offline")
    assert json.loads(last[state])["online"] in (True, False)
    assert "home/one/device/formlabs_Form4-TidyWombat/config" in last
    published = [event["key"] for event in subscriber.events()]
    assert published == keys[: len(published)]


def test_mqtt_discovery_none_publishes_no_description(
    run_own: Run,
    stop_when: Callable[[Callable[[], object]], None],
    broker: Mosquitto,
    subscriber: Subscriber,
) -> None:
    stop_when(lambda: "shop/floor/Form4-TidyWombat/state" in subscriber.last)
    mqtt = ("--mqtt", f"{broker.url}/shop/floor", "--mqtt-discovery", "none")
    run_own("watch", "--every", "0.5", *mqtt)
    last = subscriber.wait_for(lambda last: last.get("shop/floor/bridge/state") == "offline")
    assert {topic.partition("/")[0] for topic in last} == {"shop"}


def test_mqtt_discovery_without_a_broker_is_a_usage_error(run: Run) -> None:
    ran = run("watch", "--mqtt-discovery", "none")
    assert ran.code == 2
    assert "--mqtt-discovery: it needs --mqtt URL" in ran.err


def test_broker_that_cannot_be_reached_is_one_line_without_the_password(
    run: Run, unused_host: str
) -> None:
    pytest.importorskip("paho.mqtt", reason="the extra mqtt is not installed")
    host = unused_host.partition("//")[2]
    ran = run("watch", "--mqtt", f"mqtt://ann:hush-hush@{host}")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"Error: mqtt: {host} cannot be reached: Connection refused\n"
