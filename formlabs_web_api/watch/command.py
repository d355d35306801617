"""Run a command for each change."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from typing import Dict, Optional, Sequence

from formlabs_web_api._core.credential_sources import SETTINGS, variable_of
from formlabs_web_api.exceptions import ApiValueError
from formlabs_web_api.watch.changes import Change
from formlabs_web_api.watch.sinks import DELIVERED, Delivery, DeliveryResult

_SECRETS_OF_SINKS = {"FORMLABS_WEBHOOK_SECRET", "FORMLABS_MQTT_PASSWORD"}


class CommandSink:
    """Runs a program for each change, with the change as JSON on its standard input.

    No shell is involved: whatever stands in the name of a print stays data. The environment holds
    ``FORMLABS_EVENT_ID``, ``FORMLABS_EVENT_TYPE`` and ``FORMLABS_EVENT_SUBJECT``, but no
    credentials.
    Exit status 0 means delivered; any other is tried again.

    Args:
        arguments: The program and its arguments.
        name: Name in the state; the same in every run. None takes the name of the program.
        timeout: Seconds after which the program and its children are killed.

    Raises:
        ApiValueError: there is no such program.
    """

    def __init__(
        self, arguments: Sequence[str], *, name: Optional[str] = None, timeout: float = 60.0
    ) -> None:
        if not arguments or shutil.which(arguments[0]) is None:
            shown = arguments[0] if arguments else ""
            raise ApiValueError(f"exec: there is no program {shown!r} that can be run")
        self._arguments = list(arguments)
        self._name = name or f"exec {os.path.basename(arguments[0])}"
        self._timeout = timeout

    @property
    def name(self) -> str:
        """The name under which the state keeps the deliveries."""
        return self._name

    def deliver(self, change: Change) -> Delivery:
        """Run the program once; see :meth:`Sink.deliver`."""
        text = json.dumps(change.to_dict())
        process = subprocess.Popen(
            self._arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env=_environment_for(change),
            start_new_session=True,  # so that its children can be killed with it
            text=True,
        )
        try:
            process.communicate(text, timeout=self._timeout)
        except subprocess.TimeoutExpired:
            return Delivery(DeliveryResult.RETRY, f"killed after {self._timeout:g} s")
        finally:
            _end(process)
        if process.returncode == 0:
            return DELIVERED
        return Delivery(DeliveryResult.RETRY, f"exit status {process.returncode}")

    def close(self) -> None:
        """Do nothing: no program runs between two deliveries."""


def _environment_for(change: Change) -> Dict[str, str]:
    secret = {variable_of(setting) for setting in SETTINGS} | _SECRETS_OF_SINKS
    kept = {name: value for name, value in os.environ.items() if name not in secret}
    kept["FORMLABS_EVENT_ID"] = change.key
    kept["FORMLABS_EVENT_TYPE"] = str(change.kind)
    kept["FORMLABS_EVENT_SUBJECT"] = change.printer
    return kept


def _end(process: subprocess.Popen[str]) -> None:
    """Kill what is left of a program and its children."""
    if process.poll() is None:
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()
