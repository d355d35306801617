"""Cost of a short program beyond its dependencies: CPU time of new interpreters.

``import formlabs_web_api`` alone, which imports no dependency, beside the import of pydantic and
urllib3; then a program that lists the tanks twice, beside one that does the same with urllib3,
``json`` and one pydantic model written by hand. The start of the interpreter is left out.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from typing import Dict

from _report import Figure, report
from _server import served
from quiet_call import tank

_ROUNDS = 15
_GOAL = 1.15
_LEFT_OUT = {"PYTHONDONTWRITEBYTECODE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}
"""Settings of the environment with which modules are compiled, or certificates read, each time."""

_BY_HAND = """
import json, sys
from datetime import datetime
from typing import List, Optional
import urllib3
from pydantic import BaseModel

class Tank(BaseModel):
    serial: str
    material: str
    print_time_ms: int
    layers_printed: int
    first_fill_date: Optional[datetime]
    display_name: Optional[str]
    layer_count: Optional[int]
    inside_printer: Optional[str]
    tank_type: str
    connected_group: Optional[str]
    created_at: datetime
    last_print_date: Optional[datetime]
    manufacture_date: Optional[datetime]
    lot_number: Optional[str]
    last_modified: Optional[datetime]
    write_count: Optional[int]

class Page(BaseModel):
    count: int
    next: Optional[str]
    previous: Optional[str]
    results: List[Tank]

with urllib3.PoolManager() as pool:
    for _ in range(2):
        url = sys.argv[1] + "/developer/v1/tanks/"
        response = pool.request("GET", url, headers={"Authorization": "Bearer a-token"})
        assert Page.model_validate(json.loads(response.data)).count == 4
"""
_OURS = """
import sys
from formlabs_web_api import ApiClient, Configuration, TanksApi

with ApiClient(Configuration(host=sys.argv[1], access_token="a-token")) as client:
    for _ in range(2):
        assert TanksApi(client).tanks_list().count == 4
"""


def milliseconds(code: str, address: str, environment: Dict[str, str]) -> float:
    """Return the CPU time of a new interpreter that runs ``code``."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code, address], check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1e3 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main() -> None:
    page = {"count": 4, "next": None, "previous": None, "results": [tank(n) for n in range(4)]}
    codes = ["", "import formlabs_web_api", "import pydantic, urllib3", _BY_HAND, _OURS]
    environment = {name: v for name, v in os.environ.items() if name not in _LEFT_OUT}
    with served({1: page}) as address, tempfile.TemporaryDirectory() as compiled:
        environment["PYTHONPYCACHEPREFIX"] = compiled
        for code in codes:
            milliseconds(code, address, environment)  # so that all are compiled
        rounds = [
            [milliseconds(code, address, environment) for code in codes] for _ in range(_ROUNDS)
        ]
    start, *others = (statistics.median(times) for times in zip(*rounds))
    package, dependencies, by_hand, ours = (time - start for time in others)
    ratio = ours / by_hand
    figures: Dict[str, Figure] = {
        "import formlabs_web_api, ms": package,
        "import pydantic and urllib3, ms": dependencies,
        "two calls by hand, ms": by_hand,
        "two calls, ms": ours,
        "ratio": ratio,
    }
    report(__doc__ or "", figures, "ratio", f"at most {_GOAL}", ratio <= _GOAL)


if __name__ == "__main__":
    main()
