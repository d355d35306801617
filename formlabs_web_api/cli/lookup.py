"""What people call things, found as the service calls them: printers, groups, types, materials."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, List, Optional, Sequence

from formlabs_web_api.cli.failures import Failure
from formlabs_web_api.cli.session import Session, usage

if TYPE_CHECKING:
    from formlabs_web_api import DeveloperAPIMyPrinter, Workgroup


def printer(session: Session, name: str) -> DeveloperAPIMyPrinter:
    """A printer by its serial, or by the name that tables show; one request, or two.

    Raises:
        Failure: there is none; the message names those that are meant perhaps.
    """
    from formlabs_web_api import NotFoundException, PrintersApi

    printers = PrintersApi(session.client)
    try:
        return printers.printers_retrieve(name)
    except NotFoundException:
        fleet = printers.printers_list()
    found = _named(fleet, name)
    if found is None:
        raise Failure(f'no printer "{name}"{_perhaps(name, [one.label for one in fleet])}')
    return found


def serial(session: Session, name: Optional[str]) -> Optional[str]:
    """The serial of a printer, for a filter; a name the fleet does not have stays as it is, for
    prints and events outlive their printer."""
    return None if name is None else serials(session, [name])[0]


def serials(session: Session, names: Sequence[str]) -> List[str]:
    """The serials of printers, from one request; a name that is not known stays as it is."""
    from formlabs_web_api import PrintersApi

    fleet = PrintersApi(session.client).printers_list()
    found = [_named(fleet, name) for name in names]
    return [name if one is None else one.serial for name, one in zip(names, found)]


def group(session: Session, name: str) -> Workgroup:
    """A printer group by its id or its name.

    Raises:
        Failure: there is none, or more than one.
    """
    from formlabs_web_api import PrinterGroupsApi

    groups = PrinterGroupsApi(session.client).groups_list()
    found = [one for one in groups if name == one.id]
    found = found or [one for one in groups if one.name.casefold() == name.casefold()]
    if not found:
        raise Failure(f'no printer group "{name}"{_perhaps(name, [one.name for one in groups])}')
    if len(found) > 1:
        ids = ", ".join(one.id for one in found)
        raise Failure(f'"{name}" are {len(found)} printer groups; give the id: {ids}')
    return found[0]


def machine_types(names: Optional[Sequence[str]]) -> Optional[List[str]]:
    """Codes of types of printers, by code or name."""
    from formlabs_web_api import catalogue

    codes = {name: catalogue.machine_codes(name) or (name,) for name in names or ()}
    return [code for found in codes.values() for code in found] or None


def material(name: Optional[str]) -> Optional[str]:
    """The code of a material, by code or name.

    Raises:
        typer.BadParameter: a name of several codes.
    """
    from formlabs_web_api import catalogue

    codes = catalogue.material_codes(name) if name else ()
    if len(codes) > 1:
        raise usage("--material", f'"{name}" is {" or ".join(codes)}; give one of these')
    return codes[0] if codes else name


def _named(fleet: Sequence[DeveloperAPIMyPrinter], name: str) -> Optional[DeveloperAPIMyPrinter]:
    wanted = name.casefold()
    return next(
        (one for one in fleet if wanted in (one.serial.casefold(), one.label.casefold())), None
    )


def _perhaps(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=3, cutoff=0.5)
    if close:
        return f"; {' or '.join(close)} perhaps?"
    return f"; there are {', '.join(sorted(known)[:20])}" if known else "; there are none"
