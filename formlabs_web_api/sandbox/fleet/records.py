"""The records of a fleet: plain data, without behaviour."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from formlabs_web_api.sandbox.fleet.kinds import Kind
from formlabs_web_api.sandbox.instants import SECOND, Instant

HEARTBEAT: Instant = 27 * SECOND
"""Time between two pings of a printer that is online (observation 1.3)."""


_SLOTS: Dict[str, bool] = {"slots": True} if sys.version_info >= (3, 10) else {}
"""Half the memory of the many records of a big fleet, where Python has it."""


class Recorded(NamedTuple):
    """The origin of a record that was restored from a recording."""

    row: Dict[str, Any]
    """The recorded row."""
    written: Dict[str, Any]
    """The row as the record was rendered when it was restored."""


@dataclass(eq=False)
class User:
    """A person with an account."""

    id: int
    username: str
    first_name: str
    last_name: str
    email: str


@dataclass(eq=False)
class QueueItem:
    """A job in a group's queue."""

    id: str
    name: str
    volume_ml: float
    material_name: str
    created: Instant
    username: str
    machine_type_ids: Tuple[str, ...]
    estimated_ms: Optional[int]
    recorded: Optional[Recorded] = None


@dataclass(eq=False)
class Group:
    """A workgroup: members, invitations, queue."""

    id: str
    name: str
    created: Instant
    administrators: Dict[str, bool]
    """Whether each member administers the group, by username."""
    invitations: Dict[str, bool]
    """Whether an address is invited as administrator, by e-mail address."""
    queue: Tuple[QueueItem, ...] = ()
    remote_print_enabled: Optional[bool] = None
    has_fleet_control: bool = False
    fleet_control_updated_by: Optional[int] = None
    update_mode: str = ""
    recorded: Optional[Recorded] = None


@dataclass(eq=False)
class Consumable:
    """The common fields of cartridges and tanks."""

    serial: str
    material: Optional[str]
    machine_type_id: str
    made: Instant
    created: Optional[Instant]
    changed: Instant
    lot_number: str
    write_count: int
    display_name: Optional[str] = None
    printer: Optional[Printer] = None
    group: Optional[Group] = None
    """The group, unless the consumable is in a printer: then the printer's group counts."""
    recorded: Optional[Recorded] = None


@dataclass(eq=False)
class Cartridge(Consumable):
    """A resin cartridge, with its true consumption."""

    consumable_type: str = "CARTRIDGE_V2"
    initial_ml: float = 1000.0
    used_ml: float = 0.0
    """Used by ended prints, and by the booked share of the running one."""
    in_steps: bool = False
    """Whether the service sees the volume in steps of 100 ml (Form 4 family)."""
    is_empty: bool = False


@dataclass(eq=False)
class Tank(Consumable):
    """A resin tank."""

    tank_type: str = ""
    layers: int = 0
    """Used by ended prints, and by the booked share of the running one."""
    print_time_ms: Optional[int] = None
    first_filled: Optional[Instant] = None
    heatmap: Optional[str] = None


@dataclass(eq=False)
class Load:
    """The consumables in a printer during a print."""

    material: str
    cartridges: Tuple[Cartridge, ...]
    tank: Optional[Tank]
    cylinder: Optional[str]


@dataclass(eq=False, **_SLOTS)
class Print:
    """A print run; while ``live``, its progress is a function of time."""

    number: int
    guid: str
    printer: Printer
    load: Load
    name: str
    status: str
    started: Instant
    created: Instant
    ends: Instant
    """When the job truly ends or ended, whatever the service reports."""
    layer_count: int
    layer_mm: float
    volume_ml: float
    estimated_ms: int
    firmware: str
    settings: Tuple[str, str]
    user: Optional[User]
    group: Optional[Group]
    layer: int = -1
    elapsed_ms: int = 0
    remaining_ms: int = 0
    finished: Optional[Instant] = None
    rating: Optional[str] = None
    rated: Optional[Instant] = None
    note: Optional[str] = None
    live: bool = False
    halted: Optional[Instant] = None
    """Since when the job is halted and waits for somebody."""
    stood: Instant = 0
    """How long the job was halted before."""
    booked: float = 1.0
    """The share that is already charged to cartridges and tank."""
    queue_item: Optional[str] = None
    """Id of the queue item that the print was started from."""
    outcome: Optional[str] = None
    """The status with which the job truly ended, known to the service or not."""
    recorded: Optional[Recorded] = None


@dataclass(eq=False)
class Slot:
    """A slot for a cartridge in a printer."""

    name: str
    cartridge: Optional[Cartridge]
    changed: Instant


@dataclass(eq=False)
class Printer:
    """A printer and its last report."""

    kind: Kind
    serial: str
    alias: Optional[str]
    group: Optional[Group]
    status: str
    tank_changed: Instant
    phase: Instant
    """Offset of the heartbeats within their period of 27 seconds."""
    slots: Tuple[Slot, ...] = ()
    tank: Optional[Tank] = None
    load: Optional[Load] = None
    """The consumables for the next job."""
    last_ping: Optional[Instant] = None
    """The last heartbeat of a printer that is offline; None while it pings."""
    current: Optional[Print] = None
    previous: Optional[Print] = None
    temperature: Optional[float] = None
    hopper_level: Optional[int] = None
    material_credit: Optional[float] = None
    hopper_material: str = ""
    cooldown_started: Optional[Instant] = None
    offset_corrections: Optional[List[Dict[str, Any]]] = None
    platform: str = "BUILD_PLATFORM_CONTENTS_MISSING"
    mixer: str = "TANK_MIXER_STATE_NOT_SUPPORTED"
    readiness: str = "READY_TO_PRINT_NOT_READY"
    camera: str = "UNKNOWN"
    recorded: Optional[Recorded] = None


@dataclass(eq=False, **_SLOTS)
class Event:
    """An event of the account."""

    id: int
    type: str
    created: Instant
    printer: Optional[Printer] = None
    print_run: Optional[Print] = None
    cartridge: Optional[str] = None
    tank: Optional[str] = None
    group: Optional[Group] = None
    was_read: bool = False
    recorded: Optional[Recorded] = None


@dataclass(eq=False)
class Fleet:
    """An account with everything in it, at one instant."""

    seed: int
    account: User
    users: List[User]
    groups: List[Group]
    printers: List[Printer]
    prints: List[Print]
    events: List[Event]
    tanks: List[Tank]
    cartridges: List[Cartridge]
