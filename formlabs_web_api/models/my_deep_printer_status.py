# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""MyDeepPrinterStatus: status that a printer last reported."""

from typing import Any, List, Optional

from pydantic import StrictInt, StrictStr

from formlabs_web_api.models._base import DateTime, Model, Number, ReadOnly
from formlabs_web_api.models.build_platform_contents_enum import BuildPlatformContentsEnum
from formlabs_web_api.models.camera_status_enum import CameraStatusEnum
from formlabs_web_api.models.form_cell import FormCell
from formlabs_web_api.models.my_print_run_read_only import MyPrintRunReadOnly
from formlabs_web_api.models.ready_to_print_enum import ReadyToPrintEnum
from formlabs_web_api.models.tank_mixer_state_enum import TankMixerStateEnum


class MyDeepPrinterStatus(Model):
    """Status that a printer last reported."""

    status: ReadOnly[StrictStr]
    """State of the printer, for instance IDLE, PRINTING, PRIMED, CHECK_PRINTER or
    WAITING_FOR_RESOLUTION; UNKNOWN when it is off line, IDLE while it preheats."""
    last_pinged_at: Optional[DateTime] = None
    """When the printer last called the service; about every half minute while it is on line."""
    hopper_level: Optional[StrictInt] = None
    """Level of the powder hopper, on Fuse printers; its scale is not documented and may not be a
    percentage."""
    material_credit: Optional[Number] = None
    """Material credit, on Fuse printers; its unit is not documented."""
    hopper_material: Optional[StrictStr] = None
    """Code of the powder in the hopper; blank on resin printers."""
    last_modified: ReadOnly[DateTime]
    """When this record last changed."""
    current_temperature: Optional[Number] = None
    """Temperature in °C; not reported by Form 4 and Form 4L."""
    current_print_run: ReadOnly[Optional[MyPrintRunReadOnly]]
    """The print in progress. A Form 4 keeps the ended print here until the next one starts."""
    form_cell: ReadOnly[Optional[FormCell]]
    """The Form Cell the printer works in."""
    last_printer_cooldown_started: Optional[DateTime] = None
    """When the last cool-down started, on Fuse printers."""
    outer_boundary_offset_corrections: Optional[Any] = None
    """Corrections of the outer boundary by material and layer thickness, as reported by the
    printer."""
    build_platform_contents: Optional[BuildPlatformContentsEnum] = None
    """State of the build platform."""
    tank_mixer_state: Optional[TankMixerStateEnum] = None
    """Whether the mixer is in the tank."""
    ready_to_print: Optional[ReadyToPrintEnum] = None
    """Whether the printer is ready to print. READY was observed on printers off line for months."""
    printer_capabilities: Optional[List[StrictStr]] = None
    """Capabilities of the printer, as free text."""
    printernet_capabilities: Optional[List[StrictStr]] = None
    """Supported methods of the printer's network protocol, as free text."""
    camera_status: Optional[CameraStatusEnum] = None
    """State of the camera."""
