"""What truly happened in a sandbox, to compare with what a program made of the service's answers.

The service freezes progress, forgets ends, learns of prints weeks late and shows printers that are
switched off as idle. :class:`Truth` knows better: it is read from the simulation itself.
"""

from __future__ import annotations

from datetime import datetime
from typing import Dict, List, NamedTuple, Optional, Tuple

from formlabs_web_api.sandbox.fleet.consumption import layers, used_ml
from formlabs_web_api.sandbox.fleet.records import Print
from formlabs_web_api.sandbox.fleet.world import World
from formlabs_web_api.sandbox.instants import Instant, to_datetime


class TruePrint(NamedTuple):
    """A print run as it truly was. All times are in UTC."""

    guid: str
    name: str
    printer: str
    """The printer's serial."""
    material: str
    volume_ml: float
    layer_count: int
    started: datetime
    ended: Optional[datetime]
    """When the job ended; None while it runs, or waits for somebody."""
    outcome: Optional[str]
    """FINISHED, ABORTED or ERROR, known to the service or not; None before the end."""
    status: str
    """The status that the service has."""
    created: datetime
    """When the service learnt of the print; weeks after the end for a late upload."""
    rating: Optional[str]
    """The present rating: SUCCESS or FAILURE."""
    rated: Optional[datetime]
    """When it was given."""
    deleted: Optional[datetime]
    """When the print was deleted."""
    is_end_known: bool
    """False where the service never learnt of the end, and its history stays at PRINTING."""
    cartridges: Tuple[str, ...]
    """Serials of the cartridges in use last."""
    tank: Optional[str]
    queue_item: Optional[str]
    """Id of the queue item that the print was started from."""


class PrinterStatusChange(NamedTuple):
    """A printer's status changed, as the service shows it."""

    at: datetime
    printer: str
    before: str
    after: str


class PrintStatusChange(NamedTuple):
    """A print run was created (``before`` is None), or its status changed in the service."""

    at: datetime
    print_run: str
    printer: str
    before: Optional[str]
    after: str


class ConnectionInterval(NamedTuple):
    """A time in which a printer was online, or offline, without a change."""

    printer: str
    is_online: bool
    """Whether it pings; one that flaps, with an old ping, is offline."""
    begin: datetime
    end: Optional[datetime]
    """None if it lasts."""


class RatingChange(NamedTuple):
    """A print run was rated, or rated differently."""

    at: datetime
    print_run: str
    rating: str


class Deletion(NamedTuple):
    """A print run was deleted."""

    at: datetime
    print_run: str


class ConsumableChange(NamedTuple):
    """A cartridge or tank was put in (``before`` is None), taken out, or exchanged."""

    at: datetime
    printer: str
    kind: str
    """``cartridge`` or ``tank``."""
    slot: str
    """``FRONT`` or ``BACK``; empty where a printer has one slot only."""
    before: Optional[str]
    after: Optional[str]


class ConsumableLevel(NamedTuple):
    """What a cartridge or tank has truly been used for, up to now."""

    serial: str
    kind: str
    """``cartridge`` or ``tank``."""
    material: Optional[str]
    printer: Optional[str]
    """The printer that it is in."""
    used_ml: Optional[float]
    """Resin taken from a cartridge, up to now; None for a tank."""
    layers: Optional[int]
    """Layers printed in a tank; None for a cartridge."""


