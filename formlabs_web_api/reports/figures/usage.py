"""Usage: how long printers printed, were idle, were offline, and how long nothing is known."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional, Tuple

from formlabs_web_api.reports.runs import FleetData, PrinterRow, Sample
from formlabs_web_api.reports.spans import clip, difference, intersection, total, union
from formlabs_web_api.reports.tables import FigureTable, ValueKind, measures
from formlabs_web_api.reports.window import HOUR, Micros, Period, ReportWindow, Span, WorkingHours

SAMPLE_GAP: Micros = HOUR
"""A sample holds until the next one, for this long at most."""


class Usage(NamedTuple):
    """The time of one printer in a window; the four parts add up to its length."""

    printing: List[Span]
    idle: List[Span]
    offline: List[Span]
    unknown: List[Span]

    def within(self, period: Period) -> Tuple[Micros, Micros, Micros, Micros]:
        """Return the lengths of the four parts in a period."""
        printing, idle, offline, unknown = (
            total(clip(part, period.start, period.end)) for part in self
        )
        return printing, idle, offline, unknown


def usage_of(fleet: FleetData, window: ReportWindow) -> Dict[str, Usage]:
    """Return the usage of each printer, by serial.

    The service keeps no history of connections. A printer is idle or offline where samples show it,
    and offline from its last contact on if it is offline now; the rest is unknown.
    """
    printing = fleet.printing
    return {
        printer.serial: _usage(
            clip(printing.get(printer.serial, []), window.start, window.end),
            _offline(printer, fleet),
            fleet.samples.get(printer.serial, []),
            window,
        )
        for printer in fleet.printers
    }


def _usage(
    printing: List[Span], offline: List[Span], samples: List[Sample], window: ReportWindow
) -> Usage:
    rest = difference([(window.start, window.end)], printing)
    offline = intersection(rest, union([*offline, *_sampled(samples, False)]))
    rest = difference(rest, offline)
    idle = intersection(rest, union(_sampled(samples, True)))
    return Usage(printing, idle, offline, difference(rest, idle))


def _offline(printer: PrinterRow, fleet: FleetData) -> List[Span]:
    if printer.is_online is not False or printer.pinged is None:
        return []
    return [(printer.pinged, fleet.now)]


def _sampled(samples: List[Sample], is_online: bool) -> List[Span]:
    ends = [following.at for following in samples[1:]]
    held = zip(samples, [*ends, None])
    return [
        (
            sample.at,
            sample.until + SAMPLE_GAP if end is None else min(end, sample.until + SAMPLE_GAP),
        )
        for sample, end in held
        if sample.is_online == is_online
    ]


_PARTS = (
    ("printing", "Printing", ValueKind.HOURS, "h"),
    ("idle", "Idle", ValueKind.HOURS, "h"),
    ("offline", "Offline", ValueKind.HOURS, "h"),
    ("unknown", "Not printing, state unknown", ValueKind.HOURS, "h"),
)


def usage_table(
    fleet: FleetData,
    window: ReportWindow,
    by: str = "printer",
    hours: Optional[WorkingHours] = None,
) -> FigureTable:
    """Return the usage of the window by printer, group, day, week or month.

    Utilisation is printing time divided by all time of the window, of all printers of the row; of
    working hours, if given, printing time in them divided by them. A share of several printers is
    the quotient of their sums.

    Raises:
        ValueError: ``by`` is not one of these.
    """
    usage = usage_of(fleet, window)
    whole = Period("", window.start, window.end, True)
    working = union(hours.spans(window)) if hours else None
    table = FigureTable(
        "usage_by_" + by,
        f"Usage by {by}",
        measures(
            (by, by.capitalize()),
            ("printers", "Printers", ValueKind.COUNT),
            ("prints", "Prints", ValueKind.COUNT),
            *_PARTS,
            ("utilisation", "Utilisation of all hours", ValueKind.SHARE, "%"),
            *(
                [("working_utilisation", "Utilisation of working hours", ValueKind.SHARE, "%")]
                if hours
                else []
            ),
        ),
    )
    counts = _print_spans(fleet)
    for label, members, period in _rows(fleet, window, by, whole):
        parts = [usage[serial].within(period) for serial in members]
        sums = [sum(column) for column in zip(*parts)] if parts else [0, 0, 0, 0]
        touched = sum(
            start < period.end and end > period.start
            for serial in members
            for start, end in counts.get(serial, ())
        )
        row = [label, len(members), touched, *sums, _share(sums[0], sum(sums))]
        if working is not None:
            within = clip(working, period.start, period.end)
            busy = sum(total(intersection(usage[one].printing, within)) for one in members)
            row.append(_share(busy, total(within) * len(members)))
        table.rows.append(tuple(row))
    return table


def _print_spans(fleet: FleetData) -> Dict[str, List[Span]]:
    spans: Dict[str, List[Span]] = {}
    for run, span in fleet.spans:
        spans.setdefault(run.printer, []).append(span)
    return spans


def _rows(
    fleet: FleetData, window: ReportWindow, by: str, whole: Period
) -> List[Tuple[str, List[str], Period]]:
    if by == "printer":
        return [(one.label, [one.serial], whole) for one in fleet.printers]
    if by == "group":
        groups: Dict[str, List[str]] = {}
        for printer in fleet.printers:
            groups.setdefault(printer.group or "no group", []).append(printer.serial)
        return [(label, groups[label], whole) for label in sorted(groups)]
    everyone = [printer.serial for printer in fleet.printers]
    try:
        return [(period.label, everyone, period) for period in window.periods(by)]
    except ValueError:
        raise ValueError(f'usage has no "{by}"; write printer, group, day, week or month') from None


def utilisation(fleet: FleetData, window: ReportWindow) -> Optional[float]:
    """Return printing time of all printers divided by all their time; None without printers."""
    printing = fleet.printing
    busy = sum(
        total(clip(printing.get(one.serial, []), window.start, window.end))
        for one in fleet.printers
    )
    return _share(busy, window.length * len(fleet.printers))


def day_table(fleet: FleetData, window: ReportWindow) -> FigureTable:
    """Return printing time by printer and local day, with the length of each day."""
    usage = usage_of(fleet, window)
    table = FigureTable(
        "usage_by_printer_and_day",
        "Usage by printer and day",
        measures(
            ("printer", "Printer"),
            ("serial", "Serial"),
            ("day", "Day", ValueKind.DAY),
            ("hours", "Hours of the day in the window", ValueKind.HOURS, "h"),
            *_PARTS,
            ("utilisation", "Utilisation", ValueKind.SHARE, "%"),
        ),
    )
    days = window.periods("day")
    for printer in fleet.printers:
        parts = usage[printer.serial]
        for day in days:
            lengths = parts.within(day)
            share = _share(lengths[0], day.length)
            table.rows.append(
                (printer.label, printer.serial, day.label, day.length, *lengths, share)
            )
    return table


def not_counted(fleet: FleetData, window: ReportWindow) -> FigureTable:
    """Return the prints whose time is not known, created or started in the window."""
    table = FigureTable(
        "prints_not_counted",
        "Prints without a usable start and end, not counted as printing time",
        measures(
            ("print", "Print"),
            ("printer", "Printer"),
            ("status", "Status"),
            ("moment", "Started or created", ValueKind.MOMENT),
        ),
    )
    labels = fleet.labels()
    for run in fleet.runs:
        moment = run.started if run.started is not None else run.created
        if moment is None or not window.start <= moment < window.end:
            continue
        if run.span(fleet.now) is None and run.status not in ("QUEUED", "PREPRINT"):
            table.rows.append(
                (run.name or run.guid, labels.get(run.printer, run.printer), run.status, moment)
            )
    return table


def _share(part: Micros, whole: Micros) -> Optional[float]:
    return part / whole if whole else None
