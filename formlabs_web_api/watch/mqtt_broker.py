"""A connection to an MQTT broker, and the broker's answer to each message."""

from __future__ import annotations

import os
import re
import socket
import ssl
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Set, Tuple, cast
from urllib.parse import unquote

from formlabs_web_api._core.tls import tls_options
from formlabs_web_api._util.extras import install_hint
from formlabs_web_api._util.secrets import HiddenText
from formlabs_web_api._util.text import one_line
from formlabs_web_api._util.urls import parse_url
from formlabs_web_api.exceptions import ApiValueError, OpenApiException
from formlabs_web_api.hooks import logger

if TYPE_CHECKING:
    from paho.mqtt.client import Client

PASSWORD_VARIABLE = "FORMLABS_MQTT_PASSWORD"
_PORTS = {"mqtt": 1883, "mqtts": 8883}
_KEEP_ALIVE = 30
"""Seconds after which broker and client check an idle connection."""
_LONGEST_PAUSE = 30
"""Seconds between two attempts to connect again."""


class BrokerError(OpenApiException):
    """The broker cannot be reached, or refuses the connection."""


@dataclass(frozen=True)
class BrokerAddress:
    """Where a broker is, and as whom to connect."""

    host: str
    port: int
    is_tls: bool
    base: str
    """The topic below which everything is published."""
    username: Optional[str] = None
    password: Optional[str] = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, url: str, password: Optional[str]) -> BrokerAddress:
        """Parse ``mqtt://user:password@host:port/base``; no error repeats the password.

        Args:
            url: The address; ``mqtts://`` for TLS.
            password: The password; None means that of the address, or of the environment variable
                ``FORMLABS_MQTT_PASSWORD`` if the address has a user without one.

        Raises:
            ApiValueError: the address is malformed.
        """
        try:
            parsed = parse_url(url)
        except ValueError as error:
            raise ApiValueError(f"mqtt: {error}") from None
        if parsed.scheme not in _PORTS:
            raise ApiValueError("mqtt: the address has to begin with mqtts:// or mqtt://")
        if any(char in url for char in "#?"):
            raise ApiValueError("mqtt: the address must not hold # or ?")
        base = checked_topic("the base topic", unquote(parsed.path).strip("/") or "formlabs")
        user, _, given = (parsed.userinfo or "").partition(":")
        if password is None:
            password = unquote(given) if given else os.environ.get(PASSWORD_VARIABLE)
        if password is not None and not user:
            raise ApiValueError("mqtt: a password needs a user: mqtt://user@host")
        return cls(
            *(parsed.host, parsed.port or _PORTS[parsed.scheme], parsed.scheme == "mqtts", base),
            username=unquote(user) or None,
            password=None if password is None else HiddenText(password),
        )


def checked_topic(name: str, topic: str) -> str:
    """Return a topic below which messages may be published.

    Raises:
        ApiValueError: it is empty, or has a character that topics cannot have.
    """
    if not topic or topic.startswith("$") or re.search(r"[+#?\0]", topic):
        raise ApiValueError(f"mqtt: {name} must not hold + # or ?, begin with $, or be empty")
    return topic


class Acknowledgement:
    """The broker's answer to a message."""

    def __init__(self) -> None:
        self._answered = threading.Event()
        self.refusal = ""
        """Why the broker does not take the message; empty if it does."""

    def wait(self, timeout: float) -> bool:
        """Wait for the answer; return False if it has not come in time."""
        return self._answered.wait(timeout)

    def answer(self, refusal: str) -> None:
        """Record the answer."""
        self.refusal = refusal
        self._answered.set()


