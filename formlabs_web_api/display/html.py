"""Sheets as HTML for notebooks, in whatever colours the notebook has."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import Sequence, Tuple

from formlabs_web_api.display.cells import Badge, Bar, Cell, Cells, Picture, Sheet, Text

_STYLE = """
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
div.formlabs .formlabs-good{background:#2e9e5b}
div.formlabs .formlabs-busy{background:#3b82e6}
div.formlabs .formlabs-warn{background:#e09a12}
div.formlabs .formlabs-bad{background:#d9483f}
div.formlabs .formlabs-track .formlabs-bad{min-width:5px}
div.formlabs .formlabs-quietly{background:#8b9097}
div.formlabs img{display:block;max-width:72px;max-height:72px;margin:0;border-radius:4px}
""".replace("\n", "")

_LONG = 24
"""Letters from which on a text may be cut short, so that the whole is worth a hint."""
_FORMATS: Tuple[Tuple[bytes, str], ...] = (
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
)


def painted(sheet: Sheet) -> str:
    """A sheet as HTML; whatever it shows is text there, never markup."""
    head = "".join(_cell(badge) for badge in sheet.badges)
    table = _table(sheet.titles, sheet.rows) if sheet.rows else ""
    note = f'<div class="formlabs-note">{escape(sheet.note)}</div>' if sheet.note else ""
    return (
        f'<div class="formlabs"><style>{_STYLE}</style><div class="formlabs-head">'
        f'<span class="formlabs-strong">{escape(sheet.title)}</span>{head}</div>'
        f"{table}{note}</div>"
    )


def _table(titles: Sequence[str], rows: Sequence[Sequence[Cells]]) -> str:
    head = "".join(f"<th>{escape(title)}</th>" for title in titles)
    body = "".join("<tr>" + "".join(map(_cells, row)) + "</tr>" for row in rows)
    head = f"<thead><tr>{head}</tr></thead>" if titles else ""
    kind = "formlabs-many" if titles else "formlabs-one"
    return f'<table class="formlabs-table {kind}">{head}<tbody>{body}</tbody></table>'


def _cells(cells: Cells) -> str:
    return f"<td>{''.join(f'<div>{_cell(cell)}</div>' for cell in cells)}</td>"


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
    return f"formlabs-{'quietly' if cell.tone.value == 'quiet' else cell.tone.value}"
