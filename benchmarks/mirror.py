"""Writing prints into a mirror, beside a bare ``executemany`` of the same rows; sizes; requests.

python benchmarks/mirror.py [--rows 100000] [--url URL] [--json]
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
import uuid
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Dict, List

import sqlalchemy as sa

from formlabs_web_api import ApiClient, Configuration
from formlabs_web_api.mirror.database import Database
from formlabs_web_api.mirror.rows import print_row
from formlabs_web_api.mirror.schema import PRINT_RUNS
from formlabs_web_api.mirror.writing import TableWriter
from formlabs_web_api.sandbox import Sandbox

NOW = datetime(2026, 6, 5, 12, tzinfo=timezone.utc)
_PER_PAGE = 100
_SYNCS = 36


def prepared_rows(client: ApiClient, count: int) -> List[Dict[str, Any]]:
    """Return rows like those of a sandbox, each with a guid of its own."""
    models = [print_row(run, NOW) for run in client.prints.iter()]
    rows: List[Dict[str, Any]] = []
    for number in range(count):
        row = dict(models[number % len(models)])
        row["guid"] = str(uuid.UUID(int=number * 0x9E3779B97F4A7C15 % 2**128))
        row["raw"] = {**row["raw"], "guid": row["guid"]}
        rows.append(row)
    return rows


def seconds_of_mirror(database: Database, rows: List[Dict[str, Any]]) -> float:
    started = time.perf_counter()
    for first in range(0, len(rows), _PER_PAGE):
        with database.write() as connection:
            TableWriter(connection, PRINT_RUNS, NOW).upsert(rows[first : first + _PER_PAGE])
    return time.perf_counter() - started


def seconds_of_executemany(database: Database, rows: List[Dict[str, Any]]) -> float:
    times = {"first_seen_at": NOW, "changed_at": NOW}
    full = [{**row, **times} for row in rows]
    started = time.perf_counter()
    for first in range(0, len(full), _PER_PAGE):
        with database.write() as connection:
            connection.execute(sa.insert(PRINT_RUNS), full[first : first + _PER_PAGE])
    return time.perf_counter() - started


def emptied(database: Database) -> Database:
    database.migrate()
    with database.write() as connection:
        connection.execute(sa.delete(PRINT_RUNS))
    return database


def requests_needed(sandbox: Sandbox, client: ApiClient, url: str) -> Dict[str, float]:
    """Return how many requests a quiet sync, and one every five minutes, need."""
    mirror = client.mirror(url)
    mirror.sync()
    mirror.sync()
    quiet = mirror.sync()
    sandbox.forget_requests()
    for _ in range(_SYNCS):
        sandbox.advance(minutes=5)
        mirror.sync()
    mirror.close()
    return {
        "requests of a quiet sync": quiet.pages,
        "requests of an hour of --every 5m": round(12 * len(sandbox.requests) / _SYNCS, 1),
        "part of the hour's allowance": round(12 * len(sandbox.requests) / _SYNCS / 1_500, 3),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--url")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result: Dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        with Sandbox(seed=5, printers=50, prints=1_000, now=NOW) as sandbox:
            settings: Dict[str, Any] = {
                "host": sandbox.url,
                "client_id": sandbox.client_id,
                "client_secret": sandbox.client_secret,
                "rate_limits": None,
            }
            with ApiClient(Configuration(**settings)) as client:
                rows = prepared_rows(client, options.rows)
                result.update(requests_needed(sandbox, client, f"sqlite:///{folder}/hours.db"))
        url = options.url or f"sqlite:///{folder}/mirror.db"
        # In turn, since the speed of a machine varies.
        ours, bare = [], []
        for _ in range(2):
            bare.append(seconds_of_executemany(emptied(Database(url)), rows))
            ours.append(seconds_of_mirror(emptied(Database(url)), rows))
        result["rows"] = len(rows)
        result["rows a second"] = round(len(rows) / min(ours))
        result["rate beside executemany"] = round(min(bare) / min(ours), 2)
        file = Path(f"{folder}/mirror.db")
        if file.exists():
            compact = sum(len(json.dumps(row["raw"], separators=(",", ":"))) for row in rows)
            result["size of the file beside compact JSON"] = round(file.stat().st_size / compact, 2)
        result["peak memory in MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if options.json:
        print(json.dumps(result))
    else:
        for name, figure in result.items():
            print(f"  {name:40} {figure:>10,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
