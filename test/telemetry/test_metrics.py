"""Metrics of a fleet: names, values, and one call of the service for many scrapes."""

from __future__ import annotations

import subprocess
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Callable, Dict, Iterator, Tuple

import pytest

pytest.importorskip("prometheus_client", reason="the extra metrics is not installed")
pytest.importorskip("uvicorn", reason="the extra sandbox is not installed")

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families

from formlabs_web_api import ApiClient, Configuration, PrintersApi, PrintsApi
from formlabs_web_api.models.derived import PrinterState
from formlabs_web_api.sandbox import Sandbox
from formlabs_web_api.telemetry import FleetCollector, MetricsServer
from formlabs_web_api.telemetry.families import families_of
from test.support.clocks import FakeClock
from test.support.loopback import Answer, Asked, Loopback
from test.support.programs import require_program
from test.watch.fleets import fleet_of, settings_of

Samples = Dict[Tuple[str, Tuple[Tuple[str, str], ...]], float]
LABELS = {
    *("serial", "alias", "model", "machine_type_id", "firmware_version", "group", "state", "slot"),
    *("material", "status", "code", "le", "window", "version"),
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with fleet_of(printers=12) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[ApiClient]:
    settings = {**settings_of(sandbox), "rate_limits": ((100, 1.0), (1500, 3600.0))}
    with ApiClient(Configuration(**settings, retries=False)) as client:
        yield client


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def collector(client: ApiClient, clock: FakeClock) -> Iterator[FleetCollector]:
    collector = FleetCollector(client, clock=clock, patience=60)
    yield collector
    collector.close()


def text_of(collector: FleetCollector) -> str:
    registry = CollectorRegistry()
    registry.register(collector)
    return generate_latest(registry).decode("utf-8")


def scrape(collector: FleetCollector) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text_of(collector))
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> Any:
    return samples.get((f"formlabs_{name}", tuple(sorted(labels.items()))))


def series_of(samples: Samples, serial: str, prefix: str) -> int:
    return sum(
        dict(labels).get("serial") == serial and name.startswith(f"formlabs_{prefix}")
        for name, labels in samples
    )


def test_metrics_have_the_values_of_the_fleet(client: ApiClient, collector: FleetCollector) -> None:
    samples = scrape(collector)
    now = client.now()
    for printer in PrintersApi(client).printers_list():
        serial = printer.serial
        states = {
            state: value(samples, "printer_state", serial=serial, state=str(state))
            for state in PrinterState
        }
        assert [state for state, is_set in states.items() if is_set] == [printer.state(now)]
        assert len(states) == len(PrinterState)
        online = printer.is_online(now)
        assert value(samples, "printer_online", serial=serial) == float(online)
        run = printer.current_run
        is_shown = run is not None and run.is_open(now) and online
        progress = value(samples, "print_progress_ratio", serial=serial)
        assert progress == (run.progress if run is not None and is_shown else None)
        assert (series_of(samples, serial, "print_") > 0) is is_shown
        litres = sum(
            amount
            for (name, labels), amount in samples.items()
            if name == "formlabs_cartridge_remaining_liters" and dict(labels)["serial"] == serial
        )
        known = [cartridge.remaining_ml or 0.0 for cartridge in printer.cartridges]
        assert litres == pytest.approx(sum(known) / 1000)
    assert value(samples, "up") == 1
    assert value(samples, "last_success_timestamp_seconds") == pytest.approx(now.timestamp(), abs=5)
    assert value(samples, "api_quota_remaining", window="3600s") <= 1500
    assert value(samples, "api_gate_closed") == 0


def test_printer_that_is_silent_for_an_hour_has_no_metrics_of_a_print(client: ApiClient) -> None:
    printers, now = client.printers.list(), client.now()
    filled = [
        {family.name for family in families_of(printers, moment) if family.samples}
        for moment in (now, now + timedelta(hours=1))
    ]
    lost = filled[0] - filled[1]
    assert lost == {name for name in filled[0] if name.startswith("formlabs_print_")} != set()


