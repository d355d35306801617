"""Cost of derived values that are not used: parsing with and without them.

    python benchmarks/derived.py [--json]

The same prints are parsed as the model and as one with the same fields that derives nothing, in
turns; the median of the ratios counts. The other figures are the cost of using them, in µs
per print.
"""

from __future__ import annotations

import gc
import statistics
import time
from datetime import datetime, timezone
from typing import Any, Callable, Dict, List

from _prints import as_json, rows
from _report import report
from pydantic import TypeAdapter

from formlabs_web_api.models import PrintRunWithFleetControlData
from formlabs_web_api.models._base import Model

PRINTS = 2_000
ROUNDS = 40
GOAL = 1.03
"""Two runs of the same code differ by this much."""
NOW = datetime(2026, 6, 5, 12, tzinfo=timezone.utc)
ASKED: Dict[str, Callable[[Any], Any]] = {
    "progress": lambda run: run.progress,
    "eta": lambda run: run.eta,
    "ended_at": lambda run: run.ended_at,
    "outcome": lambda run: run.outcome_at(NOW),
    "is_stale": lambda run: run.is_stale(NOW),
}


def plain_model() -> Any:
    """Return the model of a print without derived values."""
    fields = PrintRunWithFleetControlData.model_fields
    body = {"__annotations__": {name: info.rebuild_annotation() for name, info in fields.items()}}
    defaults = {name: info.default for name, info in fields.items() if not info.is_required()}
    return type("PlainPrintRun", (Model,), {"__module__": __name__, **body, **defaults})


def seconds(done: Callable[[], Any]) -> float:
    """Return the CPU time of a call, started without garbage that only one of two would collect."""
    gc.collect()
    started = time.process_time()
    done()
    return time.process_time() - started


def asking(ask: Callable[[Any], Any], runs: List[Any]) -> Callable[[], Any]:
    return lambda: [ask(run) for run in runs]


def main() -> None:
    text = as_json(rows(PRINTS))
    derived = TypeAdapter(List[PrintRunWithFleetControlData])
    plain: Any = TypeAdapter(List[plain_model()])  # type: ignore[misc]
    rounds = [
        (seconds(lambda: plain.validate_json(text)), seconds(lambda: derived.validate_json(text)))
        for _ in range(ROUNDS)
    ]
    ratio = statistics.median(ours / other for other, ours in rounds)
    figures: Dict[str, Any] = {
        "prints": PRINTS,
        "parsing without derived values, ms": 1e3 * statistics.median(each[0] for each in rounds),
        "parsing with them, ms": 1e3 * statistics.median(each[1] for each in rounds),
        "ratio": ratio,
    }
    runs = derived.validate_json(text)
    for name, ask in ASKED.items():
        took = min(seconds(asking(ask, runs)) for _ in range(ROUNDS))
        figures[f"{name}, µs"] = 1e6 * took / PRINTS
    report(__doc__ or "", figures, "ratio", f"at most {GOAL}", ratio <= GOAL)


if __name__ == "__main__":
    main()
