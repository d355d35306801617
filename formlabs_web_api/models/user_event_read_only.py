# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""UserEventReadOnly: something that happened on the account."""

from typing import Optional

from pydantic import StrictBool, StrictInt, StrictStr

from formlabs_web_api.models._base import DateTime, Model, ReadOnly
from formlabs_web_api.models.my_print_run_read_only import MyPrintRunReadOnly
from formlabs_web_api.models.printer_group import PrinterGroup


class UserEventReadOnly(Model):
    """Something that happened on the account."""

    id: ReadOnly[StrictInt]
    """Id of the event."""
    printer: ReadOnly[Optional[StrictStr]]
    """Serial of the printer."""
    created_at: ReadOnly[DateTime]
    """When the event happened."""
    print_run: ReadOnly[Optional[MyPrintRunReadOnly]]
    """The print the event is about."""
    tank: ReadOnly[Optional[StrictStr]]
    """Serial of the tank the event is about."""
    cartridge: ReadOnly[Optional[StrictStr]]
    """Serial of the cartridge the event is about."""
    type: ReadOnly[StrictStr]
    """Kind of event, for instance RESIN_LOW or PRINT_FINISHED."""
    type_label: ReadOnly[StrictStr]
    """Kind of event, in words."""
    action: ReadOnly[StrictStr]
    """Action that goes with the event; its values are not documented, and it may be blank."""
    message: ReadOnly[StrictStr]
    """The event in words; may be blank."""
    was_read: ReadOnly[StrictBool]
    """Whether the user has read the event."""
    group: Optional[PrinterGroup]
    """Printer group the event belongs to."""
