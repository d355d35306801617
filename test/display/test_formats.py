"""Formats, layout and the three renderers, over all inputs."""

from __future__ import annotations

import sys
from datetime import timedelta
from html import escape
from typing import Any, List

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from formlabs_web_api._util.text import one_line
from formlabs_web_api.display.cells import Badge, Bar, Column, Sheet, Text, sanitized
from formlabs_web_api.display.formats import (
    STATES_BY_URGENCY,
    TONES,
    Tone,
    display_width,
    duration,
    percent,
    shorten_middle,
    tone_of,
    truncate,
    volume,
)
from formlabs_web_api.display.html import render_html
from formlabs_web_api.display.layout import GAP, fit_columns
from formlabs_web_api.display.plain import render_plain
from formlabs_web_api.models.derived import PrinterState
from formlabs_web_api.notebook import show
from test.core.test_text import is_unsafe
from test.support.shapes import NOW, printer, printer_with, status_row


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (None, ""),
        (timedelta(seconds=-90), "0 min"),
        (timedelta(seconds=90), "2 min"),
        (timedelta(minutes=65), "1 h 05 min"),
        (timedelta(hours=25), "25 h 00 min"),
        (timedelta(days=12), "12 d 0 h"),
        (timedelta(days=1200), "1,200 d 0 h"),
    ],
)
def test_duration_is_written_in_its_two_largest_units(length: Any, text: str) -> None:
    assert duration(length) == text


def test_volume_and_percent_are_written_for_people() -> None:
    assert [volume(value) for value in (None, 0.0, 7.46, 9.96, 1234.5)] == [
        "",
        "0 ml",
        "7.5 ml",
        "10 ml",
        "1,234 ml",
    ]
    assert [percent(share) for share in (None, 0.0, 0.999, 1.0)] == ["", "0 %", "99 %", "100 %"]


def test_each_printer_state_has_a_place_in_the_order_of_urgency() -> None:
    assert sorted(STATES_BY_URGENCY) == sorted(PrinterState)
    assert tone_of("a new state") is Tone.QUIET
    assert all(isinstance(tone, Tone) for tone in TONES.values())


def test_printers_are_shown_most_urgent_first() -> None:
    fleet = [printer(alias="calm"), printer_with("UNKNOWN"), printer(status_row("ERROR"))]
    text = show(fleet, now=NOW).text()
    states = [line for line in text.splitlines()[2:] if line]
    assert [word for line in states for word in ("error", "idle", "offline") if word in line] == [
        "error",
        "idle",
        "offline",
    ]


COLUMN = Column("title", lambda _, __: [])


@pytest.mark.parametrize("width", [40, 80, 120])
def test_fleet_table_fits_the_terminal_and_keeps_names_and_states(width: int) -> None:
    fleet = [printer(alias="QuietOtter"), printer(status_row("ERROR"))]
    lines = show(fleet, now=NOW).text(width).splitlines()
    assert max(map(display_width, lines)) <= width
    assert any("QuietOtter" in line and "idle" in line for line in lines)


def sheet_of(text: str) -> Sheet:
    cells = sanitized([Text(text, hint=text), Badge(text, Tone.BAD, hint=text)])
    bar = sanitized([Bar(0.5, text, Tone.GOOD, hint=text)])
    return Sheet("title", [], [COLUMN, COLUMN], [[cells, bar]])


def test_no_renderer_writes_an_unsafe_code_point() -> None:
    console = pytest.importorskip("rich.console").Console(width=80, color_system="truecolor")
    from formlabs_web_api.display.console import render_console

    unsafe = [chr(point) for point in range(sys.maxunicode + 1) if is_unsafe(chr(point))]
    for start in range(0, len(unsafe), 64):
        sheet = sheet_of("x".join(unsafe[start : start + 64]))
        with console.capture() as captured:
            console.print(render_console(sheet))
        for written in (render_html(sheet), render_plain(sheet)):
            assert not (set(unsafe) - {"\n"}) & set(written)
        colours = set("\x1b\n")  # written by rich itself
        assert not (set(unsafe) - colours) & set(captured.get())


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_any_text_stays_one_row_of_plain_text_and_is_escaped_in_html(text: str) -> None:
    sheet = sheet_of(text)
    assert len(render_plain(sheet).splitlines()) == 4
    html = render_html(sheet).partition("</style>")[2]
    assert html.count("<td") == 2
    assert escape(one_line(text)) in html


@given(st.text(), st.integers(0, 30))
@settings(max_examples=300, deadline=None)
def test_truncated_text_is_never_wider_than_asked(text: str, width: int) -> None:
    assert display_width(truncate(text, width)) <= max(width, 0)
    assert truncate(text, display_width(text)) == text
    assert display_width(shorten_middle(text, width)) <= max(width, 0)
    assert shorten_middle(text, display_width(text)) == text


def test_shortened_text_keeps_its_end() -> None:
    assert shorten_middle("SilverStarling (Form4-SilverStarling)", 20) == "SilverSta…rStarling)"


@given(st.text(max_size=40), st.sampled_from("aä漢😀é"))
@settings(max_examples=200, deadline=None)
def test_display_width_agrees_with_rich(text: str, extra: str) -> None:
    cells = pytest.importorskip("rich.cells")
    known = one_line("".join(one for one in text if one.isascii()) + extra)
    assert display_width(known) == cells.cell_len(known)


columns = st.lists(
    st.tuples(
        st.none() | st.integers(1, 20),
        st.integers(0, 5),
        st.none() | st.integers(1, 9),
        st.integers(1, 60),
    ),
    min_size=1,
    max_size=8,
)


@given(columns, st.integers(1, 200))
@settings(max_examples=300, deadline=None)
def test_table_fits_the_width_if_columns_can_be_truncated_or_dropped(
    made: List[Any], room: int
) -> None:
    table = [
        Column(
            "", COLUMN.cells, min_width=least, drop_priority=priority, min_width_last_resort=last
        )
        for least, priority, last, _ in made
    ]
    original = [width for *_, width in made]
    widths = list(original)
    kept = fit_columns(table, widths, room)
    assert kept == sorted(set(kept))
    assert all(widths[at] <= original[at] for at in kept)
    total = sum(widths[at] + GAP for at in kept) - GAP
    if total > room:
        assert all(table[at].drop_priority == 0 for at in kept)
        for at in kept:
            limits = [table[at].min_width or original[at], table[at].min_width_last_resort]
            assert widths[at] <= min(one for one in (*limits, original[at]) if one is not None)
    if sum(original) + GAP * (len(original) - 1) <= room:
        assert widths == original
        assert len(kept) == len(original)
