"""Scripts in a process of their own, with a loopback server and a configuration."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PREAMBLE = """
import gc, os, sys, threading, warnings
from formlabs_web_api import *
from test.support.loopback import Answer, Loopback

service = Loopback()
configuration = Configuration(host=service.url, client_id="id", client_secret="secret")
"""


def run_script(script: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run ``script`` after the preamble; ``options`` are those of the interpreter."""
    command = [sys.executable, *options, "-c", PREAMBLE + script]
    folder = str(Path(__file__).parents[2])
    return subprocess.run(
        command, capture_output=True, text=True, timeout=100, cwd=folder, check=False
    )
