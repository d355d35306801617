"""Reports as Excel workbooks: a sheet for each table, real dates and numbers, no formulas."""

from __future__ import annotations

import io
from importlib import import_module
from typing import TYPE_CHECKING, Any, Dict, List, Tuple

from formlabs_web_api._util.extras import install_hint
from formlabs_web_api.reports.tables import FigureTable, Measure, ValueKind
from formlabs_web_api.reports.window import DAY

if TYPE_CHECKING:
    from formlabs_web_api.reports.content import ReportContent

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_FORMATS: Dict[ValueKind, str] = {
    ValueKind.COUNT: "#,##0",
    ValueKind.HOURS: "[h]:mm",
    ValueKind.SHARE: "0.0%",
    ValueKind.NUMBER: "#,##0.0",
    ValueKind.MONEY: "#,##0.00",
    ValueKind.MOMENT: "yyyy-mm-dd hh:mm",
}
MAX_ROWS = 1_048_575
_LONGEST_NAME = 31
_LONGEST_TEXT = 32_767


def workbook(report: ReportContent) -> bytes:
    """Return a workbook; equal reports give equal bytes."""
    try:
        xlsxwriter: Any = import_module("xlsxwriter")  # it has no types
    except ImportError as error:
        raise ImportError(f"Excel files need XlsxWriter: {install_hint('reports')}") from error
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, _OPTIONS)
    book.set_properties({"title": report.title, "created": report.local_time})
    bold = book.add_format({"bold": True})
    heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    formats = {kind: book.add_format({"num_format": text}) for kind, text in _FORMATS.items()}
    _write_pairs(book.add_worksheet("Report"), _facts(report), bold)
    taken: List[str] = ["report", "definitions"]
    for section in report.sections:
        sheet = book.add_worksheet(_sheet_name(section.table.name, taken))
        _write_table(sheet, section.table, report, heading, formats)
    _write_pairs(book.add_worksheet("Definitions"), report.definitions, bold)
    book.close()
    return written.getvalue()


def _facts(report: ReportContent) -> List[Tuple[str, str]]:
    window = report.window
    facts = [
        ("Report", report.title),
        ("From", f"{window.local(window.start):%Y-%m-%d %H:%M}"),
        ("Until", f"{window.local(window.end):%Y-%m-%d %H:%M}"),
        ("Time zone of all times", window.zone_name),
        ("Data as of", f"{report.local_time:%Y-%m-%d %H:%M:%S}"),
        ("Printers", str(report.printers)),
    ]
    if report.currency:
        facts.append(("Currency", report.currency))
    return facts + [(section.table.name, section.title) for section in report.sections]


def _write_pairs(sheet: Any, pairs: List[Tuple[str, str]], bold: object) -> None:
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 100)
    for at, (name, text) in enumerate(pairs):
        sheet.write_string(at, 0, name, bold)
        sheet.write_string(at, 1, text[:_LONGEST_TEXT])


def _sheet_name(name: str, taken: List[str]) -> str:
    short = name[:_LONGEST_NAME]
    number = 2
    while short in taken:
        short = f"{name[: _LONGEST_NAME - 3]}_{number}"
        number += 1
    taken.append(short)
    return short


def _write_table(
    sheet: Any,
    table: FigureTable,
    report: ReportContent,
    heading: object,
    formats: Dict[ValueKind, object],
) -> None:
    sheet.freeze_panes(1, 1)
    sheet.set_row(0, 32)
    for at, measure in enumerate(table.measures):
        sheet.write_string(0, at, _heading(measure), heading)
        sheet.set_column(at, at, 28 if at == 0 else 16)
    for number, row in enumerate(table.rows[:MAX_ROWS], 1):
        for at, (measure, value) in enumerate(zip(table.measures, row)):
            _write_cell(sheet, number, at, measure.kind, value, report, formats)
    sheet.autofilter(0, 0, max(1, len(table.rows)), len(table.measures) - 1)


def _heading(measure: Measure) -> str:
    # Excel shows hours as h:mm and shares as percent by itself.
    plain = measure.kind in (ValueKind.HOURS, ValueKind.SHARE)
    return measure.label.strip() if plain else measure.heading.strip()


def _write_cell(
    sheet: Any,
    row: int,
    at: int,
    kind: ValueKind,
    value: Any,
    report: ReportContent,
    formats: Dict[ValueKind, object],
) -> None:
    if value is None:
        return
    style = formats.get(kind)
    if isinstance(value, str):
        sheet.write_string(row, at, value[:_LONGEST_TEXT])
    elif kind is ValueKind.MOMENT:
        local = report.window.local(value).replace(tzinfo=None, microsecond=0)
        sheet.write_datetime(row, at, local, style)
    elif kind is ValueKind.HOURS:
        sheet.write_number(row, at, value / DAY, style)
    else:
        sheet.write_number(row, at, float(value), style)
