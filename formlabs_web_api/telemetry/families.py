"""The metrics of a fleet, as Prometheus names them.

Labels identify: a serial, a slot, a material. What changes or describes, an alias or a firmware,
is a label of ``formlabs_printer_info`` only, so that a change does not begin another series. No
name of a print, no person and no address is a label. Units are base units, and part of the name.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple

from formlabs_web_api._util.text import one_line
from formlabs_web_api.models.derived import PrinterState
from formlabs_web_api.models.derived.raw import number, text
from formlabs_web_api.rate_limit import Quota
from formlabs_web_api.watch.printer_status import slots_of

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily, Metric

Labels = Tuple[str, ...]
Values = Dict[Labels, float]

STATUSES: Mapping[str, str] = {
    "print_finished": "finished",
    "print_failed": "error",
    "print_aborted": "aborted",
}
"""The final status of a print by the kind of change that reports it."""
_READY = {"READY_TO_PRINT_READY": 1.0, "READY_TO_PRINT_NOT_READY": 0.0}
_READY["READY_TO_PRINT_NEEDS_CONFIRMATION"] = 0.0


class _Gauges:
    """Values by metric and labels; a value that is not known makes no series."""

    def __init__(self) -> None:
        self._values: Dict[str, Values] = {name: {} for name, _, _ in _GAUGES}

    def set(self, metric: str, value: Optional[float], *labels: str) -> None:
        if value is not None:
            self._values[metric][tuple(map(one_line, labels))] = float(value)

    def families(self) -> Iterator[GaugeMetricFamily]:
        for name, help_text, labels in _GAUGES:
            yield _gauge(name, help_text, labels, self._values[name])


_GAUGES: Tuple[Tuple[str, str, Labels], ...] = (
    (
        "printer_info",
        "The printer; always 1.",
        ("serial", "alias", "model", "machine_type_id", "firmware_version", "group"),
    ),
    ("printer_online", "1 if the printer called the service lately.", ("serial",)),
    (
        "printer_last_ping_timestamp_seconds",
        "When the printer last called the service.",
        ("serial",),
    ),
    ("printer_state", "1 for the state the printer is in, 0 for the others.", ("serial", "state")),
    ("printer_ready", "1 if the printer can start a print without a person.", ("serial",)),
    ("printer_temperature_celsius", "Temperature, where it is reported.", ("serial",)),
    ("print_progress_ratio", "Share of the layers of the open print, 0 to 1.", ("serial",)),
    (
        "print_progress_stale",
        "1 if progress is no longer reported; the print may go on.",
        ("serial",),
    ),
    (
        "print_estimated_end_timestamp_seconds",
        "When the open print is expected to end.",
        ("serial",),
    ),
    ("print_elapsed_seconds", "Time printed when progress was last reported.", ("serial",)),
    ("cartridge_remaining_liters", "Resin left in a cartridge.", ("serial", "slot", "material")),
    (
        "cartridge_remaining_ratio",
        "Resin left as a share of a new cartridge, 0 to 1.",
        ("serial", "slot", "material"),
    ),
    ("tank_layers", "Layers printed with the tank in the printer.", ("serial", "material")),
    (
        "tank_filled_timestamp_seconds",
        "When the tank in the printer was first filled.",
        ("serial", "material"),
    ),
)


def families_of(printers: Iterable[object], now: datetime) -> Iterator[Metric]:
    """Return the metrics of printers.

    A printer without an open print, or off line, has no metrics of a print.

    Args:
        printers: The printers, models.
        now: The moment to judge from.
    """
    gauges = _Gauges()
    for printer in printers:
        serial = text(printer, "serial")
        if serial:
            _add_printer(gauges, printer, serial, now)
            _add_print(gauges, printer, serial, now)
            _add_consumables(gauges, printer, serial)
    return gauges.families()


def _add_printer(gauges: _Gauges, printer: Any, serial: str, now: datetime) -> None:
    status = printer.printer_status
    words = (text(printer, name) for name in ("machine_type_id", "firmware_version"))
    group = text(printer, "group", "name")
    info = (serial, text(printer, "alias"), printer.model_name, *words, group)
    gauges.set("printer_info", 1.0, *info)
    gauges.set("printer_online", printer.is_online(now), serial)
    gauges.set("printer_last_ping_timestamp_seconds", _seconds(printer.last_seen_at), serial)
    state = printer.state(now)
    for one in PrinterState:
        gauges.set("printer_state", one is state, serial, str(one))
    gauges.set("printer_ready", _READY.get(text(status, "ready_to_print")), serial)
    gauges.set("printer_temperature_celsius", number(status, "current_temperature"), serial)


def _add_print(gauges: _Gauges, printer: Any, serial: str, now: datetime) -> None:
    run = printer.current_run
    if run is None or not run.is_open(now) or not printer.is_online(now):
        return
    elapsed = run.elapsed
    gauges.set("print_progress_ratio", run.progress, serial)
    gauges.set("print_progress_stale", run.is_stale(now), serial)
    gauges.set("print_estimated_end_timestamp_seconds", _seconds(run.eta_at(now)), serial)
    elapsed_seconds = None if elapsed is None else elapsed.total_seconds()
    gauges.set("print_elapsed_seconds", elapsed_seconds, serial)


def _add_consumables(gauges: _Gauges, printer: Any, serial: str) -> None:
    for slot, cartridge in slots_of(printer):
        if cartridge is not None and hasattr(cartridge, "remaining_ml"):
            place = (serial, slot, text(cartridge, "material"))
            ml = cartridge.remaining_ml
            gauges.set("cartridge_remaining_liters", None if ml is None else ml / 1000, *place)
            gauges.set("cartridge_remaining_ratio", cartridge.remaining_fraction, *place)
    tank = printer.tank
    if tank is not None:
        labels = (serial, text(tank, "material"))
        gauges.set("tank_layers", tank.layers, *labels)
        gauges.set("tank_filled_timestamp_seconds", _seconds(tank.filled_at), *labels)


def print_counts(counts: Mapping[Tuple[str, str], int], serials: Iterable[str]) -> Metric:
    """Return how many prints ended, for each printer and final status.

    The status never changes; a rating does, so prints are not counted by it.
    """
    from prometheus_client.core import CounterMetricFamily

    help_text = "Prints that ended since this program started, by final status."
    family = CounterMetricFamily("formlabs_prints", help_text, labels=("serial", "status"))
    for serial in sorted(set(serials)):
        for status in STATUSES.values():
            family.add_metric((one_line(serial), status), counts.get((serial, status), 0))
    return family


def queue_jobs(queues: Mapping[str, int]) -> Metric:
    """Return how many prints wait for each group, by its name."""
    values: Values = {(one_line(name),): float(count) for name, count in queues.items()}
    return _gauge("queue_jobs", "Prints in the queue of a group.", ("group",), values)


def request_families(
    codes: Mapping[str, int], buckets: List[Tuple[str, float]], seconds: float
) -> Iterator[Metric]:
    """Return the metrics of requests to the service."""
    from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

    requests = CounterMetricFamily(
        "formlabs_api_requests", "Attempts of requests, by status code.", labels=("code",)
    )
    for code, count in sorted(codes.items()):
        requests.add_metric((code,), count)
    yield requests
    duration = HistogramMetricFamily(
        "formlabs_api_request_duration_seconds", "Durations of attempts of requests."
    )
    duration.add_metric((), buckets, seconds)
    yield duration


def quota_families(quota: Quota) -> Iterator[Metric]:
    """Return what is left of the rate limits, for each window, as counted by this program."""
    left: Values = {(f"{window.period:g}s",): float(window.left) for window in quota.windows}
    yield _gauge(
        "api_quota_remaining", "Requests left, by length of the window.", ("window",), left
    )
    closed: Values = {(): float(quota.closed_for > 0)}
    yield _gauge("api_gate_closed", "1 while the service refuses requests for a time.", (), closed)


def single(name: str, help_text: str, value: float) -> Metric:
    """Return a metric without labels."""
    return _gauge(name, help_text, (), {(): value})


def build_info(version: str) -> Metric:
    """Return the metric that has the version as its label."""
    return _gauge("build_info", "The version; always 1.", ("version",), {(version,): 1.0})


def _gauge(name: str, help_text: str, labels: Labels, values: Values) -> GaugeMetricFamily:
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(f"formlabs_{name}", help_text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _seconds(moment: Optional[datetime]) -> Optional[float]:
    return None if moment is None else moment.timestamp()
