"""A first look at a fleet: its printers, open jobs, resin and last prints.

With FORMLABS_CLIENT_ID and FORMLABS_CLIENT_SECRET set it shows your fleet; otherwise it starts a
sandbox with a generated one (``pip install ".[sandbox]"`` in a checkout).
"""

from __future__ import annotations

import os
import sys
import unicodedata
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import List, Optional

import formlabs_web_api
from formlabs_web_api.sandbox import Sandbox


def main() -> None:
    with ExitStack() as stack:
        configuration = formlabs_web_api.Configuration()
        if not configuration.client_id:
            print("No credentials are set: this is a generated fleet, from the sandbox.")
            sandbox = stack.enter_context(Sandbox())
            configuration = formlabs_web_api.Configuration(
                host=sandbox.url, client_id=sandbox.client_id, client_secret=sandbox.client_secret
            )
        client = stack.enter_context(formlabs_web_api.ApiClient(configuration))

        printers = formlabs_web_api.PrintersApi(client).printers_list()
        show_fleet(printers)
        show_open_jobs(printers)
        show_resin(printers)
        show_last_prints(formlabs_web_api.PrintsApi(client))


def show_fleet(printers: List[formlabs_web_api.DeveloperAPIMyPrinter]) -> None:
    print("\nPrinters")
    for printer in printers:
        print(
            f"  {wide(printer.label, 18)} {printer.model_name:14} {printer.state():16}"
            f" {printer.state_reason()}"
        )


def show_open_jobs(printers: List[formlabs_web_api.DeveloperAPIMyPrinter]) -> None:
    print("\nOpen jobs")
    for printer in printers:
        run = printer.printer_status.current_print_run
        if run is None or not run.is_open():
            continue
        bar = ("#" * round(20 * run.progress)).ljust(20, ".")
        print(
            f"  {wide(printer.label, 18)} {wide(run.name, 24)} [{bar}] {run.progress:4.0%}"
            f"  ends {clock_time(run.eta)}{'  (no recent report)' if run.is_stale() else ''}"
        )


def show_resin(printers: List[formlabs_web_api.DeveloperAPIMyPrinter]) -> None:
    print("\nResin left")
    for printer in printers:
        for cartridge in printer.cartridges:
            left = cartridge.remaining_ml
            print(
                f"  {wide(printer.label, 18)} {wide(cartridge.material_name, 24)}"
                f" {'?' if left is None else f'{left:.0f}':>5} ml"
                f"{'  low' if cartridge.is_low() else ''}"
            )


def show_last_prints(prints: formlabs_web_api.PrintsApi) -> None:
    print("\nLast ten prints")
    for run in prints.prints_list_iter(limit=10):
        print(
            f"  {clock_time(run.print_started_at)}  {wide(run.printer, 22)} {wide(run.name, 24)}"
            f" {run.outcome:12} {span(run.duration)}"
        )


def wide(text: str, width: int) -> str:
    """Truncate or pad a text to a width in terminal cells, of which 歯 takes two."""
    shown, taken = "", 0
    for letter in text:
        places = 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if unicodedata.combining(letter):
            places = 0
        if taken + places > width:
            break
        shown, taken = shown + letter, taken + places
    return shown + " " * (width - taken)


def clock_time(moment: Optional[datetime]) -> str:
    return moment.astimezone().strftime("%d %b %H:%M") if moment is not None else "     ?      "


def span(duration: Optional[timedelta]) -> str:
    if duration is None:
        return ""
    minutes = round(duration.total_seconds() / 60)
    return f"{minutes // 60} h {minutes % 60:02} min"


if __name__ == "__main__":
    try:
        main()
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has closed the pipe, as ``head`` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit
        sys.exit(1)
