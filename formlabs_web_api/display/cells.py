"""What stands in a cell of a table, whoever paints it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from enum import Enum
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Union

from formlabs_web_api._util.signed_urls import redact_signed_urls_in
from formlabs_web_api._util.text import one_line
from formlabs_web_api.models.derived import PrinterState, PrintOutcome

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
"""Whatever language the machine speaks."""


class Tone(Enum):
    """What a colour says."""

    GOOD = "good"
    BUSY = "busy"
    WARN = "warn"
    BAD = "bad"
    QUIET = "quiet"


@dataclass(frozen=True)
class Text:
    """Words, shown as they are."""

    text: str
    hint: str = ""
    """What a mouse that rests on it is told."""
    is_quiet: bool = False
    is_strong: bool = False


@dataclass(frozen=True)
class Badge:
    """A word in a colour."""

    text: str
    tone: Tone
    hint: str = ""


@dataclass(frozen=True)
class Bar:
    """A share of a whole, 0 to 1."""

    fraction: float
    text: str
    tone: Tone
    hint: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture, in a format that browsers know."""

    content: bytes
    name: str


Cell = Union[Text, Badge, Bar, Picture]
Cells = Sequence[Cell]
"""Cells on top of each other in one place of a table; none leaves it empty."""


class Column(NamedTuple):
    """A column: its title, and what it shows of a thing."""

    title: str
    cells: Callable[[Any, Setting], Cells]


@dataclass(frozen=True)
class Setting:
    """How things are shown."""

    now: datetime
    """The moment things are judged from."""
    tz: Optional[tzinfo] = None
    """The zone times are shown in; None means the machine's."""
    with_thumbnails: bool = False

    def time(self, at: Optional[datetime]) -> str:
        """A moment in the zone wanted, with the zone's name; empty where there is none.

        The year is left out where it is the present one, and so is the day.
        """
        if at is None:
            return ""
        try:
            local, now = at.astimezone(self.tz), self.now.astimezone(self.tz)
        except (OverflowError, ValueError, OSError):
            local, now = at, self.now
        clock = f"{local:%H:%M} {local.tzname() or ''}".rstrip()
        if local.date() == now.date():
            return f"today {clock}"
        day = f"{local.day} {_MONTHS[local.month - 1]}"
        return f"{day}, {clock}" if local.year == now.year else f"{day} {local.year}, {clock}"


@dataclass(frozen=True)
class Sheet:
    """A table ready to be painted; without titles it is the facts of one thing, a row each."""

    title: str
    badges: Sequence[Badge]
    titles: Sequence[str]
    rows: Sequence[Sequence[Cells]]
    note: str = ""
    """What is not shown."""


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
"""Colours of the words of derived values; the others are quiet."""


def badge(word: str, hint: str = "") -> Badge:
    """A word of a derived value, in its colour."""
    return Badge(str(word).replace("_", " "), TONES.get(word, Tone.QUIET), hint)


def span(duration: Optional[timedelta]) -> str:
    """A duration in its two largest units, ``2 h 05 min``; empty where there is none."""
    if duration is None:
        return ""
    minutes = int(duration.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes:02} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if days < 10 else f"{days:,} d"


def harmless(cells: Cells) -> Cells:
    """Cells whose texts steer no terminal, can be written, and open nothing."""
    return [
        one
        if isinstance(one, Picture)
        else replace(
            one,
            text=one_line(redact_signed_urls_in(one.text)),
            hint=one_line(redact_signed_urls_in(one.hint)),
        )
        for one in cells
    ]


def plain(*texts: str) -> List[Cell]:
    """One cell of text for each that is not empty."""
    return [Text(text) for text in texts if text]