class _Acknowledgements:
    """Match answers with messages, by their numbers.

    An answer may come before the call that sent the message has returned its number. Numbers are
    used again, so that each answer is matched, that to a message nobody waits for as well.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._expected: Dict[int, Acknowledgement] = {}
        self._unheeded: Set[int] = set()
        self._early: Dict[int, str] = {}

    def expect(self, number: int) -> Acknowledgement:
        """Return the answer to a message that was sent."""
        acknowledgement = Acknowledgement()
        with self._lock:
            if number in self._early:
                acknowledgement.answer(self._early.pop(number))
            else:
                self._expected[number] = acknowledgement
        return acknowledgement

    def disregard(self, number: int) -> None:
        """Drop the answer to a message, which may have come."""
        with self._lock:
            if self._early.pop(number, None) is None:
                self._unheeded.add(number)

    def answered(self, number: int, refusal: str) -> None:
        """Take an answer."""
        with self._lock:
            if number in self._expected:
                self._expected.pop(number).answer(refusal)
            elif number in self._unheeded:
                self._unheeded.discard(number)
            else:
                self._early[number] = refusal

    def disconnected(self) -> None:
        """Forget the messages that are not sent again over a new connection."""
        with self._lock:
            self._unheeded.clear()


class Broker:
    """A connection that is made again whenever it breaks.

    Args:
        address: Where to connect.
        will: Topic and payload that the broker publishes, retained, if the connection breaks.
        subscriptions: Topics to read.
        on_connect: Called after each connection.
        on_message: Called with topic, payload and whether the broker had it before.
        tls: Settings of TLS; None means those of the environment.
        timeout: Seconds for the first connection.

    Raises:
        BrokerError: the broker cannot be reached, or refuses the connection.
        ImportError: the extra ``mqtt`` is not installed.
    """

    def __init__(
        self,
        address: BrokerAddress,
        will: Tuple[str, str],
        subscriptions: List[str],
        on_connect: Callable[[], None],
        on_message: Callable[[str, bytes, bool], None],
        tls: Optional[ssl.SSLContext] = None,
        timeout: float = 10.0,
    ) -> None:
        self._address = address
        self._subscriptions = subscriptions
        self._on_connect = on_connect
        self._on_message = on_message
        self._acknowledgements = _Acknowledgements()
        self._first = Acknowledgement()
        self._is_closing = False
        context = (tls or _tls_of_environment()) if address.is_tls else None
        self._client = self._make_client(will, context, timeout)
        try:
            if context is not None:
                _check_tls(context, address, timeout)
            self._client.connect(address.host, address.port, keepalive=_KEEP_ALIVE)
        except (OSError, ValueError) as error:  # ValueError: a host name that cannot be encoded
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise BrokerError(f"mqtt: {address} cannot be reached: {reason}") from None
        self._client.loop_start()
        if not self._first.wait(timeout):
            self._first.refusal = f"no answer in {timeout:g} s"
        if self._first.refusal:
            self._is_closing = True
            self._client.disconnect()
            self._client.loop_stop()
            raise BrokerError(f"mqtt: {address} refuses the connection: {self._first.refusal}")

    @property
    def is_connected(self) -> bool:
        """True while there is a connection, as far as is known."""
        return self._client.is_connected()

    def publish(self, topic: str, payload: str, retain: bool = False) -> Acknowledgement:
        """Send a message that the broker acknowledges.

        If the connection breaks before, the message is sent again over the next one.
        """
        sent = self._client.publish(topic, payload, qos=1, retain=retain)
        return self._acknowledgements.expect(sent.mid)

    def show(self, topic: str, payload: str) -> None:
        """Send a retained message once; it is lost if the connection breaks."""
        sent = self._client.publish(topic, payload, qos=0, retain=True)
        self._acknowledgements.disregard(sent.mid)

    def close(self) -> None:
        """End the connection; the broker does not publish the will."""
        self._is_closing = True
        self._client.disconnect()
        self._client.loop_stop()

    def _make_client(
        self, will: Tuple[str, str], tls: Optional[ssl.SSLContext], timeout: float
    ) -> Client:
        try:
            from paho.mqtt.client import MQTTv5
            from paho.mqtt.enums import CallbackAPIVersion

            from formlabs_web_api.watch.mqtt_client import RobustClient
        except ImportError as error:
            raise ImportError(f"MQTT needs paho-mqtt: {install_hint('mqtt')}") from error
        client = RobustClient(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
        client.connect_timeout = timeout
        client.reconnect_delay_set(1, _LONGEST_PAUSE)
        topic, payload = will
        client.will_set(topic, payload, qos=1, retain=True)
        if self._address.username is not None:
            client.username_pw_set(self._address.username, self._address.password)
        if tls is not None:
            cast("Any", client).tls_set_context(tls)  # its argument has no usable type
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_publish = self._published
        client.on_message = self._received
        return client

    # Called by paho, in its thread

    def _connected(
        self, client: Client, userdata: object, flags: object, reason: Any, more: object
    ) -> None:
        if reason.is_failure:
            refusal = one_line(str(reason))
            self._first.answer(refusal)
            if not self._is_closing:
                logger.warning("mqtt: %s refuses the connection: %s", self._address, refusal)
            return
        from paho.mqtt.subscribeoptions import SubscribeOptions

        options = SubscribeOptions(qos=1, noLocal=True)
        if self._subscriptions:
            client.subscribe([(topic, options) for topic in self._subscriptions])
        self._on_connect()
        self._first.answer("")

    def _disconnected(
        self, client: Client, userdata: object, flags: object, reason: object, more: object
    ) -> None:
        self._acknowledgements.disconnected()
        if not self._is_closing:
            text = one_line(str(reason))
            logger.warning("mqtt: the connection to %s broke: %s", self._address, text)

    def _published(
        self, client: Client, userdata: object, number: int, reason: Any, more: object
    ) -> None:
        refusal = one_line(str(reason)) if reason.is_failure else ""
        self._acknowledgements.answered(number, refusal)

    def _received(self, client: Client, userdata: object, message: Any) -> None:
        try:
            self._on_message(message.topic, message.payload, bool(message.retain))
        except Exception as error:
            # A topic that is not UTF-8, JSON that is nested too deeply: it would end paho's thread.
            logger.warning("mqtt: a message is ignored: %s", type(error).__name__)


def _check_tls(context: ssl.SSLContext, address: BrokerAddress, timeout: float) -> None:
    """Make a connection once: paho leaves the socket open where the certificate is wrong.

    Raises:
        OSError: there is no connection, or the certificate is wrong.
    """
    with socket.create_connection((address.host, address.port), timeout) as plain:
        context.wrap_socket(plain, server_hostname=address.host).close()


def _tls_of_environment() -> ssl.SSLContext:
    options = tls_options(None, None, None, None, trust_environment=True)
    return ssl.create_default_context(
        cafile=options.get("ca_certs"), capath=options.get("ca_cert_dir")
    )