class Truth:
    """The truth about a sandbox's fleet up to its present moment; ``sandbox.truth``.

    Each method returns a new list. Prints go back 90 days; changes and intervals begin when the
    sandbox was made, or last :meth:`~formlabs_web_api.sandbox.Sandbox.reset`.

    Args:
        world: the fleet.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> datetime:
        """Return the fleet's present moment."""
        return to_datetime(self._world.clock())

    def started(self) -> datetime:
        """Return the moment at which the simulation began."""
        return to_datetime(self._world.simulation.journal.started)

    def prints(self) -> List[TruePrint]:
        """Return all print runs, also deleted ones, in the order in which they were created."""
        with self._settled() as world:
            deleted = {entry.print_run: entry.at for entry in world.simulation.journal.deletions}
            return [_print(run, deleted.get(run.guid)) for run in world.prints.all_records()]

    def printer_statuses(self) -> List[PrinterStatusChange]:
        """Return each change of a printer's status, oldest first."""
        with self._settled() as world:
            entries = world.simulation.journal.printer_statuses
            return [PrinterStatusChange(to_datetime(entry.at), *entry[1:]) for entry in entries]

    def print_statuses(self) -> List[PrintStatusChange]:
        """Return each change of a print run's status, oldest first."""
        with self._settled() as world:
            entries = world.simulation.journal.print_statuses
            return [PrintStatusChange(to_datetime(entry.at), *entry[1:]) for entry in entries]

    def connections(self) -> List[ConnectionInterval]:
        """Return when each printer was online and offline: by printer, then by time."""
        with self._settled() as world:
            journal = world.simulation.journal
            by_printer: Dict[str, List[Tuple[Instant, bool]]] = {}
            for entry in journal.connections:
                by_printer.setdefault(entry.printer, []).append((entry.at, entry.is_online))
            intervals: List[ConnectionInterval] = []
            for serial, changes in by_printer.items():
                ends = [*(to_datetime(at) for at, _ in changes[1:]), None]
                for (at, is_online), end in zip(changes, ends):
                    intervals.append(ConnectionInterval(serial, is_online, to_datetime(at), end))
            return intervals

    def ratings(self) -> List[RatingChange]:
        """Return each rating and each change of one, oldest first."""
        with self._settled() as world:
            journal = world.simulation.journal
            rated_since = {entry.print_run for entry in journal.ratings}
            earlier = [
                RatingChange(to_datetime(run.rated), run.guid, run.rating)
                for run in world.prints.all_records()
                if run.rated is not None and run.rating and run.guid not in rated_since
            ]
            earlier.sort()
            later = [RatingChange(to_datetime(entry.at), *entry[1:]) for entry in journal.ratings]
            return earlier + later

    def deletions(self) -> List[Deletion]:
        """Return each deletion of a print run, oldest first."""
        with self._settled() as world:
            entries = world.simulation.journal.deletions
            return [Deletion(to_datetime(entry.at), entry.print_run) for entry in entries]

    def consumable_changes(self) -> List[ConsumableChange]:
        """Return each exchange of a cartridge or tank, oldest first."""
        with self._settled() as world:
            entries = world.simulation.journal.consumables
            return [ConsumableChange(to_datetime(entry.at), *entry[1:]) for entry in entries]

    def consumables(self) -> List[ConsumableLevel]:
        """Return what each cartridge and tank has been used for."""
        with self._settled() as world:
            now = world.clock()
            levels: List[ConsumableLevel] = []
            for cartridge in world.cartridges:
                place = None if cartridge.printer is None else cartridge.printer.serial
                used = used_ml(cartridge, now)
                levels.append(
                    ConsumableLevel(
                        cartridge.serial, "cartridge", cartridge.material, place, used, None
                    )
                )
            for tank in world.tanks:
                place = None if tank.printer is None else tank.printer.serial
                count = layers(tank, now)
                levels.append(
                    ConsumableLevel(tank.serial, "tank", tank.material, place, None, count)
                )
            return levels

    def _settled(self) -> _Settled:
        return _Settled(self._world)


class _Settled:
    """A context in which a world is locked, and everything due by now has happened."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __enter__(self) -> World:
        self._world.lock.acquire()
        self._world.settle()
        return self._world

    def __exit__(self, *error: object) -> None:
        self._world.lock.release()


def _print(run: Print, deleted: Optional[Instant]) -> TruePrint:
    has_ended = run.outcome is not None
    return TruePrint(
        guid=run.guid,
        name=run.name,
        printer=run.printer.serial,
        material=run.load.material,
        volume_ml=run.volume_ml,
        layer_count=run.layer_count,
        started=to_datetime(run.started),
        ended=to_datetime(run.ends) if has_ended else None,
        outcome=run.outcome,
        status=run.status,
        created=to_datetime(run.created),
        rating=run.rating,
        rated=None if run.rated is None else to_datetime(run.rated),
        deleted=None if deleted is None else to_datetime(deleted),
        is_end_known=has_ended and run.status == run.outcome,
        cartridges=tuple(cartridge.serial for cartridge in run.load.cartridges),
        tank=None if run.load.tank is None else run.load.tank.serial,
        queue_item=run.queue_item,
    )
