# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""DeveloperAPIMyPrinter: a printer of the account with its status, consumables and prints."""

from typing import Any, Dict, List, Optional, Union

from pydantic import StrictStr

from formlabs_web_api.models._base import Model, ReadOnly
from formlabs_web_api.models.derived import PrinterDerived
from formlabs_web_api.models.my_deep_printer_status import MyDeepPrinterStatus
from formlabs_web_api.models.printer_cartridge_status import PrinterCartridgeStatus
from formlabs_web_api.models.printer_group import PrinterGroup
from formlabs_web_api.models.printer_tank_status import PrinterTankStatus


class DeveloperAPIMyPrinter(PrinterDerived, Model):
    """A printer of the account with its status, consumables and prints."""

    serial: ReadOnly[StrictStr]
    """Serial of the printer, unique: Form4-QuietOtter on the Form 4 family, QuietOtter on the
    others."""
    alias: ReadOnly[Optional[StrictStr]]
    """Short name of the printer, observed on the Form 4 family only: the serial without its
    prefix."""
    machine_type_id: ReadOnly[StrictStr]
    """Type of printer, for instance FORM-4-0 (Form 4) or FS30-1-0 (Fuse 1+ 30W)."""
    printer_status: ReadOnly[MyDeepPrinterStatus]
    """Status that the printer last reported."""
    cartridge_status: ReadOnly[
        Optional[Union[PrinterCartridgeStatus, List[PrinterCartridgeStatus]]]
    ]
    """The cartridge slot and its cartridge; a list of two slots, FRONT and BACK, on printers with
    two cartridges."""
    tank_status: ReadOnly[PrinterTankStatus]
    """The tank holder and its tank."""
    group: ReadOnly[Optional[PrinterGroup]]
    """Printer group the printer belongs to."""
    previous_print_run: ReadOnly[Optional[Dict[str, Any]]]
    """The print that ended last, with the fields of `MyPrintRunReadOnly` as far as observed."""
    firmware_version: ReadOnly[StrictStr]
    """Firmware of the printer, for instance 1.15.2-2913."""
    location: ReadOnly[Optional[StrictStr]]
    """Location of the printer; null in every observed response."""
