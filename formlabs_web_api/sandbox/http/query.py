"""Query parameters of the listings, and the envelope of a page.

The default and the largest page of the live service are unknown: here they have 20 and 100 rows; a
larger ``per_page`` gives 100, one below 1 gives 20.
"""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional
from urllib.parse import urlencode

from formlabs_web_api.sandbox.errors import detail, invalid
from formlabs_web_api.sandbox.fleet.queries import EventFilter, PrintFilter
from formlabs_web_api.sandbox.instants import Instant, read

Parameters = Dict[str, List[str]]
"""The values of each query parameter, in the order sent."""

DEFAULT_PER_PAGE = 20
LARGEST_PER_PAGE = 100


def read_print_filter(parameters: Parameters, of_printer: Optional[str] = None) -> PrintFilter:
    """Parse the filter of a listing of prints.

    Args:
        parameters: the query.
        of_printer: the printer in the path, if there is one.

    Raises:
        Refusal: 400 if a date is malformed; the body names each such parameter.
    """
    dates = _dates(parameters, "date", "date__gt", "date__lt")
    name = _text(parameters, "name")
    return PrintFilter(
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


def read_event_filter(parameters: Parameters) -> EventFilter:
    """Parse the filter of a listing of events.

    Raises:
        Refusal: 400 if a date is malformed; the body names each such parameter.
    """
    dates = _dates(parameters, "date__gt", "date__lt")
    return EventFilter(
        after=dates["date__gt"],
        before=dates["date__lt"],
        printer=_text(parameters, "printer"),
        print_run=_text(parameters, "print_run"),
        tank=_text(parameters, "tank"),
        cartridge=_text(parameters, "cartridge"),
        type=_text(parameters, "type"),
    )


class Page(NamedTuple):
    """The requested part of a listing."""

    number: int
    size: int

    @classmethod
    def read(cls, parameters: Parameters, count: int) -> Page:
        """Parse the page of a listing with ``count`` rows.

        Raises:
            Refusal: 404 if the page does not exist, 400 if ``per_page`` is not a number.
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
        """Number of rows before the page."""
        return (self.number - 1) * self.size

    def envelope(
        self, address: str, parameters: Parameters, count: int, rows: List[Dict[str, object]]
    ) -> Dict[str, Any]:
        """Return the body of the page; ``address`` is the URL of the listing, without query."""

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
    """Return the last value of a parameter."""
    values = parameters.get(name)
    return values[-1] if values else None


def _text(parameters: Parameters, name: str) -> Optional[str]:
    """Return the value of a text filter; an empty one does not filter."""
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
