"""Duration of ``report all`` from a database of 100,000 prints, and the size of its page.

The bound is three times ``pandas.read_sql`` of the same rows, plus the time of drawing as many
empty charts.
"""

from __future__ import annotations

import sqlite3
import time
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Tuple

import numpy as np
import pandas as pd
from _report import report

from formlabs_web_api import Printer, PrintRun
from formlabs_web_api.frames import to_frame
from formlabs_web_api.reports.report import report_of
from formlabs_web_api.reports.runs import FleetData
from formlabs_web_api.reports.sections.section import Choices
from formlabs_web_api.reports.window import ReportWindow

NOW = datetime(2026, 6, 5, 12, 0, tzinfo=timezone.utc)
DAYS = 365
_PRINTS, _PRINTERS = 100_000, 50
_GOAL = 3.0


def prints_of(count: int, printers: int) -> pd.DataFrame:
    """Return prints of a year, with all columns of ``client.frames.prints()``."""
    empty: Any = to_frame([], kind=PrintRun, now=NOW)
    generator = np.random.default_rng(1)
    start = NOW - pd.to_timedelta(np.sort(generator.uniform(0, DAYS, count)) * 86_400, unit="s")
    length = pd.to_timedelta(generator.integers(1800, 36_000, count), unit="s")
    outcome = generator.choice(["success", "failure", "aborted", "unrated"], count)
    columns = {
        "guid": [f"{number:032x}" for number in range(count)],
        "name": [f"part {number % 700}" for number in range(count)],
        "printer": [f"printer {number % printers}" for number in range(count)],
        "status": np.where(outcome == "aborted", "ABORTED", "FINISHED"),
        "print_started_at": start,
        "ended_at": np.minimum(start + length, pd.Timestamp(NOW)),
        "created_at": start,
        "outcome": outcome,
        "volume_ml": generator.uniform(5, 300, count),
        "material": [f"FLGP{number % 6:04}" for number in range(count)],
        "material_name": "Clear",
        "layer_count": 100,
        "currently_printing_layer": 70,
        "estimated_duration_ms": 7_200_000,
        "user_username": [f"user{number % 40}@example.com" for number in range(count)],
    }
    return empty.reindex(range(count)).assign(**columns)


def timed(work: Callable[[], Any]) -> Tuple[float, Any]:
    """Return the best time of three runs, in seconds, and the result."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - began)
    return min(times), result


def main() -> None:
    """Measure and print."""
    prints = prints_of(_PRINTS, _PRINTERS)
    shown = to_frame(
        [
            Printer.from_dict({"serial": f"printer {at}", "alias": f"printer {at}"})
            for at in range(_PRINTERS)
        ],
        kind=Printer,
        now=NOW,
    )
    database = sqlite3.connect(":memory:")
    prints.astype(object).where(prints.notna(), None).map(
        lambda value: value.isoformat() if isinstance(value, datetime) else value
    ).to_sql("prints", database, index=False, chunksize=10_000)
    read, _ = timed(lambda: pd.read_sql("select * from prints", database))

    def page(frame: pd.DataFrame, days: int) -> str:
        fleet = FleetData(frame, shown, NOW)
        window = ReportWindow.of(NOW - timedelta(days=days), NOW, "Europe/Berlin")
        return report_of("all", fleet, window, Choices()).html()

    empty, _ = timed(lambda: page(prints.head(0), DAYS))
    month, _ = timed(lambda: page(prints, 30))
    year, written = timed(lambda: page(prints, DAYS))
    ratio = (year - empty) / read
    report(
        __doc__.splitlines()[0],
        {
            "prints": _PRINTS,
            "printers": _PRINTERS,
            "read_sql, s": read,
            "empty charts, s": empty,
            "report of a month, s": month,
            "report of a year, s": year,
            "page of a year, MB": len(written.encode()) / 1e6,
            "year / read_sql": ratio,
        },
        "year / read_sql",
        f"at most {_GOAL:g}",
        ratio <= _GOAL,
    )


if __name__ == "__main__":
    main()
