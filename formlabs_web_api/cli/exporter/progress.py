"""The progress bar of an export: number of rows, rate and remaining time."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generator, Optional

from typing_extensions import Protocol

if TYPE_CHECKING:
    from formlabs_web_api.cli.session import Session


class Progress(Protocol):
    """A function that shows the progress."""

    def __call__(self, rows: int, total: Optional[int], note: str = "") -> None: ...


@contextmanager
def progress_bar(session: Session, name: str, before: int) -> Generator[Progress, None, None]:
    """Show a progress bar if stderr is a terminal and notes are not disabled.

    Args:
        session: The run.
        name: Name of the rows.
        before: Number of rows that exist already.
    """
    console = session.errors
    if session.quiet or not console.is_terminal or console.is_dumb_terminal:
        yield _show_nothing
        return
    from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.text import Text

    from formlabs_web_api._core.wait_notice import show_waits

    class Rate(ProgressColumn):
        def render(self, task: Any) -> Text:
            return Text("" if task.speed is None else f"{task.speed:,.0f}/s")

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TextColumn("{task.fields[count]}"),
        Rate(),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=console, transient=True, expand=True)
    with show_waits(_discard), bar:  # the bar itself names a wait
        task = bar.add_task(name, total=None, completed=before, count=f"{before:,}")

        def show(rows: int, total: Optional[int], note: str = "") -> None:
            of = "" if total is None else f" of {total:,}"
            bar.update(
                task,
                total=None if total is None else max(total, rows),
                completed=rows,
                description=f"{name}, {note}" if note else name,
                count=f"{rows:,}{of}",
            )

        yield show


def wait_note(session: Session, seconds: float) -> str:
    """Return the note for a wait that begins now."""
    until = session.now() + timedelta(seconds=seconds)
    return f"waits for the rate limit until {until:%H:%M:%S}"


def _discard(text: str) -> None:
    pass


def _show_nothing(rows: int, total: Optional[int], note: str = "") -> None:
    pass
