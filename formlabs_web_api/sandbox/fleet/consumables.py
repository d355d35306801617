"""The cartridges and tanks of a fleet, in the printers and loose."""

from __future__ import annotations

import random
from typing import List, Tuple

from formlabs_web_api.sandbox.clock import Now
from formlabs_web_api.sandbox.fleet.identity import derived_hex
from formlabs_web_api.sandbox.fleet.kinds import FORM_3_PLUS, FORM_4, Kind
from formlabs_web_api.sandbox.fleet.records import (
    Cartridge,
    Consumable,
    Group,
    Load,
    Printer,
    Slot,
    Tank,
)
from formlabs_web_api.sandbox.instants import DAY, HOUR, MINUTE, SECOND, Instant


class Shelf:
    """All consumables: generate, put in, take out, exchange.

    Args:
        seed: seed of the serials.
        chance: the random generator.
        clock: returns the present instant.
        cartridges, tanks: existing consumables; new ones are appended.
    """

    def __init__(
        self,
        seed: int,
        chance: random.Random,
        clock: Now,
        cartridges: List[Cartridge],
        tanks: List[Tank],
    ) -> None:
        self._seed = seed
        self._chance = chance
        self._clock = clock
        self.cartridges = cartridges
        self.tanks = tanks

    def load(self, kind: Kind, since: Instant) -> Load:
        """Generate used-up consumables that were in use since an instant, and are loose now."""
        since -= self._chance.randrange(HOUR, 40 * HOUR)
        material = self._chance.choice(kind.materials)
        if kind.is_fuse:
            return Load(material, (), None, f"BC-FS1-120V-{self._chance.randrange(100_000):05d}")
        cartridges = tuple(self._cartridge(kind, material, since) for _ in kind.slots)
        return Load(material, cartridges, self._tank(kind, material, since), None)

    def put_in(self, printer: Printer, load: Load) -> None:
        """Put partly used consumables into a printer."""
        printer.slots = self.empty_slots(printer.kind)
        for cartridge in load.cartridges:
            cartridge.is_empty = False
            cartridge.used_ml = self._chance.uniform(60.0, 930.0)
        _put_in(printer, load)

    def change(self, printer: Printer, material: str) -> Load:
        """Exchange all consumables of a printer for those of a material, used or new."""
        now = self._clock()
        kind, former = printer.kind, printer.load
        cylinder = None
        if former is not None:
            cylinder = former.cylinder
            for cartridge in former.cartridges:
                self._take_out(cartridge, printer)
            if former.tank is not None:
                self._take_out(former.tank, printer)
        load = Load(material, (), None, cylinder)
        if not kind.is_fuse:
            load.cartridges = tuple(self._cartridge_for(printer, material) for _ in kind.slots)
            load.tank = self._tank_for(printer, material)
        for slot in printer.slots:
            slot.changed = now
        printer.tank_changed = now
        _put_in(printer, load)
        return load

    def replace(self, printer: Printer, load: Load, empty: Cartridge) -> Load:
        """Replace an empty cartridge by a new one."""
        fresh = self._fresh_cartridge(printer.kind, load.material)
        cartridges = [fresh if cartridge is empty else cartridge for cartridge in load.cartridges]
        self._take_out(empty, printer)
        empty.is_empty = True
        for slot in printer.slots:
            if slot.cartridge is empty:
                slot.changed = self._clock()
        load = Load(load.material, tuple(cartridges), load.tank, load.cylinder)
        _put_in(printer, load)
        return load

    def empty_slots(self, kind: Kind) -> Tuple[Slot, ...]:
        """Return slots without cartridges; the date of a slot may be older than any cartridge."""
        return tuple(Slot(name, None, self._ago(30 * DAY, 900 * DAY)) for name in kind.slots)

    def add_oddities(self, group: Group) -> None:
        """Add loose consumables with nulls, blanks and undocumented values."""
        since = self._ago(40 * DAY, 80 * DAY)
        without_material = self._cartridge(FORM_3_PLUS, "FLFL8001", since)
        without_material.material = without_material.created = None
        without_material.display_name = ""
        without_material.used_ml = 1004.2
        undocumented = self._cartridge(FORM_4, "FLZZZZ99", since)
        undocumented.consumable_type = "CARTRIDGE_V9"
        undocumented.used_ml, undocumented.is_empty, undocumented.group = 0.0, False, group
        tank = self._tank(FORM_3_PLUS, "FLGPBK04", since)
        tank.created = tank.first_filled = tank.print_time_ms = None
        tank.display_name = tank.heatmap = ""
        tank.layers = 81_230

    def _take_out(self, consumable: Consumable, printer: Printer) -> None:
        consumable.printer = None
        consumable.group = printer.group
        consumable.changed = self._clock()

    def _cartridge_for(self, printer: Printer, material: str) -> Cartridge:
        for cartridge in self.cartridges:
            if (
                not cartridge.is_empty
                and cartridge.used_ml < cartridge.initial_ml
                and _is_at_hand(cartridge, printer, material)
            ):
                # Another slot of the printer must not find the same cartridge.
                cartridge.printer = printer
                return cartridge
        return self._fresh_cartridge(printer.kind, material)

    def _fresh_cartridge(self, kind: Kind, material: str) -> Cartridge:
        cartridge = self._cartridge(kind, material, self._clock())
        cartridge.used_ml, cartridge.is_empty = 0.0, False
        cartridge.created = cartridge.changed = self._clock()
        return cartridge

    def _tank_for(self, printer: Printer, material: str) -> Tank:
        for tank in self.tanks:
            if tank.tank_type in printer.kind.tank_types and _is_at_hand(tank, printer, material):
                return tank
        tank = self._tank(printer.kind, material, self._clock())
        tank.created = tank.changed = self._clock()
        tank.layers = tank.print_time_ms = 0
        return tank

    def _cartridge(self, kind: Kind, material: str, since: Instant) -> Cartridge:
        number = len(self.cartridges) + 1
        made, created, changed = self._dates(since)
        cartridge = Cartridge(
            serial=self._serial(kind, "cartridge", number),
            material=material,
            machine_type_id=kind.machine_type_id,
            made=made,
            created=created,
            changed=changed,
            lot_number=f"EX-{self._chance.randrange(10_000):04d}",
            write_count=self._chance.randrange(2, 60),
            used_ml=self._chance.uniform(1000.0, 1019.0),
            in_steps=kind.is_form_4,
            is_empty=True,
        )
        self.cartridges.append(cartridge)
        return cartridge

    def _tank(self, kind: Kind, material: str, since: Instant) -> Tank:
        number = len(self.tanks) + 1
        made, created, changed = self._dates(since)
        layers = self._chance.randrange(2_000, 60_000)
        tank = Tank(
            serial=self._serial(kind, "tank", number),
            material=material,
            machine_type_id=kind.machine_type_id,
            made=made,
            created=created,
            changed=changed,
            lot_number=f"EX-{self._chance.randrange(10_000):04d}",
            write_count=self._chance.randrange(2, 60),
            tank_type=self._chance.choice(kind.tank_types),
            layers=layers,
            print_time_ms=layers * self._chance.randrange(*kind.layer_ms),
            first_filled=since // SECOND * SECOND,
        )
        self.tanks.append(tank)
        return tank

    def _dates(self, since: Instant) -> Tuple[Instant, Instant, Instant]:
        """Draw manufacture, creation and change; a tank comes before its first fill."""
        made = since - self._chance.randrange(60 * DAY, 400 * DAY)
        created = since - self._chance.randrange(MINUTE, 9 * MINUTE)
        return made // SECOND * SECOND, created, self._ago(HOUR, 3 * DAY)

    def _serial(self, kind: Kind, what: str, number: int) -> str:
        """Return 14 digits for Form 4, a prefix and 12 for Form 3; some of its tanks have 14."""
        digits = derived_hex(12, self._seed, what, number)
        newer = kind.is_form_4 or (what == "tank" and number % 3 == 0)
        return f"04{digits}" if newer else f"4c-{digits}"

    def _ago(self, least: Instant, most: Instant) -> Instant:
        return self._clock() - self._chance.randrange(least, most)


def _put_in(printer: Printer, load: Load) -> None:
    for slot, cartridge in zip(printer.slots, load.cartridges):
        slot.cartridge = cartridge
        cartridge.printer = printer
    printer.tank = load.tank
    if load.tank is not None:
        load.tank.printer = printer
    printer.load = load


def _is_at_hand(consumable: Consumable, printer: Printer, material: str) -> bool:
    """Return True if a consumable is loose, fits a printer, and contains a material."""
    return (
        consumable.printer is None
        and consumable.material == material
        and consumable.machine_type_id == printer.kind.machine_type_id
        and consumable.group is printer.group
    )
