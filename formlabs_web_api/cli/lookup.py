"""What people call things, found as the service calls them: printers, groups, types, materials."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, List, Optional, Sequence

from formlabs_web_api.cli import answers, cells
from formlabs_web_api.cli.failures import Failure
from formlabs_web_api.cli.options import EVENT_TYPES
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
        return answers.given(printers.printers_retrieve(name))
    except NotFoundException:
        fleet = answers.given(printers.printers_list())
    found = _named(fleet, name)
    if found is None:
        labels = [cells.text(cells.field(one, "label")) for one in fleet]
        raise Failure(f'no printer "{name}"{_perhaps(name, labels)}')
    return found


def serial(session: Session, name: Optional[str]) -> Optional[str]:
    """The serial of a printer, for a filter; a name the fleet does not have stays as it is, for
    prints and events outlive their printer."""
    return None if name is None else serials(session, [name])[0]


def serials(session: Session, names: Sequence[str]) -> List[str]:
    """The serials of printers, from one request; a name that is not known stays as it is."""
    from formlabs_web_api import PrintersApi

    fleet = answers.given(PrintersApi(session.client).printers_list())
    found = [_named(fleet, name) for name in names]
    labels = [cells.text(cells.field(one, "label")) for one in fleet]
    for name, one in zip(names, found):
        if one is None:
            session.doubt(f'No printer is called "{name}"{_perhaps(name, labels)}')
    return [cells.text(cells.field(one, "serial")) or name for name, one in zip(names, found)]


def group(session: Session, name: str) -> Workgroup:
    """A printer group by its id or its name.

    Raises:
        Failure: there is none, or more than one.
    """
    from formlabs_web_api import PrinterGroupsApi

    groups = answers.given(PrinterGroupsApi(session.client).groups_list())
    named = [(cells.text(cells.field(one, "name")), one) for one in groups]
    found = [one for one in groups if name == cells.field(one, "id")]
    found = found or [one for known, one in named if known.casefold() == name.casefold()]
    if not found:
        raise Failure(f'no printer group "{name}"{_perhaps(name, [known for known, _ in named])}')
    if len(found) > 1:
        ids = ", ".join(cells.text(one.id) for one in found)
        raise Failure(f'"{name}" are {len(found)} printer groups; give the id: {ids}')
    return found[0]


def machine_types(session: Session, names: Optional[Sequence[str]]) -> Optional[List[str]]:
    """Codes of types of printers, by code or name, however they are written; one that is not known
    stays as it is."""
    from formlabs_web_api.catalogue import MACHINE_TYPES

    codes: List[str] = []
    for name in names or ():
        wanted = _simple(name)
        found = [
            c for c, listed in MACHINE_TYPES.items() if wanted in (_simple(c), _simple(listed))
        ]
        if not found:
            known = list(dict.fromkeys(MACHINE_TYPES.values()))
            session.doubt(f'No type of printer is known as "{name}"{_perhaps(name, known)}')
        codes.extend(found or [name])
    return codes or None


def status(session: Session, word: Optional[str]) -> Optional[str]:
    """A status of prints as the service writes it; one that is not known is asked for all the
    same."""
    from formlabs_web_api import StatusEnum

    return _word(session, "status", word, [one.value for one in StatusEnum])


def event_type(session: Session, word: Optional[str]) -> Optional[str]:
    """A type of events as the service writes it; one that is not known is asked for all the
    same."""
    return _word(session, "type of events", word, EVENT_TYPES)


def _word(session: Session, what: str, word: Optional[str], known: Sequence[str]) -> Optional[str]:
    if not word:
        return None
    written = word.strip().upper().replace("-", "_").replace(" ", "_")
    if written not in known:
        session.doubt(f'No {what} is known as "{word}"{_perhaps(written, known)}')
    return written


def _simple(name: str) -> str:
    """A name without what people leave out or write otherwise: Form 4, form-4, FORM4."""
    return re.sub(r"[\s_-]+", "", name).casefold()


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
    for one in fleet:
        calls = (cells.text(cells.field(one, known)) for known in ("serial", "label"))
        if wanted in [call.casefold() for call in calls]:
            return one
    return None


def _perhaps(name: str, names: Sequence[str]) -> str:
    known = [one for one in names if one]
    close = get_close_matches(name, known, n=3, cutoff=0.5)
    if close:
        return f"; {' or '.join(close)} perhaps?"
    return f"; there are {', '.join(sorted(known)[:20])}" if known else "; there are none"
