"""Clients that share limits and token, as programs make them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Iterator, List

import pytest

from formlabs_web_api import ApiClient, ApiValueError, Configuration, RateLimitException
from formlabs_web_api.sandbox import Sandbox
from formlabs_web_api.shared.store import windows_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def client_of(sandbox: Sandbox, shared: Any, **settings: Any) -> ApiClient:
    return ApiClient(
        Configuration(
            host=sandbox.url,
            client_id=sandbox.client_id,
            client_secret=sandbox.client_secret,
            shared=shared,
            **settings,
        )
    )


def test_clients_fetch_one_token_and_count_together(sandbox: Sandbox, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'state.sqlite3'}"
    clients = [client_of(sandbox, url) for _ in range(3)]
    for client in clients:
        client.printers.list()
    assert len(sandbox.requests_to("*/o/token/")) == 1
    # A request whose connection took long to open, on a busy machine, has taken a second slot.
    assert clients[0].quota.windows[1].used >= 4
    for client in clients:
        client.close()


def test_refused_token_is_fetched_once_for_all(sandbox: Sandbox, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'state.sqlite3'}"
    first, second = client_of(sandbox, url), client_of(sandbox, url)
    first.printers.list()
    second.printers.list()
    sandbox.advance(days=2)  # the token has ended
    first.printers.list()
    second.printers.list()
    assert len(sandbox.requests_to("*/o/token/")) == 2
    first.close()
    second.close()


def test_pause_after_429_holds_the_other_client(sandbox: Sandbox, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'state.sqlite3'}"
    first = client_of(sandbox, url, retries=False)
    second = client_of(sandbox, url, max_wait=5)
    first.printers.list()
    sandbox.faults.add("/developer/v1/tanks/", status=429, headers={"Retry-After": "600"})
    with pytest.raises(RateLimitException):
        first.tanks.list()
    with pytest.raises(RateLimitException, match="Not sent"):
        second.printers.list()
    first.close()
    second.close()


def test_environment_turns_sharing_on(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMLABS_SHARED", f"sqlite:///{tmp_path / 'state.sqlite3'}")
    client_of(sandbox, None).close()
    assert (tmp_path / "state.sqlite3").exists()


@pytest.mark.parametrize("shared", ["file.db", "mysql://host", 7, "http://host"])
def test_setting_that_names_no_store_is_refused(shared: Any) -> None:
    with pytest.raises(ApiValueError, match=r"^shared \(FORMLABS_SHARED\): True"):
        Configuration(shared=shared)


@pytest.mark.parametrize(
    "settings", [{"max_share": 0}, {"max_share": 2}, {"priority": "low"}, {"share_token": "yes"}]
)
def test_wrong_share_is_refused_by_name(settings: Any) -> None:
    (name,) = settings
    with pytest.raises(ApiValueError, match=name):
        Configuration(**settings)


def test_account_is_needed_without_a_client_id(tmp_path: Path) -> None:
    configuration = Configuration(
        access_token="t", host="http://127.0.0.1:1", shared=f"sqlite:///{tmp_path / 'x'}"
    )
    with pytest.raises(ApiValueError, match=r"shared: name the account"):
        ApiClient(configuration)


WORKER = """
import sys, threading, time
from pathlib import Path
from formlabs_web_api.shared.limiter import SharedLimiter
from formlabs_web_api.shared.sqlite_store import SqliteStore
from formlabs_web_api.shared.store import windows_of

path, slots, threads = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
limits = ((10, 0.5), (60, 3.0))
read = threading.local()
def clock():
    read.last = time.monotonic()
    return read.last
limiter = SharedLimiter(lambda: SqliteStore(path, "a", windows_of(limits), "w", clock), limits)
print("ready", flush=True)
sys.stdin.readline()
def work():
    for _ in range(slots):
        limiter.acquire(None)
        sys.stdout.write(f"{read.last:.6f}\\n")
        sys.stdout.flush()
workers = [threading.Thread(target=work) for _ in range(threads)]
for worker in workers: worker.start()
for worker in workers: worker.join()
"""
"""Prints when each slot was granted.

That is what the store read inside its transaction: on a busy machine any later reading of the clock
would include how long the thread waited to run.
"""


@pytest.mark.skipif(os.name == "nt", reason="monotonic clocks of processes differ")
def test_processes_never_exceed_a_window_though_one_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WORKER, str(tmp_path / "state"), "4", "4"]
    workers = [
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(5)
    ]
    granted: List[float] = []
    lock = threading.Lock()

    def read(worker: subprocess.Popen[str]) -> None:
        assert worker.stdout is not None
        for line in worker.stdout:
            with lock:
                granted.append(float(line))
                if len(granted) == 20:
                    workers[0].send_signal(signal.SIGKILL)

    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    readers = [threading.Thread(target=read, args=(worker,)) for worker in workers]
    for reader, worker in zip(readers, workers):
        reader.start()
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.close()
    for reader, worker in zip(readers, workers):
        reader.join()
        worker.wait()
        assert worker.stdout is not None
        worker.stdout.close()
    granted.sort()
    assert len(granted) >= 64
    for window in windows_of(((10, 0.5), (60, 3.0))):
        gaps = [last - first for first, last in zip(granted, granted[window.limit :])]
        assert min(gaps) >= window.span - 1e-5, json.dumps(granted)
