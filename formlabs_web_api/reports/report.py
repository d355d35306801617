"""A report: its sections, and the files it can become."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from html import escape
from pathlib import Path
from typing import Optional, Union

from formlabs_web_api._util.extras import install_hint
from formlabs_web_api._util.files import atomic_write
from formlabs_web_api._util.garbage import garbage_collection_pause
from formlabs_web_api.reports.content import Chapter, ReportContent
from formlabs_web_api.reports.prices import PriceList
from formlabs_web_api.reports.runs import FleetData
from formlabs_web_api.reports.sections import BY, SECTIONS
from formlabs_web_api.reports.sections.section import Choices, span_text
from formlabs_web_api.reports.sources import ReportSource, load
from formlabs_web_api.reports.window import ReportWindow, WorkingHours

FORMATS = (".html", ".xlsx", ".csv", ".json", ".png")
KINDS = (*SECTIONS, "all")
LONGEST_PRINT = timedelta(days=30)
"""Prints that started earlier than this before a window are not looked for."""
FORECAST = timedelta(days=92)


class Report(ReportContent):
    """A report of a fleet. It shows itself in a notebook."""

    def html(self) -> str:
        """Return the report as one self-contained page."""
        from formlabs_web_api.reports.page import render

        return render(self)

    def save(self, path: Union[str, os.PathLike[str]], excel: bool = False) -> None:
        """Write the report as HTML, Excel, CSV, JSON or PNG, depending on the file's suffix.

        The file is written completely or not at all.

        Args:
            path: The file.
            excel: True to write CSV for Excel where it expects ``;`` between columns and a
                comma in numbers, as in most of Europe.

        Raises:
            ValueError: The name has another end, or the format cannot hold the report.
            OSError: The file cannot be written.
        """
        suffix = check_format(self.kind, path)
        content = self.to_bytes(suffix, excel)
        with atomic_write(path) as file:
            file.write(content)

    def to_bytes(self, suffix: str, excel: bool = False) -> bytes:
        """Return the content of a file of a format, such as ``.xlsx``; ``excel`` as of save."""
        if suffix == ".html":
            return self.html().encode()
        if suffix == ".xlsx":
            from formlabs_web_api.reports.workbook import workbook

            return workbook(self)
        if suffix == ".png":
            from formlabs_web_api.reports.picture import picture

            return picture(self)
        from formlabs_web_api.reports.data_files import csv_text, json_text

        if suffix == ".csv":
            return csv_text(self, excel).encode("utf-8-sig")
        return json_text(self).encode()

    def _repr_html_(self) -> str:
        # In a frame, so that neither the styles of the page nor those of the notebook leak.
        return (
            f'<iframe srcdoc="{escape(self.html())}" sandbox title="{escape(self.title)}"'
            ' style="width:100%;height:640px;border:0"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<Report {self.kind}, {span_text(self.window)}>"


def check_format(kind: str, path: Union[str, os.PathLike[str]]) -> str:
    """Return the format that a file's name ends with.

    Raises:
        ValueError: It is not a format of reports, or cannot hold a report of this kind.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise ValueError(f"{os.fspath(path)} must end with {', '.join(FORMATS)}")
    if kind == "all" and suffix == ".csv":
        raise ValueError("a CSV file holds one table: choose one kind of report, or .xlsx for all")
    return suffix


def check_writable(path: Union[str, os.PathLike[str]]) -> None:
    """Check that a file can be written, before long work.

    Raises:
        OSError: Its folder does not exist or cannot be written to.
    """
    folder = Path(path).resolve().parent
    if not folder.is_dir():
        raise FileNotFoundError(2, "the folder does not exist", str(folder))
    if Path(path).is_dir():
        raise IsADirectoryError(21, "is a folder", str(path))
    if not os.access(folder, os.W_OK):
        raise PermissionError(13, "the folder cannot be written to", str(folder))


