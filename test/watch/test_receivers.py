"""Webhooks, commands and files as receivers: signatures, statuses and redaction."""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest

from formlabs_web_api import ApiValueError
from formlabs_web_api.watch import CommandSink, DeliveryResult, JsonLinesSink, WebhookSink
from test.support.loopback import Answer, Loopback
from test.watch.test_delivery import change

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
OTHER = "whsec_" + base64.b64encode(b"o" * 24).decode()
NOW = 1_780_000_000.0


@pytest.fixture
def sink(service: Loopback) -> Iterator[WebhookSink]:
    sink = WebhookSink(f"{service.url}/hook?token=hush", SECRET, clock=lambda: NOW)
    yield sink
    sink.close()


def test_webhook_is_a_cloud_event_signed_for_the_receiver(
    service: Loopback, sink: WebhookSink
) -> None:
    standardwebhooks = pytest.importorskip("standardwebhooks")
    service.reply(204)
    late = WebhookSink(f"{service.url}/hook", [OTHER, SECRET])
    assert late.deliver(change(1)).result is DeliveryResult.DELIVERED
    headers = {name.lower(): value for name, value in service.last.headers.items()}
    for secret in (SECRET, OTHER):
        event = standardwebhooks.Webhook(secret).verify(service.last.body, headers)
    assert event["specversion"] == "1.0"
    assert event["id"] == headers["webhook-id"] == "evt_1"
    assert (event["type"], event["subject"]) == ("tank_changed", "A")
    assert event["data"]["key"] == "evt_1"
    assert headers["content-type"] == "application/cloudevents+json"
    assert "authorization" not in headers
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(SECRET).verify(service.last.body + b" ", headers)
    late.close()


def test_webhook_attempts_have_one_id_and_their_own_timestamps(service: Loopback) -> None:
    service.reply(500)
    now = [NOW]
    sink = WebhookSink(f"{service.url}/hook", SECRET, clock=lambda: now[0])
    sink.deliver(change(1))
    now[0] += 5
    sink.deliver(change(1))
    sink.close()
    first, second = (asked.headers for asked in service.asked)
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 5
    assert first["webhook-signature"] != second["webhook-signature"]


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (200, DeliveryResult.DELIVERED),
        (204, DeliveryResult.DELIVERED),
        (302, DeliveryResult.RETRY),
        (400, DeliveryResult.RETRY),
        (410, DeliveryResult.DISABLED),
        (429, DeliveryResult.RETRY),
        (500, DeliveryResult.RETRY),
    ],
)
def test_webhook_status_determines_the_delivery_result(
    service: Loopback, sink: WebhookSink, status: int, result: DeliveryResult
) -> None:
    service.reply(status)
    assert sink.deliver(change(1)).result is result


def test_webhook_redirect_is_not_followed(service: Loopback, sink: WebhookSink) -> None:
    service.queue(Answer(307, b"", {"Location": f"{service.url}/elsewhere"}))
    assert sink.deliver(change(1)).result is DeliveryResult.RETRY
    assert len(service.asked) == 1


def test_retry_after_of_a_webhook_is_kept(service: Loopback, sink: WebhookSink) -> None:
    service.queue(Answer(503, b"", {"Retry-After": "90"}))
    assert sink.deliver(change(1)).retry_after == 90


def test_unreachable_webhook_is_retried_and_shows_no_secret(service: Loopback) -> None:
    sink = WebhookSink("http://127.0.0.1:1/hook?token=hush", SECRET, timeout=5)
    delivery = sink.deliver(change(1))
    assert delivery.result is DeliveryResult.RETRY
    assert "hush" not in delivery.reason + sink.name + repr(vars(sink))
    assert SECRET[6:] not in repr(vars(sink))
    sink.close()


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_short", "whsec_*", "secret", SECRET[6:], "whsec_" + "A" * 200]
)
def test_malformed_webhook_secret_is_refused_and_not_shown(secret: str) -> None:
    with pytest.raises(ApiValueError, match=r"^webhook: a secret") as refused:
        WebhookSink("https://example.com/hook", secret)
    assert len(secret) < 8 or secret not in str(refused.value)


@pytest.mark.parametrize("url", ["", "example.com/hook", "ftp://example.com/", "http://a\\@b/"])
def test_malformed_webhook_address_is_refused(url: str) -> None:
    with pytest.raises(ApiValueError, match=r"^webhook: "):
        WebhookSink(url, SECRET)


def script(tmp_path: Path, text: str) -> List[str]:
    path = tmp_path / "receive.py"
    path.write_text(text, encoding="utf-8")
    return [sys.executable, str(path)]


