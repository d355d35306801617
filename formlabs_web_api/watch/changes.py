"""What a watcher reports: the kinds of changes, and one change with all that is known of it."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, FrozenSet, Iterable, Mapping, Optional, Union

from formlabs_web_api._util.json import is_object
from formlabs_web_api._util.text import one_line
from formlabs_web_api._util.words import Word

Facts = Mapping[str, Any]
"""Values before or after a change, in JSON's own types."""


class ChangeKind(Word):
    """What changed. The set is closed: a watcher reports these kinds and no others."""

    PRINT_STARTED = "print_started"
    PRINT_PROGRESSED = "print_progressed"
    """One of the steps given to the watcher was passed; the highest one if several were."""
    PRINT_PAUSED = "print_paused"
    PRINT_RESUMED = "print_resumed"
    """It goes on after a pause, or after it needed attention."""
    PRINT_NEEDS_ATTENTION = "print_needs_attention"
    PRINT_STALLED = "print_stalled"
    """The printer is on line, but no longer reports progress; the print may well go on."""
    PRINT_FINISHED = "print_finished"
    """Its status became FINISHED. A rating as a failure may follow, as :attr:`PRINT_RATED`."""
    PRINT_FAILED = "print_failed"
    """Its status became ERROR."""
    PRINT_ABORTED = "print_aborted"
    PRINT_RATED = "print_rated"
    PRINTER_ONLINE = "printer_online"
    PRINTER_OFFLINE = "printer_offline"
    PRINTER_ADDED = "printer_added"
    PRINTER_REMOVED = "printer_removed"
    PRINTER_FIRMWARE_CHANGED = "printer_firmware_changed"
    CARTRIDGE_CHANGED = "cartridge_changed"
    CARTRIDGE_LOW = "cartridge_low"
    CARTRIDGE_EMPTY = "cartridge_empty"
    """No resin is left by what the service reports; Form 4 reports in steps of 100 ml."""
    TANK_CHANGED = "tank_changed"


def _no_facts() -> Facts:
    return {}


class AtSource(Word):
    """Where the time of a change is from, best first."""

    REPORTED = "reported"
    """The service gives it."""
    ESTIMATED = "estimated"
    """Calculated from the last report of the print's progress."""
    RATED = "rated"
    """When the print was rated; it ended no later."""
    SEEN = "seen"
    """The time of the poll that found the change; it happened after the poll before."""


