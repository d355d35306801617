"""Generate a fleet: a pure function of a seed, an instant and two sizes.

The first twelve printers show one observed situation each, further ones are drawn at random. Prints
spread over 90 days, with the shares of outcomes that were observed on 1475 real ones, and with the
deviations of each family.
"""

from __future__ import annotations

import random
from enum import Enum
from typing import Optional, Sequence, Tuple

from formlabs_web_api.sandbox.fleet import words
from formlabs_web_api.sandbox.fleet.consumables import Shelf
from formlabs_web_api.sandbox.fleet.draws import temperature
from formlabs_web_api.sandbox.fleet.groups import drop_impossible_jobs
from formlabs_web_api.sandbox.fleet.history import SPAN, History
from formlabs_web_api.sandbox.fleet.identity import derived_uuid
from formlabs_web_api.sandbox.fleet.jobs import freeze, halt
from formlabs_web_api.sandbox.fleet.kinds import (
    FORM_3,
    FORM_3_PLUS,
    FORM_3L,
    FORM_4,
    FORM_4L,
    FUSE_1_PLUS,
    KINDS,
    Kind,
    unversioned,
)
from formlabs_web_api.sandbox.fleet.records import (
    HEARTBEAT,
    Fleet,
    Group,
    Load,
    Printer,
    QueueItem,
    User,
)
from formlabs_web_api.sandbox.instants import DAY, HOUR, MINUTE, Instant


class Situation(Enum):
    """The state of a printer at the instant of the fleet."""

    PRINTING = "printing"
    FROZEN = "printing, with frozen progress"
    PREHEATING = "preheating, which the printer reports as idle"
    WAITING = "waiting for somebody to put the tank back"
    PRIMED = "primed for the next job"
    IDLE = "idle"
    OFFLINE = "offline"


SITUATIONS: Tuple[Tuple[Kind, Situation], ...] = (
    (FORM_4, Situation.PRINTING),
    (FORM_4, Situation.IDLE),
    (FORM_3_PLUS, Situation.PRINTING),
    (FORM_4L, Situation.PRINTING),
    (FUSE_1_PLUS, Situation.PRINTING),
    (FORM_3L, Situation.OFFLINE),
    (FORM_4, Situation.PREHEATING),
    (FORM_4L, Situation.WAITING),
    (FORM_3, Situation.IDLE),
    (FORM_4, Situation.PRIMED),
    (FORM_4L, Situation.OFFLINE),
    (FORM_4, Situation.FROZEN),
)

_STATUS = {
    Situation.PRINTING: "PRINTING",
    Situation.FROZEN: "PRINTING",
    Situation.PREHEATING: "IDLE",
    Situation.WAITING: "WAITING_FOR_RESOLUTION",
    Situation.PRIMED: "PRIMED",
    Situation.IDLE: "IDLE",
    Situation.OFFLINE: "UNKNOWN",
}
_HAS_A_JOB = (Situation.PRINTING, Situation.FROZEN, Situation.PREHEATING, Situation.WAITING)
_IN_THE_FOUNDRY = (3, 7, 10)
_IN_NO_GROUP = 8


def build_fleet(seed: int, now: Instant, printers: int = 12, prints: int = 400) -> Fleet:
    """Generate a fleet; equal arguments give equal fleets.

    Args:
        seed: the seed.
        now: the instant of the fleet; its history covers the 90 days before.
        printers: number of printers, at least one.
        prints: number of print runs, at least two for each printer.

    Raises:
        ValueError: a size is too small.
    """
    if printers < 1:
        raise ValueError(f"printers must be at least 1, not {printers}")
    if prints < 2 * printers:
        raise ValueError(f"prints must be at least {2 * printers}, two a printer, not {prints}")
    return _FleetMaker(seed, now).fleet(printers, prints)


