"""Fleets for tests of the watcher: a sandbox whose clock is stopped, and its clients."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Dict, List, Set

from formlabs_web_api import ApiClient, Configuration, PrintsApi
from formlabs_web_api.sandbox import Sandbox

NOON = datetime(2026, 6, 5, 12, tzinfo=timezone.utc)
ENDS = ("print_finished", "print_failed", "print_aborted")
ENDED = ("FINISHED", "ERROR", "ABORTED")


def fleet_of(printers: int, prints: int = 200, seed: int = 1) -> Sandbox:
    return Sandbox(seed=seed, printers=printers, prints=prints, now=NOON)


def settings_of(sandbox: Sandbox) -> Dict[str, Any]:
    return {
        "host": sandbox.url,
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "rate_limits": None,
    }


def client_of(sandbox: Sandbox) -> ApiClient:
    return ApiClient(Configuration(**settings_of(sandbox)))


def ended_prints(client: ApiClient) -> Set[str]:
    """Return the guids of all prints that ended according to the history."""
    rows: List[Any] = list(PrintsApi(client).prints_list_iter())
    return {run.guid for run in rows if str(run.status) in ENDED}
