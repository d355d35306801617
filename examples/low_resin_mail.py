"""A mail when a cartridge runs low, once for each cartridge.

    SMTP_HOST=localhost MAIL_FROM=printers@example.com MAIL_TO=shop@example.com \\
        python low_resin_mail.py reported.db

Run it every quarter of an hour. The first run reports the cartridges that are low already. A
cartridge is not reported again when it is taken out and put back. If the mail cannot be sent, the
next run sends it.
"""

from __future__ import annotations

import os
import smtplib
import sys
from datetime import datetime, timezone
from email.message import EmailMessage
from pathlib import Path
from typing import List, Optional

import formlabs_web_api
from formlabs_web_api.watch import Change

LOW_ML = 150.0
"""Form 4 and Form 4L report steps of 100 ml, so a threshold between two steps is clearest."""


def line(change: Change) -> str:
    """Return a line about a cartridge."""
    left = change.after["remaining_ml"]
    amount = "an unknown amount" if left is None else f"{left:.0f} ml"
    return f"{change.printer_name}: {amount} of {change.after['material_name']}"


def mail_about(lines: List[str], sender: str, receiver: str) -> EmailMessage:
    """Return the mail."""
    message = EmailMessage()
    message["Subject"] = f"Resin is low in {len(lines)} cartridge{'s' if len(lines) > 1 else ''}"
    message["From"], message["To"] = sender, receiver
    message.set_content("\n".join(sorted(lines)))
    return message


def report(client: formlabs_web_api.ApiClient, state: Path) -> Optional[EmailMessage]:
    """Send a mail about cartridges that were not reported before; return it, if there was one."""
    now = datetime.now(timezone.utc)  # with since=, the first run reports what is low already
    with client.watch(state=state, kinds="cartridge_low", low_ml=LOW_ML, since=now) as watcher:
        lines = [line(change) for change in watcher.poll()]
        if not lines:
            return None
        message = mail_about(lines, os.environ["MAIL_FROM"], os.environ["MAIL_TO"])
        host, port = os.environ.get("SMTP_HOST", "localhost"), os.environ.get("SMTP_PORT", "25")
        with smtplib.SMTP(host, int(port), timeout=30) as smtp:
            smtp.send_message(message)
        return message


if __name__ == "__main__":
    missing = [name for name in ("MAIL_FROM", "MAIL_TO") if not os.environ.get(name)]
    if missing:
        sys.exit(f"Error: set the environment variable {' and '.join(missing)}")
    with formlabs_web_api.ApiClient() as the_client:
        report(the_client, Path(sys.argv[1] if len(sys.argv) > 1 else "reported.db"))
