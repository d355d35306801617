"""A data frame of 100,000 prints, against pandas' own way from the same rows, already flat.

    python benchmarks/frames.py [--json]

``to_frame`` reads the fields of models, derives nine values of each and makes every column of its
right type; ``DataFrame.from_records`` gets finished rows and leaves most columns as objects.
Time is CPU time, the fastest of some rounds taken in turns; memory is the peak allocation,
measured in a separate round.
"""

from __future__ import annotations

import gc
import time
import tracemalloc
from typing import Any, Callable, Dict, List

import pandas as pd
from _prints import as_json, rows
from _report import report
from pydantic import TypeAdapter

from formlabs_web_api.frames import to_frame, to_records
from formlabs_web_api.models import PrintRunWithFleetControlData

PRINTS = 100_000
ROUNDS = 5
SLOWER, LARGER = 2.0, 1.3


def seconds(made: Callable[[], Any]) -> float:
    """Return the CPU time of a call, started without garbage."""
    gc.collect()
    started = time.process_time()
    made()
    return time.process_time() - started


def peak(made: Callable[[], Any]) -> float:
    gc.collect()
    tracemalloc.start()
    made()
    _, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return highest / 1e6


def main() -> None:
    reader = TypeAdapter(List[PrintRunWithFleetControlData])
    runs = reader.validate_json(as_json(rows(PRINTS)))
    records = to_records(runs)
    ways: Dict[str, Callable[[], Any]] = {
        "from_records": lambda: pd.DataFrame.from_records(records),
        "to_frame": lambda: to_frame(runs),
    }
    times: Dict[str, List[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, made in ways.items():
            times[name].append(seconds(made))
    best = {name: min(each) for name, each in times.items()}
    memory = {name: peak(made) for name, made in ways.items()}
    time_ratio = best["to_frame"] / best["from_records"]
    memory_ratio = memory["to_frame"] / memory["from_records"]
    figures: Dict[str, Any] = {
        "prints": PRINTS,
        "columns": len(records[0]),
        "from_records, s": best["from_records"],
        "to_frame, s": best["to_frame"],
        "time ratio": time_ratio,
        "from_records, MB": memory["from_records"],
        "to_frame, MB": memory["to_frame"],
        "memory ratio": memory_ratio,
    }
    goal = f"time at most {SLOWER} times, memory at most {LARGER} times"
    met = time_ratio <= SLOWER and memory_ratio <= LARGER
    report(__doc__ or "", figures, "time ratio", goal, met)


if __name__ == "__main__":
    main()
