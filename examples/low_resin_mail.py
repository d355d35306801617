"""A mail when a cartridge runs low, once for each cartridge.

    SMTP_HOST=localhost MAIL_FROM=printers@example.com MAIL_TO=shop@example.com \\
        python low_resin_mail.py reported.json

Run it every quarter of an hour. One request tells the cartridges of all printers. Those that were
reported are kept in the file, and reported again only after they were full in between.
"""

from __future__ import annotations

import json
import os
import smtplib
import sys
from email.message import EmailMessage
from pathlib import Path
from typing import Dict, Optional, Set

import formlabs_web_api

LOW_ML = 150.0
"""Form 4 and Form 4L tell in steps of 100 ml, so a threshold between two steps is clearest."""


def low_cartridges(client: formlabs_web_api.ApiClient) -> Dict[str, str]:
    """The cartridges in printers that are low: serial, and what to say of each."""
    low: Dict[str, str] = {}
    for printer in formlabs_web_api.PrintersApi(client).printers_list():
        for cartridge in printer.cartridges:
            if cartridge.is_low(LOW_ML):
                left = cartridge.remaining_ml
                amount = "nearly nothing" if left is None else f"{left:.0f} ml"
                low[cartridge.serial] = f"{printer.label}: {amount} of {cartridge.material_name}"
    return low


def mail_about(lines: Dict[str, str], sender: str, receiver: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = f"Resin is low in {len(lines)} cartridge{'s' if len(lines) > 1 else ''}"
    message["From"], message["To"] = sender, receiver
    message.set_content("\n".join(sorted(lines.values())))
    return message


def report(client: formlabs_web_api.ApiClient, memory: Path) -> Optional[EmailMessage]:
    """Send a mail about what is low and was not reported before; gives it, if there was one."""
    before: Set[str] = set(json.loads(memory.read_text())) if memory.exists() else set()
    low = low_cartridges(client)
    new = {serial: line for serial, line in low.items() if serial not in before}
    message = None
    if new:
        message = mail_about(new, os.environ["MAIL_FROM"], os.environ["MAIL_TO"])
        host, port = os.environ.get("SMTP_HOST", "localhost"), os.environ.get("SMTP_PORT", "25")
        with smtplib.SMTP(host, int(port), timeout=30) as smtp:
            smtp.send_message(message)
    memory.write_text(json.dumps(sorted(low)))  # after the mail: better twice than never
    return message


if __name__ == "__main__":
    with formlabs_web_api.ApiClient() as the_client:
        report(the_client, Path(sys.argv[1] if len(sys.argv) > 1 else "reported.json"))
