"""A message to Slack or Teams when a print has finished or failed.

    WEBHOOK_URL=https://hooks.example.com/... python print_webhook.py seen.json

Run it every minute: it takes one request. What is told is the change from one run to the next, by
the prints' own ids, so nothing is told twice, and nothing is missed while it does not run for a
while. The first run tells nothing.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Dict, List, Optional

import urllib3

import formlabs_web_api

LOOK_BACK = 100
"""So many of the last prints are looked at; more must not end between two runs."""
SYMBOLS = {"FINISHED": "finished", "ERROR": "failed", "ABORTED": "was aborted"}


def changes(
    runs: List[formlabs_web_api.PrintRunWithFleetControlData], before: Dict[str, str]
) -> List[str]:
    """A line for each print that has ended since."""
    return [
        f"{run.name} {SYMBOLS[run.status]} on {run.printer}"
        for run in runs
        if run.status in SYMBOLS and before.get(run.guid) != run.status
    ]


def post(url: str, text: str) -> None:
    """Both Slack and Teams take a JSON object with a text."""
    answer = urllib3.request("POST", url, json={"text": text}, timeout=30.0)
    if answer.status >= 300:
        raise RuntimeError(f"the webhook answered {answer.status}")


def tell(client: formlabs_web_api.ApiClient, url: str, memory: Path) -> List[str]:
    """Tell what has ended since the last call; gives the lines."""
    before: Optional[Dict[str, str]] = json.loads(memory.read_text()) if memory.exists() else None
    runs = list(formlabs_web_api.PrintsApi(client).prints_list_iter(limit=LOOK_BACK))
    lines = [] if before is None else changes(runs, before)
    if lines:
        post(url, "\n".join(lines))
    memory.write_text(json.dumps({run.guid: str(run.status) for run in runs}))
    return lines


if __name__ == "__main__":
    with formlabs_web_api.ApiClient() as the_client:
        state = Path(sys.argv[1] if len(sys.argv) > 1 else "seen.json")
        tell(the_client, os.environ["WEBHOOK_URL"], state)