def test_command_gets_the_change_and_no_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMLABS_CLIENT_SECRET", "hush")
    monkeypatch.setenv("FORMLABS_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("FORMLABS_MQTT_PASSWORD", "hush")
    out = tmp_path / "out.json"
    code = (
        "import json, os, sys\n"
        f"json.dump([json.load(sys.stdin), dict(os.environ)], open({str(out)!r}, 'w'))\n"
    )
    sink = CommandSink(script(tmp_path, code))
    assert sink.deliver(change(1)).result is DeliveryResult.DELIVERED
    found: Any = json.loads(out.read_text(encoding="utf-8"))
    environment: Dict[str, str] = found[1]
    assert found[0]["key"] == environment["FORMLABS_EVENT_ID"] == "evt_1"
    assert environment["FORMLABS_EVENT_TYPE"] == "tank_changed"
    assert environment["FORMLABS_EVENT_SUBJECT"] == "A"
    assert "FORMLABS_CLIENT_SECRET" not in environment
    assert "FORMLABS_WEBHOOK_SECRET" not in environment
    assert "FORMLABS_MQTT_PASSWORD" not in environment


def test_failed_command_is_retried(tmp_path: Path) -> None:
    delivery = CommandSink(script(tmp_path, "raise SystemExit(75)")).deliver(change(1))
    assert (delivery.result, delivery.reason) == (DeliveryResult.RETRY, "exit status 75")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups")
def test_command_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    code = (
        "import subprocess, sys, threading\n"
        "child = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE)\n"
        f"open({str(pid)!r}, 'w').write(str(child.pid))\n"
        "threading.Event().wait()\n"
    )
    delivery = CommandSink(script(tmp_path, code), timeout=3).deliver(change(1))
    assert delivery.reason == "killed after 3 s"
    child = int(pid.read_text(encoding="ascii"))
    ends = threading.Event()
    for _ in range(500):  # the system takes a moment to remove a killed process
        if not is_running(child):
            break
        ends.wait(0.02)
    assert not is_running(child)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_missing_program_is_an_error_at_the_start() -> None:
    with pytest.raises(ApiValueError, match="there is no program 'no-such-program'"):
        CommandSink(["no-such-program"])


def keys_in(path: Path) -> List[str]:
    return [json.loads(line)["key"] for line in path.read_text(encoding="utf-8").splitlines()]


def test_json_lines_file_gets_a_line_for_each_change_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    for number in (1, 2):  # as from two runs
        sink = JsonLinesSink(path)
        assert sink.deliver(change(number)).result is DeliveryResult.DELIVERED
        sink.close()
    assert keys_in(path) == ["evt_1", "evt_2"]
    assert path.read_bytes().endswith(b"\n")
    assert path.stat().st_mode & 0o777 == 0o600


def test_incomplete_last_line_of_any_length_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    sink = JsonLinesSink(path)
    sink.deliver(change(1))
    first = path.read_bytes()
    sink.deliver(change(2))
    whole = path.read_bytes()
    sink.close()
    for end in range(len(first), len(whole) - 1):
        path.write_bytes(whole[:end])
        again = JsonLinesSink(path)
        again.deliver(change(2))
        again.close()
        assert path.read_bytes() == whole
    path.write_bytes(whole[:-1])  # only the end of the line is missing
    JsonLinesSink(path).close()
    assert path.read_bytes() == whole


def test_json_lines_sink_keeps_other_content_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("buy resin", encoding="utf-8")
    sink = JsonLinesSink(path)
    sink.deliver(change(1))
    sink.close()
    assert path.read_text(encoding="utf-8").splitlines()[0] == "buy resin"


def test_moved_json_lines_file_is_created_again(tmp_path: Path) -> None:
    path, moved = tmp_path / "changes.jsonl", tmp_path / "changes.jsonl.1"
    sink = JsonLinesSink(path)
    sink.deliver(change(1))
    path.rename(moved)
    sink.deliver(change(2))
    path.unlink()
    sink.deliver(change(3))
    sink.close()
    assert (keys_in(moved), keys_in(path)) == (["evt_1"], ["evt_3"])


def test_partial_write_to_a_json_lines_file_is_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "changes.jsonl"
    sink = JsonLinesSink(path)
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, line: write(file, line[:20]))
    assert sink.deliver(change(1)).reason.startswith("20 of ")
    monkeypatch.undo()
    assert sink.deliver(change(1)).result is DeliveryResult.DELIVERED
    sink.close()
    assert keys_in(path) == ["evt_1"]


def test_json_lines_file_that_cannot_be_opened_is_an_error_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        JsonLinesSink(tmp_path / "no-such-folder" / "changes.jsonl")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="link"):
        JsonLinesSink(tmp_path / "link")
