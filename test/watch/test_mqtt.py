"""Changes and states on a real MQTT broker, and their descriptions for Home Assistant."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

import pytest

pytest.importorskip("paho.mqtt", reason="the extra mqtt is not installed")
pytest.importorskip("uvicorn", reason="the extra sandbox is not installed")

import jinja2
from jsonschema import Draft202012Validator

from formlabs_web_api import ApiValueError, PrintersApi
from formlabs_web_api.models import DeveloperAPIMyPrinter
from formlabs_web_api.models.derived import PrinterState
from formlabs_web_api.watch import BrokerError, DeliveryResult, FleetPoll, MqttSink, Outbox
from formlabs_web_api.watch.dispatcher import Dispatcher
from formlabs_web_api.watch.home_assistant import device_of
from formlabs_web_api.watch.mqtt import _safe
from formlabs_web_api.watch.printer_status import status_of
from formlabs_web_api.watch.state import State
from test.support.clocks import FakeClock
from test.support.mosquitto import Mosquitto, Subscriber, require_mosquitto, retained
from test.watch.fleets import NOON, client_of, fleet_of
from test.watch.home_assistant_schema import SCHEMA
from test.watch.test_delivery import change

BRIDGE = "formlabs/bridge/state"
HOUR = 3_600.0


@pytest.fixture(scope="module")
def printers() -> List[DeveloperAPIMyPrinter]:
    """One fleet for all tests, of each type of printer, at noon."""
    with fleet_of(printers=12) as sandbox, client_of(sandbox) as client:
        return list(PrintersApi(client).printers_list())


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    require_mosquitto()
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def subscriber(broker: Mosquitto) -> Iterator[Subscriber]:
    subscriber = broker.subscriber()
    yield subscriber
    subscriber.close()


@pytest.fixture
def sink_of() -> Iterator[Callable[..., MqttSink]]:
    sinks: List[MqttSink] = []

    def make(url: str, **settings: Any) -> MqttSink:
        sinks.append(MqttSink(url, **settings))
        return sinks[-1]

    yield make
    for sink in sinks:
        sink.close()


def poll_of(
    printers: List[DeveloperAPIMyPrinter], interval: float = HOUR, at: datetime = NOON
) -> FleetPoll:
    return FleetPoll(printers, frozenset(one.serial for one in printers), at, interval)


def config_topics(topics: Dict[str, str]) -> List[str]:
    return [topic for topic, text in topics.items() if topic.endswith("/config") and text]


def is_cleared(last: Dict[str, str], printer: DeveloperAPIMyPrinter) -> bool:
    config = f"homeassistant/device/formlabs_{printer.serial}/config"
    return last.get(f"formlabs/{printer.serial}/state") == last.get(config) == ""


def test_change_is_published_once_acknowledged_and_not_retained(
    broker: Mosquitto, subscriber: Subscriber, sink_of: Callable[..., MqttSink]
) -> None:
    sink = sink_of(broker.url)
    assert sink.deliver(change(1)).result is DeliveryResult.DELIVERED
    subscriber.wait_for(lambda last: "formlabs/A/event" in last)
    [event] = subscriber.events()
    assert event == {"event_type": "tank_changed", **change(1).to_dict()}
    assert "formlabs/A/event" not in retained(broker.port)


def test_broker_keeps_state_and_description_of_each_printer(
    broker: Mosquitto, subscriber: Subscriber, printers: List[DeveloperAPIMyPrinter]
) -> None:
    sink = MqttSink(f"{broker.url}/shop/floor")
    sink.observe(poll_of(printers))
    subscriber.wait_for(lambda last: last.get("shop/floor/bridge/state") == "online")
    kept = retained(broker.port)
    for printer in printers:
        state = json.loads(kept[f"shop/floor/{printer.serial}/state"])
        assert state == status_of(printer, NOON)
        config = json.loads(kept[f"homeassistant/device/formlabs_{printer.serial}/config"])
        assert config["state_topic"] == f"shop/floor/{printer.serial}/state"
        assert config["availability"] == [{"topic": "shop/floor/bridge/state"}]
    assert len(kept) == 2 * len(printers) + 1
    sink.close()
    assert retained(broker.port)["shop/floor/bridge/state"] == "offline"


def test_state_that_is_unchanged_is_not_published_again(
    broker: Mosquitto,
    subscriber: Subscriber,
    sink_of: Callable[..., MqttSink],
    printers: List[DeveloperAPIMyPrinter],
) -> None:
    sink = sink_of(broker.url)
    sink.observe(poll_of(printers))
    subscriber.wait_for(lambda last: last.get(BRIDGE) == "online")
    sink.observe(poll_of(printers))
    sink.observe(poll_of(printers[:-1]))
    subscriber.wait_for(lambda last: is_cleared(last, printers[-1]))
    topics = [topic for topic, text, _ in subscriber.messages if text and topic != BRIDGE]
    assert len(topics) == len(set(topics)) == 2 * len(printers)


def test_descriptions_are_published_again_when_home_assistant_starts(
    broker: Mosquitto,
    subscriber: Subscriber,
    sink_of: Callable[..., MqttSink],
    printers: List[DeveloperAPIMyPrinter],
) -> None:
    sink_of(broker.url, chance=lambda: 0.0).observe(poll_of(printers))
    subscriber.wait_for(lambda last: last.get(BRIDGE) == "online")
    before = len(subscriber.messages)
    subscriber.publish("homeassistant/status", "online")
    serials = {printer.serial for printer in printers}

    def is_complete(last: Dict[str, str]) -> bool:
        again = [topic for topic, text, _ in subscriber.messages[before:]]
        return {f"formlabs/{serial}/state" for serial in serials} <= set(again)

    subscriber.wait_for(is_complete)
    again = [topic for topic, text, _ in subscriber.messages[before:] if text]
    assert {f"homeassistant/device/formlabs_{serial}/config" for serial in serials} <= set(again)


def test_removed_printers_are_cleared_also_those_of_an_earlier_run(
    broker: Mosquitto,
    subscriber: Subscriber,
    sink_of: Callable[..., MqttSink],
    printers: List[DeveloperAPIMyPrinter],
) -> None:
    foreign = json.dumps({"origin": {"name": "formlabs_web_api"}, "availability": []})
    subscriber.publish("homeassistant/device/formlabs_X/config", foreign, retain=True)
    earlier = MqttSink(broker.url)
    earlier.observe(poll_of(printers))
    subscriber.wait_for(lambda last: last.get(BRIDGE) == "online")
    earlier.close()
    later = sink_of(broker.url)
    later.observe(poll_of(printers[1:]))
    subscriber.wait_for(lambda last: is_cleared(last, printers[0]))
    missing_in_one_list = FleetPoll(
        printers[3:], frozenset(one.serial for one in printers[2:]), NOON, HOUR
    )
    later.observe(missing_in_one_list)
    subscriber.wait_for(lambda last: is_cleared(last, printers[1]))
    kept = retained(broker.port)
    states = {topic for topic in kept if topic.endswith("/state")}
    assert states == {BRIDGE, *(f"formlabs/{one.serial}/state" for one in printers[2:])}
    assert len(config_topics(kept)) == len(printers[2:]) + 1
    assert kept["homeassistant/device/formlabs_X/config"] == foreign


def test_messages_of_other_publishers_are_ignored(
    broker: Mosquitto,
    subscriber: Subscriber,
    sink_of: Callable[..., MqttSink],
    printers: List[DeveloperAPIMyPrinter],
) -> None:
    topic = "homeassistant/device/other/config"
    odd = [
        "[" * 100_000,
        "\u2028",
        "1",
        '{"origin": 1}',
        '{"origin": {"name": "formlabs_web_api"}}',
    ]
    for number, payload in enumerate(odd):
        subscriber.publish(f"{topic[:-7]}{number}/config", payload, retain=True)
    sink = sink_of(broker.url)
    sink.observe(poll_of(printers))
    subscriber.wait_for(lambda last: last.get(BRIDGE) == "online")
    assert sink.deliver(change(1)).result is DeliveryResult.DELIVERED
    kept = retained(broker.port)
    assert [kept[f"{topic[:-7]}{number}/config"] for number in range(len(odd))] == odd


def test_bridge_is_offline_while_polls_fail(
    broker: Mosquitto,
    subscriber: Subscriber,
    sink_of: Callable[..., MqttSink],
    printers: List[DeveloperAPIMyPrinter],
) -> None:
    sink = sink_of(broker.url)
    for _ in range(2):
        sink.observe(poll_of(printers[:1]))
        subscriber.wait_for(lambda last: last.get(BRIDGE) == "online")
        sink.observe(poll_of(printers[:1], interval=0.01))
        subscriber.wait_for(lambda last: last.get(BRIDGE) == "offline")


def test_changes_and_states_follow_once_the_broker_is_back(
    broker: Mosquitto, sink_of: Callable[..., MqttSink], printers: List[DeveloperAPIMyPrinter]
) -> None:
    sink = sink_of(broker.url, timeout=10.0)
    sink.observe(poll_of(printers))
    clock, state = FakeClock(), State(None)
    outbox = Outbox(state)
    dispatcher = Dispatcher(outbox, sink, clock)
    broker.stop()
    with state.transaction() as database:
        outbox.add(database, [change(number, "AB"[number % 2]) for number in range(6)], [sink.name])
    assert dispatcher.deliver_due() == 0
    broker.start()
    subscriber = broker.subscriber()
    # The connection is made again by itself; then everything is shown again.
    subscriber.wait_for(lambda last: last.get(BRIDGE) == "online")
    assert len(config_topics(subscriber.last)) == len(printers)
    clock.now += 15
    delivered = 0
    while delivered < 6:
        delivered += dispatcher.deliver_due()
        clock.now += 15
    subscriber.wait_for(lambda last: len(subscriber.events()) == 6)
    keys = [event["key"] for event in subscriber.events()]
    assert [key for key in keys if key in ("evt_0", "evt_2", "evt_4")] == [
        "evt_0",
        "evt_2",
        "evt_4",
    ]
    assert sorted(keys) == [f"evt_{number}" for number in range(6)]
    assert {letter.attempts for letter in outbox.log()} == {1}
    subscriber.close()
    state.close()


def test_broker_reports_a_killed_process_as_offline(
    broker: Mosquitto, subscriber: Subscriber
) -> None:
    code = (
        "import sys\n"
        "from formlabs_web_api.watch import FleetPoll, MqttSink\n"
        "from datetime import datetime, timezone\n"
        "sink = MqttSink(sys.argv[1])\n"
        "sink.observe(FleetPoll((), frozenset(), datetime.now(timezone.utc), 3600))\n"
        "input()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, broker.url], stdin=subprocess.PIPE) as one:
        subscriber.wait_for(lambda last: last.get(BRIDGE) == "online")
        one.kill()
    subscriber.wait_for(lambda last: last.get(BRIDGE) == "offline")


def test_refusal_of_a_broker_is_an_error_at_the_start_without_the_password(tmp_path: Path) -> None:
    require_mosquitto()
    (tmp_path / "users").write_text("", encoding="utf-8")
    broker = Mosquitto(tmp_path, f"password_file {tmp_path / 'users'}", "allow_anonymous false")
    broker.start()
    for user in ("", "ann:hush-hush@"):
        with pytest.raises(BrokerError, match="refuses the connection: Not authorized") as refused:
            MqttSink(f"mqtt://{user}127.0.0.1:{broker.port}")
        assert "hush" not in str(refused.value)
    broker.stop()
    with pytest.raises(BrokerError, match=f"127.0.0.1:{broker.port} cannot be reached") as refused:
        MqttSink(f"mqtt://ann:hush-hush@127.0.0.1:{broker.port}")
    assert "hush" not in str(refused.value)


def test_broker_user_and_password_are_sent_and_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_mosquitto()
    users, rules = tmp_path / "users", tmp_path / "rules"
    command = ["mosquitto_passwd", "-b", "-c", str(users), "ann", "p@ss:word"]
    subprocess.run(command, check=True, timeout=60)
    rules.write_text("user ann\ntopic write formlabs/A/event\n", encoding="utf-8")
    broker = Mosquitto(
        tmp_path, f"password_file {users}", "allow_anonymous false", f"acl_file {rules}"
    )
    broker.start()
    in_address = MqttSink(f"mqtt://ann:p%40ss%3Aword@127.0.0.1:{broker.port}")
    assert in_address.name == f"mqtt 127.0.0.1:{broker.port}/formlabs"
    assert "ss:word" not in repr(vars(in_address)) + repr(vars(in_address._broker))
    assert in_address.deliver(change(1)).result is DeliveryResult.DELIVERED
    monkeypatch.setenv("FORMLABS_MQTT_PASSWORD", "p@ss:word")
    in_environment = MqttSink(f"mqtt://ann@127.0.0.1:{broker.port}", timeout=5)
    denied = in_environment.deliver(change(1, printer="B"))
    assert denied.result is DeliveryResult.RETRY
    assert denied.reason == "the broker refuses it: Not authorized"
    in_address.close()
    in_environment.close()
    broker.stop()


def test_mqtts_verifies_the_certificate_of_the_broker(
    tmp_path: Path, authority: Any, certificates: Dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    require_mosquitto()
    own = authority.issue_cert("localhost")
    own.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "own.pem"))
    files = [f"{name}file {tmp_path / 'own.pem'}" for name in ("cert", "key")]
    broker = Mosquitto(tmp_path, *files, "allow_anonymous true")
    broker.start()
    url = f"mqtts://localhost:{broker.port}"
    with pytest.raises(BrokerError, match="certificate verify failed"):
        MqttSink(url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificates["authority"])
    sink = MqttSink(url)
    assert sink.deliver(change(1)).result is DeliveryResult.DELIVERED
    sink.close()
    broker.stop()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("broker.example.com", "has to begin with a scheme"),
        ("http://broker.example.com", "has to begin with mqtts:// or mqtt://"),
        ("mqtt://host/base/#", "must not hold"),
        ("mqtt://host/a%2Bb", "must not hold"),
        ("mqtt://:hush-hush@host", "a password needs a user"),
    ],
)
def test_malformed_broker_address_is_refused(url: str, message: str) -> None:
    with pytest.raises(ApiValueError, match=message) as refused:
        MqttSink(url)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("prefix", ["", "/", "home/#", "a+b", "$SYS", "a?b", "a\0b"])
def test_malformed_discovery_prefix_is_refused(prefix: str) -> None:
    with pytest.raises(ApiValueError, match="the discovery prefix must not"):
        MqttSink("mqtt://host", discovery=prefix)


def test_base_topic_that_is_the_discovery_prefix_is_refused() -> None:
    with pytest.raises(ApiValueError, match="are both 'homeassistant'"):
        MqttSink("mqtt://host/homeassistant")


def test_descriptions_of_others_stay_if_the_base_topic_is_above_them(
    broker: Mosquitto, subscriber: Subscriber, sink_of: Callable[..., MqttSink]
) -> None:
    foreign = "ha/device/lamp/config"
    subscriber.publish(foreign, "{}", retain=True)
    sink = sink_of(f"{broker.url}/ha/device", discovery="ha")
    sink.observe(poll_of([]))
    subscriber.wait_for(lambda last: last.get("ha/device/bridge/state") == "online")
    sink.close()
    assert retained(broker.port)[foreign] == "{}"


# Home Assistant


def shown(component: Dict[str, Any], state: Any) -> str:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    template = component["value_template"]
    return environment.from_string(template).render(value_json=state).strip()


def check_device(printer: DeveloperAPIMyPrinter) -> Dict[str, str]:
    """Check the description of a printer, and return the value of each of its entities."""
    device = device_of(printer, f"formlabs_{printer.serial}", "formlabs/x", BRIDGE)
    Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(device)))
    state = json.loads(json.dumps(status_of(printer, NOON)))
    values = {}
    for key, component in device["components"].items():
        assert component["unique_id"] == f"formlabs_{printer.serial}_{key}"
        assert printer.label not in component["name"]
        if component["platform"] == "event":
            continue
        values[key] = value = shown(component, state)
        shown(component, {})  # a state without the key, of another version
        if component.get("device_class") == "enum":
            assert value in component["options"]
        elif component.get("device_class") == "timestamp" and value != "None":
            assert datetime.fromisoformat(value).tzinfo is not None
        elif "unit_of_measurement" in component and value != "None":
            assert float(value) >= 0
    return values


def test_descriptions_fit_the_documentation_and_their_templates_the_states(
    printers: List[DeveloperAPIMyPrinter],
) -> None:
    types = set()
    for printer in printers:
        values = check_device(printer)
        types.add(printer.machine_type_id)
        assert values["state"] == printer.state(NOON)
        assert values["online"] == ("ON" if printer.is_online(NOON) else "OFF")
        resin = [cartridge.remaining_ml for cartridge in printer.cartridges]
        shown_resin = [value for key, value in values.items() if key.startswith("resin") and value]
        assert all(str(round(ml)) in shown_resin for ml in resin if ml is not None)
        assert ("tank" in values) is (not printer.machine_type_id.startswith("FS"))
    assert len(types) >= 5


def test_printer_with_only_a_serial_has_a_valid_description() -> None:
    bare: Any = DeveloperAPIMyPrinter.from_dict({"serial": "Bare", "printer_status": {}})
    values = check_device(bare)
    assert values.pop("state") == PrinterState.UNKNOWN
    assert values.pop("online") == "OFF"
    assert set(values.values()) == {"None"}


def test_serial_with_special_characters_has_its_own_topics() -> None:
    odd = ["a/b", "a+b", "a b", "ä", "", "bridge", "Form4-QuietOtter"]
    topics = [_safe(serial) for serial in odd]
    assert len(set(topics)) == len(odd)
    assert topics[-1] == odd[-1]
    assert all(topic.isascii() and not set("/+# ") & set(topic) for topic in topics)
    assert "bridge" not in topics
