"""The form of a device's description, written from Home Assistant's documentation of MQTT.

https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload and the pages of sensor,
binary_sensor and event. Only what is documented is allowed.
"""

from __future__ import annotations

from typing import Any, Dict

_TEXT = {"type": "string", "minLength": 1}
_TOPIC = {"type": "string", "pattern": r"^[^+#\u0000]+$"}
_ENTITY: Dict[str, Any] = {
    "platform": _TEXT,
    "unique_id": {"type": "string", "pattern": "^[a-zA-Z0-9_-]+$"},
    "name": {"type": ["string", "null"]},
    "icon": {"type": "string", "pattern": "^mdi:"},
    "entity_category": {"enum": ["diagnostic", "config"]},
    "state_topic": _TOPIC,
    "value_template": _TEXT,
    "json_attributes_topic": _TOPIC,
    "json_attributes_template": _TEXT,
}


def _component(platform: str, required: Any = (), **more: Any) -> Dict[str, Any]:
    return {
        "type": "object",
        "properties": {**_ENTITY, "platform": {"const": platform}, **more},
        "required": ["platform", "unique_id", *required],
        "additionalProperties": False,
    }


_OF_A_DEVICE = (
    *("name", "manufacturer", "model", "model_id", "serial_number"),
    *("sw_version", "hw_version", "suggested_area", "configuration_url"),
)
_WORDS = {"type": "array", "items": _TEXT, "minItems": 1}
SCHEMA: Dict[str, Any] = {
    "type": "object",
    "required": ["device", "origin", "components"],
    "additionalProperties": False,
    "properties": {
        "device": {
            "type": "object",
            "required": ["identifiers", "name"],
            "additionalProperties": False,
            "properties": {
                "identifiers": _WORDS,
                **dict.fromkeys(_OF_A_DEVICE, _TEXT),
            },
        },
        "origin": {
            "type": "object",
            "required": ["name"],
            "additionalProperties": False,
            "properties": {"name": _TEXT, "sw_version": _TEXT, "support_url": _TEXT},
        },
        "components": {
            "type": "object",
            "propertyNames": {"pattern": "^[a-zA-Z0-9_-]+$"},
            "additionalProperties": {
                "oneOf": [
                    _component(
                        "sensor",
                        ["device_class", "options"],
                        device_class={"const": "enum"},
                        options=_WORDS,
                    ),
                    _component("sensor", ["device_class"], device_class={"const": "timestamp"}),
                    _component(
                        "sensor",
                        ["device_class", "state_class", "unit_of_measurement"],
                        device_class={"const": "volume_storage"},
                        state_class={"const": "measurement"},
                        unit_of_measurement={"enum": ["L", "mL"]},
                    ),
                    _component(
                        "sensor",
                        ["state_class", "unit_of_measurement"],
                        state_class={"const": "measurement"},
                        unit_of_measurement={"const": "%"},
                    ),
                    _component("sensor"),
                    _component(
                        "binary_sensor",
                        ["device_class", "value_template"],
                        device_class={"const": "connectivity"},
                    ),
                    _component(
                        "event",
                        ["state_topic", "event_types"],
                        event_types=_WORDS,
                    ),
                ]
            },
        },
        "state_topic": _TOPIC,
        "availability": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["topic"],
                "additionalProperties": False,
                "properties": {"topic": _TOPIC},
            },
        },
        "availability_mode": {"enum": ["all", "any", "latest"]},
        "qos": {"enum": [0, 1, 2]},
    },
}
