"""Descriptions of printers by which Home Assistant shows them without being configured.

A description goes to ``<prefix>/device/<id>/config`` and lists the entities of a device: where each
gets its value, and by what template. Ids come from the serial, never from a name, so that a printer
that is renamed stays the same device. A printer that is off line is a value, not a device that is
unavailable: its resin level is still known.
"""

from __future__ import annotations

from typing import Any, Dict, List

from formlabs_web_api._util.text import one_line
from formlabs_web_api._version import __version__
from formlabs_web_api.models.derived import PrinterState
from formlabs_web_api.models.derived.raw import text
from formlabs_web_api.watch.changes import ChangeKind
from formlabs_web_api.watch.printer_status import is_powder_printer, slots_of

ORIGIN = "formlabs_web_api"
"""The name by which descriptions of this package are recognized."""


def device_of(printer: object, device_id: str, topic: str, bridge_topic: str) -> Dict[str, Any]:
    """Return the description of a printer.

    Args:
        printer: The printer, a model.
        device_id: Id of the device, of ASCII letters, digits, ``_`` and ``-``.
        topic: The topic below which ``state`` and ``event`` of the printer are.
        bridge_topic: The topic that is ``online`` while the values are up to date.
    """
    return {
        "device": _device(printer, device_id),
        "origin": {"name": ORIGIN, "sw_version": __version__},
        "components": {
            key: {**component, "unique_id": f"{device_id}_{key}"}
            for key, component in _components(printer, topic).items()
        },
        "state_topic": f"{topic}/state",
        "availability": [{"topic": bridge_topic}],
        "availability_mode": "all",
        "qos": 1,
    }


def _device(printer: Any, device_id: str) -> Dict[str, Any]:
    known = {
        "model": printer.model_name,
        "model_id": text(printer, "machine_type_id"),
        "serial_number": text(printer, "serial"),
        "sw_version": text(printer, "firmware_version"),
        "suggested_area": text(printer, "location"),
    }
    return {
        "identifiers": [device_id],
        "name": one_line(printer.label),
        "manufacturer": "Formlabs",
        **{name: one_line(value) for name, value in known.items() if value},
    }


def _components(printer: object, topic: str) -> Dict[str, Dict[str, Any]]:
    components: Dict[str, Dict[str, Any]] = {
        "state": _sensor(
            *("State", "state"),
            device_class="enum",
            options=[str(state) for state in PrinterState],
            json_attributes_topic=f"{topic}/state",
            json_attributes_template=_ATTRIBUTES,
        ),
        "online": {
            "platform": "binary_sensor",
            "name": "Connection",
            "device_class": "connectivity",
            "entity_category": "diagnostic",
            "value_template": "{{ 'ON' if value_json.online | default(false) else 'OFF' }}",
        },
        "job": _sensor("Job", "job", icon="mdi:printer-3d"),
        "progress": _sensor(
            *("Progress", "progress_percent"),
            unit_of_measurement="%",
            state_class="measurement",
            icon="mdi:progress-clock",
        ),
        "expected_end": _sensor("Expected end", "expected_end_at", device_class="timestamp"),
        "event": {
            "platform": "event",
            "name": "Event",
            "state_topic": f"{topic}/event",
            "event_types": [str(kind) for kind in ChangeKind],
        },
    }
    if is_powder_printer(printer):
        components["powder"] = _sensor("Powder", "powder")
    else:
        components["tank"] = _sensor("Tank", "tank_material")
    for slot, _ in slots_of(printer):
        components.update(_resin(slot))
    return components


def _resin(slot: str) -> Dict[str, Dict[str, Any]]:
    key, name = (f"resin_{slot}", f"Resin {slot}") if slot else ("resin", "Resin")
    return {
        key: _sensor(
            *(name, f"{key}_ml"),
            device_class="volume_storage",
            state_class="measurement",
            unit_of_measurement="mL",
        ),
        f"{key}_material": _sensor(f"{name} material", f"{key}_material"),
    }


def _sensor(name: str, key: str, **more: object) -> Dict[str, Any]:
    """Return a sensor whose value is a key of the state; None, its text for null, is "unknown"."""
    template = f"{{{{ value_json.{key} | default(none) }}}}"
    return {"platform": "sensor", "name": name, "value_template": template, **more}


_SHOWN: List[str] = ["status", "job_material", "layer", "layers", "started_at", "is_stale"]
_ATTRIBUTES = (
    "{{ {"
    + ", ".join(f"'{name}': value_json.{name} | default(none)" for name in _SHOWN)
    + "} | tojson }}"
)
