"""Cost of tolerant parsing without loss of data: a page of 1,000 print runs.

``parse_body`` is how every call parses the bytes of a response. Its floor is
``validate_json`` of classes with the same fields and types that have nothing of this package:
generated here from its models, without their base class, mixins and open enums.
"""

from __future__ import annotations

import json
import logging
import statistics
import time
from importlib import import_module
from typing import Any, Callable, Dict

from _generated import generated, plain
from _report import report
from pydantic import TypeAdapter

from formlabs_web_api._core.response import parse_body
from formlabs_web_api.models import PaginatedPrintRunWithFleetControlDataList
from formlabs_web_api.models._reading import Drift

try:
    msgspec: Any = import_module("msgspec")
except ImportError:
    msgspec = None

_ROUNDS = 60
_RUNS = 1000
_GOAL = 1.05


def print_run(number: int) -> Dict[str, Any]:
    """Return an invented print run as the service sends it."""
    return {
        "guid": f"10000000-0000-4000-8000-{number:012}",
        "name": f"bracket_{number}",
        "printer": "Form4-QuietOtter",
        "status": "FINISHED",
        "using_open_mode": False,
        "z_height_offset_mm": 0.0,
        "print_started_at": "2026-06-01T08:12:10.120000-04:00",
        "print_finished_at": "2026-06-01T10:40:31.512000-04:00",
        "layer_count": 1648,
        "volume_ml": 84.31,
        "material": "FLGPCL05",
        "layer_thickness_mm": 0.1,
        "currently_printing_layer": 1647,
        "estimated_duration_ms": 8880000,
        "elapsed_duration_ms": 8901392,
        "estimated_time_remaining_ms": 0,
        "created_at": "2026-06-01T08:10:55.016000-04:00",
        "print_run_success": {
            "print_run": f"10000000-0000-4000-8000-{number:012}",
            "print_run_success": "SUCCESS",
            "created_at": "2026-06-01T11:02:03.400000-04:00",
        },
        "firmware_version": "rc-2.4.1-42",
        "cartridge": "cartridge-1",
        "front_cartridge": None,
        "back_cartridge": None,
        "tank": "04f0e1d2c3b401",
        "cylinder": None,
        "note": None,
        "print_thumbnail": {"thumbnail": "https://pictures.example.com/1.png"},
        "post_print_photo_url": None,
        "user": {
            "id": 100001,
            "username": "ana.example",
            "first_name": "Ana",
            "last_name": "Example",
            "email": "ana@example.com",
        },
        "user_custom_label": "",
        "group": {"id": "00000000-0000-4000-8000-000000009001", "name": "Lab"},
        "adaptive_thickness": False,
        "message": "",
        "print_job": "00000000-0000-4000-8000-000000500101",
        "material_name": "Clear V5",
        "print_settings_name": "Default",
        "print_settings_code": "DEFAULT",
        "form_auto_serial": None,
        "form_auto_fw_version": None,
        "harvest_status": None,
        "cloud_queue_item": None,
        "parts": [
            {
                "id": 1,
                "guid": "00000000-0000-4000-8000-000000007001",
                "display_name": "housing",
                "end_layer": 1199,
                "name": "housing.stl",
                "raw_mesh_hash": None,
                "start_layer": 0,
                "volume_ml": 60.5,
                "prepared_scene": "00000000-0000-4000-8000-000000008001",
            }
        ],
        "print_intent": None,
    }


def milliseconds(read: Callable[[], object]) -> float:
    """Return the CPU time of parsing the page once."""
    started = time.process_time()
    read()
    return 1e3 * (time.process_time() - started)


def main() -> None:
    page = PaginatedPrintRunWithFleetControlDataList
    body = json.dumps({"count": _RUNS, "next": None, "previous": None}).encode()[:-1]
    body += b', "results": ' + json.dumps([print_run(n) for n in range(_RUNS)]).encode() + b"}"
    adapter = TypeAdapter(plain(page, {}))
    usual = generated(page)
    drift = Drift()
    odd, odder = (body.replace(b'"layer_count": 1648', b'"layer_count": ""', n) for n in (1, 100))
    readers: Dict[str, Callable[[], Any]] = {
        "plain classes, ms": lambda: adapter.validate_json(body),
        "models of this package, ms": lambda: parse_body(body, page, False, drift),
        "one row in 1,000 does not fit, ms": lambda: parse_body(odd, page, False, Drift()),
        "100 rows in 1,000 do not fit, ms": lambda: parse_body(odder, page, False, Drift()),
        "json.loads, ms": lambda: json.loads(body),
        "json.loads and generated from_dict, ms": lambda: usual.from_dict(json.loads(body)),
    }
    if msgspec is not None:
        readers["msgspec.json.decode, ms"] = lambda: msgspec.json.decode(body)
    for read in (*list(readers.values())[:2], readers["json.loads and generated from_dict, ms"]):
        assert len(read().results) == _RUNS
    assert not len(drift), drift
    logging.getLogger("formlabs_web_api").setLevel(logging.ERROR)
    rounds = [[milliseconds(read) for read in readers.values()] for _ in range(_ROUNDS)]
    plain_ms, ours, one, hundred, loads, by_dict = range(6)

    def ratio_of(above: int, below: int) -> float:
        return statistics.median(times[above] / times[below] for times in rounds)

    ratio = ratio_of(ours, plain_ms)
    figures: Dict[str, Any] = {
        name: statistics.median(times[at] for times in rounds) for at, name in enumerate(readers)
    }
    figures["one row that does not fit / none"] = ratio_of(one, ours)
    figures["100 rows that do not fit / none"] = ratio_of(hundred, ours)
    figures["ours / json.loads"] = ratio_of(ours, loads)
    figures["generated from_dict / ours"] = ratio_of(by_dict, ours)
    figures["ratio"] = ratio
    report(__doc__ or "", figures, "ratio", f"at most {_GOAL}", ratio <= _GOAL)


if __name__ == "__main__":
    main()
