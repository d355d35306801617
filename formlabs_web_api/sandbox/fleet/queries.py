"""The query parameters of the lists: filters of prints and events, and paging with its envelope.

Which date the ``date`` filters act on is unknown for the live service, besides that it is not the
finish time; here it is ``created_at``, for prints as for events. Unknown too are its default and
its largest page: here 20 and 100 rows; a larger ``per_page`` gives 100, one below 1 gives 20.
"""

from __future__ import annotations

from typing import Any, Collection, Dict, FrozenSet, Iterable, List, NamedTuple, Optional
from urllib.parse import urlencode

from formlabs_web_api.sandbox.errors import detail, invalid
from formlabs_web_api.sandbox.fleet.index import Selection, Timeline
from formlabs_web_api.sandbox.fleet.records import Event, Print
from formlabs_web_api.sandbox.instants import Instant, read

Parameters = Dict[str, List[str]]
"""Each query parameter's values, in the order given."""

DEFAULT_PER_PAGE = 20
LARGEST_PER_PAGE = 100


class PrintFilter(NamedTuple):
    """What a list of prints was asked for; None where anything will do."""

    after: Optional[Instant]
    before: Optional[Instant]
    at: Optional[Instant]
    machine_type_ids: FrozenSet[str]
    material: Optional[str]
    name: Optional[str]
    printer: Optional[str]
    of_printer: Optional[str]
    """The printer in the path, where there is one."""
    status: Optional[str]

    @classmethod
    def read(cls, parameters: Parameters, of_printer: Optional[str] = None) -> PrintFilter:
        """Read it from the query.

        Raises:
            Refusal: 400, a date is none; it names each such parameter.
        """
        dates = _dates(parameters, "date", "date__gt", "date__lt")
        name = _text(parameters, "name")
        return cls(
            after=dates["date__gt"],
            before=dates["date__lt"],
            at=dates["date"],
            machine_type_ids=frozenset(filter(None, parameters.get("machine_type_id", ()))),
            material=_text(parameters, "material"),
            name=None if name is None else name.casefold(),
            printer=_text(parameters, "printer"),
            of_printer=of_printer,
            status=_text(parameters, "status"),
        )

    def apply(self, prints: Timeline[Print]) -> Selection[Print]:
        """The prints that fit."""
        wanted: Dict[str, Collection[str]] = {}
        for column, text in (
            ("printer", self.printer),
            ("printer", self.of_printer),
            ("material", self.material),
            ("status", self.status),
        ):
            if text is not None:
                wanted[column] = {text}.intersection(wanted.get(column, (text,)))
        if self.machine_type_ids:
            wanted["machine_type_id"] = self.machine_type_ids
        if self.name is not None:
            names = filter(None, prints.values("name"))
            wanted["name"] = {name for name in names if self.name in name}
        after, before = self.after, self.before
        if self.at is not None:
            after = self.at - 1 if after is None else max(after, self.at - 1)
            before = self.at + 1 if before is None else min(before, self.at + 1)
        return prints.select(wanted, after, before)


class EventFilter(NamedTuple):
    """What a list of events was asked for; None where anything will do."""

    after: Optional[Instant]
    before: Optional[Instant]
    printer: Optional[str]
    print_run: Optional[str]
    tank: Optional[str]
    cartridge: Optional[str]
    type: Optional[str]

    @classmethod
    def read(cls, parameters: Parameters) -> EventFilter:
        """Read it from the query.

        Raises:
            Refusal: 400, a date is none; it names each such parameter.
        """
        dates = _dates(parameters, "date__gt", "date__lt")
        return cls(
            after=dates["date__gt"],
            before=dates["date__lt"],
            printer=_text(parameters, "printer"),
            print_run=_text(parameters, "print_run"),
            tank=_text(parameters, "tank"),
            cartridge=_text(parameters, "cartridge"),
            type=_text(parameters, "type"),
        )

    def apply(self, events: Timeline[Event]) -> Selection[Event]:
        """The events that fit."""
        run = self.print_run
        texts = {
            "printer": self.printer,
            "print_run": None if run is None else run.lower(),
            "tank": self.tank,
            "cartridge": self.cartridge,
            "type": self.type,
        }
        wanted = {column: (text,) for column, text in texts.items() if text is not None}
        return events.select(wanted, self.after, self.before)


