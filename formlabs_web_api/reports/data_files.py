"""Reports as CSV and JSON, for programs."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Dict, List

from formlabs_web_api.reports.tables import FigureTable, ValueKind, plain_value
from formlabs_web_api.tables.csv_files import excel_cell, neutralize_formula

if TYPE_CHECKING:
    from formlabs_web_api.reports.content import ReportContent


def csv_text(report: ReportContent, excel: bool = False) -> str:
    """Return the first table as CSV (RFC 4180), safe to open in a spreadsheet.

    With ``excel``: ``;`` between columns, a comma in numbers, and local times without an offset.
    """
    table = report.sections[0].table
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=";" if excel else ",", lineterminator="\r\n")
    writer.writerow([measure.heading.strip() for measure in table.measures])
    cell = excel_cell(has_decimal_comma=True, tz=report.window.zone) if excel else _safe
    for row in _rows(table, report, excel):
        writer.writerow(map(cell, row))
    return written.getvalue()


def json_text(report: ReportContent) -> str:
    """Return all tables as JSON: times with an offset, hours and shares as numbers."""
    return json.dumps(json_content(report), ensure_ascii=False, indent=1) + "\n"


def json_content(report: ReportContent) -> Dict[str, Any]:
    """Return all tables as values of JSON."""
    return {
        "kind": report.kind,
        "title": report.title,
        "window": {
            "since": report.window.local(report.window.start).isoformat(),
            "until": report.window.local(report.window.end).isoformat(),
            "zone": report.window.zone_name,
        },
        "as_of": report.as_of.isoformat(),
        "printers": report.printers,
        "tables": [
            {
                "name": section.table.name,
                "finding": section.title,
                "caption": section.table.caption,
                "columns": [
                    {
                        "name": measure.name,
                        "label": measure.label.strip(),
                        "kind": measure.kind.value,
                        "unit": measure.unit,
                    }
                    for measure in section.table.measures
                ],
                "rows": _rows(section.table, report),
            }
            for section in report.sections
        ],
        "definitions": dict(report.definitions),
    }


def _safe(value: object) -> Any:
    return neutralize_formula(value) if isinstance(value, str) else value


def _rows(table: FigureTable, report: ReportContent, excel: bool = False) -> List[List[Any]]:
    """Return the rows with values of JSON or, for Excel, with times and decimals as they are."""
    return [
        [_plain(measure.kind, value, report, excel) for measure, value in zip(table.measures, row)]
        for row in table.rows
    ]


def _plain(kind: ValueKind, value: object, report: ReportContent, excel: bool) -> Any:
    plain = plain_value(kind, value)
    if isinstance(plain, float):
        return round(plain, 6)
    if isinstance(plain, datetime) and not excel:
        return plain.astimezone(report.window.zone).isoformat(timespec="seconds")
    return str(plain) if isinstance(plain, Decimal) and not excel else plain
