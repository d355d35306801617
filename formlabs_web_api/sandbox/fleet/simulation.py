"""The simulation of a fleet: printers print, freeze and drop out, resin ends, queues fill.

Everything follows from the fleet's seed and the time, not from how often the fleet is looked at or
in which steps time is advanced: each printer and each queue has its own random generator.
"""

from __future__ import annotations

import random
from functools import partial
from typing import Callable, Dict, Iterable, List, NamedTuple, Optional, Tuple

from formlabs_web_api.sandbox.fleet import draws, words
from formlabs_web_api.sandbox.fleet.consumables import Shelf
from formlabs_web_api.sandbox.fleet.consumption import IN_PROGRESS, book, drawn_from, used_up_at
from formlabs_web_api.sandbox.fleet.draws import Fate
from formlabs_web_api.sandbox.fleet.history import END_EVENTS
from formlabs_web_api.sandbox.fleet.identity import derived_uuid
from formlabs_web_api.sandbox.fleet.index import Timeline
from formlabs_web_api.sandbox.fleet.jobs import (
    end,
    freeze,
    go_on,
    halt,
    length,
    share,
    warm_up,
    worked,
)
from formlabs_web_api.sandbox.fleet.journal import (
    ConnectionEntry,
    ConsumableEntry,
    DeletionEntry,
    Journal,
    PrinterStatusEntry,
    PrintStatusEntry,
    RatingEntry,
)
from formlabs_web_api.sandbox.fleet.kinds import unversioned
from formlabs_web_api.sandbox.fleet.records import (
    HEARTBEAT,
    Cartridge,
    Event,
    Fleet,
    Group,
    Load,
    Print,
    Printer,
    QueueItem,
)
from formlabs_web_api.sandbox.fleet.scheduler import Process, Scheduler
from formlabs_web_api.sandbox.instants import DAY, HOUR, MINUTE, SECOND, Instant

_MAX_QUEUE = 8
_LOW_ML = 850.0
_SUCCESS = Fate("FINISHED", "SUCCESS", None, None, HOUR, False)
_CHANGES_OF_MIND = 0.03
"""Share of ratings that are changed later; an assumption."""
_OTHER_RATING = {"SUCCESS": "FAILURE", "FAILURE": "SUCCESS"}

_Contents = Dict[Tuple[str, str], Optional[str]]
"""Kind and slot of a printer's consumables to their serials."""