@dataclass(frozen=True)
class RunSummary:
    """A print as it was when the change was found."""

    guid: str
    name: str
    printer: str
    """Serial of the printer."""
    status: str
    outcome: str
    """The value of :class:`~formlabs_web_api.models.derived.PrintOutcome`."""
    rating: str = ""
    """SUCCESS or FAILURE; empty if nobody has rated the print."""
    material: str = ""
    """Code of the material."""
    material_name: str = ""
    volume_ml: Optional[float] = None
    layer_count: Optional[int] = None
    progress: float = 0.0
    """Share of the layers that are printed, 0 to 1."""
    started_at: Optional[datetime] = None
    ended_at: Optional[datetime] = None
    ended_at_source: str = ""
    """The value of :class:`~formlabs_web_api.models.derived.EndedAtSource`."""
    expected_end_at: Optional[datetime] = None
    user: str = ""
    """First and last name of who started the print."""

    @property
    def duration(self) -> Optional[timedelta]:
        """Time from the start to the end; None if either is unknown."""
        if self.started_at is None or self.ended_at is None:
            return None
        return self.ended_at - self.started_at

    def to_dict(self) -> Dict[str, Any]:
        """Return the fields in JSON's own types, times as ISO 8601 text in UTC."""
        return {each.name: _plain(getattr(self, each.name)) for each in fields(self)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> RunSummary:
        """Return the summary that :meth:`to_dict` gave; unknown fields are ignored."""
        known = {each.name for each in fields(cls)}
        given = {name: value for name, value in values.items() if name in known}
        for name in ("started_at", "ended_at", "expected_end_at"):
            given[name] = _moment(given.get(name))
        return cls(**given)


@dataclass(frozen=True)
class Change:
    """One change of a fleet.

    ``str(change)`` is a line for people. Two changes are equal if all their fields are; use
    :attr:`key` to recognize one that was delivered before.
    """

    kind: ChangeKind
    printer: str
    """Serial of the printer."""
    at: datetime
    """When it happened, as well as that is known, in UTC; see :attr:`at_source`."""
    at_source: AtSource
    seen_at: datetime
    """When the watcher found it, by the service's clock, in UTC."""
    key: str
    """Id of the change, made from the service's data: another watcher makes the same one."""
    printer_name: str = ""
    """The printer's alias or, without one, its serial."""
    machine_type_id: str = ""
    run: Optional[RunSummary] = None
    """The print, on the kinds that start with ``print_``."""
    before: Facts = field(default_factory=_no_facts)
    """What the change replaced: ``{"status": "PRINTING"}`` for example."""
    after: Facts = field(default_factory=_no_facts)
    """What is there instead. A cartridge has ``slot``, ``serial``, ``material``,
    ``material_name`` and ``remaining_ml``."""

    def __hash__(self) -> int:
        return hash(self.key)

    def __str__(self) -> str:
        subject = self.printer_name or self.printer
        if self.run is not None:
            return one_line(f"{self.run.name} {_VERBS[self.kind]} on {subject}")
        if self.kind in _CONSUMABLES:
            return one_line(f"{_VERBS[self.kind]} in {subject}: {_consumable(self.after)}")
        return one_line(f"{subject} {_VERBS[self.kind]}")

    def to_dict(self) -> Dict[str, Any]:
        """Return the fields in JSON's own types, times as ISO 8601 text in UTC."""
        values = {each.name: _plain(getattr(self, each.name)) for each in fields(self)}
        values["run"] = None if self.run is None else self.run.to_dict()
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Change:
        """Return the change that :meth:`to_dict` gave; unknown fields are ignored.

        Raises:
            ValueError: ``kind`` or ``at_source`` is unknown.
            KeyError: a field is missing.
        """
        run = values.get("run")
        seen_at = datetime.fromisoformat(values["seen_at"])
        return cls(
            kind=ChangeKind(values["kind"]),
            printer=values["printer"],
            at=_moment(values.get("at")) or seen_at,
            at_source=AtSource(values["at_source"]),
            seen_at=seen_at,
            key=values["key"],
            printer_name=values.get("printer_name", ""),
            machine_type_id=values.get("machine_type_id", ""),
            run=RunSummary.from_dict(run) if is_object(run) else None,
            before=values.get("before") or {},
            after=values.get("after") or {},
        )


_VERBS: Mapping[ChangeKind, str] = {
    ChangeKind.PRINT_STARTED: "started",
    ChangeKind.PRINT_PROGRESSED: "progressed",
    ChangeKind.PRINT_PAUSED: "paused",
    ChangeKind.PRINT_RESUMED: "resumed",
    ChangeKind.PRINT_NEEDS_ATTENTION: "needs attention",
    ChangeKind.PRINT_STALLED: "stopped reporting progress",
    ChangeKind.PRINT_FINISHED: "finished",
    ChangeKind.PRINT_FAILED: "failed",
    ChangeKind.PRINT_ABORTED: "was aborted",
    ChangeKind.PRINT_RATED: "was rated",
    ChangeKind.PRINTER_ONLINE: "is on line",
    ChangeKind.PRINTER_OFFLINE: "is off line",
    ChangeKind.PRINTER_ADDED: "was added",
    ChangeKind.PRINTER_REMOVED: "was removed",
    ChangeKind.PRINTER_FIRMWARE_CHANGED: "has other firmware",
    ChangeKind.CARTRIDGE_CHANGED: "cartridge changed",
    ChangeKind.CARTRIDGE_LOW: "resin low",
    ChangeKind.CARTRIDGE_EMPTY: "cartridge empty",
    ChangeKind.TANK_CHANGED: "tank changed",
}
_CONSUMABLES = frozenset(
    (
        ChangeKind.CARTRIDGE_CHANGED,
        ChangeKind.CARTRIDGE_LOW,
        ChangeKind.CARTRIDGE_EMPTY,
        ChangeKind.TANK_CHANGED,
    )
)


def _consumable(facts: Facts) -> str:
    remaining = facts.get("remaining_ml")
    amount = "" if remaining is None else f"{remaining:.0f} ml of "
    return f"{amount}{facts.get('material_name') or facts.get('material') or 'unknown material'}"


def change_key(*parts: str) -> str:
    """Return the id of a change, made from what identifies it on the service.

    It has no full stop, so it can be signed as a webhook's id.
    """
    digest = hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).digest()
    return "evt_" + b32encode(digest[:20]).decode("ascii").lower()


def kinds_of(kinds: Union[str, Iterable[str], None]) -> Optional[FrozenSet[ChangeKind]]:
    """Return the kinds a caller names, one text or several; None means all of them.

    Raises:
        ValueError: one of them is unknown; the text lists those that exist.
    """
    if kinds is None:
        return None
    names = [kinds] if isinstance(kinds, str) else list(kinds)
    unknown = [name for name in names if name not in list(ChangeKind)]
    if unknown:
        known = ", ".join(ChangeKind)
        raise ValueError(f"unknown kind {unknown[0]!r}; the kinds of changes are {known}")
    return frozenset(map(ChangeKind, names))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat()
    return str(value) if isinstance(value, Word) else value


def _moment(text: object) -> Optional[datetime]:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