def check_kind(kind: str, by: Optional[str]) -> None:
    """Check the kind of a report and what it is grouped by.

    Raises:
        ValueError: The kind does not exist, or it cannot be grouped in this way.
    """
    if kind not in KINDS:
        raise ValueError(f'"{kind}" is not a report; choose {", ".join(KINDS)}')
    known = BY[kind]
    if by is not None and by not in known:
        choice = f"choose {', '.join(known)}" if known else "it has one grouping only"
        raise ValueError(f'{kind} cannot be grouped by "{by}"; {choice}')


def check_order(days: int, tank_life_layers: Optional[int]) -> None:
    """Check for how many days to order, and the life of tanks.

    Raises:
        ValueError: One of them is below 1.
    """
    if days < 1:
        raise ValueError(f"days: one day or more, not {days}")
    if tank_life_layers is not None and tank_life_layers < 1:
        raise ValueError(f"tank_life_layers: one layer or more, not {tank_life_layers}")


def make_report(
    kind: str,
    source: ReportSource,
    since: datetime,
    until: Optional[datetime] = None,
    *,
    zone: str = "UTC",
    by: Optional[str] = None,
    prices: Optional[PriceList] = None,
    hours: Optional[str] = None,
    days: int = 30,
    tank_life_layers: Optional[int] = None,
    hide_users: bool = False,
) -> Report:
    """Read the data and make a report.

    Args:
        kind: usage, history, success, material, consumables, queue, quota, or all of them.
        source: Where the data are, a :class:`ClientSource` for example.
        since: The start of the window, with a zone.
        until: The first moment after it; by default, and at most, the present.
        zone: The zone of days, weeks, months and hours.
        by: What to group by; by default what suits the kind.
        prices: From :func:`read_prices`.
        hours: Working hours, ``mon-fri 08:00-18:00``, for a second utilisation.
        days: For how many days to order resin.
        tank_life_layers: Layers that a tank is meant to last for.
        hide_users: True to name users ``User 1``, ``User 2`` and so on.

    Raises:
        ValueError: An argument is invalid, or the window ends before the first print.
        ImportError: The extra ``reports`` is not installed.
    """
    check_kind(kind, by)
    check_order(days, tank_life_layers)
    now = source.now()
    window = ReportWindow.of(since, now if until is None else until, zone).until_at_most(now)
    choices = Choices(
        by, prices, WorkingHours.parse(hours) if hours else None, days, tank_life_layers
    )
    earliest = window.before().since - LONGEST_PRINT
    if kind in ("consumables", "all"):
        earliest = min(earliest, now - FORECAST - LONGEST_PRINT)
    try:
        fleet = load(
            source,
            earliest,
            prints=kind != "quota",
            stock=kind in ("consumables", "all"),
            queue=kind in ("queue", "all"),
            hide_users=hide_users,
        )
    except ImportError as error:
        raise ImportError(f"reports need {error.name}: {install_hint('reports')}") from error
    return report_of(kind, fleet, window.until_at_most(fleet.as_of), choices)


def report_of(kind: str, fleet: FleetData, window: ReportWindow, choices: Choices) -> Report:
    """Make a report of data that were read before.

    Raises:
        ValueError: The window ends before the first print.
    """
    starts = [run.started for run in fleet.runs if run.started is not None]
    if starts and min(starts) >= window.end:
        first = window.local(min(starts))
        raise ValueError(
            f"the window ends {window.local(window.end):%Y-%m-%d %H:%M}, before the first print:"
            f" {first:%Y-%m-%d %H:%M}"
        )
    chosen = tuple(SECTIONS) if kind == "all" else (kind,)
    if kind == "all" and fleet.quota is None:
        chosen = tuple(one for one in chosen if one != "quota")
    with garbage_collection_pause:  # a hundred thousand rows, without cycles
        chapters = tuple(Chapter(one, SECTIONS[one](fleet, window, choices)) for one in chosen)
    currency = choices.prices.currency if choices.prices else ""
    return Report(
        kind, window, fleet.as_of, chapters, len(fleet.printers), len(fleet.runs), currency
    )
