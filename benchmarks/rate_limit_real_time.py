"""The rate limiter on a real clock with real threads.

Each row lets threads ask for slots as fast as they get them, and work on the CPU for some
milliseconds after each. Its columns: the used share of the allowance (the shortest time that the
limit allows for these requests, divided by the time they took; the goal is 98 %), the most requests
in any interval of the window's length (never more than the limit), and how often a caller overtook
an earlier one (measured from outside: a thread may also lose the CPU before it asks, or after it
got its slot). The work shows the loss when threads wait for the interpreter rather than for the
limiter. The last line is the cost of a slot without other callers.

    python benchmarks/rate_limit_real_time.py [--seconds 5] [--json]
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from typing import Any, Dict, List, Tuple

from formlabs_web_api.rate_limit import RateLimiter

SETTINGS: List[Dict[str, Any]] = [
    {"threads": 1, "limit": 100, "work": 0},
    {"threads": 16, "limit": 100, "work": 0},
    {"threads": 150, "limit": 100, "work": 0},
    {"threads": 16, "limit": 10, "work": 0},
    {"threads": 16, "limit": 100, "work": 2},
    {"threads": 64, "limit": 100, "work": 4},
]
PERIOD = 1.0


def saturate(threads: int, limit: int, work: int, seconds: float) -> Dict[str, Any]:
    """Take slots for some seconds, and return the figures."""
    limiter = RateLimiter(((limit, PERIOD),))
    passes: List[Tuple[float, float]] = []
    end = time.monotonic() + seconds

    def take() -> None:
        while time.monotonic() < end:
            came = time.monotonic()
            limiter.acquire(None)
            passes.append((time.monotonic(), came))
            worked = time.thread_time() + work / 1000
            while time.thread_time() < worked:
                pass

    workers = [threading.Thread(target=take) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    moments = sorted(moment for moment, _ in passes)
    arrivals = [came for _, came in sorted(passes)]
    least = (len(moments) - 1) // limit * PERIOD
    return {
        "threads": threads,
        "limit": limit,
        "work": work,
        "passed": len(moments),
        "used": least / (moments[-1] - moments[0]),
        "most_in_a_window": most_in_any(PERIOD, moments),
        "overtaken": sum(later < earlier for earlier, later in zip(arrivals, arrivals[1:])),
    }


def most_in_any(period: float, moments: List[float]) -> int:
    """Return the largest number of moments in an interval of this length."""
    most = first = 0
    for last, moment in enumerate(moments):
        while moments[first] < moment - period:
            first += 1
        most = max(most, last - first + 1)
    return most


def cost_of_a_slot(calls: int = 20_000) -> float:
    """Return the microseconds of CPU for one free slot."""
    limiter = RateLimiter(((calls, 1.0), (calls, 3600.0)))
    begin = time.process_time()
    for _ in range(calls):
        limiter.acquire(60.0)
    return (time.process_time() - begin) / calls * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each row")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    rows = [saturate(seconds=options.seconds, **setting) for setting in SETTINGS]
    cost = cost_of_a_slot()
    if options.json:
        print(json.dumps({"period": PERIOD, "rows": rows, "microseconds_a_slot": cost}))
        return
    print("threads  limit/s  work ms  passed    used  most in 1 s  overtaken")
    for row in rows:
        print(
            f"{row['threads']:7}  {row['limit']:7}  {row['work']:7}  {row['passed']:6}"
            f"  {row['used']:6.1%}  {row['most_in_a_window']:11}  {row['overtaken']:9}"
        )
    print(f"a slot that is free costs {cost:.1f} µs of CPU")


if __name__ == "__main__":
    main()
