"""The prints that a row of a printer shows: the current one, and the previous one.

The previous one is a free object by the service's description, so it comes as a dict (observation
1.4). It is made a model only where a comparison needs one, which is seldom.
"""

from __future__ import annotations

from typing import Any

from formlabs_web_api._util.json import is_object
from formlabs_web_api.models.derived.raw import text

_RATINGS = frozenset(("SUCCESS", "FAILURE"))


def current_run_of(printer: object) -> Any:
    """Return the current print of a printer, a model or a dict; None if it shows none."""
    return getattr(getattr(printer, "printer_status", None), "current_print_run", None)


def previous_run_of(printer: object) -> Any:
    """Return the previous print of a printer, a model or a dict; None if it shows none."""
    return getattr(printer, "previous_print_run", None)


def field_of(run: Any, name: str) -> Any:
    """Return a field of a print, or of a part of it; None if it has none."""
    return run.get(name) if is_object(run) else getattr(run, name, None)


def guid_of(run: object) -> str:
    """Return the guid of a print; empty if it has none, or is not a print."""
    return text(field_of(run, "guid"))


def rating_of(run: object) -> str:
    """Return how a print was rated, SUCCESS or FAILURE; empty if it was not."""
    rating = text(field_of(field_of(run, "print_run_success"), "print_run_success"))
    return str(rating) if rating in _RATINGS else ""


def as_model(run: object) -> Any:
    """Return a print as a model, whose derived values are needed."""
    if not is_object(run):
        return run
    from formlabs_web_api.models.my_print_run_read_only import MyPrintRunReadOnly

    return MyPrintRunReadOnly.from_dict(run)
