"""The life of a fleet: printers print, wait, freeze, fall silent; resin ends; queues fill.

Everything follows from the fleet's seed and the time, not from how often anybody looks or in which
steps time is advanced: each printer and each queue has a source of chance of its own.
"""

from __future__ import annotations

import random
from functools import partial
from typing import Callable, Iterable, List, NamedTuple, Optional

from formlabs_web_api.sandbox.fleet import draws, words
from formlabs_web_api.sandbox.fleet.consumables import Shelf
from formlabs_web_api.sandbox.fleet.consumption import IN_HAND, book, drawn_from, used_up_at
from formlabs_web_api.sandbox.fleet.draws import Fate
from formlabs_web_api.sandbox.fleet.history import END_EVENTS
from formlabs_web_api.sandbox.fleet.identity import made_up_uuid
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
from formlabs_web_api.sandbox.fleet.scheduler import Course, Diary
from formlabs_web_api.sandbox.instants import DAY, HOUR, MINUTE, SECOND, Instant

_LONGEST_QUEUE = 8
_LOW_ML = 850.0
_GOES_WELL = Fate("FINISHED", "SUCCESS", None, None, HOUR, False)


class Life:
    """Lets a fleet live.

    Args:
        fleet: how everything stands now; it is changed.
        prints, events: where new ones are put.
        now: the present.
    """

    def __init__(
        self, fleet: Fleet, prints: Timeline[Print], events: Timeline[Event], now: Instant
    ) -> None:
        self.fleet = fleet
        self.prints = prints
        self.diary = Diary(now)
        chance = self.chance("shelf")
        clock = self.diary.time
        self.shelf = Shelf(fleet.seed, chance, clock, fleet.cartridges, fleet.tanks)
        self._events = events
        self._last_event = max((event.id for event in fleet.events), default=0)
        self._last_print = max((run.number for run in fleet.prints), default=0)
        for printer in fleet.printers:
            self.diary.begin(_Days(self, printer).live())
        for group in fleet.groups:
            if group.queue:
                self.diary.begin(self._fill(group))

    def chance(self, what: str) -> random.Random:
        """The source of chance for something."""
        return random.Random(f"{self.fleet.seed}/{what}".encode("utf-8", "surrogatepass"))

    def tell(
        self,
        type_: str,
        printer: Printer,
        run: Optional[Print] = None,
        cartridge: Optional[Cartridge] = None,
    ) -> None:
        """The account is told now that something happened."""
        self._last_event += 1
        event = Event(
            id=self._last_event,
            type=type_,
            created=self.diary.now,
            printer=printer,
            print_run=run,
            cartridge=None if cartridge is None else cartridge.serial,
            group=printer.group,
        )
        self._events.add(event)

    def new_print(
        self, printer: Printer, load: Load, chance: random.Random, size: draws.Size
    ) -> Print:
        """A print run that the service hears of now; it is not in the list of prints yet."""
        group = printer.group
        members = [
            user
            for user in self.fleet.users
            if group is None or user.username in group.administrators
        ]
        self._last_print += 1
        run = draws.print_run(
            *(chance, self.fleet.seed, self._last_print, printer, load, members, size),
            started=self.diary.now,
        )
        heard_after = (run.created - run.started) // SECOND * SECOND
        run.created = self.diary.now
        run.started -= heard_after
        run.ends -= heard_after
        run.booked = 0.0
        run.queue_item = None
        return run

    def take_from_queue(self, printer: Printer) -> Optional[QueueItem]:
        """The job that has waited longest for a printer of this type."""
        group = printer.group
        for item in () if group is None else group.queue:
            if group is not None and printer.kind.machine_type_id in item.machine_type_ids:
                group.queue = tuple(other for other in group.queue if other is not item)
                return item
        return None

    def become(self, run: Print, status: str) -> None:
        """Give a print run in the list another status."""
        before, run.status = run.status, status
        self.prints.moved(run, "status", before)

    def _fill(self, group: Group) -> Course:
        """New jobs come into a group's queue, for one of its printers."""
        chance = self.chance(group.id)
        number = 0
        while True:
            yield self.diary.now + chance.randrange(HOUR, 9 * HOUR)
            printers = [printer for printer in self.fleet.printers if printer.group is group]
            if not printers or len(group.queue) >= _LONGEST_QUEUE:
                continue
            number += 1
            kind = chance.choice(printers).kind
            item = QueueItem(
                id=made_up_uuid(self.fleet.seed, group.id, number),
                name=chance.choice(words.JOBS),
                volume_ml=round(chance.uniform(*kind.volume_ml), 2),
                material_name=unversioned(chance.choice(kind.materials)),
                created=self.diary.now,
                username=chance.choice(list(group.administrators)),
                machine_type_ids=(kind.machine_type_id,),
                estimated_ms=chance.randrange(1_800, 40_000) * 1000,
            )
            group.queue = (*group.queue, item)


