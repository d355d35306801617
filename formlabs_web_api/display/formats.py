"""Formats for people: durations, volumes, shares, and the tone of each state."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from enum import Enum
from typing import Dict, Optional, Tuple

from formlabs_web_api.models.derived import PrinterState, PrintOutcome


class Tone(Enum):
    """The meaning of a colour; each renderer has its own colour for it."""

    GOOD = "good"
    BUSY = "busy"
    WARN = "warn"
    BAD = "bad"
    QUIET = "quiet"


TONES: Dict[str, Tone] = {
    PrinterState.IDLE: Tone.GOOD,
    PrinterState.PREPARING: Tone.BUSY,
    PrinterState.PRINTING: Tone.BUSY,
    PrinterState.PAUSED: Tone.WARN,
    PrinterState.NEEDS_ATTENTION: Tone.WARN,
    PrinterState.FINISHED: Tone.GOOD,
    PrinterState.ERROR: Tone.BAD,
    PrintOutcome.SUCCESS: Tone.GOOD,
    PrintOutcome.FAILURE: Tone.BAD,
    PrintOutcome.IN_PROGRESS: Tone.BUSY,
}
"""Tones of printer states and print outcomes; :func:`tone_of` has the rest."""

RICH_STYLES: Dict[Tone, str] = {
    Tone.GOOD: "green",
    Tone.BUSY: "blue",
    Tone.WARN: "yellow",
    Tone.BAD: "red",
    Tone.QUIET: "bright_black",
}
"""Styles of rich for consoles."""
HTML_COLOURS: Dict[Tone, str] = {
    Tone.GOOD: "#2e9e5b",
    Tone.BUSY: "#3b82e6",
    Tone.WARN: "#e09a12",
    Tone.BAD: "#d9483f",
    Tone.QUIET: "#8b9097",
}
"""Colours for pages, distinguishable on a light and on a dark background."""

STATES_BY_URGENCY: Tuple[PrinterState, ...] = (
    PrinterState.ERROR,
    PrinterState.NEEDS_ATTENTION,
    PrinterState.FINISHED,
    PrinterState.PAUSED,
    PrinterState.PRINTING,
    PrinterState.PREPARING,
    PrinterState.IDLE,
    PrinterState.UNKNOWN,
    PrinterState.OFFLINE,
)
"""Printer states in the order of fleet tables: first those that need a person."""


def tone_of(state: str) -> Tone:
    """Return the tone of a printer state or print outcome."""
    return TONES.get(state, Tone.QUIET)


def style_of(state: str) -> str:
    """Return the style of rich for a printer state or print outcome."""
    return RICH_STYLES[tone_of(state)]


def label_of(state: str) -> str:
    """Return a state or outcome for people: ``needs attention``."""
    return str(state).replace("_", " ")


def duration(length: Optional[timedelta]) -> str:
    """Format a duration: ``45 min``, ``1 h 05 min``, ``3 d 4 h``; empty for None.

    Minutes are rounded. A negative duration, from clocks that differ, is ``0 min``.
    """
    if length is None:
        return ""
    minutes = max(0, round(length.total_seconds() / 60))
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours < 48 else f"{hours // 24:,} d {hours % 24} h"


def volume(millilitres: Optional[float]) -> str:
    """Format a volume: ``7.5 ml``, ``600 ml``; empty for None."""
    if millilitres is None:
        return ""
    is_small = 0 < millilitres < 9.95
    return f"{millilitres:.1f} ml" if is_small else f"{millilitres:,.0f} ml"


def percent(share: Optional[float]) -> str:
    """Format a share of 0 to 1, rounded down, so that 100 % is complete; empty for None."""
    return "" if share is None else f"{int(share * 100)} %"


def bar(share: float, width: int, ascii_only: bool = False) -> str:
    """Draw a share of 0 to 1 as a bar of characters, without colours."""
    full, empty = "#." if ascii_only else "█░"
    filled = int(max(0.0, min(share, 1.0)) * width + 0.5)
    return full * filled + empty * (width - filled)


def display_width(text: str) -> int:
    """Return the number of terminal cells that a text takes, as defined by Unicode's widths."""
    return sum(map(_cells_of, text)) if not text.isascii() else len(text)


def _cells_of(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def truncate(text: str, width: int) -> str:
    """Shorten a text to a number of terminal cells, with an ellipsis where something is cut."""
    if display_width(text) <= width:
        return text
    kept, used = "", 1
    for character in text:
        used += _cells_of(character)
        if used > width:
            break
        kept += character
    return f"{kept}…" if width > 0 else ""


def shorten_middle(text: str, width: int) -> str:
    """Shorten a text as :func:`truncate` does, but keep its end, in which similar texts differ."""
    if display_width(text) <= width:
        return text
    head, tail = truncate(text, (width + 1) // 2), ""
    left = width - display_width(head)
    for character in reversed(text):
        left -= _cells_of(character)
        if left < 0:
            break
        tail = character + tail
    return head + tail
