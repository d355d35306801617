"""Cost of a slot of the shared rate limit, compared with a minimal access to the same store.

SQLite: ``reserve`` against a ``BEGIN IMMEDIATE`` transaction that writes one row. Redis, if
``redis-server`` is installed: ``reserve`` against PING and against a script that returns a number.
"""

from __future__ import annotations

import shutil
import socket
import sqlite3
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Callable, Dict, List

from _report import Figure, report

from formlabs_web_api.shared.sqlite_store import SqliteStore
from formlabs_web_api.shared.store import Window

WINDOWS = [Window(100_000, 1.0), Window(150_000, 3600.0)]
_ROUNDS = 4000
_GOAL = 60.0


def medians(calls: List[Callable[[], object]]) -> List[float]:
    """Return the median microseconds of each call; the calls take turns."""
    times: List[List[float]] = [[] for _ in calls]
    for _ in range(_ROUNDS):
        for call, found in zip(calls, times):
            started = time.perf_counter()
            call()
            found.append(time.perf_counter() - started)
    return [statistics.median(found) * 1e6 for found in times]


def sqlite_figures(folder: Path) -> Dict[str, Figure]:
    store = SqliteStore(folder / "state.sqlite3", "account", WINDOWS, "benchmark")
    bare = sqlite3.connect(str(folder / "bare.sqlite3"), isolation_level=None)
    bare.executescript(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE t (n INTEGER);"
        " INSERT INTO t VALUES (1);"
    )

    def transaction() -> None:
        bare.execute("BEGIN IMMEDIATE")
        bare.execute("UPDATE t SET n = n + 1")
        bare.execute("COMMIT")

    floor, slot = medians([transaction, lambda: store.reserve(None, False)])
    return {
        "SQLite transaction, microseconds": floor,
        "SQLite slot, microseconds": slot,
        "SQLite difference, microseconds": slot - floor,
    }


def redis_figures(folder: Path) -> Dict[str, Figure]:
    from formlabs_web_api.shared.redis_store import RedisStore

    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = ["redis-server", "--port", str(port), "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        import redis

        store = RedisStore(f"redis://127.0.0.1:{port}/0", "account", WINDOWS, "benchmark")
        client = redis.Redis(port=port)
        script = client.register_script("return ARGV[1]")
        ping, floor, slot = medians(
            [
                client.ping,
                lambda: script(["a"], ["1", "2", "3"]),
                lambda: store.reserve(None, False),
            ]
        )
    finally:
        server.terminate()
        server.wait()
    return {
        "Redis PING, microseconds": ping,
        "Redis script, microseconds": floor,
        "Redis slot, microseconds": slot,
        "Redis slot / script": slot / floor,
        "Redis slot / PING": slot / ping,
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        figures = sqlite_figures(Path(name))
        if shutil.which("redis-server"):
            figures.update(redis_figures(Path(name)))
    difference = float(figures["SQLite difference, microseconds"])
    report(
        __doc__ or "",
        figures,
        "SQLite difference, microseconds",
        f"at most {_GOAL}",
        difference <= _GOAL,
    )


if __name__ == "__main__":
    main()
