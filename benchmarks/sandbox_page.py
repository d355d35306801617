"""Cost of a page of 100 rows out of 200,000 prints on 500 printers, in ms.

CPU time of the sandbox and of a plain HTTP client together, median over requests: what a caller
waits on a machine that has nothing else to do. The floor is the client's part of it: the same page
from a bare server in another process. ``first`` is the first request of a filter, before
its result is cached; ``waited`` is the wall time.
"""

from __future__ import annotations

import gc
import statistics
import time
from typing import Dict, List, Tuple

import requests
from _report import Figure, report
from _server import served

from formlabs_web_api.sandbox import Sandbox

_ROUNDS = 15
_GOAL_MS = 10.0
_PAGES = {
    "the newest prints": "prints/",
    "prints, page 1500": "prints/?page=1500",
    "prints by status": "prints/?status=FINISHED",
    "prints by material": "prints/?material=FLGPCL05",
    "prints by name": "prints/?name=e",
    "prints by machine type": "prints/?machine_type_id=FORM-4-0&machine_type_id=FRML-4-0",
    "the newest events": "events/",
    "events by type": "events/?type=PRINT_ERROR",
}


def main() -> None:
    started = time.perf_counter()
    sandbox = Sandbox(printers=500, prints=200_000)
    figures: Dict[str, Figure] = {"making the fleet, seconds": time.perf_counter() - started}
    # As the program does: otherwise each full collection traverses the fleet.
    gc.freeze()
    with sandbox, requests.Session() as session:
        token = session.post(
            f"{sandbox.url}/developer/v1/o/token/",
            data={
                "grant_type": "client_credentials",
                "client_id": sandbox.client_id,
                "client_secret": sandbox.client_secret,
            },
        ).json()["access_token"]
        session.headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
        figures["the same bytes from a bare server"] = floor_of(session, sandbox.url)
        slowest = 0.0
        for name, path in _PAGES.items():
            url = f"{sandbox.url}/developer/v1/{path}"
            costs, waits = zip(*(cost_and_wait(session, url) for _ in range(_ROUNDS)))
            median = statistics.median(costs)
            figures[name], figures[f"{name}, first"] = median, costs[0]
            figures[f"{name}, waited"] = statistics.median(waits)
            slowest = max(slowest, median)
    figures["slowest page"] = slowest
    goal = f"at most {_GOAL_MS:g}"
    report(__doc__ or "", figures, "slowest page", goal, slowest <= _GOAL_MS)


def floor_of(session: requests.Session, url: str) -> float:
    """Return the CPU time of the client and ``json.loads`` alone: the server is another process."""
    path = "/developer/v1/prints/"
    page = session.get(url + path, params={"per_page": 100}).json()
    with served({1: page}) as address:
        costs = [cost_and_wait(session, address + path)[0] for _ in range(_ROUNDS)]
    return statistics.median(costs)


def cost_and_wait(session: requests.Session, url: str) -> Tuple[float, float]:
    """Return the CPU time and the wall time of a page of 100."""
    cpu, started = time.process_time(), time.perf_counter()
    response = session.get(url, params={"per_page": 100})
    figures = (time.process_time() - cpu) * 1000, (time.perf_counter() - started) * 1000
    rows: List[object] = response.json()["results"]
    assert len(rows) == 100, f"{url} gave {len(rows)} rows"
    return figures


if __name__ == "__main__":
    main()
