"""Cost of faults: 5,000 calls from 16 threads while one request in twenty meets a fault.

The floor is the same calls without faults. The ratio counts requests: those that met no fault, for
each call; 1 means that every request without a fault was needed. The server runs in this
process, so that the times are those of both.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Dict, Tuple

from _report import Figure, report

sys.path.insert(0, str(Path(__file__).parents[1]))

from formlabs_web_api import ApiClient
from test.storm.server import Storm
from test.storm.test_storm import CALLS, MOST_REQUESTS, SEED, configuration_of, run


def calls(share_of_faults: float) -> Tuple[float, Storm, int]:
    """Return seconds, the server with its counters, and the number of wrong results."""
    storm = Storm(SEED, share_of_faults)
    started = time.perf_counter()
    with ApiClient(configuration_of(storm)) as client:
        outcomes = run(client)
    taken = time.perf_counter() - started
    storm.close()
    return taken, storm, len(outcomes.wrong)


def main() -> None:
    quiet, _, _ = calls(0.0)
    stormy, storm, wrong = calls(0.05)
    faults = sum(storm.faults.values())
    ratio = (storm.requests - faults) / CALLS
    figures: Dict[str, Figure] = {
        "calls": CALLS,
        "without faults, s": quiet,
        "with faults, s": stormy,
        "requests that met a fault": faults,
        "wrong results": wrong,
        "ratio": ratio,
    }
    met = ratio <= MOST_REQUESTS and wrong == 0
    report(__doc__ or "", figures, "ratio", f"at most {MOST_REQUESTS}, no wrong result", met)


if __name__ == "__main__":
    main()
