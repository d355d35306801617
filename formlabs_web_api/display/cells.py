"""Cells of a table, independent of the renderer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timezone, tzinfo
from typing import Any, Callable, Generic, List, Optional, Sequence, TypeVar, Union

from formlabs_web_api._util.signed_urls import redact_signed_urls_in
from formlabs_web_api._util.text import one_line
from formlabs_web_api.display.formats import Tone, label_of, tone_of
from formlabs_web_api.display.timeline import TimeBar

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
"""English, whatever the locale of the process."""


@dataclass(frozen=True)
class Text:
    """Plain text."""

    text: str
    hint: str = ""
    """Tooltip."""
    is_quiet: bool = False
    is_strong: bool = False


@dataclass(frozen=True)
class Badge:
    """A short text with a tone."""

    text: str
    tone: Tone
    hint: str = ""


@dataclass(frozen=True)
class Bar:
    """A share of 0 to 1, drawn as a bar."""

    fraction: float
    text: str
    tone: Tone
    hint: str = ""


@dataclass(frozen=True)
class Picture:
    """An image, in a format that browsers can show."""

    content: bytes
    name: str


Cell = Union[Text, Badge, Bar, Picture]
Cells = Sequence[Cell]
"""Cells stacked in one place of a table; an empty list leaves it empty."""


@dataclass(frozen=True)
class RenderContext:
    """Settings for rendering."""

    now: Optional[datetime] = None
    """Reference time of models; None means the time of the response that contained each."""
    present: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    """The time that determines which day is today."""
    tz: Optional[tzinfo] = None
    """The zone of times; None means the local one."""
    with_thumbnails: bool = False

    def time(self, at: Optional[datetime]) -> str:
        """Format a time with the name of its zone; empty for None.

        The date is left out for today, and the year for the present year.
        """
        if at is None:
            return ""
        try:
            local, now = at.astimezone(self.tz), self.present.astimezone(self.tz)
        except (OverflowError, ValueError, OSError):
            local, now = at, self.present
        clock = f"{local:%H:%M} {local.tzname() or ''}".rstrip()
        if local.date() == now.date():
            return f"today {clock}"
        day = f"{local.day} {_MONTHS[local.month - 1]}"
        return f"{day}, {clock}" if local.year == now.year else f"{day} {local.year}, {clock}"


Content = TypeVar("Content", bound=Callable[..., object])


@dataclass(frozen=True)
class Column(Generic[Content]):
    """A column of a table for people: how wide it is, and a function for what is in it."""

    title: str
    """The heading; in the command line, two lines become one if the width is unlimited."""
    cells: Content
    """Returns what a row shows, of the type that the table's renderer takes."""
    right: bool = False
    """True to align the cells to the right."""
    min_width: Optional[int] = None
    """Minimum width of truncated plain text; None: never truncated."""
    drop_priority: int = 0
    """If truncating is not enough, the column with the largest number is dropped first; 0:
    never."""
    min_width_last_resort: Optional[int] = None
    """Minimum width once no column is left to drop, for names and serials that a user may want to
    copy."""


@dataclass(frozen=True)
class Sheet:
    """A table ready to be rendered; without columns, the facts of one model, a row each."""

    title: str
    badges: Sequence[Badge]
    columns: Sequence[Column[Any]]
    rows: Sequence[Sequence[Cells]]
    note: str = ""
    """Names the number of rows that are not shown."""
    bars: Sequence[TimeBar] = ()
    """The models by time, a chart above the table."""


def badge(state: str, hint: str = "") -> Badge:
    """Return the badge of a printer state or print outcome."""
    return Badge(label_of(state), tone_of(state), hint)


def sanitized(cells: Cells) -> Cells:
    """Sanitize the texts of cells, and redact signed addresses in them."""
    return [_sanitized(cell) for cell in cells]


def _sanitized(cell: Cell) -> Cell:
    if isinstance(cell, Picture):
        return replace(cell, name=one_line(redact_signed_urls_in(cell.name)))
    text, hint = redact_signed_urls_in(cell.text), redact_signed_urls_in(cell.hint)
    return replace(cell, text=one_line(text), hint=one_line(hint))


def plain(*texts: str) -> List[Cell]:
    """Return a text cell for each text that is not empty."""
    return [Text(text) for text in texts if text]
