"""Publish changes and the state of each printer to an MQTT broker, and to Home Assistant by it."""

from __future__ import annotations

import hashlib
import json
import random
import re
import ssl
import threading
import time
from typing import Any, Callable, Dict, Optional, Tuple

from formlabs_web_api._util.json import is_object
from formlabs_web_api.exceptions import ApiValueError
from formlabs_web_api.hooks import logger
from formlabs_web_api.models.derived.raw import text
from formlabs_web_api.watch.changes import Change
from formlabs_web_api.watch.home_assistant import ORIGIN, device_of
from formlabs_web_api.watch.mqtt_broker import Acknowledgement, Broker, BrokerAddress, checked_topic
from formlabs_web_api.watch.printer_status import status_of
from formlabs_web_api.watch.sinks import DELIVERED, Delivery, DeliveryResult, FleetPoll

DISCOVERY_PREFIX = "homeassistant"
"""The prefix below which Home Assistant looks for descriptions, unless it is configured."""
_ONLINE, _OFFLINE = "online", "offline"
_INTERVALS = 3.0
"""Intervals without a poll after which the values count as out of date."""
_TRY_AGAIN = 15.0
"""Seconds after which a delivery that the broker has not acknowledged is looked at again."""
_LONGEST_DELAY = 3.0
"""Seconds within which devices are described again after Home Assistant has started."""
_OTHER = re.compile(r"[^A-Za-z0-9_-]")


