"""Run an export: write all rows of a listing, page by page, to a file or to standard output."""

from __future__ import annotations

import stat
import sys
from contextlib import nullcontext
from datetime import datetime, timezone
from itertools import chain
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    ContextManager,
    Dict,
    Iterable,
    Iterator,
    List,
    Optional,
)

from typing_extensions import NamedTuple, Protocol

from formlabs_web_api.cli import answers, cells
from formlabs_web_api.cli.exporter.formats import ExportTable, Format
from formlabs_web_api.cli.exporter.progress import Progress, progress_bar, wait_note
from formlabs_web_api.cli.exporter.resumable import Resumable
from formlabs_web_api.cli.session import Session, usage

if TYPE_CHECKING:
    from formlabs_web_api.cli.filters import Selection

STANDARD_OUTPUT = Path("-")
_MIN_SHOWN_WAIT = 2.0
"""Wait for the rate limit in seconds from which the progress bar shows it."""
_SUFFIXES = {
    ".csv": Format.CSV,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".parquet": Format.PARQUET,
}


class RowPages(Protocol):
    """The rows of a listing, page by page: those of the service, or of a mirror."""

    @property
    def count(self) -> Optional[int]:
        """How many rows are listed; None if unknown."""
        ...

    @property
    def page_number(self) -> int:
        """Number of the page read last."""
        ...

    def resume(self, page_number: int, keys: Iterable[str]) -> None:
        """Continue after a page; drop the rows with these keys."""
        ...

    def __iter__(self) -> Iterator[List[Any]]: ...


class Listing(NamedTuple):
    """The listing to export."""

    name: str
    kind: Any
    """The class of its rows."""
    pages: Callable[..., RowPages]
    selection: Selection
    key: str
    """The field that identifies a row."""


def run(
    session: Session,
    listing: Listing,
    asked: Dict[str, object],
    output: Path,
    format: Optional[Format],
    fresh: bool,
) -> None:
    """Write all rows of a listing; the file is created when it is complete.

    Raises:
        Failure: The file cannot be written in this way.
        KeyboardInterrupt: Ctrl-C; the rows are kept for the next run, as after a kill.
    """
    is_stream = output == STANDARD_OUTPUT or _is_device(output)
    chosen = format or _SUFFIXES.get(output.suffix.lower()) or (Format.CSV if is_stream else None)
    if chosen is None:
        raise usage("--format", f"is needed for {output.name}: csv, jsonl or parquet")
    if is_stream and chosen is Format.PARQUET:
        raise usage("--output", "Parquet needs a file: -o FILE")
    if session.mirror is None:
        # An export waits for the rate limit as long as necessary.
        session.client.configuration.max_wait = None
    if asked.get("excel") and (chosen is not Format.CSV or asked.get("raw")):
        raise usage("--excel", "is for CSV only, without --raw")
    table = _table(session, listing, chosen, asked)
    if is_stream:
        _stream(session, listing, output, table)
    else:
        whose: Dict[str, Any] = {}
        if session.mirror is None:
            settings = session.client.configuration
            whose = {"host": settings.host, "client_id": settings.client_id}
        question = {"of": listing.name, "format": chosen.value, **whose, **asked}
        _to_file(session, listing, question, output, table, fresh)


def _stream(session: Session, listing: Listing, output: Path, table: ExportTable) -> None:
    now = session.now()
    opened: ContextManager[Any]
    if output == STANDARD_OUTPUT:
        out: Any = sys.stdout
        if hasattr(out, "reconfigure"):
            out.reconfigure(newline="")  # CSV rows contain their line ends
        opened = nullcontext(out)
    else:
        opened = output.open("w", encoding="utf-8", errors="replace", newline="")
    count = 0
    with opened as file:
        file.write(table.head)
        for page in listing.pages(**listing.selection.query):
            rows = _wanted(session, listing, page, now)
            file.write(table.rows(rows, now))
            count += len(rows)
    if not count:
        session.show_hints()


