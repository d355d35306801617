"""A private MQTT broker for a test, and a subscriber."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

import pytest

from test.support.programs import Server, require_program

WAIT = 20.0
"""Seconds after which a message that does not come is a failure; none takes a tenth of it."""


class Mosquitto(Server):
    """A ``mosquitto`` on a free port of loopback, without persistence."""

    def __init__(self, folder: Path, *settings: str) -> None:
        super().__init__()
        self._folder = folder
        self._settings = settings

    def command(self, port: int) -> List[str]:
        lines = [f"listener {port} 127.0.0.1", *(self._settings or ("allow_anonymous true",))]
        if os.geteuid() == 0:
            lines.append("user root")  # it would lose access to the folder of the test
        path = self._folder / "mosquitto.conf"
        path.write_text("\n".join([*lines, ""]), encoding="utf-8")
        return ["mosquitto", "-c", str(path)]

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def subscriber(self) -> Subscriber:
        return Subscriber(self.port)


class Subscriber:
    """Reads everything that is published; independent of the package."""

    def __init__(self, port: int) -> None:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        self.messages: List[Tuple[str, str, bool]] = []
        self._changed = threading.Condition()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._received
        self._client.connect("127.0.0.1", port)
        subscribed = threading.Event()
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.subscribe("#", qos=1)
        self._client.loop_start()
        assert subscribed.wait(WAIT)

    def _received(self, client: Any, userdata: Any, message: Any) -> None:
        with self._changed:
            text = message.payload.decode("utf-8")
            self.messages.append((message.topic, text, bool(message.retain)))
            self._changed.notify_all()

    def wait_for(self, wanted: Callable[[Dict[str, str]], Any]) -> Dict[str, str]:
        """Wait until the last payload of each topic is as wanted, and return them."""
        with self._changed:
            if not self._changed.wait_for(lambda: wanted(self.last), WAIT):
                pytest.fail(f"not published as wanted: {[topic for topic, *_ in self.messages]}")
            return self.last

    @property
    def last(self) -> Dict[str, str]:
        return {topic: text for topic, text, _ in self.messages}

    def publish(self, topic: str, payload: str, retain: bool = False) -> None:
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(WAIT)

    def events(self) -> List[Dict[str, Any]]:
        """Return the changes that were published, in their order."""
        return [json.loads(text) for topic, text, _ in self.messages if topic.endswith("/event")]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def require_mosquitto() -> None:
    """Skip the test without a broker, or fail where the checks of the project run."""
    require_program("mosquitto")


def retained(port: int) -> Dict[str, str]:
    """Return what the broker keeps: what a new subscriber gets before the first new message."""
    subscriber = Subscriber(port)
    subscriber.publish("test/marker", "here")
    subscriber.wait_for(lambda last: "test/marker" in last)
    subscriber.close()
    return {topic: text for topic, text, was_retained in subscriber.messages if was_retained}
