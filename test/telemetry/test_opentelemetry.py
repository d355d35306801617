"""Spans and durations of requests, read back with OpenTelemetry's own SDK."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Callable, Iterator, List, Tuple

import pytest

pytest.importorskip("opentelemetry.sdk", reason="needs opentelemetry-sdk")

import yaml
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from formlabs_web_api import ApiClient
from formlabs_web_api.exceptions import ApiException
from formlabs_web_api.telemetry.opentelemetry import instrument, template_of
from test.support.loopback import Loopback
from test.support.retrying import WITHOUT_BACKOFF

Spans = Callable[[], Tuple[ReadableSpan, ...]]


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def reader() -> InMemoryMetricReader:
    return InMemoryMetricReader()


@pytest.fixture
def client(
    client_of: Callable[..., ApiClient], spans: InMemorySpanExporter, reader: InMemoryMetricReader
) -> Iterator[ApiClient]:
    client = client_of(retries=WITHOUT_BACKOFF)
    tracers, meters = TracerProvider(), MeterProvider([reader])
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    instrument(client, tracers, meters)
    yield client
    tracers.shutdown()
    meters.shutdown()


def durations(reader: InMemoryMetricReader) -> List[Any]:
    data = reader.get_metrics_data()
    assert data is not None
    [metric] = data.resource_metrics[0].scope_metrics[0].metrics
    assert (metric.name, metric.unit) == ("http.client.request.duration", "s")
    return list(metric.data.data_points)


def test_each_attempt_is_a_span_and_counts(
    client: ApiClient,
    service: Loopback,
    spans: InMemorySpanExporter,
    reader: InMemoryMetricReader,
) -> None:
    service.reply(503)
    service.reply(503)
    service.reply(200, {"count": 0, "results": []})
    client.printers.prints("Form4-QuietOtter")
    found = spans.get_finished_spans()
    template = "/developer/v1/printers/{printer_serial}/prints/"
    assert [span.name for span in found] == [f"GET {template}"] * 3
    assert {span.kind for span in found} == {SpanKind.CLIENT}
    attributes: List[Any] = [dict(span.attributes or {}) for span in found]
    assert [one.get("http.request.resend_count") for one in attributes] == [None, 1, 2]
    assert [one["http.response.status_code"] for one in attributes] == [503, 503, 200]
    assert [one.get("error.type") for one in attributes] == ["503", "503", None]
    failed = [span.status.status_code is StatusCode.ERROR for span in found]
    assert failed == [True, True, False]
    for one in attributes:
        assert one["http.request.method"] == "GET"
        assert (one["server.address"], one["server.port"]) == ("127.0.0.1", service.port)
        assert one["url.full"] == f"{service.url}{template}".replace(
            "{printer_serial}", "Form4-QuietOtter"
        )
    assert all(span.start_time <= span.end_time for span in found)
    points = {point.attributes["http.response.status_code"]: point for point in durations(reader)}
    assert {status: point.count for status, point in points.items()} == {503: 2, 200: 1}
    assert "url.full" not in points[200].attributes


def test_failure_without_a_response_has_a_type_and_no_token(
    client: ApiClient, service: Loopback, spans: InMemorySpanExporter
) -> None:
    service.close()
    with pytest.raises(ApiException):
        client.prints.list(name="bracket")
    [first, *_] = spans.get_finished_spans()
    assert dict(first.attributes or {})["error.type"] == "connection"
    for span in spans.get_finished_spans():
        assert "token-of-a-test" not in span.to_json()
        assert "bracket" not in span.to_json()


def test_no_span_is_reported_after_the_end_of_instrument(
    client_of: Callable[..., ApiClient], service: Loopback, spans: InMemorySpanExporter
) -> None:
    service.reply(200, [])
    client = client_of()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    end = instrument(client, tracers)
    end()
    client.printers.list()
    assert not spans.get_finished_spans()


def test_url_templates_are_those_of_the_operations() -> None:
    document = Path(__file__).parents[2] / "openapi.yaml"
    for path in yaml.safe_load(document.read_text("utf-8"))["paths"]:
        filled = path.replace("{printer_serial}", "Form4-A").replace("{group_id}", "0b1c-2d")
        assert template_of(filled) == path


def test_missing_package_is_named_with_the_command_that_installs_it(
    client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.metrics", None)
    with pytest.raises(ImportError, match="pip install opentelemetry-api"):
        instrument(client)
