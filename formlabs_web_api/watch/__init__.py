"""Changes of a fleet as events: what ``client.watch()`` and ``client.wait_for()`` give."""

from typing import TYPE_CHECKING

from formlabs_web_api._util.lazy import lazy_exports

if TYPE_CHECKING:
    from formlabs_web_api.watch.changes import AtSource as AtSource
    from formlabs_web_api.watch.changes import Change as Change
    from formlabs_web_api.watch.changes import ChangeKind as ChangeKind
    from formlabs_web_api.watch.changes import RunSummary as RunSummary
    from formlabs_web_api.watch.command import CommandSink as CommandSink
    from formlabs_web_api.watch.history import PrintHistory as PrintHistory
    from formlabs_web_api.watch.json_lines import JsonLinesSink as JsonLinesSink
    from formlabs_web_api.watch.mqtt import MqttSink as MqttSink
    from formlabs_web_api.watch.mqtt_broker import BrokerError as BrokerError
    from formlabs_web_api.watch.outbox import DeliveryStatus as DeliveryStatus
    from formlabs_web_api.watch.outbox import Letter as Letter
    from formlabs_web_api.watch.outbox import Outbox as Outbox
    from formlabs_web_api.watch.sinks import Delivery as Delivery
    from formlabs_web_api.watch.sinks import DeliveryResult as DeliveryResult
    from formlabs_web_api.watch.sinks import FleetObserver as FleetObserver
    from formlabs_web_api.watch.sinks import FleetPoll as FleetPoll
    from formlabs_web_api.watch.sinks import Sink as Sink
    from formlabs_web_api.watch.state import WatchStateError as WatchStateError
    from formlabs_web_api.watch.waiting import WatchTimeout as WatchTimeout
    from formlabs_web_api.watch.watcher import Watcher as Watcher
    from formlabs_web_api.watch.webhook import WebhookSink as WebhookSink

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "AtSource": "changes",
        "BrokerError": "mqtt_broker",
        "Change": "changes",
        "ChangeKind": "changes",
        "CommandSink": "command",
        "Delivery": "sinks",
        "DeliveryResult": "sinks",
        "DeliveryStatus": "outbox",
        "FleetObserver": "sinks",
        "FleetPoll": "sinks",
        "JsonLinesSink": "json_lines",
        "Letter": "outbox",
        "MqttSink": "mqtt",
        "Outbox": "outbox",
        "PrintHistory": "history",
        "RunSummary": "changes",
        "Sink": "sinks",
        "WatchStateError": "state",
        "WatchTimeout": "waiting",
        "Watcher": "watcher",
        "WebhookSink": "webhook",
    },
    {},
)
