"""Cost of a call beyond the simplest equivalent: CPU time of the client, interleaved.

The floor is ``PoolManager.request`` and ``json.loads``. ``tanks_list`` does the same and also
checks its arguments, applies the rate limits and the retry policy, calls log and hooks, and
returns models with every value validated. The server runs in its own process and does not count.
"""

from __future__ import annotations

import http.client
import json
import socket
import time
from contextlib import ExitStack
from typing import Any, Callable, Dict, List

import urllib3
from _report import Figure, report
from _server import served

from formlabs_web_api import ApiClient, Configuration, TanksApi

_ROUNDS = 300
_CALLS = 25
_GOAL = 1.03


def tank(number: int) -> Dict[str, Any]:
    """Return an invented tank as the service sends it."""
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
    """Return the CPU time of this process for one call, in microseconds."""
    started = time.process_time()
    for _ in range(_CALLS):
        call()
    return (time.process_time() - started) / _CALLS * 1e6


def fastest(calls: List[Callable[[], object]], rounds: int) -> List[float]:
    """Return the microseconds of each call; the calls take turns.

    Only the fastest tenth counts: other load of the machine can only slow a round down.
    """
    for call in calls * 4:
        microseconds(call)
    times = zip(*([microseconds(call) for call in calls] for _ in range(rounds)))
    return [sorted(found)[rounds // 10] for found in times]


def main() -> None:
    page = {"count": 4, "next": None, "previous": None, "results": [tank(n) for n in range(4)]}
    path, headers = "/developer/v1/tanks/", {"Authorization": "Bearer a-token"}
    with ExitStack() as stack:
        address = stack.enter_context(served({1: page}))
        pool = stack.enter_context(urllib3.PoolManager())
        port = int(address.rpartition(":")[2])
        bare = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        connection = http.client.HTTPConnection("127.0.0.1", port)
        stack.callback(connection.close)
        request = (
            f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a-token\r\n\r\n".encode()
        )
        # The limits are enforced as in any program; they are too high to be reached here.
        configuration = Configuration(
            host=address, access_token="a-token", rate_limits=((10**5, 1.0), (10**7, 3600.0))
        )
        ours = TanksApi(stack.enter_context(ApiClient(configuration))).tanks_list

        def by_socket() -> Any:
            bare.sendall(request)
            return bare.recv(65536)

        def by_http_client() -> Any:
            connection.request("GET", path, headers=headers)
            return json.loads(connection.getresponse().read())

        def by_urllib3() -> Any:
            return pool.request("GET", address + path, headers=headers).data

        def plain() -> Any:
            response = pool.request("GET", address + path, headers=headers)
            return json.loads(response.data)

        bottom, client, library = fastest([by_socket, by_http_client, by_urllib3], 100)
        other, our = fastest([plain, ours], _ROUNDS)

    ratio = our / other
    figures: Dict[str, Figure] = {
        "bytes on a socket, microseconds": bottom,
        "http.client + json.loads, microseconds": client,
        "PoolManager.request, microseconds": library,
        "PoolManager.request + json.loads, microseconds": other,
        "tanks_list, microseconds": our,
        "ratio": ratio,
    }
    report(__doc__ or "", figures, "ratio", f"at most {_GOAL}", ratio <= _GOAL)


if __name__ == "__main__":
    main()