def timeline_of_prints(prints: Iterable[Print]) -> Timeline[Print]:
    """Prints, to be found by all that a list of them can be asked for."""
    return Timeline(
        prints,
        {
            "machine_type_id": lambda run: run.printer.kind.machine_type_id,
            "material": lambda run: run.load.material,
            "name": lambda run: run.name.casefold(),
            "printer": lambda run: run.printer.serial,
            "status": lambda run: run.status,
        },
    )


def timeline_of_events(events: Iterable[Event]) -> Timeline[Event]:
    """Events, to be found by all that a list of them can be asked for."""
    return Timeline(
        events,
        {
            "cartridge": lambda event: event.cartridge,
            "print_run": lambda event: None if event.print_run is None else event.print_run.guid,
            "printer": lambda event: None if event.printer is None else event.printer.serial,
            "tank": lambda event: event.tank,
            "type": lambda event: event.type,
        },
        # A line for each print would double what a big fleet takes, and few ask for it.
        later=("print_run",),
    )


class Page(NamedTuple):
    """Which part of a list was asked for."""

    number: int
    size: int

    @classmethod
    def read(cls, parameters: Parameters, count: int) -> Page:
        """Read it from the query, for a list of ``count`` rows.

        Raises:
            Refusal: 404, there is no such page; 400, ``per_page`` is no number.
        """
        asked = _last(parameters, "per_page")
        size = DEFAULT_PER_PAGE
        if asked is not None:
            try:
                size = int(asked)
            except ValueError:
                raise invalid({"per_page": ["A valid integer is required."]}) from None
        size = DEFAULT_PER_PAGE if size < 1 else min(size, LARGEST_PER_PAGE)
        asked = _last(parameters, "page")
        try:
            number = 1 if asked is None else int(asked)
        except ValueError:
            number = 0
        if not 1 <= number <= max(1, -(-count // size)):
            raise detail(404, "Invalid page.")
        return cls(number, size)

    @property
    def skip(self) -> int:
        """How many rows come before it."""
        return (self.number - 1) * self.size

    def envelope(
        self, address: str, parameters: Parameters, count: int, rows: List[Dict[str, Any]]
    ) -> Dict[str, Any]:
        """The page as it is sent; ``address`` is the list's own, without query."""

        def link(number: int) -> str:
            query = dict(parameters)
            query.pop("page", None)
            if number > 1:
                query["page"] = [str(number)]
            text = urlencode(sorted(query.items()), doseq=True)
            return f"{address}?{text}" if text else address

        more = self.skip + self.size < count
        return {
            "count": count,
            "next": link(self.number + 1) if more else None,
            "previous": link(self.number - 1) if self.number > 1 else None,
            "results": rows,
        }


def _last(parameters: Parameters, name: str) -> Optional[str]:
    """The last value given for a parameter."""
    values = parameters.get(name)
    return values[-1] if values else None


def _text(parameters: Parameters, name: str) -> Optional[str]:
    """The text to look for; a blank one filters nothing."""
    return _last(parameters, name) or None


def _dates(parameters: Parameters, *names: str) -> Dict[str, Optional[Instant]]:
    dates: Dict[str, Optional[Instant]] = {}
    errors: Dict[str, List[str]] = {}
    for name in names:
        text = _last(parameters, name)
        try:
            dates[name] = None if text is None else read(text)
        except ValueError:
            errors[name] = ["Enter a valid date/time."]
    if errors:
        raise invalid(errors)
    return dates