def test_labels_identify_and_reveal_no_person_and_no_print(
    client: ApiClient, collector: FleetCollector
) -> None:
    samples = scrape(collector)
    assert {name for _, labels in samples for name, _ in labels} == LABELS
    described = [name for name, labels in samples if dict(labels).get("alias")]
    assert set(described) == {"formlabs_printer_info"}
    text = text_of(collector)
    runs = [printer.current_run for printer in PrintersApi(client).printers_list()]
    shown = [run for run in runs if run is not None]
    assert shown
    for run in shown:
        assert run.guid not in text
        assert str(run.name) not in text
    assert "@" not in text


def test_many_scrapes_cause_one_call_per_interval(
    sandbox: Sandbox, collector: FleetCollector, clock: FakeClock
) -> None:
    with ThreadPoolExecutor(16) as pool:
        for polls in range(1, 4):
            scraped = list(pool.map(lambda _: scrape(collector), range(32)))
            assert len(sandbox.requests_to("/printers/")) == polls
            assert all(value(samples, "up") == 1 for samples in scraped)
            clock.now += 29.9
            scrape(collector)
            clock.now += 0.2
    assert not sandbox.requests_to("/prints/")


def test_registering_sends_no_request(sandbox: Sandbox, collector: FleetCollector) -> None:
    CollectorRegistry(auto_describe=True).register(collector)
    assert not sandbox.requests_to("/printers/")


def test_outage_is_reported_and_old_values_disappear(
    sandbox: Sandbox, client: ApiClient, collector: FleetCollector, clock: FakeClock
) -> None:
    before = scrape(collector)
    sandbox.faults.add(status=503, path="/printers/")
    for _ in range(3):
        clock.now += 30
        during = scrape(collector)
        assert value(during, "up") == 0
        assert value(during, "api_requests_total", code="503") >= 1
        # What is known is shown, with the time at which it was read.
        for name in ("last_success_timestamp_seconds", "print_progress_ratio"):
            same = {key: seen for key, seen in before.items() if key[0] == f"formlabs_{name}"}
            assert same.items() <= during.items()
    clock.now += 30
    assert not [name for name, labels in scrape(collector) if "serial" in dict(labels)]
    sandbox.faults.clear()
    clock.now += 30
    after = scrape(collector)
    assert value(after, "up") == 1
    assert {key for key in after if key[0] != "formlabs_api_requests_total"} >= {
        key for key in before if key[0] == "formlabs_printer_online"
    }


def test_service_that_does_not_answer_delays_no_scrape(
    client_of: Callable[..., ApiClient], service: Loopback
) -> None:
    release = threading.Event()

    def answer(asked: Asked) -> Answer:
        release.wait(60)
        return Answer(200, b"[]", {"Content-Type": "application/json"})

    service.answer = answer
    collector = FleetCollector(client_of(retries=False), patience=0)
    samples = scrape(collector)
    assert value(samples, "up") == 0
    assert value(samples, "build_info", version="0.8.1") == 1
    release.set()
    collector.close()


def test_ended_prints_are_counted_by_final_status(
    sandbox: Sandbox, client: ApiClient, collector: FleetCollector, clock: FakeClock
) -> None:
    def totals() -> Dict[str, int]:
        found: Dict[str, int] = {"FINISHED": 0, "ERROR": 0, "ABORTED": 0}
        for run in PrintsApi(client).prints_list_iter():
            if str(run.status) in found:
                found[str(run.status)] += 1
        return found

    first, before = scrape(collector), totals()
    serials = {dict(labels)["serial"] for _, labels in first if "serial" in dict(labels)}
    assert all(
        value(first, "prints_total", serial=serial, status="finished") == 0 for serial in serials
    )
    for _ in range(4):
        sandbox.advance(hours=6)
        clock.now += 30
        samples = scrape(collector)
    after = totals()
    for status, count in after.items():
        labelled = [
            counted
            for (name, labels), counted in samples.items()
            if name == "formlabs_prints_total" and dict(labels)["status"] == status.lower()
        ]
        assert sum(labelled) == count - before[status]
    assert after["FINISHED"] > before["FINISHED"]