class _FleetMaker:
    def __init__(self, seed: int, now: Instant) -> None:
        self.seed = seed
        self.now = now
        self.chance = random.Random(seed)
        self.shelf = Shelf(seed, self.chance, lambda: now, [], [])
        self.history = History(seed, self.chance, now)
        self.users = [
            User(100_001 + index, username, first, last, f"{username}@example.com")
            for index, (first, last, username) in enumerate(words.PEOPLE)
        ]
        self.workshop, self.foundry = self.groups()

    def fleet(self, printers: int, prints: int) -> Fleet:
        made = [
            self.printer(index, prints // printers + (index < prints % printers))
            for index in range(printers)
        ]
        self.drop_impossible_jobs(made)
        self.add_oddities(made)
        self.add_account_events(made)
        events = sorted(self.history.events, key=lambda event: event.created)
        for index, event in enumerate(events):
            event.id = 70_001 + index
            event.was_read = event.created < self.now - 2 * DAY
        return Fleet(
            seed=self.seed,
            account=self.users[0],
            users=self.users,
            groups=[self.workshop, self.foundry],
            printers=made,
            prints=self.history.prints,
            events=events,
            tanks=self.shelf.tanks,
            cartridges=self.shelf.cartridges,
        )

    def groups(self) -> Tuple[Group, Group]:
        """Generate a group that the account administers, and one of which it is a member only."""
        account, foreman = self.users[0], self.users[5]
        workshop, foundry = (
            Group(
                id=derived_uuid(self.seed, "group", name),
                name=name,
                created=self.ago(1000 * DAY, 1400 * DAY),
                administrators={},
                invitations={},
            )
            for name in words.GROUPS
        )
        workshop.administrators = {user.username: user is account for user in self.users[:5]}
        workshop.invitations = {words.INVITED[0]: False, words.INVITED[1]: True}
        workshop.remote_print_enabled = False
        workshop.has_fleet_control = True
        workshop.fleet_control_updated_by = account.id
        workshop.update_mode = "NORMAL"
        workshop.queue = tuple(
            self.queue_item(index, (FORM_4, FORM_4L)[: 1 + index % 2]) for index in range(3)
        )
        foundry.administrators = {
            user.username: user is foreman for user in (foreman, self.users[6], account)
        }
        foundry.queue = (self.queue_item(3, (FORM_4L,)),)
        return workshop, foundry

    def drop_impossible_jobs(self, printers: Sequence[Printer]) -> None:
        """Remove queued jobs that no printer of the group can take: a small fleet has few types."""
        for group in (self.workshop, self.foundry):
            drop_impossible_jobs(group, printers)

    def queue_item(self, index: int, kinds: Sequence[Kind]) -> QueueItem:
        """Generate a queued job; its material has no version, unlike the material of a print."""
        material = self.chance.choice(kinds[0].materials)
        return QueueItem(
            id=derived_uuid(self.seed, "queued", index),
            name=words.QUEUED[index],
            volume_ml=round(self.chance.uniform(2.0, 90.0), 2),
            material_name=unversioned(material),
            created=self.ago(20 * MINUTE, 9 * HOUR),
            username=self.users[index].username,
            machine_type_ids=tuple(kind.machine_type_id for kind in kinds),
            estimated_ms=None if index == 1 else self.chance.randrange(1_800, 40_000) * 1000,
        )

    def printer(self, index: int, prints: int) -> Printer:
        kind, situation = self.role(index)
        name = self.animal(index)
        printer = Printer(
            kind=kind,
            serial=kind.serial_prefix + name,
            alias=name if kind.is_form_4 else None,
            group=self.group_of(index),
            status=_STATUS[situation],
            tank_changed=self.ago(DAY, 30 * DAY),
            phase=self.chance.randrange(HEARTBEAT),
        )
        until = self.ago(20 * MINUTE, 2 * HOUR)
        if situation in _HAS_A_JOB:
            until = self.ago(16 * HOUR, 30 * HOUR)
        elif situation is Situation.OFFLINE:
            days = (3, 9) if kind.is_form_4 else (45, 60)
            until = printer.last_ping = self.ago(days[0] * DAY, days[1] * DAY)
        begin = self.now - SPAN
        loads = [self.shelf.load(kind, begin + (until - begin) * turn // 3) for turn in range(3)]
        self.add_prints(printer, situation, loads, until, prints)
        self.add_consumables(printer, situation, loads)
        self.report(printer, situation)
        return printer

    def role(self, index: int) -> Tuple[Kind, Situation]:
        if index < len(SITUATIONS):
            return SITUATIONS[index]
        situations = (Situation.PRINTING, Situation.IDLE, Situation.OFFLINE)
        return self.chance.choice(KINDS), self.chance.choices(situations, (3, 4, 3))[0]

    def animal(self, index: int) -> str:
        """Return the name of a printer, with a number after all pairs of words are used."""
        pairs = len(words.ADJECTIVES) * len(words.ANIMALS)
        # A prime step visits every pair before it comes back to the first.
        adjective, animal = divmod((index + self.seed) * 7919 % pairs, len(words.ANIMALS))
        again = index // pairs
        return words.ADJECTIVES[adjective] + words.ANIMALS[animal] + (str(again) if again else "")

    def group_of(self, index: int) -> Optional[Group]:
        if index == _IN_NO_GROUP:
            return None
        return self.foundry if index in _IN_THE_FOUNDRY else self.workshop

    def add_prints(
        self,
        printer: Printer,
        situation: Situation,
        loads: Sequence[Load],
        until: Instant,
        prints: int,
    ) -> None:
        """Generate the history of a printer, and its current job."""
        busy = situation in _HAS_A_JOB
        members = [
            user
            for user in self.users
            if printer.group is None or user.username in printer.group.administrators
        ]
        past = self.history.past(printer, loads, members, until, prints - busy)
        printer.previous = past[-1]
        if printer.kind.is_form_4 and situation is Situation.OFFLINE:
            self.history.end_early(past[-1])
        if situation is Situation.PREHEATING:
            printer.current = self.history.preheating(printer, loads[-1], members)
        elif busy:
            printer.current = self.history.running(printer, loads[-1], members)
        elif printer.kind.is_form_4 and situation is not Situation.OFFLINE:
            printer.current = printer.previous
        if printer.current is None:
            return
        if situation is Situation.FROZEN:
            freeze(printer.current, self.now - HOUR)
        elif situation is Situation.WAITING:
            halt(printer.current, self.now - 11 * MINUTE)
            printer.current.status = "WAITING_FOR_RESOLUTION"
            request = self.history.event(
                "PRINT_RESOLUTION_REQUEST", self.now - 11 * MINUTE, printer.current
            )
            request.tank = None if loads[-1].tank is None else loads[-1].tank.serial

    def add_consumables(
        self, printer: Printer, situation: Situation, loads: Sequence[Load]
    ) -> None:
        """Put the last load into the printer; the others stay loose."""
        for former in loads[:-1]:
            for cartridge in former.cartridges:
                cartridge.group = self.chance.choice((printer.group, None))
        if situation is Situation.OFFLINE and not printer.kind.is_form_4:
            printer.slots = self.shelf.empty_slots(printer.kind)
            return
        self.shelf.put_in(printer, loads[-1])
        if situation is Situation.WAITING and printer.tank is not None:
            printer.tank.printer = None
            printer.tank = None
        elif situation is Situation.OFFLINE and printer.slots[0].cartridge is not None:
            # Used up to the last step, though not marked as empty (observation 1.7).
            printer.slots[0].cartridge.used_ml = 1000.0

    def report(self, printer: Printer, situation: Situation) -> None:
        """Set what the printer reports besides its status."""
        kind, chance = printer.kind, self.chance
        busy = printer.status == "PRINTING"
        if kind.is_form_4:
            waiting = situation is Situation.WAITING
            ready = situation in (Situation.PRIMED, Situation.OFFLINE)
            platform = "MISSING" if situation is Situation.IDLE else "CONFIRMED_CLEAR"
            printer.mixer = f"TANK_MIXER_STATE_{'MISSING' if waiting else 'PRESENT'}"
            printer.readiness = f"READY_TO_PRINT_{'READY' if ready else 'NOT_READY'}"
            printer.platform = f"BUILD_PLATFORM_CONTENTS_{platform}"
            printer.camera = chance.choice(("ENABLED", "DISABLED"))
        elif kind.is_fuse:
            printer.temperature = temperature(chance, kind, busy)
            printer.hopper_level = 1
            printer.hopper_material = kind.materials[0]
            printer.material_credit = chance.uniform(2.7e9, 2.9e9)
            printer.cooldown_started = self.ago(3 * DAY, 30 * DAY)
            printer.platform = "BUILD_PLATFORM_CONTENTS_NOT_SUPPORTED"
            printer.readiness = "READY_TO_PRINT_NOT_SUPPORTED"
        else:
            printer.temperature = temperature(chance, kind, busy)
            printer.offset_corrections = []
            if len(kind.slots) == 1:
                printer.offset_corrections = [
                    {
                        "MaterialCode": material,
                        "LayerThickness_um": 0,
                        "OuterBoundaryOffsetCorrection_mm": chance.randrange(1, 5) * 0.01,
                    }
                    for material in ("FLPRGR01", "FLGPCL04")
                ]

    def add_oddities(self, printers: Sequence[Printer]) -> None:
        """Add a print without end, a late upload, and loose consumables."""
        self.shelf.add_oddities(self.workshop)
        runs = self.history.prints
        of_the_first = sum(run.printer is printers[0] for run in runs)
        self.history.never_close(runs[of_the_first // 3])
        for run in runs:
            if run.printer.kind is FORM_3:
                self.history.upload_late(run)
                break

    def add_account_events(self, printers: Sequence[Printer]) -> None:
        """Add events without print, most of them without printer."""
        invitation = self.history.event("GROUP_INVITATION", self.ago(20 * DAY, 40 * DAY))
        invitation.group = self.workshop
        self.history.event("GROUP_INVITATION", self.ago(2 * DAY, 9 * DAY))
        self.history.event("PRINTING_REPORT", self.ago(25 * DAY, 30 * DAY))
        self.history.event("SOMETHING_NEW", self.ago(60 * DAY, 80 * DAY))
        registered = self.history.event("PRINTER_REGISTERED", self.ago(88 * DAY, 90 * DAY))
        registered.printer, registered.group = printers[0], printers[0].group

    def ago(self, least: Instant, most: Instant) -> Instant:
        return self.now - self.chance.randrange(least, most)
