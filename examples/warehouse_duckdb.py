"""The account in a DuckDB file, brought up to date by each run.

    python warehouse_duckdb.py fleet.duckdb

Needs the extra ``dlt`` and the package duckdb. Another destination of dlt needs one other line. Run
it by cron or a systemd timer; credentials are those of the environment.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")  # before dlt is imported
import dlt

from formlabs_web_api import ApiClient
from formlabs_web_api.warehouse import fleet_source


def load(client: ApiClient, file: Path) -> str:
    """Load what is new; return a summary."""
    pipeline = dlt.pipeline(
        "formlabs",
        destination=dlt.destinations.duckdb(str(file)),
        dataset_name="formlabs",
        pipelines_dir=str(file.resolve().parent / ".dlt"),
    )
    return str(pipeline.run(fleet_source(client)))


def main() -> int:
    file = Path(sys.argv[1] if len(sys.argv) > 1 else "fleet.duckdb")
    if file.stem == "formlabs":
        print("Error: the file must not be named like the dataset, formlabs", file=sys.stderr)
        return 2
    with ApiClient() as client:
        print(load(client, file))
    return 0


if __name__ == "__main__":
    sys.exit(main())