def _to_file(
    session: Session,
    listing: Listing,
    asked: Dict[str, object],
    output: Path,
    table: ExportTable,
    fresh: bool,
) -> None:
    from formlabs_web_api.exceptions import ApiException

    target = output.resolve()
    if not target.parent.is_dir():
        raise usage("--output", f"the folder {target.parent} does not exist")
    file = Resumable(target, asked, session.now(), fresh)
    try:
        with progress_bar(session, listing.name, file.state.get("rows", 0)) as progress:
            rows = _write(session, listing, file, table, progress)
        file.finish(table.converter)
    except BaseException as error:
        kept = file.state.get("rows", 0)
        if not kept:
            file.remove()
        elif isinstance(error, (ApiException, OSError, KeyboardInterrupt)):
            rows_are = f"{cells.counted(kept, 'row')} {'is' if kept == 1 else 'are'}"
            session.note(f"{rows_are} kept; the same command continues from there")
        raise
    finally:
        file.close()
    session.note(f"{output}: {cells.counted(rows, 'row')}")
    if not rows:
        session.show_hints()


def _write(
    session: Session,
    listing: Listing,
    file: Resumable,
    table: ExportTable,
    progress: Progress,
) -> int:
    """Add the missing rows to a file; return the number of its rows."""
    from formlabs_web_api.paging import row_key

    now = datetime.fromisoformat(file.state["started"])
    rows: int = file.state.get("rows", 0)
    filters = listing.selection.query
    if file.goes_on:
        if rows:
            session.note(f"continues after {cells.counted(rows, 'row')}; --fresh starts again")
        # Moments such as 7d are those of the first run.
        filters = {**filters, **_moments(file.state["moments"])}
    else:
        moments = {k: v.isoformat() for k, v in filters.items() if isinstance(v, datetime)}
        file.append(table.head)
        file.keep(moments=moments)
    pages = listing.pages(**filters)
    if file.goes_on:
        # The last page may have had no row that is wanted.
        last_keys = file.state.get("keys", [])
        pages.resume(
            file.state.get("page", 1),
            chain(table.keys(file.part, file.state["bytes"]), last_keys),
        )

    def show(note: str) -> None:
        progress(rows, pages.count, note)

    for page in _with_waits(session, pages, show):
        new = _wanted(session, listing, page, now)
        file.append(table.rows(new, now))
        rows += len(new)
        position: Dict[str, Any] = {"page": pages.page_number, "rows": rows}
        if page:
            position["keys"] = list(filter(None, map(row_key, page)))
        file.keep(**position)
        progress(rows, pages.count)
    return rows


def _wanted(session: Session, listing: Listing, page: List[object], now: datetime) -> List[Any]:
    rows = answers.models_in(session, page)
    return [row for row in rows if listing.selection.matches(row, now)]


def _with_waits(
    session: Session, pages: RowPages, show: Callable[[str], None]
) -> Iterator[List[Any]]:
    """Yield the pages; show a wait for the rate limit before it begins."""
    unread = iter(pages)
    while True:
        wait = 0.0 if session.mirror is not None else session.client.quota.next_free_in
        if wait > _MIN_SHOWN_WAIT:
            show(wait_note(session, wait))
        page = next(unread, None)
        if page is None:
            return
        yield page


def _table(
    session: Session, listing: Listing, format: Format, asked: Dict[str, object]
) -> ExportTable:
    from formlabs_web_api.tables.columns import columns_of

    return ExportTable(
        columns_of(listing.kind, derived=True, secrets=False),
        listing.key,
        format,
        raw=bool(asked.get("raw")),
        excel=bool(asked.get("excel")),
        tz=timezone.utc if session.utc else None,
    )


def _moments(state: Dict[str, str]) -> Dict[str, datetime]:
    return {name: datetime.fromisoformat(text) for name, text in state.items()}


def _is_device(path: Path) -> bool:
    """Return True if a path is not a regular file, such as /dev/null, and cannot be replaced."""
    return path.exists() and not stat.S_ISREG(path.stat().st_mode)
