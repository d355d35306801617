"""Render records as the service's JSON rows: fields, their order, nulls and blanks.

The shapes are those of recorded live answers, where there are any (observations 1.3 to 1.8);
events, loose consumables, groups and queues follow the published documents.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Union

from formlabs_web_api._util.json import is_array, is_object
from formlabs_web_api.sandbox.fleet.consumption import dispensed_ml, layers, print_time_ms
from formlabs_web_api.sandbox.fleet.identity import derived_uuid
from formlabs_web_api.sandbox.fleet.jobs import progress
from formlabs_web_api.sandbox.fleet.kinds import FORMER_MATERIAL_NAMES, MATERIAL_NAMES
from formlabs_web_api.sandbox.fleet.records import (
    HEARTBEAT,
    Cartridge,
    Consumable,
    Event,
    Group,
    Print,
    Printer,
    QueueItem,
    Recorded,
    Slot,
    Tank,
    User,
)
from formlabs_web_api.sandbox.instants import DAY, MINUTE, Instant, written

Row = Dict[str, Any]

_RENAMED_BEFORE: Instant = 45 * DAY

_EVENTS = {
    "PRINT_START": ("Print Started", "{} started"),
    "PRINT_FINISHED": ("Print Finished", "{} finished"),
    "PRINT_ABORTED": ("Print Aborted", "{} was aborted"),
    "PRINT_ERROR": ("Print Error", "{} failed"),
    "PRINT_PAUSED": ("Print Paused", "{} paused"),
    "PRINT_RESOLUTION_REQUEST": ("Print Resolution Request", "{} needs attention"),
    "PRINT_RESOLUTION": ("Print Resolution", "{} goes on"),
    "RESIN_LOW": ("Resin Low", "Resin is low"),
    "PRINTER_REGISTERED": ("Printer Registered", "A printer was registered"),
    "PRINTING_REPORT": ("Printing Report", "Your monthly report"),
    "GROUP_INVITATION": ("Group Invitation", "Invitation sent"),
}
"""Label and message by type; another type has its own words as label, and no message."""


class Rows:
    """Renders rows at one instant.

    Args:
        now: the instant.
        thumbnail: returns the signed URL of a print's picture, by the print's guid.
    """

    def __init__(self, now: Instant, thumbnail: Callable[[str], str]) -> None:
        self._now = now
        self._thumbnail = thumbnail

    def printer(self, printer: Printer) -> Row:
        """Render a printer with status, consumables, current and previous print run."""
        ping = printer.last_ping
        if ping is None:
            ping = self._now - (self._now + printer.phase) % HEARTBEAT
        current, previous = printer.current, printer.previous
        slots = [self._slot(slot) for slot in printer.slots]
        row = {
            "serial": printer.serial,
            "alias": printer.alias,
            "machine_type_id": printer.kind.machine_type_id,
            "printer_status": {
                "status": printer.status,
                "last_pinged_at": written(ping),
                "hopper_level": printer.hopper_level,
                "material_credit": printer.material_credit,
                "hopper_material": printer.hopper_material,
                "last_modified": written(ping + 120 + printer.phase % 70),
                "current_temperature": printer.temperature,
                "current_print_run": None if current is None else self.print_run(current),
                "form_cell": None,
                "last_printer_cooldown_started": _written(printer.cooldown_started),
                "outer_boundary_offset_corrections": printer.offset_corrections,
                "build_platform_contents": printer.platform,
                "tank_mixer_state": printer.mixer,
                "ready_to_print": printer.readiness,
                "printer_capabilities": list(printer.kind.capabilities),
                "printernet_capabilities": ["PROTOCOL_METHOD_PAUSE", "PROTOCOL_METHOD_STATUS"],
                "camera_status": printer.camera,
            },
            "cartridge_status": slots if len(slots) > 1 else slots[0],
            "tank_status": {
                "tank": None if printer.tank is None else self._tank_inside(printer.tank),
                "last_modified": written(printer.tank_changed),
            },
            "group": _group(printer.group),
            "previous_print_run": None if previous is None else self.print_run(previous),
            "firmware_version": printer.kind.firmware,
            "location": None,
        }
        return _as_recorded(printer.recorded, row)

    def print_run(self, run: Print) -> Row:
        """Render a print run inside a printer or event: 39 fields."""
        kind, load = run.printer.kind, run.load
        layer, elapsed_ms, remaining_ms = progress(run, self._now)
        serials = [cartridge.serial for cartridge in load.cartridges]
        both = serials if kind.prints_name_both_slots else []
        front, back = (*both, None, None)[:2]
        rating: Optional[Row] = None
        if run.rating is not None:
            rating = {
                "print_run": run.guid,
                "print_run_success": run.rating,
                "created_at": _written(run.rated),
            }
        note: Optional[Row] = None
        if run.note is not None:
            note = {
                "print_run": run.guid,
                "note": run.note,
                "author": None if run.user is None else _user(run.user),
                "updated_at": written(run.ends + 17 * MINUTE + run.number),
            }
        return {
            "guid": run.guid,
            "name": run.name,
            "printer": run.printer.serial,
            "status": run.status,
            "using_open_mode": kind.open_mode,
            "z_height_offset_mm": 0.0,
            "print_started_at": written(run.started),
            "print_finished_at": _written(run.finished),
            "layer_count": run.layer_count,
            "volume_ml": run.volume_ml,
            "material": load.material,
            "layer_thickness_mm": run.layer_mm,
            "currently_printing_layer": layer,
            "estimated_duration_ms": run.estimated_ms,
            "elapsed_duration_ms": elapsed_ms,
            "estimated_time_remaining_ms": remaining_ms,
            "created_at": written(run.created),
            "print_run_success": rating,
            "firmware_version": run.firmware,
            "cartridge": serials[0] if serials and front is None else None,
            "front_cartridge": front,
            "back_cartridge": back,
            "tank": None if load.tank is None else load.tank.serial,
            "cylinder": load.cylinder,
            "note": note,
            "print_thumbnail": {"thumbnail": self._thumbnail(run.guid)},
            "post_print_photo_url": None,
            "user": None if run.user is None else _user(run.user),
            "user_custom_label": "",
            "group": _group(run.group),
            "adaptive_thickness": False,
            "message": kind.message,
            "print_job": derived_uuid(run.guid, "job"),
            "material_name": self._material_name(run),
            "print_settings_name": run.settings[0],
            "print_settings_code": run.settings[1],
            "form_auto_serial": kind.form_auto_serial,
            "form_auto_fw_version": kind.form_auto_firmware,
            "harvest_status": kind.harvest_status,
        }

    def print_(self, run: Print) -> Row:
        """Render a row of the print history: two more fields, and mostly ``print_intent``."""
        row = self.print_run(run)
        row["cloud_queue_item"] = None if run.queue_item is None else {"id": run.queue_item}
        row["parts"] = _parts(run)
        # Documents and clients disagree on this field: absent, null, an id, an object.
        if run.queue_item is not None:
            created = written(run.created - 16 * MINUTE)
            row["print_intent"] = {"created_at": created, "initiated_on": "REMOTE"}
        elif run.number % 8 == 6:
            created = written(run.created - 2 * MINUTE)
            row["print_intent"] = {"created_at": created, "initiated_on": None}
        elif run.number % 4 == 2:
            row["print_intent"] = derived_uuid(run.guid, "intent")
        elif run.number % 4 != 1:
            row["print_intent"] = None
        return _as_recorded(run.recorded, row)

    def event(self, event: Event) -> Row:
        """Render an event; account-level events have no printer and no group."""
        run = event.print_run
        words = event.type.replace("_", " ").title()
        label, message = _EVENTS.get(event.type, (words, ""))
        row = {
            "id": event.id,
            "printer": None if event.printer is None else event.printer.serial,
            "created_at": written(event.created),
            "print_run": None if run is None else self.print_run(run),
            "tank": event.tank,
            "cartridge": event.cartridge,
            "type": event.type,
            "type_label": label,
            "action": "",
            "message": message.format("" if run is None else run.name),
            "was_read": event.was_read,
            "group": _group(event.group),
        }
        return _as_recorded(event.recorded, row)

    def cartridge(self, cartridge: Cartridge) -> Row:
        """Render a row of the list of cartridges."""
        row = self._cartridge_inside(cartridge)
        row["dispense_count"] = None
        row["write_count"] = cartridge.write_count
        row["mechanical_version"] = "1"
        return _as_recorded(cartridge.recorded, _with_making(row, cartridge))

    def tank(self, tank: Tank) -> Row:
        """Render a row of the list of tanks."""
        row = self._tank_inside(tank)
        row["mechanical_version"] = None
        row = _with_making(row, tank)
        row["write_count"] = tank.write_count
        return _as_recorded(tank.recorded, row)

    def group(self, group: Group, members: List[User], printers: List[str]) -> Row:
        """Render a group with its members and printers."""
        row = {
            "id": group.id,
            "name": group.name,
            "remote_print_enabled_override": group.remote_print_enabled,
            "created_at": written(group.created),
            "memberships": [member(user, group.administrators[user.username]) for user in members],
            "printers": printers,
            "invitations": [
                {"email": email, "is_admin": is_admin}
                for email, is_admin in group.invitations.items()
            ],
            "has_fleet_control": group.has_fleet_control,
            "has_fleet_control_updated_by": group.fleet_control_updated_by,
            "settings": {"group": group.id, "update_mode": group.update_mode},
        }
        return _as_recorded(group.recorded, row)

    def queue_item(self, item: QueueItem) -> Row:
        """Render a queued job, with its undocumented estimate (observation 1.10)."""
        row = {
            "id": item.id,
            "name": item.name,
            "volume_ml": item.volume_ml,
            "material_name": item.material_name,
            "created_at": written(item.created),
            "username": item.username,
            "allowed_machine_type_ids": list(item.machine_type_ids),
            "estimated_duration_ms": item.estimated_ms,
        }
        return _as_recorded(item.recorded, row)

    def _slot(self, slot: Slot) -> Row:
        cartridge = slot.cartridge
        return {
            "cartridge": None if cartridge is None else self._cartridge_inside(cartridge),
            "last_modified": written(slot.changed),
            "cartridge_slot": slot.name,
        }

    def _cartridge_inside(self, cartridge: Cartridge) -> Row:
        return {
            "serial": cartridge.serial,
            "material": cartridge.material,
            "consumable_type": cartridge.consumable_type,
            "initial_volume_ml": cartridge.initial_ml,
            "volume_dispensed_ml": dispensed_ml(cartridge, self._now),
            "display_name": cartridge.display_name,
            "is_empty": cartridge.is_empty,
            "inside_printer": _inside(cartridge),
            "connected_group": _connected_group(cartridge),
            "created_at": _written(cartridge.created),
            "last_print_date": None,
            "machine_type_id": cartridge.machine_type_id,
        }

    def _tank_inside(self, tank: Tank) -> Row:
        return {
            "serial": tank.serial,
            "material": tank.material,
            "print_time_ms": print_time_ms(tank, self._now),
            "layers_printed": layers(tank, self._now),
            "first_fill_date": _written(tank.first_filled),
            "heatmap": tank.heatmap,
            "heatmap_gif": None,
            "display_name": tank.display_name,
            "layer_count": layers(tank, self._now),
            "inside_printer": _inside(tank),
            "tank_type": tank.tank_type,
            "connected_group": _connected_group(tank),
            "created_at": _written(tank.created),
            "last_print_date": None,
        }

    def _material_name(self, run: Print) -> str:
        code = run.load.material
        former = FORMER_MATERIAL_NAMES.get(code)
        if former is not None and self._now - run.created > _RENAMED_BEFORE:
            return former
        return MATERIAL_NAMES.get(code, code)


def new_group(group: Group) -> Row:
    """Render the shorter row that answers the creation of a group."""
    return {
        "id": group.id,
        "name": group.name,
        "created_at": written(group.created),
        "has_fleet_control": group.has_fleet_control,
        "has_fleet_control_updated_by": group.fleet_control_updated_by,
    }


def member(who: Union[User, str], is_admin: bool) -> Row:
    """Render a membership; an invited person has an e-mail address only."""
    if isinstance(who, str):
        return {"is_admin": is_admin, "user": who, "email": who, "first_name": "", "last_name": ""}
    return {
        "is_admin": is_admin,
        "user": who.username,
        "email": who.email,
        "first_name": who.first_name,
        "last_name": who.last_name,
    }


def _user(user: User) -> Row:
    return {
        "id": user.id,
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
    }


def _group(group: Optional[Group]) -> Optional[Row]:
    return None if group is None else {"id": group.id, "name": group.name}


def _parts(run: Print) -> List[Row]:
    """Render the parts of a print: those in its name, or one; some prints have no parts."""
    if run.number % 3 == 0:
        return []
    names = run.name.split(", ")
    return [
        {
            "id": run.number * 10 + place,
            "guid": derived_uuid(run.guid, "part", place),
            "display_name": name,
            "end_layer": run.layer_count - 1,
            "name": f"{name}.stl",
            "raw_mesh_hash": None,
            "start_layer": 0,
            "volume_ml": run.volume_ml / len(names),
            "prepared_scene": derived_uuid(run.guid, "scene", place),
        }
        for place, name in enumerate(names)
    ]


def _with_making(row: Row, consumable: Consumable) -> Row:
    row["manufacture_date"] = written(consumable.made)
    row["manufacturer"] = "Example Manufacturing"
    row["lot_number"] = consumable.lot_number
    row["last_modified"] = written(consumable.changed)
    return row


def _inside(consumable: Consumable) -> str:
    return "" if consumable.printer is None else consumable.printer.serial


def _connected_group(consumable: Consumable) -> Optional[str]:
    printer = consumable.printer
    group = consumable.group if printer is None else printer.group
    return None if group is None else group.id


def _as_recorded(recorded: Optional[Recorded], row: Row) -> Row:
    """Return the recorded row with the values that the record would be rendered differently now."""
    return row if recorded is None else _changed(recorded.row, recorded.written, row)


def _changed(recorded: Any, before: Any, now: Any) -> Any:
    if before == now:
        return recorded
    values = (recorded, before, now)
    if all(map(is_object, values)):
        return {
            name: _picture(value, now.get(name))
            if name == "print_thumbnail"
            else _changed(value, before.get(name), now.get(name))
            for name, value in recorded.items()
        }
    if all(map(is_array, values)) and len(recorded) == len(before) == len(now):
        return [_changed(*each) for each in zip(*values)]
    return now


def _picture(recorded: Any, now: object) -> Any:
    """Return a newly signed URL if the recorded value was a URL."""
    address = recorded.get("thumbnail") if is_object(recorded) else None
    return now if isinstance(address, str) and address.startswith("http") else recorded


def _written(instant: Optional[Instant]) -> Optional[str]:
    return None if instant is None else written(instant)
