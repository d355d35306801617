# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""UserEventReadOnly: something that happened on the account."""

from typing import ClassVar, FrozenSet, Optional

from pydantic import StrictBool, StrictInt, StrictStr

from formlabs_web_api.models._base import DateTime, Model
from formlabs_web_api.models.my_print_run_read_only import MyPrintRunReadOnly
from formlabs_web_api.models.printer_group import PrinterGroup


class UserEventReadOnly(Model):
    """Something that happened on the account."""

    read_only_fields: ClassVar[FrozenSet[str]] = frozenset(
        [
            "id",
            "printer",
            "created_at",
            "print_run",
            "tank",
            "cartridge",
            "type",
            "type_label",
            "action",
            "message",
            "was_read",
        ]
    )
    id: StrictInt
    """Id of the event."""
    printer: Optional[StrictStr]
    """Serial of the printer."""
    created_at: DateTime
    """When the event happened."""
    print_run: Optional[MyPrintRunReadOnly]
    """The print the event is about."""
    tank: Optional[StrictStr]
    """Serial of the tank the event is about."""
    cartridge: Optional[StrictStr]
    """Serial of the cartridge the event is about."""
    type: StrictStr
    """Kind of event, for instance RESIN_LOW or PRINT_FINISHED."""
    type_label: StrictStr
    """Kind of event, in words."""
    action: StrictStr
    """Action that goes with the event; its values are not documented, and it may be blank."""
    message: StrictStr
    """The event in words; may be blank."""
    was_read: StrictBool
    """Whether the user has read the event."""
    group: Optional[PrinterGroup]
    """Printer group the event belongs to."""
