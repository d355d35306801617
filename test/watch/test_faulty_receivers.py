"""Receivers that are slow, down or broken for a while get each change once by key, in order."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import threading
from pathlib import Path
from random import Random
from typing import Any, Dict, Iterator, List, Optional, Sequence

import pytest

from formlabs_web_api.watch import CommandSink, MqttSink, Outbox, Sink, WebhookSink
from formlabs_web_api.watch.dispatcher import Dispatcher
from formlabs_web_api.watch.state import State
from test.support.clocks import FakeClock
from test.support.loopback import Answer, Asked, Loopback
from test.support.mosquitto import Mosquitto, require_mosquitto
from test.watch.test_delivery import change

_TIMEOUT = 0.5
"""Seconds for a delivery; a receiver that is slow takes longer, and none that is not."""

_ANSWERS: Dict[str, Answer] = {
    "500": Answer(500),
    "410": Answer(410),
    "307": Answer(307, headers={"Location": "http://127.0.0.1:1/"}),
    "down": Answer(close=True),
    "garbage": Answer(raw=b"\x00\xff garbage \r\n\r\n"),
    "cut": Answer(raw=b"HTTP/1.1 2"),
}


class FaultyReceiver:
    """A receiver that has one of its failures until it recovers."""

    failures: Sequence[str] = ()
    sink: Sink

    def fail(self, failure: str) -> None:
        raise NotImplementedError

    def recover(self) -> None:
        raise NotImplementedError

    def received(self) -> List[str]:
        """Return the keys of all received changes, in their order."""
        raise NotImplementedError

    def close(self) -> None:
        self.sink.close()


class FaultyWebhook(FaultyReceiver):
    failures = ("500", "410", "307", "down", "garbage", "cut", "slow", "taken, then 500")

    def __init__(self) -> None:
        self._server = Loopback()
        self._server.answer = self._answer
        self._keys: List[str] = []
        self._failure = ""
        self._released = threading.Event()
        secret = "whsec_" + base64.b64encode(b"k" * 32).decode()
        self.sink = WebhookSink(f"{self._server.url}/hook", secret, timeout=_TIMEOUT)

    def _answer(self, asked: Asked) -> Answer:
        if self._failure in _ANSWERS:
            return _ANSWERS[self._failure]
        if self._failure == "slow":
            self._released.wait(60)
            return Answer(204)
        self._keys.append(json.loads(asked.body)["id"])
        return Answer(500 if self._failure else 204)

    def fail(self, failure: str) -> None:
        self._released.clear()
        self._failure = failure

    def recover(self) -> None:
        self._failure = ""
        self._released.set()

    def received(self) -> List[str]:
        return self._keys

    def close(self) -> None:
        super().close()
        self._server.close()


class FaultyCommand(FaultyReceiver):
    failures = ("exit 1", "exit 75", "kill -9 $$", "head -c 9 /dev/urandom; exit 3", "sleep 60")

    def __init__(self, folder: Path) -> None:
        self._taken, self._script = folder / "taken", folder / "script"
        self._taken.touch()
        self.recover()
        self.sink = CommandSink(["sh", str(self._script)], timeout=_TIMEOUT)

    def fail(self, failure: str) -> None:
        self._script.write_text(f"{failure}\n", encoding="utf-8")

    def recover(self) -> None:
        self.fail(f'printf "%s\\n" "$FORMLABS_EVENT_ID" >> "{self._taken}"')

    def received(self) -> List[str]:
        return self._taken.read_text(encoding="utf-8").split()


class MalformedBroker(threading.Thread):
    """A server that sends malformed MQTT to each connection."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.met = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", port))
        self.start()

    def run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.sendall(b"\x20\x05\x00\x00\x02\xff\xff")  # an unknown property
            self.met.set()

    def close(self) -> None:
        assert self.met.wait(60)
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.join()


