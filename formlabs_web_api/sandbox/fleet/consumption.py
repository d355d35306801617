"""Consumption of resin and tank life by a print run, while it runs."""

from __future__ import annotations

from typing import Optional, Tuple

from formlabs_web_api.sandbox.fleet.jobs import length, share, warm_up
from formlabs_web_api.sandbox.fleet.records import Cartridge, Consumable, Load, Print, Tank
from formlabs_web_api.sandbox.instants import MILLISECOND, Instant

IN_PROGRESS = frozenset(("PREHEAT", "PRINTING", "WAITING_FOR_RESOLUTION"))
"""Statuses of a print run that has not ended."""


def used_ml(cartridge: Cartridge, now: Instant) -> float:
    """Return the volume that has truly left a cartridge by now."""
    run = _running(cartridge)
    if run is None or cartridge not in drawn_from(run.load):
        return cartridge.used_ml
    return cartridge.used_ml + _not_booked(run, now) * ml_each(run)


def dispensed_ml(cartridge: Cartridge, now: Instant) -> float:
    """Return the volume dispensed by now, as far as the service knows."""
    used = used_ml(cartridge, now)
    return used // 100 * 100 if cartridge.in_steps else used


def layers(tank: Tank, now: Instant) -> int:
    """Return the layers printed in a tank by now."""
    run = _running(tank)
    if run is None or run.load.tank is not tank:
        return tank.layers
    return tank.layers + int(_not_booked(run, now) * run.layer_count)


def print_time_ms(tank: Tank, now: Instant) -> Optional[int]:
    """Return the time printed in a tank by now; None if the service does not know it."""
    run = _running(tank)
    if tank.print_time_ms is None or run is None or run.load.tank is not tank:
        return tank.print_time_ms
    return tank.print_time_ms + int(_not_booked(run, now) * length(run)) // MILLISECOND


def book(run: Print, now: Instant) -> None:
    """Charge the consumables with what a print run took since the last booking."""
    done = _not_booked(run, now)
    for cartridge in drawn_from(run.load):
        cartridge.used_ml += done * ml_each(run)
        cartridge.changed = now
    tank = run.load.tank
    if tank is not None:
        tank.layers += int(done * run.layer_count)
        tank.changed = now
        if tank.print_time_ms is not None:
            tank.print_time_ms += int(done * length(run)) // MILLISECOND
    run.booked += done


def drawn_from(load: Load) -> Tuple[Cartridge, ...]:
    """Return the cartridges that resin is taken from: both of a Form 3L, else the first."""
    both = len(load.cartridges) == 2 and not load.cartridges[0].in_steps
    return load.cartridges if both else load.cartridges[:1]


def ml_each(run: Print) -> float:
    """Return how much resin a whole print run takes from each cartridge."""
    return run.volume_ml / max(1, len(drawn_from(run.load)))


def used_up_at(run: Print, cartridge: Cartridge, ml: float) -> Optional[float]:
    """Return the share of a run's time at which a cartridge has dispensed ``ml``, if it does."""
    if not run.volume_ml:
        return None
    at = run.booked + (ml - cartridge.used_ml) / ml_each(run)
    if not run.booked < at < 1:
        return None
    warm = warm_up(run) / length(run)
    return warm + at * (1 - warm)


def _running(consumable: Consumable) -> Optional[Print]:
    printer = consumable.printer
    if printer is None or printer.current is None or printer.current.status not in IN_PROGRESS:
        return None
    return printer.current


def _not_booked(run: Print, now: Instant) -> float:
    return max(0.0, share(run, now) - run.booked)
