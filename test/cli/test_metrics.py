"""The command ``metrics``."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from typing import Callable

import pytest

from formlabs_web_api.sandbox import Sandbox
from test.cli.conftest import PROGRAM, Run

pytest.importorskip("prometheus_client", reason="the extra metrics is not installed")


def test_metrics_command_serves_the_fleet_until_sigterm(
    environment: None, sandbox: Sandbox, credentials_of: Callable[[Sandbox], None]
) -> None:
    credentials_of(sandbox)
    command = [sys.executable, str(PROGRAM), "metrics", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.fullmatch(r"Metrics are at (http://127\.0\.0\.1:\d+/metrics)\n", line)
        assert found, line
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(found[1], timeout=60) as answer:
            text = answer.read().decode("utf-8")
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(60) == 0
        assert process.stderr.read() == ""
    assert "formlabs_up 1.0" in text
    assert 'formlabs_printer_online{serial="Form4-TidyWombat"}' in text


def test_metrics_port_in_use_is_an_error_of_one_line(run: Run, unused_host: str) -> None:
    port = unused_host.rpartition(":")[2]
    ran = run("metrics", "--port", port)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"Error: 127.0.0.1:{port} cannot be listened at: Address already in use\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--port 65536", "65536 is not in the range 0 to 65535"),
        ("--interval soon", '"soon" is not a duration'),
    ],
)
def test_invalid_metrics_option_is_a_usage_error(run: Run, arguments: str, message: str) -> None:
    ran = run("metrics", *arguments.split())
    assert ran.code == 2
    assert message in ran.err
