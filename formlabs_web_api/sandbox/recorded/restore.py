"""Build a fleet from a recording; rows are served verbatim until the simulation changes them.

The rows are parsed into the records of a generated fleet, as far as they can be, so that the
simulation continues them. Each record also keeps its row: what is served is that row, with the
values replaced that the record would be rendered with differently by now.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Dict, List, Optional, Tuple

from formlabs_web_api._util.json import is_array, is_object
from formlabs_web_api.sandbox.fleet.consumption import IN_PROGRESS
from formlabs_web_api.sandbox.fleet.history import END_EVENTS
from formlabs_web_api.sandbox.fleet.identity import derived_uuid
from formlabs_web_api.sandbox.fleet.kinds import FORM_3, FORM_4, FUSE_1_PLUS, KINDS, Kind
from formlabs_web_api.sandbox.fleet.records import (
    HEARTBEAT,
    Cartridge,
    Consumable,
    Event,
    Fleet,
    Group,
    Load,
    Print,
    Printer,
    QueueItem,
    Recorded,
    Slot,
    Tank,
    User,
)
from formlabs_web_api.sandbox.http.rows import Row, Rows
from formlabs_web_api.sandbox.instants import DAY, MILLISECOND, MINUTE, SECOND, Instant, read
from formlabs_web_api.sandbox.recorded.recording import Recording

_STALE: Instant = 5 * MINUTE
"""A printer is offline, and a report stale, after this time without a sign."""

_FAR_FUTURE: Instant = 200 * 365 * DAY
_MOST = 10**12
"""A bound for all numbers, milliseconds included."""


def restore_fleet(recording: Recording, seed: int) -> Fleet:
    """Build the fleet of a recording."""
    return _FleetBuilder(recording, seed).fleet()


class _LenientRow:
    """A row, or any value in its place; a value of another type counts as missing."""

    def __init__(self, row: object) -> None:
        self.row: Row = row if is_object(row) else {}

    def text(self, name: str) -> str:
        value = self.row.get(name)
        return value if isinstance(value, str) else ""

    def text_or_null(self, name: str) -> Optional[str]:
        return self.text(name) or None

    def number(self, name: str) -> float:
        value = self.row.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return 0.0
        return float(min(max(0, value), _MOST))

    def whole(self, name: str) -> int:
        return int(self.number(name))

    def truth(self, name: str) -> bool:
        return self.row.get(name) is True

    def instant(self, name: str) -> Optional[Instant]:
        try:
            instant = read(self.text(name))
        except ValueError:
            return None
        return instant if 0 <= instant < _FAR_FUTURE else None

    def part(self, name: str) -> _LenientRow:
        return _LenientRow(self.row.get(name))

    def parts(self, name: str) -> List[_LenientRow]:
        value = self.row.get(name)
        return [
            _LenientRow(part) for part in (value if is_array(value) else [value]) if is_object(part)
        ]

    def texts(self, name: str) -> Tuple[str, ...]:
        value = self.row.get(name)
        return tuple(text for text in value if isinstance(text, str)) if is_array(value) else ()


class _FleetBuilder:
    def __init__(self, recording: Recording, seed: int) -> None:
        self.recording = recording
        self.seed = seed
        self.at = recording.at
        self.users: Dict[str, User] = {}
        self.groups: Dict[str, Group] = {}
        self.cartridges: Dict[str, Cartridge] = {}
        self.tanks: Dict[str, Tank] = {}
        self.printers: Dict[str, Printer] = {}
        self.runs: Dict[str, Print] = {}
        self.listed: Dict[str, Print] = {}

    def fleet(self) -> Fleet:
        recording = self.recording
        groups = [self.group(_LenientRow(row)) for row in recording.groups]
        account = self.account(groups)
        cartridges = [self.cartridge(_LenientRow(row)) for row in recording.cartridges]
        tanks = [self.tank(_LenientRow(row)) for row in recording.tanks]
        printers = [self.printer(_LenientRow(row)) for row in recording.printers]
        prints = [self.listed_run(_LenientRow(row)) for row in recording.prints]
        for printer, row in zip(printers, recording.printers):
            self.set_prints(printer, _LenientRow(row))
        events = [self.event(_LenientRow(row), place) for place, row in enumerate(recording.events)]
        fleet = Fleet(
            seed=self.seed,
            account=account,
            users=list(self.users.values()),
            groups=groups,
            printers=printers,
            prints=list(self.listed.values()),
            events=events,
            tanks=list(self.tanks.values()),
            cartridges=list(self.cartridges.values()),
        )
        rows = Rows(self.at, lambda guid: "")
        _keep(printers, recording.printers, rows.printer)
        _keep(prints, recording.prints, rows.print_)
        _keep(events, recording.events, rows.event)
        _keep(cartridges, recording.cartridges, rows.cartridge)
        _keep(tanks, recording.tanks, rows.tank)
        for group, row in zip(groups, recording.groups):
            _keep(group.queue, recording.queues.get(group.id, []), rows.queue_item)
            members = [self.users[username] for username in group.administrators]
            mine = [printer.serial for printer in printers if printer.group is group]
            group.recorded = Recorded(row, rows.group(group, members, mine))
        return fleet

    # People and groups

    def user(self, given: _LenientRow, name: str = "username") -> Optional[User]:
        username = given.text(name) or given.text("email")
        if not username:
            return None
        user = self.users.get(username)
        if user is None:
            user = self.users[username] = User(
                given.whole("id"),
                username,
                given.text("first_name"),
                given.text("last_name"),
                given.text("email"),
            )
        return user

    def account(self, groups: List[Group]) -> User:
        """Return the user of the account: a member of all groups, or else an invented one."""
        for user in self.users.values():
            if all(user.username in group.administrators for group in groups):
                return user
        account = User(0, "recorded", "", "", "recorded@example.com")
        self.users[account.username] = account
        for group in groups:
            group.administrators[account.username] = True
        return account

    def group(self, given: _LenientRow) -> Group:
        members = [(member, self.user(member, "user")) for member in given.parts("memberships")]
        group = Group(
            id=given.text("id") or derived_uuid(self.seed, "group", len(self.groups)),
            name=given.text("name"),
            created=given.instant("created_at") or self.at,
            administrators={
                user.username: member.truth("is_admin")
                for member, user in members
                if user is not None
            },
            invitations={
                invited.text("email"): invited.truth("is_admin")
                for invited in given.parts("invitations")
            },
            has_fleet_control=given.truth("has_fleet_control"),
            update_mode=given.part("settings").text("update_mode"),
        )
        group.queue = tuple(
            self.queue_item(_LenientRow(row)) for row in self.recording.queues.get(group.id, ())
        )
        self.groups[group.id] = group
        return group

    def queue_item(self, given: _LenientRow) -> QueueItem:
        return QueueItem(
            id=given.text("id"),
            name=given.text("name"),
            volume_ml=given.number("volume_ml"),
            material_name=given.text("material_name"),
            created=given.instant("created_at") or self.at,
            username=given.text("username"),
            machine_type_ids=given.texts("allowed_machine_type_ids"),
            estimated_ms=given.whole("estimated_duration_ms") or None,
        )

    def group_of(self, given: _LenientRow) -> Optional[Group]:
        return self.groups.get(given.part("group").text("id"))

    def serial(self, given: _LenientRow, number: int) -> str:
        return given.text("serial") or f"Nameless{number}"

    # Consumables

    def cartridge(self, given: _LenientRow) -> Cartridge:
        serial = self.serial(given, len(self.cartridges))
        if serial not in self.cartridges:
            machine_type_id = given.text("machine_type_id")
            self.cartridges[serial] = Cartridge(
                **self.consumable(given, serial),
                consumable_type=given.text("consumable_type"),
                initial_ml=given.number("initial_volume_ml"),
                used_ml=given.number("volume_dispensed_ml"),
                in_steps=_is_form_4(machine_type_id),
                is_empty=given.truth("is_empty"),
            )
        return self.cartridges[serial]

    def tank(self, given: _LenientRow) -> Tank:
        serial = self.serial(given, len(self.tanks))
        if serial not in self.tanks:
            self.tanks[serial] = Tank(
                **self.consumable(given, serial),
                tank_type=given.text("tank_type"),
                layers=given.whole("layer_count"),
                print_time_ms=given.whole("print_time_ms"),
                first_filled=given.instant("first_fill_date"),
            )
        return self.tanks[serial]

    def cartridge_named(self, serial: str) -> Cartridge:
        """Return a cartridge, or a placeholder for one that is not in the recording."""
        placeholder = Cartridge(**self.consumable(_LenientRow({}), serial))
        return self.cartridges.get(serial, placeholder)

    def tank_named(self, serial: str) -> Tank:
        """Return a tank, or a placeholder for one that is not in the recording."""
        return self.tanks.get(serial, Tank(**self.consumable(_LenientRow({}), serial)))

    def consumable(self, given: _LenientRow, serial: str) -> Dict[str, Any]:
        return {
            "serial": serial,
            "material": given.text_or_null("material"),
            "machine_type_id": given.text("machine_type_id"),
            "made": given.instant("manufacture_date") or self.at,
            "created": given.instant("created_at"),
            "changed": given.instant("last_modified") or self.at,
            "lot_number": given.text("lot_number"),
            "write_count": given.whole("write_count"),
            "group": self.groups.get(given.text("connected_group")),
        }

    # Printers

    def printer(self, given: _LenientRow) -> Printer:
        status, tank_status = given.part("printer_status"), given.part("tank_status")
        ping = status.instant("last_pinged_at")
        printer = Printer(
            kind=_kind(given),
            serial=self.serial(given, len(self.printers)),
            alias=given.text_or_null("alias"),
            group=self.group_of(given),
            status=status.text("status"),
            tank_changed=tank_status.instant("last_modified") or self.at,
            phase=(ping or 0) % HEARTBEAT,
            hopper_material=status.text("hopper_material"),
            platform=status.text("build_platform_contents"),
            mixer=status.text("tank_mixer_state"),
            readiness=status.text("ready_to_print"),
            camera=status.text("camera_status"),
        )
        if ping is None or self.at - ping > _STALE:
            printer.last_ping = ping or self.at
        printer.slots = tuple(self.slot(slot) for slot in given.parts("cartridge_status")) or (
            Slot("", None, self.at),
        )
        tank = tank_status.part("tank")
        if tank.text("serial"):
            printer.tank = self.tank(tank)
        printer.load = self.load_of(printer)
        self.printers[printer.serial] = printer
        return printer

    def slot(self, given: _LenientRow) -> Slot:
        cartridge = given.part("cartridge")
        return Slot(
            given.text("cartridge_slot"),
            self.cartridge(cartridge) if cartridge.text("serial") else None,
            given.instant("last_modified") or self.at,
        )

    def load_of(self, printer: Printer) -> Optional[Load]:
        """Return the consumables in a printer; None if it cannot print with them."""
        cartridges = tuple(slot.cartridge for slot in printer.slots if slot.cartridge is not None)
        inside: Tuple[Consumable, ...] = cartridges
        if printer.tank is not None:
            inside = (*cartridges, printer.tank)
        for consumable in inside:
            consumable.printer = printer
        material = printer.hopper_material
        material = next((one.material for one in inside if one.material), material)
        return Load(material, cartridges, printer.tank, None) if material else None

    def set_prints(self, printer: Printer, given: _LenientRow) -> None:
        """Set the current and the previous print run."""
        current = given.part("printer_status").part("current_print_run")
        previous = given.part("previous_print_run")
        if previous.row:
            printer.previous = self.print_run(previous)
        if not current.row:
            return
        run = printer.current = self.print_run(current)
        if run.status not in IN_PROGRESS:
            return
        self.listed.setdefault(run.guid, run)
        reported = run.started + run.elapsed_ms * MILLISECOND
        run.ends = max(reported + run.remaining_ms * MILLISECOND, self.at + SECOND)
        run.live = self.at - reported < _STALE
        if run.status == "WAITING_FOR_RESOLUTION":
            run.halted = min(reported, self.at)
            run.live = True
        if printer.load is not None:
            run.load = printer.load

    def printer_named(self, serial: str) -> Printer:
        """Return a printer, or a placeholder for one that is not in the recording."""
        if serial not in self.printers:
            placeholder = Printer(FORM_4, serial, None, None, "", self.at, 0)
            self.printers[serial] = placeholder
        return self.printers[serial]

    # Prints and events

    def print_run(self, given: _LenientRow) -> Print:
        guid = given.text("guid") or derived_uuid(self.seed, "recorded", len(self.runs))
        if guid not in self.runs:
            self.runs[guid] = self.new_print(given, guid)
        return self.runs[guid]

    def listed_run(self, given: _LenientRow) -> Print:
        run = self.print_run(given)
        return self.listed.setdefault(run.guid, run)

    def new_print(self, given: _LenientRow, guid: str) -> Print:
        created = given.instant("created_at")
        started = given.instant("print_started_at") or created or self.at
        rating, note = given.part("print_run_success"), given.part("note")
        elapsed_ms = given.whole("elapsed_duration_ms")
        layer = given.row.get("currently_printing_layer")
        serials = [given.text(name) for name in ("cartridge", "front_cartridge", "back_cartridge")]
        return Print(
            number=len(self.runs) + 1,
            guid=guid,
            printer=self.printer_named(given.text("printer")),
            load=Load(
                given.text("material"),
                tuple(self.cartridge_named(serial) for serial in serials if serial),
                self.tank_named(given.text("tank")) if given.text("tank") else None,
                given.text_or_null("cylinder"),
            ),
            name=given.text("name"),
            status=given.text("status"),
            started=started,
            created=created or started,
            ends=started + max(SECOND, elapsed_ms * MILLISECOND),
            layer_count=given.whole("layer_count"),
            layer_mm=given.number("layer_thickness_mm"),
            volume_ml=given.number("volume_ml"),
            estimated_ms=given.whole("estimated_duration_ms"),
            firmware=given.text("firmware_version"),
            settings=(given.text("print_settings_name"), given.text("print_settings_code")),
            user=self.user(given.part("user")),
            group=self.group_of(given),
            layer=layer if isinstance(layer, int) else -1,
            elapsed_ms=elapsed_ms,
            remaining_ms=given.whole("estimated_time_remaining_ms"),
            finished=given.instant("print_finished_at"),
            rating=rating.text_or_null("print_run_success"),
            rated=rating.instant("created_at"),
            note=note.text_or_null("note"),
            outcome=given.text("status") if given.text("status") in END_EVENTS else None,
        )

    def event(self, given: _LenientRow, place: int) -> Event:
        number = given.whole("id")
        run, serial = given.part("print_run"), given.text("printer")
        return Event(
            id=number or place,
            type=given.text("type"),
            created=given.instant("created_at") or self.at,
            printer=self.printer_named(serial) if serial else None,
            print_run=self.print_run(run) if run.row else None,
            cartridge=given.text_or_null("cartridge"),
            tank=given.text_or_null("tank"),
            group=self.group_of(given),
            was_read=given.truth("was_read"),
        )


def _keep(records: Any, rows: List[Row], write: Callable[[Any], Row]) -> None:
    for record, row in zip(records, rows):
        record.recorded = Recorded(row, write(record))


def _kind(given: _LenientRow) -> Kind:
    """Return the kind of a printer; for an unknown type, the most similar kind."""
    machine_type_id = given.text("machine_type_id")
    slots = tuple(slot.text("cartridge_slot") for slot in given.parts("cartridge_status"))
    status = given.part("printer_status")
    kind = FORM_4 if _is_form_4(machine_type_id) else FORM_3
    if status.text("hopper_material"):
        kind = FUSE_1_PLUS
    kind = next((known for known in KINDS if known.machine_type_id == machine_type_id), kind)
    return replace(
        kind,
        machine_type_id=machine_type_id,
        slots=slots or kind.slots,
        firmware=given.text("firmware_version") or kind.firmware,
    )


def _is_form_4(machine_type_id: str) -> bool:
    return machine_type_id.startswith(("FORM-4-", "FRML-4-"))
