"""``report``: printer use, outcomes, resin and history as a page, a workbook or a picture."""

from __future__ import annotations

import os
import re
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, List, Optional, Tuple

import typer
from typing_extensions import Annotated

from formlabs_web_api.cli import mirrored
from formlabs_web_api.cli.session import Session, session_of, usage

if TYPE_CHECKING:
    from formlabs_web_api.reports import PriceList, ReportSource

_KINDS = ("usage", "history", "success", "material", "consumables", "queue", "quota", "all")
_HOURS_AGO = re.compile(r"(\d{1,6})\s*(h|hours?|min|minutes?)(?:\s+ago)?")
_HAS_OFFSET = re.compile(r"\d\d:\d\d.*(?:z|[+-]\d\d:?\d\d)$", re.IGNORECASE)
_LOCAL_ZONE = Path("/etc/localtime")


def _kinds() -> List[str]:
    return list(_KINDS)


def report(
    context: typer.Context,
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help=f"{', '.join(_KINDS[:-1])}, or all of them.",
            autocompletion=_kinds,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The file: .html, .xlsx, .csv, .json or .png.",
            show_default=False,
        ),
    ],
    since: Annotated[
        str,
        typer.Option(metavar="DATE", help='Start of the window: 2026-05-01, 30d, "last monday".'),
    ] = "30d",
    until: Annotated[
        Optional[str],
        typer.Option(
            metavar="DATE",
            help="End of the window; a day is included. By default now.",
            show_default=False,
        ),
    ] = None,
    by: Annotated[
        Optional[str],
        typer.Option(
            metavar="WHAT",
            help="Group by printer, group, material, user, hour, day, week or month.",
            show_default=False,
        ),
    ] = None,
    zone: Annotated[
        Optional[str],
        typer.Option(
            metavar="ZONE",
            help="Time zone of days and hours, such as Europe/Berlin; by default the local one.",
            show_default=False,
        ),
    ] = None,
    prices: Annotated[
        Optional[Path],
        typer.Option(metavar="FILE", help="Price list in TOML, for costs.", show_default=False),
    ] = None,
    hours: Annotated[
        Optional[str],
        typer.Option(
            metavar="PATTERN",
            help='Working hours, for their utilisation: "mon-fri 08:00-18:00".',
            show_default=False,
        ),
    ] = None,
    days: Annotated[
        int, typer.Option(min=1, metavar="DAYS", help="For how many days to order resin.")
    ] = 30,
    tank_life: Annotated[
        Optional[int],
        typer.Option(
            min=1,
            metavar="LAYERS",
            help="Layers that a tank lasts for, to show how worn tanks are.",
            show_default=False,
        ),
    ] = None,
    hide_users: Annotated[
        bool, typer.Option("--hide-users", help="Name users User 1, User 2 and so on.")
    ] = False,
    excel: Annotated[
        bool,
        typer.Option("--excel", help="CSV with ; between columns and a comma in numbers."),
    ] = False,
    from_: mirrored.From = None,
    open_: Annotated[
        bool, typer.Option("--open", help="Open the file when it is written.")
    ] = False,
) -> None:
    """Write a report as a page, workbook, table or picture.

    Figures, definitions and price lists are explained in docs/guides/reports.md. Invalid options
    are refused before data is read.
    """
    from formlabs_web_api.cli.failures import Failure
    from formlabs_web_api.reports import make_report

    session = session_of(context)
    mirrored.read_from(session, from_)
    _check(kind, by, output, hours)
    if excel and output.suffix.lower() != ".csv":
        raise usage("--excel", "it is a way to write CSV; .xlsx is for Excel already")
    name, found = _zone(session, zone)
    price_list = _price_list(prices)
    first, last = _window(session, found, since, until)
    try:
        made = make_report(
            kind,
            _source(session),
            first,
            last,
            zone=name,
            by=by,
            prices=price_list,
            hours=hours,
            days=days,
            tank_life_layers=tank_life,
            hide_users=hide_users,
        )
        made.save(output, excel)
    except (ImportError, ValueError) as error:
        raise Failure(str(error)) from None
    session.note(f"{output}: {made.sections[0].title}")
    if open_:
        import webbrowser

        webbrowser.open(output.resolve().as_uri())


