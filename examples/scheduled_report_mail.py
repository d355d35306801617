"""The report of last week as a mail, every Monday from cron or a task scheduler.

    SMTP_HOST=localhost MAIL_FROM=printers@example.com MAIL_TO=team@example.com \\
        python scheduled_report_mail.py Europe/Berlin

The zone is named so that the week does not depend on the settings of the computer. The page is
attached: it is one file and loads nothing.
"""

from __future__ import annotations

import os
import smtplib
import sys
from datetime import timedelta
from email.message import EmailMessage

import formlabs_web_api
from formlabs_web_api.reports import ClientSource, Report, ReportWindow, make_report


def report_of_last_week(client: formlabs_web_api.ApiClient, zone: str) -> Report:
    """Return the report from Monday to Sunday of last week."""
    client.printers.list()  # so that the service's clock is known
    now = client.now()
    recent = ReportWindow.of(now - timedelta(days=15), now, zone).periods("week")
    last = [week for week in recent if week.is_whole][-1]
    window = ReportWindow.of(now - timedelta(days=15), now, zone)
    since, until = window.local(last.start), window.local(last.end)
    return make_report("all", ClientSource(client), since, until, zone=zone)


def mail_with(report: Report, sender: str, receiver: str) -> EmailMessage:
    """Return the mail: the findings as text, the page as an attachment."""
    message = EmailMessage()
    message["Subject"] = report.sections[0].title
    message["From"], message["To"] = sender, receiver
    message.set_content("\n".join(section.title for section in report.sections))
    message.add_attachment(report.html(), subtype="html", filename="fleet.html")
    return message


def send(client: formlabs_web_api.ApiClient, zone: str) -> EmailMessage:
    """Send the report; return the mail."""
    report = report_of_last_week(client, zone)
    message = mail_with(report, os.environ["MAIL_FROM"], os.environ["MAIL_TO"])
    host, port = os.environ.get("SMTP_HOST", "localhost"), os.environ.get("SMTP_PORT", "25")
    with smtplib.SMTP(host, int(port), timeout=60) as smtp:
        smtp.send_message(message)
    return message


if __name__ == "__main__":
    missing = [name for name in ("MAIL_FROM", "MAIL_TO") if not os.environ.get(name)]
    if missing:
        sys.exit(f"Error: set the environment variable {' and '.join(missing)}")
    with formlabs_web_api.ApiClient() as client:
        send(client, sys.argv[1] if len(sys.argv) > 1 else "UTC")
