"""The sandbox as a server and as a program: start, log, stop, release everything."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import List, Tuple

import pytest
import urllib3

from formlabs_web_api.sandbox import Sandbox
from test.sandbox.caller import Caller
from test.sandbox.conftest import NOW

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> List[str]:
    return [sys.executable, "-W", "error", "-m", "formlabs_web_api.sandbox", *arguments]


def test_starting_and_stopping_twice_is_harmless() -> None:
    before = threading.active_count()
    sandbox = Sandbox(now=NOW)
    assert "not running" in repr(sandbox)
    sandbox.stop()
    assert sandbox.start() is sandbox
    url = sandbox.url
    assert sandbox.start().url == url
    assert url in repr(sandbox)
    caller = Caller(sandbox)
    name = {"name": "Kept"}
    assert caller("POST", "/groups/", name).status == 201
    sandbox.stop()
    sandbox.stop()
    assert threading.active_count() <= before  # a thread of another test may have ended meanwhile
    with pytest.raises(RuntimeError, match="not running"):
        _ = sandbox.url
    with pytest.raises(urllib3.exceptions.HTTPError):
        caller.pool.request("GET", url, retries=False)
    with sandbox:
        again = Caller(sandbox)
        assert "Kept" in [group["name"] for group in again.get("/groups/")]
        again.pool.clear()
    caller.pool.clear()


def test_two_sandboxes_of_one_seed_are_equal_and_independent() -> None:
    with Sandbox(seed=5, now=NOW) as first, Sandbox(seed=5, now=NOW) as second:
        assert (first.client_id, first.client_secret) == (second.client_id, second.client_secret)
        callers = Caller(first), Caller(second)
        rows = [caller("GET", "/events/?per_page=100").data for caller in callers]
        assert rows[0].replace(first.url.encode(), b"") == rows[1].replace(second.url.encode(), b"")
        callers[0]("POST", "/groups/", {"name": "Only here"})
        assert len(callers[0].get("/groups/")) == len(callers[1].get("/groups/")) + 1
        assert callers[1]("GET", "/tanks/", headers=callers[0].headers).status == 401
        for caller in callers:
            caller.pool.clear()
    assert Sandbox(seed=6, now=NOW).client_secret != first.client_secret


def test_a_port_in_use_is_an_os_error() -> None:
    with Sandbox(now=NOW) as sandbox:
        port = int(sandbox.url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"):
            Sandbox(port=port, now=NOW).start()


def test_requests_are_logged_without_credentials(caller: Caller, sandbox: Sandbox) -> None:
    caller("GET", "/prints/?status=ERROR&machine_type_id=A&machine_type_id=B&name=")
    caller("POST", "/groups/", {"name": "Línea"}, headers={"X-Mine": "7", "Cookie": "s=1"})
    token = caller.headers["Authorization"].split()[1]
    client = {"client_id": "me", "client_secret": "another-secret"}
    caller.form("/o/revoke_token/", token=token, **client)
    address = caller.get("/prints/?per_page=1")["results"][0]["print_thumbnail"]["thumbnail"]
    caller.pool.request("GET", address)
    issued, listed, made, revoked, _, picture = sandbox.requests
    assert issued.body.startswith("grant_type=client_credentials&client_id=")
    assert (listed.method, listed.path, listed.status) == ("GET", "/developer/v1/prints/", 200)
    assert listed.query == {"status": ["ERROR"], "machine_type_id": ["A", "B"], "name": [""]}
    assert (made.status, made.headers["x-mine"]) == (201, "7")
    assert "nea" in made.body
    assert (revoked.status, revoked.body.count("[hidden]")) == (401, 2)
    assert "Expires" in picture.query
    everything = repr(sandbox.requests)
    signature = re.search("Signature=([^&]+)", address)
    assert signature is not None
    for secret in (token, sandbox.client_secret, "another-secret", "s=1", signature.group(1)):
        assert secret not in everything


def test_only_the_last_thousand_requests_are_kept(sandbox: Sandbox, caller: Caller) -> None:
    for _ in range(1001):
        caller.pool.request("GET", sandbox.url + "/")
    assert len(sandbox.requests) == 1000
    assert {request.path for request in sandbox.requests} == {"/"}


def test_a_thread_that_cannot_start_frees_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with Sandbox(now=NOW) as running:
        port = int(running.url.rpartition(":")[2])
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        with pytest.raises(RuntimeError, match="new thread"):
            Sandbox(now=NOW, port=port).start()
    with Sandbox(now=NOW, port=port) as again:
        assert again.url.endswith(f":{port}")


def test_many_threads_are_served_at_once(sandbox: Sandbox) -> None:
    seen: List[int] = []

    def work() -> None:
        caller = Caller(sandbox)
        seen.extend(caller("GET", "/prints/?per_page=50").status for _ in range(10))
        caller.pool.clear()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [200] * 80


def test_importing_the_sandbox_imports_no_extra() -> None:
    code = (
        "import sys, formlabs_web_api.sandbox; formlabs_web_api.sandbox.Sandbox(); "
        "loaded = {'starlette', 'uvicorn', 'python_multipart', 'anyio', 'pydantic', 'urllib3'}; "
        "sys.exit(str(loaded & set(sys.modules)) if loaded & set(sys.modules) else 0)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=str(ROOT), check=True)


@pytest.mark.parametrize("missing", ["starlette", "uvicorn", "python_multipart"])
def test_a_missing_extra_is_named_with_the_install_command(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    users = tuple(f"formlabs_web_api.sandbox.http.{user}" for user in ("app", "bodies", "listener"))
    for name in list(sys.modules):
        if name.startswith(f"{missing}.") or name in users:
            monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ImportError, match=r'pip install "\.\[sandbox\]"'):
        Sandbox(now=NOW).start()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_program_prints_exports_and_stops_cleanly(number: signal.Signals) -> None:
    process = subprocess.Popen(
        run("--port", "0", "--seed", "4"),
        cwd=str(ROOT),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
    )
    assert process.stdout is not None
    lines: List[str] = []
    for line in process.stdout:
        lines.append(line)
        if "Bearer" in line:
            break
    exports = dict(line.strip()[7:].split("=") for line in lines if line.startswith("export "))
    sandbox = Sandbox(seed=4, now=NOW)
    assert exports["FORMLABS_CLIENT_ID"] == sandbox.client_id
    assert exports["FORMLABS_CLIENT_SECRET"] == sandbox.client_secret
    with urllib3.PoolManager(retries=False) as pool:
        url = exports["FORMLABS_HOST"] + "/developer/v1/printers/"
        assert pool.request("GET", url).status == 401
        process.send_signal(number)
        rest, errors = process.communicate(timeout=20)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_the_program_reports_a_port_in_use_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            run("--port", port),
            cwd=str(ROOT),
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip().count("\n") == 0
    assert f"127.0.0.1:{port}" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--prints", "5"), "prints must be at least 24"),
        (("--speed", "-1"), "speed must be a number from 0"),
        (("--load", "no-such.json"), "no-such.json"),
        (("--load", str(ROOT / "pyproject.toml")), "is not a recording"),
    ],
)
def test_the_program_reports_a_wrong_argument_in_one_line(
    arguments: Tuple[str, str], message: str
) -> None:
    done = subprocess.run(
        run("--port", "0", *arguments),
        cwd=str(ROOT),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip().count("\n") == 0
    assert message in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_the_program_serves_the_requested_fleet(tmp_path: Path) -> None:
    recording = {"format": "formlabs_web_api recording", "version": 1, "answers": []}
    path = tmp_path / "fleet.json"
    path.write_text(json.dumps({**recording, "recorded_at": NOW.isoformat()}), encoding="utf-8")
    for arguments, printers in ((("--printers", "3"), 3), (("--load", str(path)), 0)):
        process = subprocess.Popen(
            run("--port", "0", "--speed", "0", *arguments),
            cwd=str(ROOT),
            stdout=subprocess.PIPE,
            universal_newlines=True,
        )
        assert process.stdout is not None
        heading = process.stdout.readline()
        url = re.search(r"http://\S+", heading)
        assert url is not None
        assert (str(path) in heading) == (printers == 0)
        with urllib3.PoolManager(retries=False) as pool:
            about = json.loads(pool.request("GET", f"{url.group()}/__sandbox__/").data)
            fields = {name: about[name] for name in ("client_id", "client_secret")}
            fields["grant_type"] = "client_credentials"
            api = f"{url.group()}/developer/v1"
            answer = pool.request("POST", f"{api}/o/token/", fields=fields, encode_multipart=False)
            headers = {"Authorization": f"Bearer {json.loads(answer.data)['access_token']}"}
            answer = pool.request("GET", f"{api}/printers/", headers=headers)
            assert len(json.loads(answer.data)) == printers
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode == 0
