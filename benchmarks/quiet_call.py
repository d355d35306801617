"""What a call costs on top of the plainest way to make it: client CPU, in one run, interleaved.

The plain way is ``PoolManager.request`` and ``json.loads``. ``tanks_list`` does the same and also
checks its arguments, keeps the rate limits and the retry policy, tells log and hooks, and gives
models with every value validated. The server runs in a process of its own and does not count.
"""

from __future__ import annotations

import json
import time
from typing import Any, Callable, Dict, List

import urllib3
from _report import report
from _server import served

from formlabs_web_api import ApiClient, Configuration, TanksApi

_ROUNDS = 400
_CALLS = 25
_GOAL = 1.0


def tank(number: int) -> Dict[str, Any]:
    """A tank as the service describes it, made up."""
    return {
        "serial": f"04f0e1d2c3b4{number:02}",
        "material": "FLGPCL05",
        "print_time_ms": 91300000,
        "layers_printed": 10412,
        "first_fill_date": "2025-12-30T01:20:34-05:00",
        "heatmap": None,
        "heatmap_gif": None,
        "display_name": None,
        "layer_count": 10412,
        "inside_printer": "Form4-QuietOtter",
        "tank_type": "TYPE_DIESEL",
        "connected_group": "00000000-0000-4000-8000-000000009001",
        "created_at": "2025-12-30T01:17:04.712943-05:00",
        "last_print_date": None,
        "mechanical_version": None,
        "manufacture_date": "2025-09-27T22:46:53-04:00",
        "manufacturer": "Example Manufacturing",
        "lot_number": "EX-0001",
        "last_modified": "2026-06-04T19:47:21.031108-04:00",
        "write_count": 12,
    }


def microseconds(call: Callable[[], object]) -> float:
    """CPU time of this process for one call."""
    started = time.process_time()
    for _ in range(_CALLS):
        call()
    return (time.process_time() - started) / _CALLS * 1e6


def main() -> None:
    page = {"count": 4, "next": None, "previous": None, "results": [tank(n) for n in range(4)]}
    with served({1: page}) as address, urllib3.PoolManager() as pool:
        # The limits are kept as in any program; they are only too wide to be reached here.
        configuration = Configuration(
            host=address, access_token="a-token", rate_limits=((10**5, 1.0), (10**7, 3600.0))
        )
        headers = {"Authorization": "Bearer a-token"}

        def plain() -> Any:
            response = pool.request("GET", f"{address}/developer/v1/tanks/", headers=headers)
            return json.loads(response.data)

        with ApiClient(configuration) as client:
            ours = TanksApi(client).tanks_list
            both: List[Callable[[], Any]] = [plain, ours]
            for call in both * 4:
                microseconds(call)
            rounds = [[microseconds(call) for call in both] for _ in range(_ROUNDS)]

    # Of the fastest tenth: whatever else runs on the machine can only slow a round down.
    other, our = (sorted(times)[_ROUNDS // 10] for times in zip(*rounds))
    ratio = our / other
    figures = {
        "PoolManager.request + json.loads, microseconds": other,
        "tanks_list, microseconds": our,
        "ratio": ratio,
    }
    report(__doc__ or "", figures, "ratio", f"at most {_GOAL}", ratio <= _GOAL)


if __name__ == "__main__":
    main()