def _source(session: Session) -> ReportSource:
    from formlabs_web_api.reports import ClientSource, MirrorSource

    return ClientSource(session.client) if session.mirror is None else MirrorSource(session.mirror)


def _check(kind: str, by: Optional[str], output: Path, hours: Optional[str]) -> None:
    from formlabs_web_api.reports import WorkingHours
    from formlabs_web_api.reports.report import check_format, check_kind, check_writable

    try:
        check_kind(kind, None)
    except ValueError as error:
        raise usage("KIND", str(error)) from None
    try:
        check_kind(kind, by)
    except ValueError as error:
        raise usage("--by", str(error)) from None
    try:
        check_format(kind, output)
    except ValueError as error:
        raise usage("--output", str(error)) from None
    try:
        WorkingHours.parse(hours) if hours is not None else None
    except ValueError as error:
        raise usage("--hours", str(error)) from None
    check_writable(output)


def _zone(session: Session, name: Optional[str]) -> Tuple[str, tzinfo]:
    """Return the name of the zone and the zone; UTC if that of the computer has no known name."""
    from formlabs_web_api.reports.window import zone_of

    if name is not None:
        try:
            return name, zone_of(name)
        except ValueError as error:
            raise usage("--zone", str(error)) from None
    link = os.path.realpath(_LOCAL_ZONE).partition("zoneinfo/")[2]
    for local in () if session.utc else (os.environ.get("TZ"), link):
        found = _known_zone(local)
        if local and found is not None:
            return local, found
    return "UTC", timezone.utc


def _known_zone(name: Optional[str]) -> Optional[tzinfo]:
    from formlabs_web_api.reports.window import zone_of

    try:
        return zone_of(name or "")
    except ValueError:
        return None


def _price_list(path: Optional[Path]) -> Optional[PriceList]:
    from formlabs_web_api.cli.failures import Failure
    from formlabs_web_api.reports import PriceListError, read_prices

    if path is None:
        return None
    try:
        return read_prices(path)
    except PriceListError as error:
        raise usage("--prices", str(error)) from None
    except ImportError as error:
        raise Failure(str(error)) from None


def _window(
    session: Session, zone: tzinfo, since: str, until: Optional[str]
) -> Tuple[datetime, Optional[datetime]]:
    first, _ = _span("--since", since, session.now(), zone)
    last = None if until is None else _span("--until", until, session.now(), zone)[1]
    end = session.now() if last is None else last
    if first >= end:
        start, stop = (moment.astimezone(zone) for moment in (first, end))
        raise usage(
            "--since" if until is None else "--until",
            f"the window is empty: {start:%Y-%m-%d %H:%M} is not before {stop:%Y-%m-%d %H:%M}",
        )
    return first, last


def _span(option: str, text: str, now: datetime, zone: tzinfo) -> Tuple[datetime, datetime]:
    """Return what a date means in a zone."""
    from formlabs_web_api.cli import dates

    ago = _HOURS_AGO.fullmatch(text.strip().lower())
    if ago:  # elapsed time, independent of changes of the local clock
        amount = int(ago.group(1)) * (3600 if ago.group(2).startswith("h") else 60)
        try:
            moment = now - timedelta(seconds=amount)
        except OverflowError:
            raise usage(option, f'"{text}" is too long ago') from None
        return moment, moment
    try:
        if _HAS_OFFSET.search(text.strip()):
            return dates.span(text, now, utc=True)
        # Read as if UTC had the clock of the zone, so that midnights are those of the zone.
        wall = now.astimezone(zone).replace(tzinfo=timezone.utc)
        first, last = dates.span(text, wall, utc=True)
    except ValueError as error:
        raise usage(option, str(error)) from None
    return first.replace(tzinfo=zone), last.replace(tzinfo=zone)
