"""Metrics of a fleet and of the requests to the service."""

from typing import TYPE_CHECKING

from formlabs_web_api._util.lazy import lazy_exports

if TYPE_CHECKING:
    from formlabs_web_api.telemetry.collector import FleetCollector as FleetCollector
    from formlabs_web_api.telemetry.server import MetricsServer as MetricsServer

__getattr__, __dir__, __all__ = lazy_exports(
    __name__, {"FleetCollector": "collector", "MetricsServer": "server"}, {}
)
