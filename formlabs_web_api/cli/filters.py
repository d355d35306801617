"""Filters of prints, events, printers, tanks and cartridges, for their listings and exports.

A filter with one value is sent to the service if the service supports it. Several values of one
filter, and filters that the service does not support, are applied here to the received rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, List, Optional, Sequence

from formlabs_web_api._util.fields import value_at
from formlabs_web_api.cli import answers, cells, lookup, options
from formlabs_web_api.cli.session import Session, usage

if TYPE_CHECKING:
    from datetime import datetime

    Predicate = Callable[[Any, datetime], bool]


class Selection:
    """The filters of a listing's rows."""

    def __init__(self) -> None:
        self.query: Dict[str, Any] = {}
        """Parameters of the request."""
        self._predicates: List[Predicate] = []

    @property
    def is_partial(self) -> bool:
        """True if received rows may be left out."""
        return bool(self._predicates)

    def keep(self, predicate: Predicate) -> None:
        """Keep only rows for which a function of the row and the present returns True."""
        self._predicates.append(predicate)

    def matches(self, row: Any, now: datetime) -> bool:
        """Return True if a row matches; one without fields matches if there are no filters here."""
        if not self._predicates:
            return True
        return answers.is_model(row) and all(one(row, now) for one in self._predicates)

    def any_of(self, parameter: str, values: Sequence[str], field: Callable[[Any], Any]) -> None:
        """Keep rows whose field is one of the values; without values, every row."""
        if len(values) == 1:
            self.query[parameter] = values[0]
        elif values:
            wanted = {value.casefold() for value in values}
            self.keep(lambda row, now: cells.text(field(row)).casefold() in wanted)


def print_filters(
    session: Session,
    printer: options.Printer = None,
    since: options.Since = None,
    until: options.Until = None,
    ended: options.Ended = None,
    ended_since: options.EndedSince = None,
    ended_until: options.EndedUntil = None,
    status: options.Status = None,
    outcome: options.Outcome = None,
    material: options.Material = None,
    group: options.InGroup = None,
    name: options.Name = None,
    model: options.Model = None,
) -> Selection:
    """Return the selection of prints by the options that every command of prints has."""
    found = Selection()
    found.query["date__gt"], found.query["date__lt"] = session.period(since, until)
    _keep_ended(session, found, ended, ended_since, ended_until)
    statuses = [lookup.status(session, one) for one in status or ()]
    found.any_of("status", statuses, lambda run: run.status)
    found.any_of("material", lookup.materials(session, material or ()), lambda run: run.material)
    _keep_names(found, name or ())
    found.query["machine_type_id"] = lookup.machine_types(session, model or ())
    found.any_of("printer", lookup.serials_of(session, printer or ()), lambda run: run.printer)
    if outcome:
        wanted = [lookup.outcome(one) for one in outcome]
        found.keep(lambda run, now: str(run.outcome_at(now)) in wanted)
    _keep_groups(session, found, group or ())
    return found


def event_filters(
    session: Session,
    printer: options.Printer = None,
    since: options.Since = None,
    until: options.Until = None,
    type_: options.Type = None,
    print_run: options.PrintRun = None,
    tank: options.Tank = None,
    cartridge: options.Cartridge = None,
) -> Selection:
    """Return the selection of events by the options that every command of events has."""
    found = Selection()
    found.query["date__gt"], found.query["date__lt"] = session.period(since, until)
    types = [lookup.event_type(session, one) for one in type_ or ()]
    found.any_of("type", types, lambda event: event.type)
    found.query.update(print_run=print_run, tank=tank, cartridge=cartridge)
    if print_run is not None:
        session.add_hint(f'No event of a print "{print_run}" is known')
    lookup.add_consumable_hint(session, "tank", tank)
    lookup.add_consumable_hint(session, "cartridge", cartridge)
    found.any_of("printer", lookup.serials_of(session, printer or ()), lambda event: event.printer)
    return found


def consumable_filters(
    session: Session,
    in_printer: Sequence[str] = (),
    material: Sequence[str] = (),
    low: bool = False,
) -> Selection:
    """Return the selection of tanks or cartridges by the options of a command."""
    found = Selection()
    codes = {code.casefold() for code in lookup.materials(session, material)}
    serials = {one.casefold() for one in lookup.serials_of(session, in_printer)}
    if codes:
        found.keep(lambda row, now: cells.text(row.material).casefold() in codes)
    if serials:
        found.keep(lambda row, now: cells.text(row.inside_printer).casefold() in serials)
    if low:
        found.keep(lambda row, now: bool(row.inside_printer) and row.is_low())
    return found


def printer_filters(
    session: Session, group: Sequence[str] = (), model: Sequence[str] = (), low: bool = False
) -> Selection:
    """Return the selection of printers by the options of a command."""
    found = Selection()
    codes = set(lookup.machine_types(session, model) or ())
    if codes:
        found.keep(lambda row, now: cells.text(row.machine_type_id) in codes)
    if low:
        found.keep(lambda row, now: any(one.is_low() for one in row.cartridges))
    _keep_groups(session, found, group)
    return found


def _keep_ended(
    session: Session,
    found: Selection,
    ended: Optional[str],
    since: Optional[str],
    until: Optional[str],
) -> None:
    from formlabs_web_api.tables.ended import has_ended_within

    if ended is not None and (since is not None or until is not None):
        raise usage("--ended", "cannot be combined with --ended-since or --ended-until")
    first, last = session.ended_period(ended, since, until)
    if first is not None or last is not None:
        found.keep(lambda run, now: has_ended_within(run, first, last, now))


def _keep_names(found: Selection, names: Sequence[str]) -> None:
    if len(names) == 1:
        found.query["name"] = names[0]
    elif names:
        parts = [name.casefold() for name in names]
        found.keep(lambda run, now: any(part in cells.text(run.name).casefold() for part in parts))


def _keep_groups(session: Session, found: Selection, names: Iterable[str]) -> None:
    ids = {cells.text(lookup.group(session, name).id) for name in names}
    if ids:
        found.keep(lambda row, now: cells.text(value_at(row, "group", "id")) in ids)
