"""A message to Slack or Teams when a print has finished, failed or was aborted.

    WEBHOOK_URL=https://hooks.example.com/... python print_webhook.py seen.db

Run it every minute, or once a day: each end is reported once, also those of a weekend on which it
did not run. The first run reports nothing. If the message cannot be sent, the next run sends it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import List

import urllib3

import formlabs_web_api

ENDS = ("print_finished", "print_failed", "print_aborted")


def post(url: str, text: str) -> None:
    """Send a text; both Slack and Teams take a JSON object with it."""
    response = urllib3.request("POST", url, json={"text": text}, timeout=30.0)
    if response.status >= 300:
        raise RuntimeError(f"the webhook answered {response.status}")


def tell(client: formlabs_web_api.ApiClient, url: str, state: Path) -> List[str]:
    """Report the prints that ended since the last call; return a line for each."""
    with client.watch(state=state, kinds=ENDS) as watcher:
        lines = [str(change) for change in watcher.poll()]
        if lines:
            post(url, "\n".join(lines))  # if it fails, the next call reports the same prints
    return lines


if __name__ == "__main__":
    if not os.environ.get("WEBHOOK_URL"):
        sys.exit("Error: set the environment variable WEBHOOK_URL")
    with formlabs_web_api.ApiClient() as the_client:
        path = Path(sys.argv[1] if len(sys.argv) > 1 else "seen.db")
        tell(the_client, os.environ["WEBHOOK_URL"], path)