class Simulation:
    """All processes of a fleet.

    Args:
        fleet: the fleet at ``now``; it is changed.
        prints, events: where new records are added.
        now: the present.
    """

    def __init__(
        self, fleet: Fleet, prints: Timeline[Print], events: Timeline[Event], now: Instant
    ) -> None:
        self.fleet = fleet
        self.prints = prints
        self.scheduler = Scheduler(now)
        self.journal = Journal(now)
        clock = self.scheduler.time
        self.shelf = Shelf(
            fleet.seed, self.generator("shelf"), clock, fleet.cartridges, fleet.tanks
        )
        self._events = events
        self._last_event = max((event.id for event in fleet.events), default=0)
        self._last_print = max((run.number for run in fleet.prints), default=0)
        for printer in fleet.printers:
            connection = ConnectionEntry(now, printer.serial, printer.last_ping is None)
            self.journal.connections.append(connection)
        for printer in fleet.printers:
            self.scheduler.start(PrinterSimulation(self, printer).run())
        for group in fleet.groups:
            if group.queue:
                self.scheduler.start(self._fill_queue(group))

    def generator(self, name: str) -> random.Random:
        """Return the random generator of a part of the simulation."""
        return random.Random(f"{self.fleet.seed}/{name}".encode("utf-8", "surrogatepass"))

    def add_event(
        self,
        type_: str,
        printer: Printer,
        run: Optional[Print] = None,
        cartridge: Optional[Cartridge] = None,
    ) -> None:
        """Add an event of the account, created now."""
        self._last_event += 1
        event = Event(
            id=self._last_event,
            type=type_,
            created=self.scheduler.now,
            printer=printer,
            print_run=run,
            cartridge=None if cartridge is None else cartridge.serial,
            group=printer.group,
        )
        self._events.add(event)

    def new_print(
        self, printer: Printer, load: Load, chance: random.Random, size: draws.Size
    ) -> Print:
        """Make a print run that is created now; it is not yet in the list of prints."""
        group = printer.group
        members = [
            user
            for user in self.fleet.users
            if group is None or user.username in group.administrators
        ]
        self._last_print += 1
        run = draws.print_run(
            *(chance, self.fleet.seed, self._last_print, printer, load, members, size),
            started=self.scheduler.now,
        )
        delay = (run.created - run.started) // SECOND * SECOND
        run.created = self.scheduler.now
        run.started -= delay
        run.ends -= delay
        run.booked = 0.0
        run.queue_item = None
        return run

    def add_print(self, run: Print) -> None:
        """Add a print run to the list of prints."""
        self.prints.add(run)
        self._log_status(run, None)

    def take_from_queue(self, printer: Printer) -> Optional[QueueItem]:
        """Remove and return the oldest queued job for a printer of this type."""
        group = printer.group
        for item in () if group is None else group.queue:
            if group is not None and printer.kind.machine_type_id in item.machine_type_ids:
                group.queue = tuple(other for other in group.queue if other is not item)
                return item
        return None

    def set_print_status(self, run: Print, status: str) -> None:
        """Change the status of a print run that is in the list of prints."""
        before, run.status = run.status, status
        self.prints.moved(run, "status", before)
        self._log_status(run, before)

    def end_print(self, run: Print, status: str, at: Instant) -> None:
        """End a print run that is in the list of prints."""
        before = run.status
        end(run, status, at)
        self.prints.moved(run, "status", before)
        self._log_status(run, before)

    def rate(self, run: Print, rating: str) -> None:
        """Rate a print run now."""
        run.rating, run.rated = rating, self.scheduler.now
        self.journal.ratings.append(RatingEntry(self.scheduler.now, run.guid, rating))

    def delete_print(self, run: Print) -> None:
        """Remove a print run from the list of prints."""
        self.prints.remove(run)
        self.journal.deletions.append(DeletionEntry(self.scheduler.now, run.guid))

    def _log_status(self, run: Print, before: Optional[str]) -> None:
        now = self.scheduler.now
        entry = PrintStatusEntry(now, run.guid, run.printer.serial, before, run.status)
        self.journal.print_statuses.append(entry)

    def _fill_queue(self, group: Group) -> Process:
        """Add jobs to a group's queue, each for a type of printer that the group has."""
        chance = self.generator(group.id)
        number = 0
        while True:
            yield self.scheduler.now + chance.randrange(HOUR, 9 * HOUR)
            printers = [printer for printer in self.fleet.printers if printer.group is group]
            if not printers or len(group.queue) >= _MAX_QUEUE:
                continue
            number += 1
            kind = chance.choice(printers).kind
            item = QueueItem(
                id=derived_uuid(self.fleet.seed, group.id, number),
                name=chance.choice(words.JOBS),
                volume_ml=round(chance.uniform(*kind.volume_ml), 2),
                material_name=unversioned(chance.choice(kind.materials)),
                created=self.scheduler.now,
                username=chance.choice(list(group.administrators)),
                machine_type_ids=(kind.machine_type_id,),
                estimated_ms=chance.randrange(1_800, 40_000) * 1000,
            )
            group.queue = (*group.queue, item)


class _Incident(NamedTuple):
    """Something that happens at a share of a job's time."""

    share: float
    happens: Callable[[Print], Iterable[Instant]]


