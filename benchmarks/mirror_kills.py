"""Three months of a fleet whose mirror is killed repeatedly, compared with the sandbox's truth.

    python benchmarks/mirror_kills.py --printers 50 --days 90 --kills 100 [--url URL]

Each sync runs in a process of its own and is ended by SIGKILL at a seeded random moment.
Between them time passes, prints are uploaded late, rated and rated again, prints are deleted, and
some answers fail. At the end one sync runs undisturbed. Every column of every table is compared
with a mirror made by one sync, and the prints with the truth.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime, timezone
from typing import Any, Dict, List

import sqlalchemy as sa

from formlabs_web_api import ApiClient, Configuration
from formlabs_web_api.mirror import Mirror
from formlabs_web_api.mirror.schema import (
    METADATA,
    MIRROR_STATE,
    PARTS,
    PRINT_RUNS,
    PRINTER_SAMPLES,
)
from formlabs_web_api.sandbox import Sandbox

START = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
_HISTORY = ("first_seen_at", "changed_at", "deleted_at", "seen_in")
"""Columns that depend on when a mirror was made."""
_FAULTS: List[Dict[str, Any]] = [
    {"status": 503},
    {"status": 500},
    {"reset": True},
    {"cut": True},
]


def settings_of(sandbox: Sandbox) -> Dict[str, Any]:
    return {
        "host": sandbox.url,
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
    }


def client_of(settings: Dict[str, Any]) -> ApiClient:
    return ApiClient(Configuration(rate_limits=None, trust_environment=False, **settings))


def sync(settings: Dict[str, Any], url: str, full: bool) -> None:
    """Sync once, in the process that is killed."""
    with client_of(settings) as client:
        print("begins", flush=True)
        client.mirror(url).sync(full=full)


def killed_sync(settings: Dict[str, Any], url: str, full: bool, after: float) -> bool:
    """Start a sync and kill it; return whether it was still running."""
    command = [sys.executable, __file__, "--sync", json.dumps([settings, url, full])]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.stdout.close()
    return process.wait() == -signal.SIGKILL


def disturb(sandbox: Sandbox, draw: random.Random) -> None:
    """Advance the time, with changes of the fleet and failing responses."""
    sandbox.advance(seconds=draw.choice((600, 3_600, 20_000, 90_000, 200_000)))
    runs = [run for run in sandbox.truth.prints() if run.deleted is None]
    if draw.random() < 0.3:
        sandbox.delete_print(draw.choice(runs).guid)
    for run in draw.sample(runs, 3):
        if run.status == "FINISHED":
            sandbox.rate_print(run.guid, draw.choice(("SUCCESS", "FAILURE")))
    if draw.random() < 0.3:
        fault = draw.choice(_FAULTS)
        sandbox.faults.add("*", times=draw.randint(1, 3), after=draw.randint(0, 8), **fault)


def contents(mirror: Mirror, table: sa.Table) -> Dict[Any, Dict[str, Any]]:
    """Return the rows of a table that are not marked as deleted, by key."""
    statement = sa.select(table)
    if "deleted_at" in table.c:
        statement = statement.where(table.c.deleted_at.is_(None))
    if table is PARTS:  # those of a deleted print stay
        live = sa.select(PRINT_RUNS.c.guid).where(PRINT_RUNS.c.deleted_at.is_(None))
        statement = statement.where(table.c.print_run.in_(live))
    with mirror.engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(statement).mappings()]
    keys = [column.name for column in table.primary_key]
    return {
        tuple(row[name] for name in keys): {k: v for k, v in row.items() if k not in _HISTORY}
        for row in rows
    }


def compared_with_truth(mirror: Mirror, sandbox: Sandbox) -> Counter:
    """Count the prints of the truth that the mirror has, lacks, or has otherwise."""
    with mirror.engine.connect() as connection:
        rows = {row.guid: row for row in connection.execute(sa.select(PRINT_RUNS))}
    found: Counter = Counter()
    for run in sandbox.truth.prints():
        row = rows.pop(run.guid, None)
        if row is None:
            found["deleted before it was read" if run.deleted else "MISSING"] += 1
            continue
        is_same = (
            row.name == run.name
            and row.printer == run.printer
            and row.material == run.material
            and abs(row.volume_ml - run.volume_ml) < 1e-9
            and row.layer_count == run.layer_count
            and row.status == run.status
            and abs((row.created_at - run.created).total_seconds()) < 1e-3
            and (row.rating == run.rating or run.deleted is not None)
            and (row.deleted_at is not None) == (run.deleted is not None)
        )
        found["same" if is_same else "DIFFERENT"] += 1
        if run.deleted:
            found["of these deleted"] += 1
    found["INVENTED"] += len(rows)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--printers", type=int, default=50)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sync", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.sync:
        sync(*json.loads(options.sync))
        return 0
    draw = random.Random(options.seed)
    folder = tempfile.TemporaryDirectory()
    url = options.url or f"sqlite:///{folder.name}/killed.db"
    prints = options.printers * 12
    with Sandbox(
        seed=options.seed, printers=options.printers, prints=prints, now=START
    ) as sandbox, client_of(settings_of(sandbox)) as client:
        kills = rounds = 0
        end = START.timestamp() + options.days * 86_400
        while kills < options.kills or sandbox.truth.now().timestamp() < end:
            disturb(sandbox, draw)
            rounds += 1
            after = draw.choice((0.1, 0.5, 2.0)) * draw.random()
            kills += killed_sync(settings_of(sandbox), url, draw.random() < 0.2, after)
        sandbox.faults.clear()
        mirror, reference = client.mirror(url), client.mirror(f"sqlite:///{folder.name}/once.db")
        mirror.sync(full=True)
        mirror.sync(full=True)
        reference.sync()
        result: Dict[str, Any] = {
            "days": round((sandbox.truth.now() - START).total_seconds() / 86_400),
            "syncs": rounds,
            "killed": kills,
            **compared_with_truth(mirror, sandbox),
        }
        different: List[str] = []
        for table in METADATA.sorted_tables:
            if table in (MIRROR_STATE, PRINTER_SAMPLES):
                continue
            ours, theirs = contents(mirror, table), contents(reference, table)
            result[f"rows of {table.name}"] = len(ours)
            # Running prints and online printers differ by the seconds between the two syncs.
            moving = {key for key, row in theirs.items() if row.get("is_open")}
            different += [
                f"{table.name} {key}"
                for key in ours.keys() | theirs.keys()
                if key not in moving and not _same(ours.get(key), theirs.get(key))
            ]
        result["rows that differ from a mirror made in one go"] = len(different)
        mirror.close()
        reference.close()
    if options.json:
        print(json.dumps(result))
    else:
        for name, figure in result.items():
            print(f"  {name:50} {figure:>8,}")
        print("\n".join(different[:20]))
    wrong = sum(result.get(name, 0) for name in ("MISSING", "DIFFERENT", "INVENTED"))
    return 1 if wrong or different else 0


def _same(ours: Any, theirs: Any) -> bool:
    if ours is None or theirs is None:
        return False
    if "last_pinged_at" in ours:  # a printer, whose status changes between the two
        return {k: ours[k] for k in ("serial", "alias", "model_name", "group_id")} == {
            k: theirs[k] for k in ("serial", "alias", "model_name", "group_id")
        }
    if "remaining_ml" in ours or "layers" in ours:  # and so do its consumables
        names = ("serial", "material", "inside_printer", "created_at", "display_name")
        return all(ours.get(name) == theirs.get(name) for name in names)
    return bool(ours == theirs)


if __name__ == "__main__":
    sys.exit(main())
