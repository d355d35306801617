"""The dashboard and the alerts of the examples, against Prometheus itself."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest

pytest.importorskip("prometheus_client", reason="the extra metrics is not installed")
pytest.importorskip("uvicorn", reason="the extra sandbox is not installed")

import yaml

from formlabs_web_api import ApiClient, Configuration
from formlabs_web_api.telemetry import FleetCollector, MetricsServer
from test.support.programs import require_program
from test.support.prometheus import Prometheus
from test.watch.fleets import fleet_of, settings_of

EXAMPLES = Path(__file__).parents[2] / "examples"
ALERTS = EXAMPLES / "prometheus" / "alerts.yml"
DASHBOARD: Dict[str, Any] = json.loads(
    (EXAMPLES / "grafana" / "dashboard.json").read_text(encoding="utf-8")
)
_VARIABLES = {"$serial": ".*", "$__rate_interval": "1m"}


def expressions() -> Iterator[Tuple[str, str]]:
    """Yield each expression of the dashboard with the title of its panel."""
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            text = target["expr"]
            for name, value in _VARIABLES.items():
                text = text.replace(name, value)
            assert "$" not in text, panel["title"]
            yield panel["title"], text


def rules() -> List[Dict[str, Any]]:
    found: List[Dict[str, Any]] = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"][0]["rules"]
    return found


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[Prometheus]:
    """A Prometheus that has scraped a simulated fleet three times."""
    require_program("prometheus")
    with fleet_of(printers=12) as sandbox:
        limits = ((100, 1.0), (1500, 3600.0))
        configuration = Configuration(**{**settings_of(sandbox), "rate_limits": limits})
        with ApiClient(configuration) as client, MetricsServer(
            FleetCollector(client), port=0
        ) as server:
            prometheus = Prometheus(tmp_path, server.url.split("/")[2], ALERTS)
            prometheus.start()
            prometheus.wait_for("count_over_time(formlabs_up[1m]) >= 3")
            yield prometheus
            prometheus.stop()


def test_each_expression_of_dashboard_and_alerts_works(prometheus: Prometheus) -> None:
    empty = [(title, text) for title, text in expressions() if not prometheus.query(text)]
    assert not empty
    for rule in rules():
        prometheus.query(rule["expr"])  # an expression that fails is an HTTP error
    assert prometheus.query('up{job="formlabs"} == 1')
    [group] = prometheus.api("rules")["groups"]
    assert len(group["rules"]) == len(rules())
    assert {rule["health"] for rule in group["rules"]} <= {"ok", "unknown"}


def test_dashboard_names_no_data_source_and_is_the_same_everywhere() -> None:
    assert (DASHBOARD["id"], DASHBOARD["uid"]) == (None, "formlabs-fleet")
    variables = {one["name"]: one for one in DASHBOARD["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    assert variables["serial"]["query"]["query"] == "label_values(formlabs_printer_info, serial)"
    for panel in DASHBOARD["panels"]:
        for source in [panel["datasource"], *(one["datasource"] for one in panel["targets"])]:
            assert source == {"type": "prometheus", "uid": "${datasource}"}
        if panel["type"] != "table":
            assert panel["fieldConfig"]["defaults"].get("unit") or panel["type"] == "stat"
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_alerts_are_valid_and_fire_when_they_should(tmp_path: Path) -> None:
    require_program("promtool")
    promtool("check", "rules", str(ALERTS))
    promtool("check", "config", str(EXAMPLES / "prometheus" / "prometheus.yml"))
    histories = tmp_path / "histories.yml"
    text = Path(__file__).with_name("histories.yml").read_text("utf-8")
    histories.write_text(text.replace("ALERTS", str(ALERTS)), encoding="utf-8")
    promtool("test", "rules", str(histories))


def promtool(*arguments: str) -> None:
    ran = subprocess.run(
        ["promtool", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
