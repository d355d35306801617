"""Find printers, groups, types and materials by the names that people use for them."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, List, Optional, Sequence

from formlabs_web_api._util.fields import value_at
from formlabs_web_api.cli import answers, cells
from formlabs_web_api.cli.failures import Failure
from formlabs_web_api.cli.options import EVENT_TYPES
from formlabs_web_api.cli.session import Session, usage

if TYPE_CHECKING:
    from formlabs_web_api import DeveloperAPIMyPrinter, Workgroup


def printer(session: Session, name: str) -> DeveloperAPIMyPrinter:
    """Find a printer by its serial, or by the name in tables; send one request, or two.

    Raises:
        Failure: No printer matches; the message suggests similar names.
    """
    from formlabs_web_api import NotFoundException, PrintersApi

    printers = PrintersApi(session.client)
    try:
        return answers.require(printers.printers_retrieve(name))
    except NotFoundException:
        fleet = answers.require(printers.printers_list())
    found = _named(fleet, name)
    if found is None:
        labels = [cells.text(value_at(one, "label")) for one in fleet]
        raise Failure(f'no printer "{name}"{suggestion(name, labels)}')
    return found


def serials_of(session: Session, names: Sequence[str]) -> List[str]:
    """Return serials of printers for a filter; send no request if there are no names.

    A name that no printer has is returned unchanged: it may be the serial of a removed printer,
    whose prints and events remain.
    """
    return serials(session, names) if names else []


def serials(session: Session, names: Sequence[str]) -> List[str]:
    """Return the serials of printers; an unknown name is returned unchanged."""
    fleet = answers.require(session.printers())
    found = [_named(fleet, name) for name in names]
    labels = [cells.text(value_at(one, "label")) for one in fleet]
    for name, one in zip(names, found):
        if one is None:
            session.add_hint(f'No printer is called "{name}"{suggestion(name, labels)}')
    return [cells.text(value_at(one, "serial")) or name for name, one in zip(names, found)]


def group(session: Session, name: str) -> Workgroup:
    """Find a printer group by its id or its name.

    Raises:
        Failure: No group matches, or more than one.
    """
    groups = answers.require(session.groups())
    named = [(cells.text(value_at(one, "name")), one) for one in groups]
    found = [one for one in groups if name == value_at(one, "id")]
    found = found or [one for known, one in named if known.casefold() == name.casefold()]
    if not found:
        raise Failure(f'no printer group "{name}"{suggestion(name, [known for known, _ in named])}')
    if len(found) > 1:
        ids = ", ".join(cells.text(one.id) for one in found)
        raise Failure(f'{len(found)} printer groups have the name "{name}"; give the id: {ids}')
    return found[0]


def machine_types(session: Session, names: Optional[Sequence[str]]) -> Optional[List[str]]:
    """Return codes of printer types by code or name, ignoring case, spaces and hyphens.

    An unknown name is returned unchanged.
    """
    from formlabs_web_api.catalogue import MACHINE_TYPES

    codes: List[str] = []
    for name in names or ():
        wanted = _simple(name)
        found = [
            c for c, listed in MACHINE_TYPES.items() if wanted in (_simple(c), _simple(listed))
        ]
        if not found:
            known = list(dict.fromkeys(MACHINE_TYPES.values()))
            session.add_hint(f'No type of printer is known as "{name}"{suggestion(name, known)}')
        codes.extend(found or [name])
    return codes or None


def status(session: Session, word: str) -> str:
    """Return a status of prints in the service's spelling; an unknown one is returned too."""
    from formlabs_web_api import StatusEnum

    return _word(session, "status", word, [one.value for one in StatusEnum])


def event_type(session: Session, word: str) -> str:
    """Return a type of events in the service's spelling; an unknown one is returned too."""
    return _word(session, "type of events", word, EVENT_TYPES)


def outcome(word: str) -> str:
    """Return an outcome of prints, ignoring case, spaces and hyphens.

    Raises:
        typer.BadParameter: The outcome does not exist.
    """
    from formlabs_web_api.models.derived.states import PrintOutcome

    known = [one.value for one in PrintOutcome]
    written = word.strip().lower().replace("-", "_").replace(" ", "_")
    if written not in known:
        raise usage("--outcome", f'"{word}" is not an outcome{suggestion(written, known)}')
    return written


def _word(session: Session, what: str, word: str, known: Sequence[str]) -> str:
    written = word.strip().upper().replace("-", "_").replace(" ", "_")
    if written not in known:
        session.add_hint(f'No {what} is known as "{word}"{suggestion(written, known)}')
    return written


def _simple(name: str) -> str:
    """Normalize a name of which people use several spellings: Form 4, form-4, FORM4."""
    return re.sub(r"[\s_-]+", "", name).casefold()


def materials(session: Session, names: Sequence[str]) -> List[str]:
    """Return the codes of materials by code or name, in any spelling.

    A name may have several codes. An unknown name is returned unchanged, since there are newer
    materials than the catalogue lists.
    """
    from formlabs_web_api import catalogue

    found: List[str] = []
    for name in names:
        wanted = _simple(name)
        codes = [
            code
            for code, listed in catalogue.MATERIALS.items()
            if wanted in map(_simple, (code, listed, catalogue.without_version(listed)))
        ]
        if not codes:
            known = list(dict.fromkeys(catalogue.MATERIALS.values()))
            session.add_hint(f'No material is known as "{name}"{suggestion(name, known)}')
        found.extend(codes or (name,))
    return list(dict.fromkeys(found))


def add_consumable_hint(session: Session, what: str, serial: Optional[str]) -> None:
    """Check that a tank or cartridge exists if a filter by its serial matches nothing."""
    from formlabs_web_api import CartridgesApi, TanksApi

    def missing() -> Optional[str]:
        client = session.client
        listing = TanksApi(client).tanks_list_iter if what == "tank" else None
        items = CartridgesApi(client).cartridges_list_iter() if listing is None else listing()
        known = [cells.text(value_at(one, "serial")) for one in items]
        return None if serial in known else f'No {what} has the serial "{serial}"'

    if serial is not None:
        session.add_hint(missing)


def _named(fleet: Sequence[DeveloperAPIMyPrinter], name: str) -> Optional[DeveloperAPIMyPrinter]:
    wanted = name.casefold()
    for one in fleet:
        calls = (cells.text(value_at(one, known)) for known in ("serial", "label"))
        if wanted in [call.casefold() for call in calls]:
            return one
    return None


def suggestion(name: str, names: Sequence[str]) -> str:
    """Return a suggestion for an error about a name: similar names, else the existing names."""
    known = [one for one in names if one]
    close = get_close_matches(name, known, n=3, cutoff=0.5)
    if close:
        return f" (did you mean {' or '.join(close)}?)"
    return f"; there are {', '.join(sorted(known)[:20])}" if known else "; none exist"
