"""Invented prints for the benchmarks, in the shape that the service sends."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, Iterator

_EASTERN = timezone(timedelta(hours=-4))
_END = datetime(2026, 6, 5, 8, tzinfo=_EASTERN)
_SENTINEL = "1969-12-31T19:00:00.001000-05:00"
_STATUSES = ["FINISHED"] * 84 + ["ABORTED"] * 12 + ["ERROR"] * 4
_MATERIALS = {"FLGPCL05": "Clear V5", "FLGPGR05": "Grey V5", "FLTO2002": "Tough 2000 V2"}
_USER = {"id": 100001, "username": "ana.example", "first_name": "Ana", "last_name": "Example"}


def rows(count: int, seed: int = 1) -> Iterator[Dict[str, Any]]:
    """Return prints of 90 days, the same for the same arguments."""
    chance = random.Random(seed)
    for number in range(count):
        started = _END - timedelta(milliseconds=chance.randrange(90 * 86_400_000))
        elapsed = chance.randrange(600_000, 40_000_000)
        ended = started + timedelta(milliseconds=elapsed)
        status = chance.choice(_STATUSES)
        material = chance.choice(list(_MATERIALS))
        guid = f"00000000-0000-4000-8000-{number:012}"
        rated = {"FINISHED": chance.choice(["SUCCESS", "SUCCESS", None]), "ERROR": "FAILURE"}
        rating = rated.get(status)
        layers = chance.randrange(100, 3_000)
        yield {
            "guid": guid,
            "name": f"bracket_v{number % 997}",
            "printer": f"Form4-{chance.choice(['Quiet', 'Brave', 'Calm'])}Otter",
            "status": status,
            "using_open_mode": None,
            "z_height_offset_mm": 0.0,
            "print_started_at": _written(started),
            "print_finished_at": _SENTINEL if chance.random() < 0.3 else _written(ended),
            "layer_count": layers,
            "volume_ml": chance.uniform(1.0, 200.0),
            "material": material,
            "layer_thickness_mm": 0.05,
            "currently_printing_layer": chance.randrange(layers),
            "estimated_duration_ms": elapsed,
            "elapsed_duration_ms": elapsed,
            "estimated_time_remaining_ms": 0,
            "created_at": _written(started + timedelta(seconds=9)),
            "print_run_success": rating
            and {
                "print_run": guid,
                "print_run_success": rating,
                "created_at": _written(ended + timedelta(hours=1)),
            },
            "firmware_version": "1.15.2-2913",
            "cartridge": f"04a1b2c3d4e{number % 499:03}",
            "front_cartridge": None,
            "back_cartridge": None,
            "tank": f"04f0e1d2c3b{number % 199:03}",
            "cylinder": None,
            "note": None,
            "print_thumbnail": {"thumbnail": f"https://pictures.example.com/{guid}.png?Expires=1"},
            "post_print_photo_url": None,
            "user": {**_USER, "email": "ana@example.com"},
            "user_custom_label": "",
            "group": {"id": "00000000-0000-4000-8000-000000009001", "name": "Example Lab"},
            "adaptive_thickness": False,
            "message": None,
            "print_job": guid,
            "material_name": _MATERIALS[material],
            "print_settings_name": "Default",
            "print_settings_code": "DEFAULT",
            "cloud_queue_item": None,
            "form_auto_serial": None,
            "form_auto_fw_version": None,
            "harvest_status": None,
            "parts": [],
            "print_intent": None,
        }


def as_json(found: Iterator[Dict[str, Any]]) -> bytes:
    return json.dumps(list(found)).encode()


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")