class _Moment(NamedTuple):
    """A point of a job, as a share of its time, and what happens there."""

    share: float
    happens: Callable[[Print], Iterable[Instant]]


class _Days:
    """The life of one printer."""

    def __init__(self, life: Life, printer: Printer) -> None:
        self.life = life
        self.printer = printer
        self.kind = printer.kind
        self.chance = life.chance(printer.serial)

    @property
    def now(self) -> Instant:
        return self.life.diary.now

    def within(self, shortest: Instant, longest: Instant) -> Instant:
        """Some time from now."""
        return self.now + self.chance.randrange(shortest, longest)

    def in_about(self, how_long: Instant) -> Instant:
        """Some time from now: mostly sooner, sometimes much later."""
        return self.now + int(self.chance.expovariate(1 / how_long))

    def live(self) -> Course:
        """All that will ever happen to it."""
        run = self.printer.current
        if self.printer.last_ping is not None:
            yield from self.stay_away(self.within(DAY, 20 * DAY))
        elif run is not None and run.status in IN_HAND:
            yield from self.finish_begun(run)
        while True:
            yield from self.rest()
            yield from self.print_something()

    # Between two jobs

    def rest(self) -> Course:
        """Nothing to do, for minutes or hours; a Form 4 may be primed for the next job."""
        yield self.in_about(100 * MINUTE) + 4 * MINUTE
        if self.chance.random() < 0.05:
            yield from self.go_away()
        if self.kind.is_form_4 and self.chance.random() < 0.4:
            self.printer.status = "PRIMED"
            self.report(ready=True, platform="CONFIRMED_CLEAR")
            yield self.within(2 * MINUTE, 15 * MINUTE)

    def go_away(self) -> Course:
        """Switched off or off line, for hours or days."""
        left = self.now
        self.fall_silent()
        yield from self.stay_away(self.in_about(30 * HOUR) + HOUR)
        if not self.kind.is_form_4 and self.now - left > 6 * HOUR:
            self.hand_in_late(left)

    def stay_away(self, until: Instant) -> Course:
        """Off line; now and then it looks switched on for a moment, with the same old ping."""
        printer = self.printer
        while True:
            flaps = self.in_about(3 * HOUR)
            if flaps > until - 2 * MINUTE:
                break
            yield flaps
            looks = ("IDLE", "PRIMED") if self.kind.is_form_4 else ("IDLE",)
            printer.status = self.chance.choice(looks)
            yield self.within(20 * SECOND, 70 * SECOND)
            printer.status = "UNKNOWN"
        yield until
        printer.last_ping = None
        printer.status = "IDLE"
        printer.current = printer.previous if self.kind.is_form_4 else None

    def fall_silent(self) -> None:
        """The last ping was the last one."""
        printer = self.printer
        printer.last_ping = self.now - (self.now + printer.phase) % HEARTBEAT
        printer.status = "UNKNOWN"
        printer.current = None

    def hand_in_late(self, since: Instant) -> None:
        """The service hears only now of a print made while the printer was off line."""
        away = self.now - since
        size = draws.size(self.chance, self.kind, 20 * MINUTE, away // 2)
        run = self.life.new_print(self.printer, self.ready_load(), self.chance, size)
        earlier = (away - length(run)) // 2 // SECOND * SECOND + length(run)
        run.started -= earlier
        run.ends -= earlier
        book(run, run.ends)
        end(run, "FINISHED", run.ends)
        self.printer.previous = run
        self.life.prints.add(run)
        self.life.tell("PRINT_START", self.printer, run)
        self.life.tell("PRINT_FINISHED", self.printer, run)

    # A job

    def print_something(self) -> Course:
        """A job of its own, or one from its group's queue."""
        item = self.life.take_from_queue(self.printer) if self.chance.random() < 0.5 else None
        shortest, longest = 30 * MINUTE, 14 * HOUR
        if item is not None and item.estimated_ms is not None:
            shortest = longest = item.estimated_ms * 1000
        size = draws.size(self.chance, self.kind, shortest, longest)
        run = self.life.new_print(self.printer, self.ready_load(item), self.chance, size)
        if item is not None:
            run.name, run.volume_ml, run.queue_item = item.name, item.volume_ml, item.id
            users = self.life.fleet.users
            run.user = next((user for user in users if user.username == item.username), None)
        run.status = "PREHEAT"
        self.printer.status = "IDLE"
        self.printer.current = run
        self.report(platform="CONFIRMED_CLEAR", busy=True)
        self.life.prints.add(run)
        self.life.tell("PRINT_START", self.printer, run)
        yield from self.warm_up(run)
        yield from self.go_through(run, draws.fate(self.chance, self.kind))

    def finish_begun(self, run: Print) -> Course:
        """The job it was busy with when its life began; that one goes well."""
        run.booked = share(run, self.now)
        if run.status == "PREHEAT":
            yield from self.warm_up(run)
        elif run.status != "PRINTING":
            yield self.within(20 * MINUTE, 90 * MINUTE)
            self.put_tank_back(run)
        yield from self.go_through(run, _GOES_WELL)

    def warm_up(self, run: Print) -> Course:
        """Preheating, which the printer calls idle."""
        yield run.started + warm_up(run)
        self.life.become(run, "PRINTING")
        self.printer.status = "PRINTING"

    def go_through(self, run: Print, fate: Fate) -> Course:
        """From where the job is to its end, with what happens on the way."""
        begin = worked(run, self.now) / length(run)
        last = 1.0 if fate.stops_at is None else fate.stops_at / 100
        plan = [moment for moment in self.plan(run, fate) if begin <= moment.share < last]
        for moment in sorted(plan, key=lambda moment: moment.share):
            yield self.time_of(run, moment.share)
            yield from moment.happens(run)
        yield self.time_of(run, last)
        self.be_done(run, fate)

    def time_of(self, run: Print, share_of_time: float) -> Instant:
        return run.started + run.stood + int(length(run) * share_of_time)

    def plan(self, run: Print, fate: Fate) -> List[_Moment]:
        """What happens during a job."""
        plan: List[_Moment] = []
        chance = self.chance
        if fate.freezes_at is not None:
            plan.append(_Moment(fate.freezes_at / 100, self.stop_reporting))
        for cartridge in drawn_from(run.load):
            for ml, happens in (
                (_LOW_ML, self.say_resin_is_low),
                (cartridge.initial_ml, self.run_dry),
            ):
                at = used_up_at(run, cartridge, ml)
                if at is not None:
                    plan.append(_Moment(at, partial(happens, cartridge)))
        if self.kind.is_form_4 and chance.random() < 0.03:
            plan.append(_Moment(chance.random(), self.lose_the_tank))
        if self.kind.is_form_4 and len(self.kind.slots) > 1 and chance.random() < 0.25:
            plan.append(_Moment(chance.random() / 10, self.ask_to_be_checked))
        if chance.random() < 0.04:
            plan.append(_Moment(chance.random(), self.drop_out))
        return plan

    def stop_reporting(self, run: Print) -> Iterable[Instant]:
        freeze(run, self.now)
        return ()

    def say_resin_is_low(self, cartridge: Cartridge, run: Print) -> Iterable[Instant]:
        self.life.tell("RESIN_LOW", self.printer, cartridge=cartridge)
        return ()

    def run_dry(self, cartridge: Cartridge, run: Print) -> Course:
        """The job waits until somebody brings another cartridge."""
        self.wait_for_help(run, cartridge)
        yield self.within(10 * MINUTE, 5 * HOUR)
        run.load = self.life.shelf.replace(self.printer, run.load, cartridge)
        self.get_help(run)

    def lose_the_tank(self, run: Print) -> Course:
        """The job waits until somebody puts the tank back."""
        self.wait_for_help(run)
        if self.printer.tank is not None:
            self.printer.tank.printer = None
            self.printer.tank = None
        self.printer.mixer = "TANK_MIXER_STATE_MISSING"
        yield self.within(5 * MINUTE, 90 * MINUTE)
        self.put_tank_back(run)

    def put_tank_back(self, run: Print) -> None:
        self.printer.tank = run.load.tank
        self.printer.tank_changed = self.now
        if self.printer.tank is not None:
            self.printer.tank.printer = self.printer
        if self.kind.is_form_4:
            self.printer.mixer = "TANK_MIXER_STATE_PRESENT"
        self.get_help(run)

    def wait_for_help(self, run: Print, cartridge: Optional[Cartridge] = None) -> None:
        book(run, self.now)
        halt(run, self.now)
        self.life.become(run, "WAITING_FOR_RESOLUTION")
        self.printer.status = "WAITING_FOR_RESOLUTION"
        self.life.tell("PRINT_RESOLUTION_REQUEST", self.printer, run, cartridge)

    def get_help(self, run: Print) -> None:
        go_on(run, self.now)
        self.life.become(run, "PRINTING")
        self.printer.status = "PRINTING"
        self.life.tell("PRINT_RESOLUTION", self.printer, run)

    def ask_to_be_checked(self, run: Print) -> Course:
        self.printer.status = "CHECK_PRINTER"
        yield self.within(MINUTE, 10 * MINUTE)
        self.printer.status = "PRINTING"

    def drop_out(self, run: Print) -> Course:
        """Off line in the middle of a job, which goes on."""
        reported = run.live
        book(run, self.now)
        freeze(run, self.now)
        self.fall_silent()
        yield self.within(3 * MINUTE, 40 * MINUTE)
        run.live = reported
        self.printer.last_ping = None
        self.printer.status = "PRINTING"
        self.printer.current = run

    def be_done(self, run: Print, fate: Fate) -> None:
        """The job is over; one in some hundreds the service never hears the end of."""
        life, printer = self.life, self.printer
        book(run, self.now)
        run.booked = 1.0
        if fate.status == "FINISHED" and self.chance.random() < 1 / 300:
            freeze(run, self.now)
        else:
            before = run.status
            at = min(self.now, run.ends)
            end(run, fate.status, at // self.kind.grain * self.kind.grain)
            life.prints.moved(run, "status", before)
            if fate.has_no_finish:
                run.finished = None
            life.diary.begin(self.tell_the_end(run))
            if fate.rating is not None:
                life.diary.begin(self.rate(run, fate))
        printer.status = "IDLE"
        printer.previous = run
        # The Form 4 family goes on showing the job that is over; the others forget it at once.
        printer.current = run if self.kind.is_form_4 else None
        if self.kind.is_fuse:
            printer.cooldown_started = self.now
        self.report(platform="UNCONFIRMED")

    def tell_the_end(self, run: Print) -> Course:
        yield self.now + 2 * SECOND
        self.life.tell(END_EVENTS[run.status], self.printer, run)

    def rate(self, run: Print, fate: Fate) -> Course:
        yield self.now + (fate.rated_after if fate.status == "FINISHED" else SECOND)
        run.rating, run.rated = fate.rating, self.now

    # What it holds, and what it says of itself

    def ready_load(self, item: Optional[QueueItem] = None) -> Load:
        """What the next job is printed with: changed before, where the job needs it, or by whim."""
        printer, chance = self.printer, self.chance
        load = printer.load
        material = None if load is None else load.material
        if item is not None:
            named = [
                code for code in self.kind.materials if unversioned(code) == item.material_name
            ]
            material = named[0] if named else material
        elif chance.random() < 0.06:
            material = chance.choice(self.kind.materials)
        if load is None or material != load.material:
            load = self.life.shelf.change(printer, material or chance.choice(self.kind.materials))
        for cartridge in load.cartridges:
            if cartridge.used_ml >= cartridge.initial_ml:
                load = self.life.shelf.replace(printer, load, cartridge)
        return load

    def report(self, platform: str, ready: bool = False, busy: bool = False) -> None:
        """What it says of itself besides its status."""
        printer = self.printer
        if self.kind.is_form_4:
            printer.readiness = f"READY_TO_PRINT_{'READY' if ready else 'NOT_READY'}"
            printer.platform = f"BUILD_PLATFORM_CONTENTS_{platform}"
        printer.temperature = draws.temperature(self.chance, self.kind, busy)