class MqttSink:
    """Publishes each change, and the state of each printer, below a base topic.

    - ``<base>/<serial>/event``: each change, with QoS 1, not retained. It counts as delivered once
      the broker has acknowledged it.
    - ``<base>/<serial>/state``: the state of the printer, retained.
    - ``<base>/bridge/state``: ``online`` or ``offline``, retained. ``offline`` is also the last
      will, and what the topic shows while polls fail for three intervals.
    - ``<discovery>/device/formlabs_<serial>/config``: a description, retained, by which Home
      Assistant shows the printer; it is removed with the printer.

    One base topic belongs to one watcher. An outage of the broker after the start is waited out.

    Args:
        url: ``mqtt://user:password@host:port/base`` or, with TLS, ``mqtts://...``; the base is
            ``formlabs`` if the address has none.
        password: The password; None means that of the address, or of the environment variable
            ``FORMLABS_MQTT_PASSWORD``.
        name: Name in the state; the same in every run. None makes one of host and base.
        discovery: Home Assistant's prefix of descriptions, which differs from the base; None
            publishes no descriptions.
        tls: Settings of TLS; None means the certificates of the system, or of
            ``REQUESTS_CA_BUNDLE``.
        timeout: Seconds for the first connection, and for an acknowledgement.
        chance: A number from 0 to 1, for the delay after a start of Home Assistant.

    Raises:
        ApiValueError: address or prefix is malformed; no text repeats the password.
        BrokerError: the broker cannot be reached, or refuses the connection.
        ImportError: the extra ``mqtt`` is not installed.
    """

    def __init__(
        self,
        url: str,
        *,
        password: Optional[str] = None,
        name: Optional[str] = None,
        discovery: Optional[str] = DISCOVERY_PREFIX,
        tls: Optional[ssl.SSLContext] = None,
        timeout: float = 10.0,
        chance: Callable[[], float] = random.random,
    ) -> None:
        address = BrokerAddress.parse(url, password)
        if discovery is not None:
            discovery = checked_topic("the discovery prefix", discovery.strip("/"))
        if discovery == address.base:
            raise ApiValueError(f"mqtt: base topic and discovery prefix are both {discovery!r}")
        self._base = address.base
        self._name = name or f"mqtt {address}/{address.base}"
        self._discovery = discovery
        self._timeout = timeout
        self._chance = chance
        self._unacknowledged: Dict[str, Acknowledgement] = {}
        self._changed = threading.Condition()
        self._poll: Optional[FleetPoll] = None
        self._stale_at = 0.0
        self._describe_at: Optional[float] = None
        self._shown: Dict[str, str] = {}
        self._is_dirty = self._is_closed = False
        subscriptions = [f"{self._base}/+/state"]
        if discovery is not None:
            subscriptions += [f"{discovery}/status", f"{discovery}/device/+/config"]
        self._broker = Broker(
            *(address, (self._bridge_topic, _OFFLINE), subscriptions),
            on_connect=self._connected,
            on_message=self._received,
            tls=tls,
            timeout=timeout,
        )
        self._thread = threading.Thread(target=self._run, name="formlabs-mqtt", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """The name under which the state keeps the deliveries."""
        return self._name

    def deliver(self, change: Change) -> Delivery:
        """Publish a change once; see :meth:`Sink.deliver`."""
        waiting = self._unacknowledged.get(change.key)
        if waiting is None:
            if not self._broker.is_connected:
                return _later("there is no connection to the broker")
            event = {"event_type": str(change.kind), **change.to_dict()}
            waiting = self._broker.publish(f"{self._topic_of(change.printer)}/event", _json(event))
            self._unacknowledged[change.key] = waiting
        if not waiting.wait(self._timeout):
            # It is not published again: the connection sends it when it is made again.
            return _later(f"no acknowledgement in {self._timeout:g} s")
        del self._unacknowledged[change.key]
        if waiting.refusal:
            return Delivery(DeliveryResult.RETRY, f"the broker refuses it: {waiting.refusal}")
        return DELIVERED

    def observe(self, poll: FleetPoll) -> None:
        """Publish the state of each printer, in the background."""
        with self._changed:
            self._poll = poll
            self._stale_at = time.monotonic() + _INTERVALS * poll.interval
            self._wake()

    def close(self) -> None:
        """Publish ``offline`` and end the connection."""
        with self._changed:
            self._is_closed = True
            self._wake()
        self._thread.join()
        if self._broker.is_connected:
            self._broker.publish(self._bridge_topic, _OFFLINE, retain=True).wait(self._timeout)
        self._broker.close()

    # Called by the connection, in its thread

    def _connected(self) -> None:
        with self._changed:
            self._shown = {}  # not cleared: what is being published was for the last connection
            self._wake()

    def _received(self, topic: str, payload: bytes, was_retained: bool) -> None:
        if topic == f"{self._discovery}/status":
            if payload == _ONLINE.encode():
                self._describe_later()
        elif was_retained and payload and self._is_own(topic, payload):
            with self._changed:
                self._shown.setdefault(topic, "")
                self._wake()

    def _describe_later(self) -> None:
        """Publish everything again soon: Home Assistant has started.

        Not at once, since other programs do the same at that moment.
        """
        with self._changed:
            self._describe_at = time.monotonic() + self._chance() * _LONGEST_DELAY
            self._changed.notify_all()

    def _is_own(self, topic: str, payload: bytes) -> bool:
        """Return True for topics of an earlier run, which are removed with their printer."""
        if topic.startswith(f"{self._base}/") and topic.endswith("/state"):
            return True
        try:
            described: Any = json.loads(payload)
        except ValueError:
            return False
        if not is_object(described) or not is_object(described.get("origin")):
            return False
        own = [{"topic": self._bridge_topic}]
        return described["origin"].get("name") == ORIGIN and described.get("availability") == own

    # The thread that publishes what is retained

    def _wake(self) -> None:
        self._is_dirty = True
        self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._is_dirty and not self._is_due():
                    self._changed.wait(self._pause())
                if self._is_closed:
                    return
                self._is_dirty = False
                if self._describe_at is not None and time.monotonic() >= self._describe_at:
                    self._describe_at = None
                    self._shown = dict.fromkeys(self._shown, "")
                shown, poll = self._shown, self._poll
                is_stale = time.monotonic() >= self._stale_at
            try:
                self._publish(shown, poll, is_stale)
            except Exception:
                logger.exception("mqtt: the state of the printers cannot be published")

    def _deadlines(self) -> Dict[str, float]:
        found = {"describe": self._describe_at}
        if self._shown.get(self._bridge_topic) == _ONLINE:
            found["stale"] = self._stale_at
        return {name: moment for name, moment in found.items() if moment is not None}

    def _is_due(self) -> bool:
        return any(moment <= time.monotonic() for moment in self._deadlines().values())

    def _pause(self) -> Optional[float]:
        deadlines = self._deadlines().values()
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _publish(self, shown: Dict[str, str], poll: Optional[FleetPoll], is_stale: bool) -> None:
        """Make the broker show what it should, by what it shows already."""
        if not self._broker.is_connected:
            return  # everything is published after the next connection
        wanted = {} if poll is None else self._wanted(poll)
        wanted[self._bridge_topic] = _OFFLINE if is_stale else _ONLINE
        if poll is not None:
            known = {topic for serial in poll.serials for topic in self._topics_of(serial)}
            for topic in set(shown) - set(wanted) - known:
                self._broker.show(topic, "")  # the printer is no longer in the account
                shown.pop(topic, None)
        for topic, payload in wanted.items():
            if shown.get(topic) != payload:
                self._broker.show(topic, payload)
                shown[topic] = payload

    def _wanted(self, poll: FleetPoll) -> Dict[str, str]:
        described: Dict[str, str] = {}
        states: Dict[str, str] = {}
        for printer in poll.printers:
            serial = text(printer, "serial")
            config_topic, state_topic = self._topics_of(serial)
            states[state_topic] = _json(status_of(printer, poll.at))
            if self._discovery is not None:
                topic = self._topic_of(serial)
                device = device_of(printer, _device_id(serial), topic, self._bridge_topic)
                described[config_topic] = _json(device)
        return {**described, **states}

    def _topics_of(self, serial: str) -> Tuple[str, str]:
        """Return the topics of a printer's description and state."""
        config_topic = f"{self._discovery}/device/{_device_id(serial)}/config"
        return config_topic, f"{self._topic_of(serial)}/state"

    @property
    def _bridge_topic(self) -> str:
        return f"{self._base}/bridge/state"

    def _topic_of(self, serial: str) -> str:
        return f"{self._base}/{_safe(serial)}"


def _later(reason: str) -> Delivery:
    return Delivery(DeliveryResult.RETRY, reason, retry_in=_TRY_AGAIN)


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def _device_id(serial: str) -> str:
    return f"formlabs_{_safe(serial)}"


def _safe(serial: str) -> str:
    """Return a serial as a part of a topic; another one never becomes the same."""
    if not _OTHER.search(serial) and serial not in ("", "bridge"):
        return serial
    digest = hashlib.sha256(serial.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{_OTHER.sub('_', serial)}_{digest}"
