"""Prints into a database, for an ERP or MES: each once, however often this runs.

    python erp_upsert.py erp.sqlite

A print changes after it was first seen: it ends, and somebody rates it days later. Some show up
weeks late. Therefore each run reads everything since some days before the newest row again, and
rows are identified by ``guid``. The same two statements work with PostgreSQL.
"""

from __future__ import annotations

import sqlite3
import sys
from datetime import datetime, timedelta
from typing import Any, Iterable, Optional, Tuple

import formlabs_web_api

OVERLAP = timedelta(days=14)

TABLE = """
CREATE TABLE IF NOT EXISTS prints (
    guid TEXT PRIMARY KEY, name TEXT, printer TEXT, material TEXT, volume_ml REAL,
    outcome TEXT, started_at TEXT, ended_at TEXT, created_at TEXT NOT NULL
)"""
UPSERT = """
INSERT INTO prints VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (guid) DO UPDATE SET
    name = excluded.name, volume_ml = excluded.volume_ml, outcome = excluded.outcome,
    started_at = excluded.started_at, ended_at = excluded.ended_at"""


def row(run: formlabs_web_api.PrintRunWithFleetControlData) -> Tuple[Any, ...]:
    def text(moment: Optional[datetime]) -> Optional[str]:
        return None if moment is None else moment.isoformat()

    return (
        run.guid,
        run.name,
        run.printer,
        run.material,
        run.volume_ml,
        str(run.outcome),
        text(run.started_at),
        text(run.ended_at),
        text(run.created_at),
    )


def synchronize(client: formlabs_web_api.ApiClient, database: sqlite3.Connection) -> int:
    """Bring the table up to date; return the number of prints that were read."""
    database.execute(TABLE)
    (newest,) = database.execute("SELECT max(created_at) FROM prints").fetchone()
    since = None if newest is None else datetime.fromisoformat(newest) - OVERLAP
    runs: Iterable[formlabs_web_api.PrintRunWithFleetControlData]
    runs = formlabs_web_api.PrintsApi(client).prints_list_iter(date__gt=since)
    rows = [row(run) for run in runs]
    with database:  # all of it, or nothing
        database.executemany(UPSERT, rows)
    return len(rows)


def main() -> None:
    database = sqlite3.connect(sys.argv[1] if len(sys.argv) > 1 else "erp.sqlite")
    with formlabs_web_api.ApiClient() as client:
        print(synchronize(client, database), "prints read")
    database.close()


if __name__ == "__main__":
    main()
