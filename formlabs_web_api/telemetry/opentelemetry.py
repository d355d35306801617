"""Spans and durations of requests for OpenTelemetry, by its semantic conventions for HTTP."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional

from formlabs_web_api._util.extras import package_hint
from formlabs_web_api._util.urls import Url, parse_url
from formlabs_web_api._version import __version__
from formlabs_web_api.hooks import RequestEvent
from formlabs_web_api.telemetry.request_counts import BUCKETS

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

    from formlabs_web_api.api_client import ApiClient

_SCOPE = "formlabs_web_api"
_ID = re.compile(r"/(printers|groups)/(?!bulk-)[^/]+(?=/)")
_NAMES = {"printers": "{printer_serial}", "groups": "{group_id}"}
_SECOND = 1_000_000_000
"""In nanoseconds, in which spans are dated."""


def instrument(
    client: ApiClient,
    tracer_provider: Optional[TracerProvider] = None,
    meter_provider: Optional[MeterProvider] = None,
) -> Callable[[], None]:
    """Report each attempt of a request of a client; return a function that ends that.

    An attempt is a span of its own, below the span that is current where the client is called, and
    counts in the histogram ``http.client.request.duration``. No token, query or body is reported.

    Args:
        client: The client.
        tracer_provider: Where spans go; None means the provider of the program.
        meter_provider: Where durations go; None means the provider of the program.

    Raises:
        ImportError: ``opentelemetry-api`` is not installed.
    """
    try:
        from opentelemetry.metrics import get_meter
        from opentelemetry.trace import SpanKind, Status, StatusCode, get_tracer
    except ImportError as error:
        hint = package_hint("opentelemetry-api")
        raise ImportError(f"OpenTelemetry needs opentelemetry-api: {hint}") from error

    tracer = get_tracer(_SCOPE, __version__, tracer_provider)
    durations = _histogram(get_meter(_SCOPE, __version__, meter_provider))

    def report(event: RequestEvent) -> None:
        host = parse_url(client.configuration.host)
        measured = _attributes(event, host)
        durations.record(event.seconds, measured)
        ended = time.time_ns()
        span = tracer.start_span(
            f"{event.method} {measured['url.template']}",
            kind=SpanKind.CLIENT,
            start_time=ended - int(event.seconds * _SECOND),
            attributes={**measured, **_of_the_attempt(event, host)},
        )
        if "error.type" in measured:
            span.set_status(Status(StatusCode.ERROR, event.reason or None))
        span.end(ended)

    return client.configuration.hooks.add(on_response=report)


def _histogram(meter: Any) -> Any:
    settings = {"unit": "s", "description": "Duration of HTTP client requests."}
    try:
        return meter.create_histogram(
            "http.client.request.duration",
            explicit_bucket_boundaries_advisory=BUCKETS,
            **settings,
        )
    except TypeError:  # a version before buckets could be proposed
        return meter.create_histogram("http.client.request.duration", **settings)


def _attributes(event: RequestEvent, host: Url) -> Dict[str, Any]:
    """Return what has few values, and so may be an attribute of a metric."""
    found: Dict[str, Any] = {
        "http.request.method": event.method,
        "server.address": host.host,
        "server.port": host.effective_port,
        "url.template": template_of(event.path),
    }
    if event.status is not None:
        found["http.response.status_code"] = event.status
    if event.status is None:
        found["error.type"] = "timeout" if "time" in event.reason else "connection"
    elif event.status >= 400:
        found["error.type"] = str(event.status)
    return found


def _of_the_attempt(event: RequestEvent, host: Url) -> Dict[str, Any]:
    authority = host.host if host.port is None else f"{host.host}:{host.port}"
    found: Dict[str, Any] = {"url.full": f"{host.scheme}://{authority}{event.path}"}
    if event.attempt > 1:
        found["http.request.resend_count"] = event.attempt - 1
    return found


def template_of(path: str) -> str:
    """Return a path with names in place of serials and ids."""
    return _ID.sub(lambda found: f"/{found[1]}/{_NAMES[found[1]]}", path)
