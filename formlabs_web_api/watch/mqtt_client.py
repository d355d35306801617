"""paho's client, which survives malformed data; importing this module needs the extra ``mqtt``."""

from __future__ import annotations

from paho.mqtt.client import Client
from paho.mqtt.enums import MQTTErrorCode

from formlabs_web_api.hooks import logger


class RobustClient(Client):
    """A client that connects again after malformed data, which would end paho's own thread."""

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """Read what the broker sent; an error of any kind counts as a broken connection."""
        try:
            return super().loop_read(max_packets)
        except Exception as error:
            logger.warning("mqtt: the connection is given up: %s", type(error).__name__)
            return MQTTErrorCode.MQTT_ERR_CONN_LOST
