"""Duration of reading a history by the number of prefetched pages, compared with the latency.

The floor is the latency of all pages divided by the requests that are under way at a time: the one
that the caller waits for is one of the ``prefetch`` pages. A thousand pages at 100 ms with eight
pages ahead also show what memory grows with: a key of each row, so that no row comes twice.
"""

from __future__ import annotations

import time
import tracemalloc
from typing import Any, Dict

from _report import Figure, report
from _server import served
from quiet_call import tank

from formlabs_web_api import ApiClient, Configuration, TanksApi

_ROWS = 5
_PREFETCH = (0, 2, 4, 8)
_LATENCIES = {0.02: 100, 0.1: 60}
"""Seconds of latency, and how many pages are read at it."""
_PAGES = 1000
_GOAL = 1.2
_BYTES_A_ROW = 200


def seconds(address: str, prefetch: int, pages: int) -> float:
    """Return the wall time of reading all tanks."""
    configuration = Configuration(host=address, access_token="a-token", rate_limits=None)
    with ApiClient(configuration) as client:
        started = time.perf_counter()
        tanks = TanksApi(client).tanks_list_iter(per_page=_ROWS, prefetch=prefetch)
        found = sum(1 for _ in tanks)
        taken = time.perf_counter() - started
    assert found == pages * _ROWS
    return taken


def megabytes(address: str, pages: int) -> float:
    """Return the peak memory of Python objects while all tanks are read."""
    tracemalloc.start()
    try:
        seconds(address, max(_PREFETCH), pages)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def history(pages: int) -> Dict[int, Any]:
    """Return the pages of a listing."""
    return {
        number: {
            "count": pages * _ROWS,
            "next": f"/developer/v1/tanks/?page={number + 1}" if number < pages else None,
            "previous": None,
            "results": [{**tank(0), "serial": f"tank-{number}-{row}"} for row in range(_ROWS)],
        }
        for number in range(1, pages + 1)
    }


def main() -> None:
    figures: Dict[str, Figure] = {}
    for latency, pages in _LATENCIES.items():
        with served(history(pages), latency) as address:
            seconds(address, max(_PREFETCH), pages)
            for prefetch in _PREFETCH:
                name = f"{pages} pages at {1000 * latency:.0f} ms, prefetch={prefetch}"
                taken = seconds(address, prefetch, pages)
                floor = pages * latency / max(1, prefetch)
                figures[f"{name}, s"] = taken
                figures[f"{name}, floor, s"] = floor
                figures[f"{name}, ratio"] = taken / floor
    most, latency = max(_PREFETCH), 0.1
    with served(history(_PAGES), latency) as address:
        taken = seconds(address, most, _PAGES)
    with served(history(_PAGES)) as address:
        whole = megabytes(address, _PAGES)
    with served(history(_PAGES // 10)) as address:
        tenth = megabytes(address, _PAGES // 10)
    ratio = taken / (_PAGES * latency / most)
    growth = 1e6 * (whole - tenth) / (_PAGES * _ROWS * 0.9)
    figures[f"{_PAGES} pages at 100 ms, prefetch={most}, s"] = taken
    figures[f"most memory, {_PAGES // 10} pages, MB"] = tenth
    figures[f"most memory, {_PAGES} pages, MB"] = whole
    figures["memory for each further row, bytes"] = growth
    figures["ratio"] = ratio
    met = ratio <= _GOAL and growth <= _BYTES_A_ROW
    goal = f"at most {_GOAL}, and {_BYTES_A_ROW} bytes of memory for each further row"
    report(__doc__ or "", figures, "ratio", goal, met)


if __name__ == "__main__":
    main()