def test_requests_of_the_client_are_counted_until_the_collector_is_closed(
    client: ApiClient, collector: FleetCollector
) -> None:
    first = scrape(collector)
    before = value(first, "api_requests_total", code="200")
    client.printers.list()
    samples = scrape(collector)
    assert value(samples, "api_requests_total", code="200") == before + 1
    attempts = sum(
        counted for (name, _), counted in samples.items() if name == "formlabs_api_requests_total"
    )
    assert value(samples, "api_request_duration_seconds_count") == attempts
    assert value(samples, "api_request_duration_seconds_bucket", le="+Inf") == attempts
    assert value(samples, "api_request_duration_seconds_sum") > 0
    collector.close()
    client.printers.list()
    assert sum(collector._requests.codes.values()) == attempts


def test_queues_are_counted_on_request(client: ApiClient, collector: FleetCollector) -> None:
    assert not [name for name, _ in scrape(collector) if name == "formlabs_queue_jobs"]
    with_queues = FleetCollector(client, queues=True, patience=60)
    found = {
        dict(labels)["group"]: counted
        for (name, labels), counted in scrape(with_queues).items()
        if name == "formlabs_queue_jobs"
    }
    groups = client.groups.list()
    assert found == {group.name: len(client.groups.queue(group.id)) for group in groups}
    assert sum(found.values()) > 0
    with_queues.close()


def test_number_of_metric_series_is_bounded() -> None:
    with fleet_of(printers=50, prints=500) as sandbox:
        settings = settings_of(sandbox)
        with ApiClient(Configuration(**settings)) as client:
            samples = scrape(FleetCollector(client, patience=60))
    assert len(samples) <= 50 * 30


# Over HTTP


@pytest.fixture
def server(collector: FleetCollector) -> Iterator[MetricsServer]:
    server = MetricsServer(collector, port=0)
    yield server
    server.close()


def get(url: str, method: str = "GET", **headers: str) -> Tuple[int, str, str]:
    request = urllib.request.Request(url, headers=headers, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode("utf-8")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read().decode("utf-8")


def test_promtool_finds_no_fault_in_the_metrics(server: MetricsServer) -> None:
    require_program("promtool")
    status, content_type, text = get(server.url)
    assert (status, content_type.split(";")[0]) == (200, "text/plain")
    checked = subprocess.run(
        ["promtool", "check", "metrics"],
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (checked.returncode, checked.stdout) == (0, "")


def test_open_metrics_format_is_served_on_request(server: MetricsServer) -> None:
    wanted = "application/openmetrics-text; version=1.0.0"
    _, content_type, text = get(server.url, Accept=wanted)
    assert content_type.startswith("application/openmetrics-text")
    names = {family.name for family in open_metrics(text)}
    assert {"formlabs_up", "formlabs_prints", "formlabs_printer_state"} <= names


def test_other_pages_are_answered_without_a_call_of_the_service(
    sandbox: Sandbox, server: MetricsServer
) -> None:
    root = server.url[: -len("metrics")]
    assert get(f"{root}-/healthy")[::2] == (200, "healthy\n")
    assert "/metrics" in get(root)[2]
    assert get(f"{root}else")[0] == 404
    assert get(f"{root}-/healthy", method="HEAD")[::2] == (200, "")
    assert not sandbox.requests_to("/printers/")


def test_metrics_with_any_text_in_a_label_can_be_read(
    client: ApiClient, collector: FleetCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    from formlabs_web_api.models import DeveloperAPIMyPrinter

    odd = 'a"b\\c\nd\u202e\ud800'
    monkeypatch.setattr(DeveloperAPIMyPrinter, "model_name", odd)
    infos = [labels for name, labels in scrape(collector) if name == "formlabs_printer_info"]
    assert len(infos) == 12
    assert all(dict(labels)["model"].startswith('a"b\\c') for labels in infos)
