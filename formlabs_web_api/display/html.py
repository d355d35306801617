"""Render tables as HTML for notebooks, readable on a light and on a dark background."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import Any, List, Sequence, Tuple

from formlabs_web_api.display.cells import Badge, Bar, Cell, Cells, Column, Picture, Sheet, Text
from formlabs_web_api.display.formats import HTML_COLOURS
from formlabs_web_api.display.timeline import TimeBar

_STYLE = (
    """
div.formlabs{font-size:13px;line-height:1.4;overflow-x:auto;padding:2px 0 6px}
div.formlabs .formlabs-head{display:flex;flex-wrap:wrap;gap:4px 8px;align-items:center;
margin:0 0 6px;font-size:14px}
div.formlabs table.formlabs-table{border-collapse:collapse;border:0;margin:0;width:auto;
font-size:inherit;font-variant-numeric:tabular-nums;color:inherit;table-layout:auto}
div.formlabs table.formlabs-table tr,div.formlabs table.formlabs-table tr:hover,
div.formlabs table.formlabs-table tr:nth-child(n){background:none}
div.formlabs table.formlabs-table th,div.formlabs table.formlabs-table td{text-align:left;
vertical-align:top;padding:5px 13px 5px 0;border:0;
border-bottom:1px solid rgba(128,128,128,.22);white-space:nowrap;
background:none;color:inherit;font-weight:400}
div.formlabs table.formlabs-table th{font-weight:500;font-size:12px;opacity:.65}
div.formlabs table.formlabs-table .formlabs-right{text-align:right}
div.formlabs td .formlabs-text,div.formlabs td .formlabs-strong{display:inline-block;
max-width:200px;overflow:hidden;text-overflow:ellipsis;vertical-align:bottom}
div.formlabs .formlabs-one td span.formlabs-text{max-width:420px}
div.formlabs .formlabs-strong{font-weight:600}
div.formlabs .formlabs-quiet,div.formlabs .formlabs-note{opacity:.65;font-size:12px}
div.formlabs .formlabs-note{margin-top:5px}
div.formlabs .formlabs-badge{display:inline-flex;align-items:center;gap:6px;
padding:0 9px 0 7px;margin:-1px 0;border-radius:10px;font-size:12px;line-height:20px;
position:relative}
div.formlabs .formlabs-badge::before{content:"";position:absolute;inset:0;border-radius:10px;
background:currentColor;opacity:.09}
div.formlabs .formlabs-badge i{width:8px;height:8px;border-radius:50%;flex:none}
div.formlabs .formlabs-bar{display:flex;align-items:center;gap:8px;}
div.formlabs .formlabs-track{position:relative;flex:none;width:72px;height:7px;
border-radius:4px;background:rgba(128,128,128,.25);overflow:hidden}
div.formlabs .formlabs-track i{position:absolute;left:0;top:0;bottom:0;border-radius:4px}
div.formlabs .formlabs-track .formlabs-bad{min-width:5px}
div.formlabs img{display:block;max-width:72px;max-height:72px;margin:0;border-radius:4px}
""".replace("\n", "")
    + "".join(
        f"div.formlabs i.formlabs-{tone.value}{{background:{colour}}}"
        for tone, colour in HTML_COLOURS.items()
    )
)

_CHART_HEIGHT = 36
_BAR_WIDTH = 10
_LONG = 24
"""Longer texts may be truncated by the style, so that they get a tooltip."""
_FORMATS: Tuple[Tuple[bytes, str], ...] = (
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
)


def render_html(sheet: Sheet) -> str:
    """Render a table as HTML with its style; every text is escaped."""
    head = "".join(_cell(badge) for badge in sheet.badges)
    table = _table(sheet.columns, sheet.rows) if sheet.rows else ""
    note = f'<div class="formlabs-note">{escape(sheet.note)}</div>' if sheet.note else ""
    return (
        f'<div class="formlabs"><style>{_STYLE}</style><div class="formlabs-head">'
        f'<span class="formlabs-strong">{escape(sheet.title)}</span>{head}</div>'
        f"{_chart(sheet.bars)}{table}{note}</div>"
    )


def _chart(bars: Sequence[TimeBar]) -> str:
    """Return a bar for each day, of one colour for each tone, with its counts as a tooltip."""
    if not bars:
        return ""
    highest = max(bar.total for bar in bars)
    drawn: List[str] = []
    for at, bar in enumerate(bars):
        top = float(_CHART_HEIGHT)
        parts: List[str] = []
        for tone, count in bar.parts:
            height = _CHART_HEIGHT * count / highest
            top -= height
            parts.append(
                f'<rect x="{at * _BAR_WIDTH}" y="{top:.1f}" width="{_BAR_WIDTH - 2}"'
                f' height="{height:.1f}" fill="{HTML_COLOURS[tone]}"/>'
            )
        # The whole height of a day shows its counts, also where there were none.
        parts.append(
            f'<rect x="{at * _BAR_WIDTH}" y="0" width="{_BAR_WIDTH}" height="{_CHART_HEIGHT}"'
            ' fill="transparent"/>'
        )
        drawn.append(f"<g><title>{escape(bar.label)}</title>{''.join(parts)}</g>")
    width = len(bars) * _BAR_WIDTH
    days = (bars[0].last - bars[0].first).days + 1
    each = "a bar for each day" if days == 1 else f"a bar for each {days} days"
    name = f"{bars[0].first} to {bars[-1].last}, {each}"
    return (
        f'<svg class="formlabs-chart" role="img" aria-label="{escape(name)}" width="{width}"'
        f' height="{_CHART_HEIGHT}" viewBox="0 0 {width} {_CHART_HEIGHT}">{"".join(drawn)}</svg>'
        f'<div class="formlabs-quiet">{escape(name)}</div>'
    )


def _table(columns: Sequence[Column[Any]], rows: Sequence[Sequence[Cells]]) -> str:
    right = [' class="formlabs-right"' if column.right else "" for column in columns]
    titles = "".join(
        f'<th scope="col"{kind}>{escape(column.title)}</th>' for column, kind in zip(columns, right)
    )
    body = "".join(
        f"<tr>{''.join(map(_cells, row, right or [''] * len(row)))}</tr>" for row in rows
    )
    head = f"<thead><tr>{titles}</tr></thead>" if columns else ""
    kind = "formlabs-many" if columns else "formlabs-one"
    return f'<table class="formlabs-table {kind}">{head}<tbody>{body}</tbody></table>'


def _cells(cells: Cells, kind: str) -> str:
    return f"<td{kind}>{''.join(f'<div>{_cell(cell)}</div>' for cell in cells)}</td>"


def _cell(cell: Cell) -> str:
    if isinstance(cell, Text):
        kind = "strong" if cell.is_strong else "quiet" if cell.is_quiet else "text"
        hint = cell.hint or (cell.text if len(cell.text) > _LONG else "")
        return f'<span class="formlabs-{kind}"{_hint(hint)}>{escape(cell.text)}</span>'
    if isinstance(cell, Badge):
        dot = f'<i class="{_tone(cell)}"></i>'
        return f'<span class="formlabs-badge"{_hint(cell.hint)}>{dot}{escape(cell.text)}</span>'
    if isinstance(cell, Bar):
        width = 100 * max(0.0, min(cell.fraction, 1.0))
        fill = f'<i class="{_tone(cell)}" style="width:{width:.1f}%"></i>'
        return (
            f'<span class="formlabs-bar"{_hint(cell.hint)}>'
            f'<span class="formlabs-track">{fill}</span><span>{escape(cell.text)}</span></span>'
        )
    return _picture(cell)


def _picture(cell: Picture) -> str:
    for start, kind in _FORMATS:
        if cell.content.startswith(start):
            data = b64encode(cell.content).decode()
            return f'<img alt="{escape(cell.name)}" src="data:{kind};base64,{data}">'
    return ""


def _hint(hint: str) -> str:
    return f' title="{escape(hint)}"' if hint else ""


def _tone(cell: Badge | Bar) -> str:
    return f"formlabs-{cell.tone.value}"
