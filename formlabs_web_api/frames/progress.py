"""The progress of reading a listing: shown to a person who watches, or given to a program."""

from __future__ import annotations

from typing import (
    Callable,
    Generator,
    Iterable,
    Iterator,
    List,
    NamedTuple,
    Optional,
    TextIO,
    TypeVar,
)

from formlabs_web_api._core.wait_notice import show_waits, watched_stream
from formlabs_web_api._util.real_time import monotonic

T = TypeVar("T")

SHOWN_AFTER = 3.0
"""Seconds; the progress of a shorter reading is not shown."""


class FrameProgress(NamedTuple):
    """How far the reading of a listing is; given to ``progress`` after each page."""

    listing: str
    """Its name, ``prints`` for example."""
    rows: int
    """Rows so far, those kept in a spool included."""
    total: Optional[int]
    """Rows that the listing has, as far as ``limit`` allows; None if unknown."""


ProgressCallback = Callable[[FrameProgress], object]


def with_progress(
    pages: Iterable[List[T]],
    listing: str,
    total: Callable[[], Optional[int]],
    report: Optional[ProgressCallback],
    rows_kept: int = 0,
) -> Generator[List[T], None, None]:
    """Yield pages; report each of them, or show the progress if nothing takes the reports.

    Args:
        pages: The pages.
        listing: Name of the listing.
        total: Returns the number of rows of all pages, once a page was read.
        report: Called after each page; None writes a line to standard error if a person watches it.
        rows_kept: Number of rows that an earlier call has read.
    """
    stream = watched_stream() if report is None else None
    if stream is not None:
        line = ProgressLine(stream, rows_kept)
        with show_waits(line.note):
            try:
                yield from _reported(pages, listing, total, line.show)
            finally:
                line.clear()
    elif report is not None:
        yield from _reported(pages, listing, total, report)
    else:
        yield from pages


def _reported(
    pages: Iterable[List[T]],
    listing: str,
    total: Callable[[], Optional[int]],
    report: ProgressCallback,
) -> Iterator[List[T]]:
    rows = 0
    for page in pages:
        rows += len(page)
        report(FrameProgress(listing, rows, total()))
        yield page


class ProgressLine:
    """A line that is written over with each page, and cleared at the end.

    Args:
        stream: What shows it: a terminal or the output of a notebook.
        rows_kept: Number of rows that an earlier call has read.
        clock: Monotonic clock in seconds.
    """

    def __init__(
        self, stream: TextIO, rows_kept: int = 0, clock: Callable[[], float] = monotonic
    ) -> None:
        self._stream = stream
        self._rows_kept = rows_kept
        self._clock = clock
        self._started_at = clock()
        self._width = 0

    def show(self, progress: FrameProgress) -> None:
        """Show the progress, with an estimate of the time left."""
        elapsed = self._clock() - self._started_at
        if elapsed < SHOWN_AFTER:
            return
        listing, rows, total = progress
        text = f"{listing}: {rows:,} rows"
        read = rows - self._rows_kept
        if total is not None and read > 0:
            left = elapsed / read * max(0, total - rows)
            text = f"{listing}: {rows:,} of {total:,} rows, about {left:,.0f} s left"
        self._write(f"\r{text.ljust(self._width)}")
        self._width = len(text)

    def note(self, text: str) -> None:
        """Write a line of its own, such as a wait for the rate limit."""
        self.clear()
        self._write(f"{text}\n")

    def clear(self) -> None:
        """Remove the line."""
        if self._width:
            self._write(f"\r{' ' * self._width}\r")
            self._width = 0

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
