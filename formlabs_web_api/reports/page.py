"""Reports as HTML: one file with its styles and pictures, without scripts, that loads nothing."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Dict, List

from formlabs_web_api._util.extras import install_hint
from formlabs_web_api._util.text import MISSING
from formlabs_web_api.reports.palette import DARK, LIGHT, MARKS
from formlabs_web_api.reports.sections.section import counted, span_text
from formlabs_web_api.reports.tables import FigureTable, Measure, ValueKind
from formlabs_web_api.reports.window import HOUR

if TYPE_CHECKING:
    from formlabs_web_api.reports.content import ReportContent

MAX_ROWS = 1000
"""Rows of a table on a page; a workbook has all."""
MAX_SHOWN = 60
"""Rows of a table that stands open; a longer one opens when it is asked for."""
DENSE = 9
WIDE = 14
"""Tables of more columns are set in smaller type, so that they fit a sheet of A4."""

_NUMBERS = {
    ValueKind.COUNT: "{:,}",
    ValueKind.NUMBER: "{:,.1f}",
    ValueKind.MONEY: "{:,.2f}",
}

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""The page loads nothing and runs nothing, whatever is in a name."""

_TEMPLATE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ report.title }}, {{ span }}</title>
<style>{{ style }}</style>
</head>
<body>
<header>
<h1>{{ report.title }}</h1>
{% if report.kind != "quota" %}<p>{{ span }}</p>{% endif %}
<p class="muted">Data as of {{ as_of }}
{%- if report.kind != "quota" %}; {{ printers }}, {{ prints }} read{% endif %}.</p>
{% if chapters|length > 1 %}<nav aria-label="Contents"><ol>
{% for chapter in chapters %}<li><a href="#{{ chapter.kind }}">{{ chapter.kind|capitalize }}</a>:
{{ chapter.sections[0].title }}</li>{% endfor %}
</ol></nav>{% endif %}
</header>
<main>
{% for chapter in chapters %}
<section class="chapter" id="{{ chapter.kind }}" aria-label="{{ chapter.kind|capitalize }}">
{% if chapters|length > 1 %}<p class="kind">{{ chapter.kind|capitalize }}</p>{% endif %}
{% for section in chapter.sections %}
<article>
<div class="head">
<h2>{{ section.title }}</h2>
{% if section.text %}<p class="muted">{{ section.text }}</p>{% endif %}
{% if section.svg %}<figure>{{ section.svg }}</figure>{% endif %}
</div>
{% if section.rows %}
{% if section.is_long %}<details><summary>Table of {{ "{:,}".format(section.rows|length) }}
rows</summary>{% endif %}
<div class="table" tabindex="0" role="region" aria-label="{{ section.caption }}">
<table class="{{ section.size }}">
<caption>{{ section.caption }}</caption>
<thead><tr>{% for cell in section.headings %}<th scope="col"{{ cell.style }}>{{ cell.text }}</th>
{%- endfor %}</tr></thead>
<tbody>
{% for row in section.rows %}<tr><th scope="row">{{ row[0] }}</th>
{%- for cell in row[1:] %}<td{{ section.styles[loop.index] }}>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</tbody>
</table>
</div>
{% if section.left_out %}<p class="muted">{{ "{:,}".format(section.left_out) }} more rows are in the
workbook: write the report as .xlsx.</p>{% endif %}
{% if section.is_long %}</details>{% endif %}
{% else %}<p>No rows: nothing of this kind is in the window.</p>{% endif %}
</article>
{% endfor %}
</section>
{% endfor %}
</main>
<footer>
<h2>Definitions</h2>
<dl>{% for term, text in report.definitions %}<dt>{{ term }}</dt>
<dd>{{ text }}</dd>{% endfor %}</dl>
</footer>
</body>
</html>
"""

_STYLE = """
*{box-sizing:border-box}
body{margin:0 auto;max-width:1040px;padding:24px 20px 48px;background:var(--page);color:var(--text);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:28px;line-height:1.2;margin:0 0 4px}
h2{font-size:19px;line-height:1.3;margin:0 0 4px;overflow-wrap:anywhere}
p{margin:4px 0 8px}
header{border-bottom:2px solid var(--text);padding-bottom:12px;margin-bottom:28px}
nav li,header p,dd{overflow-wrap:anywhere}
a{color:inherit}
.muted{color:var(--muted);font-size:13.5px}
.kind{font-size:13px;letter-spacing:.08em;text-transform:uppercase;color:var(--muted);
margin:0 0 8px}
article{margin:0 0 44px}
.chapter+.chapter{border-top:1px solid var(--grid);padding-top:28px}
figure{margin:14px 0 18px}
svg{display:block;width:100%;height:auto}
svg text{font-size:13px;fill:var(--text)}
svg text.muted{fill:var(--muted);font-size:12px}
path.grid{stroke:var(--grid);fill:none}
path.whisker{stroke:var(--whisker);stroke-width:2.5;fill:none}
path.cell{fill:var(--cell)}
path.hatch{stroke:var(--unknown);stroke-width:2}
.table{overflow-x:auto;max-width:100%}
.table:focus-visible{outline:2px solid var(--printing)}
table{border-collapse:collapse;font-size:13.5px;font-variant-numeric:tabular-nums;min-width:100%}
caption{text-align:left;color:var(--muted);padding:0 0 6px}
th,td{padding:4px 10px;border-bottom:1px solid var(--grid);text-align:left;vertical-align:top}
thead th{vertical-align:bottom;border-bottom:1.5px solid var(--muted)}
tbody th{font-weight:500;min-width:11em;max-width:260px;overflow-wrap:anywhere}
.n{text-align:right;white-space:nowrap}
thead .n{white-space:normal}
table.wide{font-size:11.5px}
table.wide thead th{white-space:nowrap}
table.wide thead th.n{writing-mode:vertical-rl;text-align:left}
summary{cursor:pointer;color:var(--muted);margin:0 0 8px}
table.wide th,table.wide td{padding:3px 5px}
dt{font-weight:600;margin-top:8px}
dd{margin:0;color:var(--muted)}
footer{border-top:2px solid var(--text);padding-top:16px}
@media (max-width:640px){figure{overflow-x:auto}svg{min-width:600px}}
@page{size:A4;margin:14mm}
@media print{body{max-width:none;padding:0;font-size:10pt}
.head,h2,p,tr{break-inside:avoid}h2,.muted{break-after:avoid}thead{display:table-header-group}
.table{overflow:visible}table{font-size:8pt}table.dense{font-size:6.5pt}
table.wide{font-size:5.5pt}
th,td{padding:2px 5px}table.dense th,table.dense td{padding:2px 3px}
table.dense tbody th{min-width:9em;max-width:110px}table.wide th,table.wide td{padding:1px 2px}
tbody th{min-width:9em;max-width:150px}table.plain td:not(.n){min-width:7em}
.kind,.head,caption,thead,dt{break-after:avoid}
details:not([open]) summary::after{content:": open it before printing, or write .xlsx"}
td{overflow-wrap:anywhere}.chapter+.chapter{break-before:page;border:0}}
"""


def render(report: ReportContent) -> str:
    """Return the page of a report; every value in it is escaped."""
    try:
        jinja2: Any = import_module("jinja2")
    except ImportError as error:
        raise ImportError(f"HTML reports need jinja2: {install_hint('reports')}") from error
    safe: Any = import_module("markupsafe").Markup
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    chapters = [
        {
            "kind": chapter.kind,
            "sections": [
                _section(section, report, f"{chapter.kind}-{at}", safe)
                for at, section in enumerate(chapter.sections)
            ],
        }
        for chapter in report.chapters
    ]
    page: str = environment.from_string(_TEMPLATE).render(
        report=report,
        policy=_POLICY,
        chapters=chapters,
        span=span_text(report.window),
        printers=counted(report.printers, "printer"),
        prints=counted(report.prints, "print"),
        as_of=f"{report.local_time:%Y-%m-%d %H:%M:%S} {report.window.zone_name}",
        style=safe(_style()),
    )
    return page


def _style() -> str:
    light = "".join(f"--{name}:{colour};" for name, colour in LIGHT.items())
    dark = "".join(f"--{name}:{colour};" for name, colour in DARK.items())
    fills = "".join(
        f"path.{name},circle.{name}{{fill:var(--{name})}}"
        for name in MARKS
        if name not in ("unknown", "whisker")
    )
    return (
        f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"
        f"@media print{{:root{{{light}}}}}{fills}{_STYLE}"
    )


def _section(section: Any, report: ReportContent, name: str, safe: Any) -> Dict[str, Any]:
    table: FigureTable = section.table
    styles = [
        safe("") if measure.kind in (ValueKind.TEXT, ValueKind.DAY) else safe(' class="n"')
        for measure in table.measures
    ]
    return {
        "title": section.title,
        "text": section.text,
        "svg": safe(section.chart.svg(name)) if section.chart and table.rows else None,
        "caption": table.caption,
        "size": _size(len(table.measures)),
        "styles": styles,
        "headings": [
            {"text": replace(measure, label=measure.label.strip()).heading, "style": style}
            for measure, style in zip(table.measures, styles)
        ],
        "rows": [_cells(table, row, report) for row in table.rows[:MAX_ROWS]],
        "is_long": len(table.rows) > MAX_SHOWN,
        "left_out": max(0, len(table.rows) - MAX_ROWS),
    }


def _size(columns: int) -> str:
    return "wide" if columns > WIDE else "dense" if columns > DENSE else "plain"


def _cells(table: FigureTable, row: Any, report: ReportContent) -> List[str]:
    return [cell_text(measure, value, report) for measure, value in zip(table.measures, row)]


def cell_text(measure: Measure, value: Any, report: ReportContent) -> str:
    """Return a value for people, in the unit of its column; a dash for a missing one."""
    if value is None:
        return MISSING
    if measure.kind is ValueKind.HOURS:
        return f"{value / HOUR:,.1f}"
    if measure.kind is ValueKind.SHARE:
        return f"{value * 100:.0f}"
    if measure.kind is ValueKind.MOMENT:
        return f"{report.window.local(value):%Y-%m-%d %H:%M}"
    form = _NUMBERS.get(measure.kind)
    return form.format(value) if form else str(value)