class FaultyBroker(FaultyReceiver):
    sink: MqttSink
    failures = ("slow", "down", "garbage")

    def __init__(self, folder: Path) -> None:
        self._broker = Mosquitto(folder)
        self._broker.start()
        self._subscribers = [self._broker.subscriber()]
        self._failure = ""
        self._malformed: Optional[MalformedBroker] = None
        self.sink = MqttSink(self._broker.url, timeout=_TIMEOUT, chance=lambda: 0.0)

    def fail(self, failure: str) -> None:
        self._failure = failure
        if failure == "slow":
            self._broker.send_signal(signal.SIGSTOP)
            return
        self._broker.stop()
        # Else a change could be on its way before the next subscriber is there.
        wait_for(lambda: not self.sink._broker.is_connected)
        if failure == "garbage":
            self._malformed = MalformedBroker(self._broker.port)

    def recover(self) -> None:
        if self._failure == "slow":
            self._broker.send_signal(signal.SIGCONT)
        else:
            if self._failure == "garbage":
                assert self._malformed is not None
                self._malformed.close()
            self._broker.start()
            self._subscribers.append(self._broker.subscriber())

    def received(self) -> List[str]:
        return [event["key"] for one in self._subscribers for event in one.events()]

    def close(self) -> None:
        super().close()
        for subscriber in self._subscribers:
            subscriber.close()
        self._broker.stop()


@pytest.fixture(params=["webhook", "command", "broker"])
def receiver(request: Any, tmp_path: Path) -> Iterator[FaultyReceiver]:
    made: FaultyReceiver
    if request.param == "webhook":
        made = FaultyWebhook()
    elif request.param == "command":
        made = FaultyCommand(tmp_path)
    else:
        pytest.importorskip("paho.mqtt", reason="the extra mqtt is not installed")
        require_mosquitto()
        made = FaultyBroker(tmp_path)
    yield made
    made.close()


@pytest.fixture
def outbox() -> Iterator[Outbox]:
    state = State(None)
    yield Outbox(state)
    state.close()


@pytest.mark.skipif(os.name == "nt", reason="needs sh and signals")
def test_each_change_arrives_once_by_key_and_in_the_order_of_its_printer(
    receiver: FaultyReceiver, outbox: Outbox
) -> None:
    rng, clock = Random(1), FakeClock()
    dispatcher = Dispatcher(outbox, receiver.sink, clock, rng.random)
    printers: Dict[str, str] = {}

    def add() -> None:
        found = [
            change(len(printers) + number, rng.choice("ABC")) for number in range(rng.randint(1, 4))
        ]
        with outbox._state.transaction() as database:
            outbox.add(database, found, [receiver.sink.name])
        printers.update((one.key, one.printer) for one in found)

    for failure in rng.sample(list(receiver.failures), len(receiver.failures)):
        add()
        receiver.fail(failure)
        for _ in range(rng.randint(1, 2)):
            dispatcher.deliver_due()
            clock.now += rng.uniform(1, 30)
            add()
        assert any(letter.reason for letter in outbox.pending(receiver.sink.name)), failure
        receiver.recover()
        outbox.retry()  # as somebody does after a 410
        deliver_all(outbox, dispatcher, receiver.sink.name, clock)
        # Before the next outage: a broker that stops drops what its subscribers have not read.
        wait_for(lambda: set(receiver.received()) == set(printers))
    taken = list(dict.fromkeys(receiver.received()))  # once by key
    for printer in "ABC":
        wanted = [key for key in printers if printers[key] == printer]
        assert [key for key in taken if printers[key] == printer] == wanted


def deliver_all(outbox: Outbox, dispatcher: Dispatcher, sink: str, clock: FakeClock) -> None:
    def is_empty() -> bool:
        dispatcher.deliver_due()
        clock.now += 100_000
        return not outbox.pending(sink)

    wait_for(is_empty)


def wait_for(condition: Any) -> None:
    """Poll for an effect of another process, which nothing announces."""
    pause = threading.Event()
    for _ in range(3_000):
        if condition():
            return
        pause.wait(0.02)
    pytest.fail("it did not happen in a minute")
