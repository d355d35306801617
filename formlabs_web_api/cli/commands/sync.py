"""``sync``: the account in a database, brought up to date once or at intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, List, Optional

import typer
from typing_extensions import Annotated

from formlabs_web_api.cli import cells
from formlabs_web_api.cli.commands.watch import StopRequest
from formlabs_web_api.cli.durations import seconds_of
from formlabs_web_api.cli.exporter.progress import Progress, progress_bar, wait_note
from formlabs_web_api.cli.failures import FAILED, Failure
from formlabs_web_api.cli.session import Session, session_of, usage

if TYPE_CHECKING:
    from datetime import datetime

    from formlabs_web_api.mirror import Mirror, RowCounts, SyncProgress, SyncSummary


def sync(
    context: typer.Context,
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL",
            help="The database: sqlite:///fleet.db or postgresql+psycopg://user@host/name.",
            show_default=False,
        ),
    ],
    every: Annotated[
        Optional[str],
        typer.Option(
            metavar="DURATION",
            help="Repeat at this interval, such as 5m; with a full pass once a day.",
            show_default=False,
        ),
    ] = None,
    since: Annotated[
        Optional[str],
        typer.Option(
            metavar="DATE",
            help="Start date of a new mirror and of a full pass; by default everything is read.",
            show_default=False,
        ),
    ] = None,
    only: Annotated[
        Optional[List[str]],
        typer.Option(
            metavar="NAMES",
            help="Only these: prints,events,printers,tanks,cartridges,groups; may be repeated.",
            show_default=False,
        ),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Read everything; mark removed rows as deleted.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Compare a sample of rows with the service.")
    ] = False,
) -> None:
    """Copy the account to a database, or bring the copy up to date.

    The next sync continues an interrupted one; a wait for the rate limit is shown. The exit code is
    1 if --verify finds a difference. See docs/guides/mirror.md.
    """
    session = session_of(context)
    seconds = None if every is None else seconds_of("--every", every)
    if seconds is not None and (full or verify):
        raise usage("--every", "it includes full passes: leave out --full and --verify")
    first, _ = session.period(since, None)
    listings = _listings(only)
    mirror = _mirror_of(session, url)
    try:
        if seconds is None:
            _write(session, _sync_once(session, mirror, listings, full, first))
            if verify:
                _verify(session, mirror)
        else:
            _follow(session, mirror, seconds, listings, first)
    finally:
        mirror.close()


def _mirror_of(session: Session, url: str) -> Mirror:
    try:
        return session.client.mirror(url)
    except ImportError as error:
        raise Failure(str(error)) from None


def _listings(only: Optional[List[str]]) -> Optional[List[str]]:
    """Return the names of listings, which may be given with commas or one by one."""
    if not only:
        return None
    from formlabs_web_api.exceptions import ApiValueError

    names = [name.strip() for text in only for name in text.split(",")]
    try:
        from formlabs_web_api.mirror.sync import listings_of
    except ImportError:
        return names  # the missing extra is named when the mirror is opened
    try:
        return list(listings_of(names))
    except ApiValueError as error:
        raise usage("--only", str(error).partition("only: ")[2]) from None


def _sync_once(
    session: Session,
    mirror: Mirror,
    listings: Optional[List[str]],
    full: bool,
    since: Optional[datetime],
) -> SyncSummary:
    with progress_bar(session, "sync", 0) as bar:
        return mirror.sync(only=listings, full=full, since=since, progress=_Bar(session, bar).show)


def _follow(
    session: Session,
    mirror: Mirror,
    every: float,
    listings: Optional[List[str]],
    since: Optional[datetime],
) -> None:
    stop = StopRequest()
    for summary in mirror.follow(every, only=listings, since=since, pause=stop.pause):
        _write(session, summary)
        if stop.is_requested:
            return


class _Bar:
    """Shows the progress of a sync on the bar of an export."""

    def __init__(self, session: Session, bar: Progress) -> None:
        self._session = session
        self._bar = bar

    def show(self, progress: SyncProgress) -> None:
        note = progress.table
        if progress.waiting:
            note = f"{note}, {wait_note(self._session, progress.waiting)}"
        self._bar(progress.rows, progress.total, note)


def _write(session: Session, summary: SyncSummary) -> None:
    if session.json:
        session.say_json_line(summary.to_dict())
        return
    for name, counts in summary.tables.items():
        if counts.new or counts.changed or counts.deleted:
            session.say(f"{name}: {_counted(counts)}")
    session.note(str(summary))


def _counted(counts: RowCounts) -> str:
    parts = [(counts.new, "new"), (counts.changed, "changed"), (counts.deleted, "deleted")]
    return ", ".join(f"{number:,} {word}" for number, word in parts if number)


def _verify(session: Session, mirror: Mirror) -> None:
    result = mirror.verify()
    if result:
        session.note(f"{cells.counted(result.rows, 'row')} compared, none differs")
        return
    for difference in result.differences:
        session.complain(str(difference))
    found = cells.counted(len(result.differences), "row")
    raise Failure(f"{found} of {result.rows:,} compared differ from the service", FAILED)
