"""The progress bar of an export: how many rows, how fast, how long it will take."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generator, Optional

from typing_extensions import Protocol

if TYPE_CHECKING:
    from formlabs_web_api.cli.session import Session


class Progress(Protocol):
    """Who is told how far something is."""

    def __call__(self, rows: int, total: Optional[int], note: str = "") -> None: ...


@contextmanager
def progress_bar(session: Session, name: str, before: int) -> Generator[Progress, None, None]:
    """A bar on the terminal, if there is one and it is wanted.

    Args:
        session: The run.
        name: What the rows are.
        before: How many there are already.
    """
    console = session.errors
    if session.quiet or not console.is_terminal or console.is_dumb_terminal:
        yield _nobody
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

        def told(rows: int, total: Optional[int], note: str = "") -> None:
            of = "" if total is None else f" of {total:,}"
            bar.update(
                task,
                total=None if total is None else max(total, rows),
                completed=rows,
                description=f"{name}, {note}" if note else name,
                count=f"{rows:,}{of}",
            )

        yield told


def _discard(text: str) -> None:
    pass


def _nobody(rows: int, total: Optional[int], note: str = "") -> None:
    pass
