"""A printer as a flat object of JSON's own types: what receivers show of it.

Each key is always there, with null for what is not known, so that a template needs no test for it.
What changes with every poll, the printer's ping for example, is left out: a receiver that stores
what it gets would store it every half minute.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Dict, List, Optional, Tuple

from formlabs_web_api._util.text import one_line
from formlabs_web_api.catalogue import material_name
from formlabs_web_api.models.derived.raw import count, number, text

_HALF_MINUTE = timedelta(seconds=30)


def status_of(printer: Any, now: datetime) -> Dict[str, Any]:
    """Return what is known of a printer.

    Args:
        printer: The printer, a model.
        now: The moment to judge from.
    """
    status = printer.printer_status
    tank = printer.tank
    found: Dict[str, Any] = {
        "state": str(printer.state(now)),
        "status": text(status, "status"),
        "online": printer.is_online(now),
        "firmware": text(printer, "firmware_version"),
        "temperature_c": number(status, "current_temperature"),
        "tank_serial": text(tank, "serial") or None,
        "tank_material": None if tank is None else tank.material_name or None,
        "tank_layers": None if tank is None else tank.layers,
        "powder": material_name(text(status, "hopper_material")) or None,
        **_job_of(printer, now),
    }
    for slot, cartridge in slots_of(printer):
        found.update(_resin_of(slot, cartridge))
    return found


def slots_of(printer: Any) -> List[Tuple[str, Any]]:
    """Return the names of a printer's cartridge slots and the cartridge in each, or None.

    The name is empty where the printer has one slot. Powder printers have none, whatever they
    show (observation 1.4).
    """
    if is_powder_printer(printer):
        return []
    slots = printer.cartridge_slots
    names = [text(slot, "cartridge_slot").lower() for slot in slots]
    if len(slots) < 2 or len(set(names)) < len(names):
        names = ["", *(str(number) for number in range(2, len(slots) + 1))]
    return [(name, getattr(slot, "cartridge", None)) for name, slot in zip(names, slots)]


def is_powder_printer(printer: object) -> bool:
    """Return True for the Fuse family."""
    return text(printer, "machine_type_id").upper().startswith(("FS", "FUSE"))


def _job_of(printer: Any, now: datetime) -> Dict[str, Any]:
    run = printer.current_run
    if run is None:
        names = ("job", "job_material", "progress_percent", "layer", "layers", "started_at")
        return {**dict.fromkeys(names), "expected_end_at": None, "is_stale": False}
    return {
        "job": one_line(text(run, "name")) or None,
        "job_material": run.material_name or None,
        "progress_percent": int(run.progress * 100),
        "layer": count(run, "currently_printing_layer"),
        "layers": count(run, "layer_count"),
        "started_at": _to_the_minute(run.started_at),
        "expected_end_at": _to_the_minute(run.eta_at(now)),
        "is_stale": run.is_stale(now),
    }


def _resin_of(slot: str, cartridge: Any) -> Dict[str, Any]:
    prefix = f"resin_{slot}_" if slot else "resin_"
    if cartridge is None or not hasattr(cartridge, "remaining_ml"):
        return dict.fromkeys(f"{prefix}{name}" for name in ("serial", "material", "ml", "percent"))
    ml, fraction = cartridge.remaining_ml, cartridge.remaining_fraction
    return {
        f"{prefix}serial": text(cartridge, "serial") or None,
        f"{prefix}material": cartridge.material_name or None,
        f"{prefix}ml": None if ml is None else round(ml),
        f"{prefix}percent": None if fraction is None else round(fraction * 100),
    }


def _to_the_minute(moment: Optional[datetime]) -> Optional[str]:
    if moment is None:
        return None
    near = (moment + _HALF_MINUTE).replace(second=0, microsecond=0)
    return near.astimezone(timezone.utc).isoformat()