class PrinterSimulation:
    """The process of one printer."""

    def __init__(self, simulation: Simulation, printer: Printer) -> None:
        self.simulation = simulation
        self.printer = printer
        self.kind = printer.kind
        self.chance = simulation.generator(printer.serial)
        # Its own generator: how a print is rated later leaves everything else as it is.
        self.rating_chance = simulation.generator(f"ratings/{printer.serial}")

    @property
    def now(self) -> Instant:
        """The present instant."""
        return self.simulation.scheduler.now

    def within(self, shortest: Instant, longest: Instant) -> Instant:
        """Draw an instant between two distances from now, all equally likely."""
        return self.now + self.chance.randrange(shortest, longest)

    def in_about(self, mean: Instant) -> Instant:
        """Draw an instant at a mean distance from now: mostly sooner, sometimes much later."""
        return self.now + int(self.chance.expovariate(1 / mean))

    def run(self) -> Process:
        """Finish what the printer is doing, then alternate between idling and printing."""
        run = self.printer.current
        if self.printer.last_ping is not None:
            yield from self.stay_offline(self.within(DAY, 20 * DAY))
        elif run is not None and run.status in IN_PROGRESS:
            yield from self.finish_started(run)
        while True:
            yield from self.idle()
            yield from self.print_job()

    # Between two jobs

    def idle(self) -> Process:
        """Do nothing for minutes or hours; a Form 4 may be primed for the next job."""
        yield self.in_about(100 * MINUTE) + 4 * MINUTE
        if self.chance.random() < 0.05:
            yield from self.go_offline()
        if self.kind.is_form_4 and self.chance.random() < 0.4:
            self.set_status("PRIMED")
            self.report(ready=True, platform="CONFIRMED_CLEAR")
            yield self.within(2 * MINUTE, 15 * MINUTE)

    def go_offline(self) -> Process:
        """Be offline for hours or days, and upload late what was printed meanwhile."""
        left = self.now
        self.stop_pinging()
        yield from self.stay_offline(self.in_about(30 * HOUR) + HOUR)
        if not self.kind.is_form_4 and self.now - left > 6 * HOUR:
            self.upload_late(left)

    def stay_offline(self, until: Instant) -> Process:
        """Be offline, and flap: look online for a moment, with the same old ping."""
        printer = self.printer
        while True:
            flaps = self.in_about(3 * HOUR)
            if flaps > until - 2 * MINUTE:
                break
            yield flaps
            statuses = ("IDLE", "PRIMED") if self.kind.is_form_4 else ("IDLE",)
            self.set_status(self.chance.choice(statuses))
            yield self.within(20 * SECOND, 70 * SECOND)
            self.set_status("UNKNOWN")
        yield until
        self.resume_pinging("IDLE")
        printer.current = printer.previous if self.kind.is_form_4 else None

    def stop_pinging(self) -> None:
        """Go offline: the last ping stays the last one."""
        printer = self.printer
        printer.last_ping = self.now - (self.now + printer.phase) % HEARTBEAT
        printer.current = None
        self.set_status("UNKNOWN")
        self.log_connection(False)

    def resume_pinging(self, status: str) -> None:
        """Come back online."""
        self.printer.last_ping = None
        self.set_status(status)
        self.log_connection(True)

    def upload_late(self, since: Instant) -> None:
        """Report now a print that was made while the printer was offline."""
        away = self.now - since
        size = draws.size(self.chance, self.kind, 20 * MINUTE, away // 2)
        run = self.simulation.new_print(self.printer, self.ready_load(), self.chance, size)
        earlier = (away - length(run)) // 2 // SECOND * SECOND + length(run)
        run.started -= earlier
        run.ends -= earlier
        book(run, run.ends)
        end(run, "FINISHED", run.ends)
        self.printer.previous = run
        self.simulation.add_print(run)
        self.simulation.add_event("PRINT_START", self.printer, run)
        self.simulation.add_event("PRINT_FINISHED", self.printer, run)

    # A job

    def print_job(self) -> Process:
        """Print a job of the printer's own, or one from its group's queue."""
        item = None
        if self.chance.random() < 0.5:
            item = self.simulation.take_from_queue(self.printer)
        shortest, longest = 30 * MINUTE, 14 * HOUR
        if item is not None and item.estimated_ms is not None:
            shortest = longest = item.estimated_ms * 1000
        size = draws.size(self.chance, self.kind, shortest, longest)
        run = self.simulation.new_print(self.printer, self.ready_load(item), self.chance, size)
        if item is not None:
            run.name, run.volume_ml, run.queue_item = item.name, item.volume_ml, item.id
            users = self.simulation.fleet.users
            run.user = next((user for user in users if user.username == item.username), None)
        run.status = "PREHEAT"
        self.set_status("IDLE")
        self.printer.current = run
        self.report(platform="CONFIRMED_CLEAR", busy=True)
        self.simulation.add_print(run)
        self.simulation.add_event("PRINT_START", self.printer, run)
        yield from self.warm_up(run)
        yield from self.work(run, draws.fate(self.chance, self.kind))

    def finish_started(self, run: Print) -> Process:
        """Finish the job that was running when the simulation began; it is a success."""
        run.booked = share(run, self.now)
        if run.status == "PREHEAT":
            yield from self.warm_up(run)
        elif run.status != "PRINTING":
            yield self.within(20 * MINUTE, 90 * MINUTE)
            self.return_tank(run)
        yield from self.work(run, _SUCCESS)

    def warm_up(self, run: Print) -> Process:
        """Preheat, which the printer reports as IDLE."""
        yield run.started + warm_up(run)
        self.simulation.set_print_status(run, "PRINTING")
        self.set_status("PRINTING")

    def work(self, run: Print, fate: Fate) -> Process:
        """Continue a job to its end, with all incidents on the way."""
        begin = worked(run, self.now) / length(run)
        last = 1.0 if fate.stops_at is None else fate.stops_at / 100
        plan = [incident for incident in self.plan(run, fate) if begin <= incident.share < last]
        for incident in sorted(plan, key=lambda incident: incident.share):
            yield self.time_of(run, incident.share)
            yield from incident.happens(run)
        yield self.time_of(run, last)
        self.finish(run, fate)

    def time_of(self, run: Print, share_of_time: float) -> Instant:
        """Return the instant at which a share of a job's time has passed."""
        return run.started + run.stood + int(length(run) * share_of_time)

    def plan(self, run: Print, fate: Fate) -> List[_Incident]:
        """Draw what happens during a job."""
        plan: List[_Incident] = []
        chance = self.chance
        if fate.freezes_at is not None:
            plan.append(_Incident(fate.freezes_at / 100, self.freeze_progress))
        for cartridge in drawn_from(run.load):
            for ml, happens in (
                (_LOW_ML, self.report_low_resin),
                (cartridge.initial_ml, self.run_dry),
            ):
                at = used_up_at(run, cartridge, ml)
                if at is not None:
                    plan.append(_Incident(at, partial(happens, cartridge)))
        if self.kind.is_form_4 and chance.random() < 0.03:
            plan.append(_Incident(chance.random(), self.remove_tank))
        if self.kind.is_form_4 and len(self.kind.slots) > 1 and chance.random() < 0.25:
            plan.append(_Incident(chance.random() / 10, self.need_a_check))
        if chance.random() < 0.04:
            plan.append(_Incident(chance.random(), self.drop_out))
        return plan

    def freeze_progress(self, run: Print) -> Iterable[Instant]:
        """Report no more progress, while the job continues."""
        freeze(run, self.now)
        return ()

    def report_low_resin(self, cartridge: Cartridge, run: Print) -> Iterable[Instant]:
        """Add the event that a cartridge is low."""
        self.simulation.add_event("RESIN_LOW", self.printer, cartridge=cartridge)
        return ()

    def run_dry(self, cartridge: Cartridge, run: Print) -> Process:
        """Wait until somebody replaces an empty cartridge."""
        self.wait_for_help(run, cartridge)
        yield self.within(10 * MINUTE, 5 * HOUR)
        before = self.contents()
        run.load = self.simulation.shelf.replace(self.printer, run.load, cartridge)
        self.log_consumables(before)
        self.get_help(run)

    def remove_tank(self, run: Print) -> Process:
        """Wait until somebody puts the tank back."""
        self.wait_for_help(run)
        before = self.contents()
        if self.printer.tank is not None:
            self.printer.tank.printer = None
            self.printer.tank = None
        self.log_consumables(before)
        self.printer.mixer = "TANK_MIXER_STATE_MISSING"
        yield self.within(5 * MINUTE, 90 * MINUTE)
        self.return_tank(run)

    def return_tank(self, run: Print) -> None:
        """Put the tank of a job back, and continue."""
        before = self.contents()
        self.printer.tank = run.load.tank
        self.printer.tank_changed = self.now
        if self.printer.tank is not None:
            self.printer.tank.printer = self.printer
        self.log_consumables(before)
        if self.kind.is_form_4:
            self.printer.mixer = "TANK_MIXER_STATE_PRESENT"
        self.get_help(run)

    def wait_for_help(self, run: Print, cartridge: Optional[Cartridge] = None) -> None:
        """Halt a job until somebody helps."""
        book(run, self.now)
        halt(run, self.now)
        self.simulation.set_print_status(run, "WAITING_FOR_RESOLUTION")
        self.set_status("WAITING_FOR_RESOLUTION")
        self.simulation.add_event("PRINT_RESOLUTION_REQUEST", self.printer, run, cartridge)

    def get_help(self, run: Print) -> None:
        """Continue a halted job."""
        go_on(run, self.now)
        self.simulation.set_print_status(run, "PRINTING")
        self.set_status("PRINTING")
        self.simulation.add_event("PRINT_RESOLUTION", self.printer, run)

    def need_a_check(self, run: Print) -> Process:
        """Report CHECK_PRINTER for some minutes, while the job continues."""
        self.set_status("CHECK_PRINTER")
        yield self.within(MINUTE, 10 * MINUTE)
        self.set_status("PRINTING")

    def drop_out(self, run: Print) -> Process:
        """Be offline for minutes in the middle of a job, which continues."""
        reported = run.live
        book(run, self.now)
        freeze(run, self.now)
        self.stop_pinging()
        yield self.within(3 * MINUTE, 40 * MINUTE)
        run.live = reported
        self.resume_pinging("PRINTING")
        self.printer.current = run

    def finish(self, run: Print, fate: Fate) -> None:
        """End a job; the service never learns the end of one in some hundreds."""
        simulation, printer = self.simulation, self.printer
        book(run, self.now)
        run.booked = 1.0
        at = min(self.now, run.ends)
        if fate.status == "FINISHED" and self.chance.random() < 1 / 300:
            freeze(run, self.now)
            run.outcome, run.ends = fate.status, at
        else:
            simulation.end_print(run, fate.status, at // self.kind.grain * self.kind.grain)
            if fate.has_no_finish:
                run.finished = None
            simulation.scheduler.start(self.report_end(run))
            if fate.rating is not None:
                simulation.scheduler.start(self.rate(run, fate))
        self.set_status("IDLE")
        printer.previous = run
        # The Form 4 family goes on showing the job that has ended; the others drop it at once.
        printer.current = run if self.kind.is_form_4 else None
        if self.kind.is_fuse:
            printer.cooldown_started = self.now
        self.report(platform="UNCONFIRMED")

    def report_end(self, run: Print) -> Process:
        """Add the event of a job's end, two seconds later."""
        yield self.now + 2 * SECOND
        self.simulation.add_event(END_EVENTS[run.status], self.printer, run)

    def rate(self, run: Print, fate: Fate) -> Process:
        """Rate a job some time after its end; now and then the rating is changed days later."""
        rating = fate.rating or "UNKNOWN"
        yield self.now + (fate.rated_after if fate.status == "FINISHED" else SECOND)
        self.simulation.rate(run, rating)
        if fate.status == "FINISHED" and self.rating_chance.random() < _CHANGES_OF_MIND:
            yield self.now + self.rating_chance.randrange(HOUR, 20 * DAY)
            self.simulation.rate(run, _OTHER_RATING[rating])

    # What the printer holds and reports

    def ready_load(self, item: Optional[QueueItem] = None) -> Load:
        """Return the consumables for the next job, exchanged before if needed, or by chance."""
        printer, chance = self.printer, self.chance
        before = self.contents()
        load = printer.load
        material = None if load is None else load.material
        if item is not None:
            named = [
                code for code in self.kind.materials if unversioned(code) == item.material_name
            ]
            material = named[0] if named else material
        elif chance.random() < 0.06:
            material = chance.choice(self.kind.materials)
        shelf = self.simulation.shelf
        if load is None or material != load.material:
            load = shelf.change(printer, material or chance.choice(self.kind.materials))
        for cartridge in load.cartridges:
            if cartridge.used_ml >= cartridge.initial_ml:
                load = shelf.replace(printer, load, cartridge)
        self.log_consumables(before)
        return load

    def report(self, platform: str, ready: bool = False, busy: bool = False) -> None:
        """Set what the printer reports besides its status."""
        printer = self.printer
        if self.kind.is_form_4:
            printer.readiness = f"READY_TO_PRINT_{'READY' if ready else 'NOT_READY'}"
            printer.platform = f"BUILD_PLATFORM_CONTENTS_{platform}"
        printer.temperature = draws.temperature(self.chance, self.kind, busy)

    # The journal

    def set_status(self, status: str) -> None:
        """Change the printer's status."""
        before, self.printer.status = self.printer.status, status
        if status != before:
            entry = PrinterStatusEntry(self.now, self.printer.serial, before, status)
            self.simulation.journal.printer_statuses.append(entry)

    def log_connection(self, is_online: bool) -> None:
        """Enter that the printer began or ceased to ping."""
        entry = ConnectionEntry(self.now, self.printer.serial, is_online)
        self.simulation.journal.connections.append(entry)

    def contents(self) -> _Contents:
        """Return the serials of all cartridges and of the tank."""
        tank = self.printer.tank
        contents: _Contents = {("tank", ""): None if tank is None else tank.serial}
        for slot in self.printer.slots:
            cartridge = slot.cartridge
            contents["cartridge", slot.name] = None if cartridge is None else cartridge.serial
        return contents

    def log_consumables(self, before: _Contents) -> None:
        """Enter what was exchanged since ``before``."""
        for (kind, slot), serial in self.contents().items():
            former = before.get((kind, slot))
            if serial != former:
                entry = ConsumableEntry(self.now, self.printer.serial, kind, slot, former, serial)
                self.simulation.journal.consumables.append(entry)
