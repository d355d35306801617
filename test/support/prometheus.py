"""A private Prometheus for a test, which scrapes one address as often as it can."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, List

import pytest

from test.support.programs import Server

WAIT = 60.0
"""Seconds after which something that does not happen is a failure; a second or two are usual."""


class Prometheus(Server):
    """A ``prometheus`` on a free port of loopback, with its data in a folder of the test."""

    def __init__(self, folder: Path, target: str, rules: Path) -> None:
        super().__init__()
        self._folder = folder
        self._config = folder / "prometheus.yml"
        scrape = {"job_name": "formlabs", "scrape_interval": "500ms", "scrape_timeout": "500ms"}
        config = {
            "scrape_configs": [{**scrape, "static_configs": [{"targets": [target]}]}],
            "rule_files": [str(rules)],
        }
        self._config.write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML

    def command(self, port: int) -> List[str]:
        return [
            "prometheus",
            f"--config.file={self._config}",
            f"--storage.tsdb.path={self._folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=error",
        ]

    def api(self, path: str, **arguments: str) -> Any:
        """Return the data of an answer of the API."""
        query = urllib.parse.urlencode(arguments)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{query}"
        with opener.open(url, timeout=WAIT) as answer:
            return json.load(answer)["data"]

    def query(self, expression: str) -> List[Any]:
        """Return the series of an instant query."""
        found: List[Any] = self.api("query", query=expression)["result"]
        return found

    def wait_for(self, expression: str) -> None:
        """Wait until an expression has a result: nothing announces a scrape."""
        deadline = time.monotonic() + WAIT
        pause = threading.Event()
        while not self._has_result(expression):
            if time.monotonic() > deadline:
                pytest.fail(f"no result in {WAIT:g} s: {expression}")
            pause.wait(0.05)

    def _has_result(self, expression: str) -> bool:
        try:
            return bool(self.query(expression))
        except urllib.error.HTTPError as error:
            with error:
                if error.code != 503:  # it is starting
                    raise
            return False
