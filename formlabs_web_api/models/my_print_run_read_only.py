# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""MyPrintRunReadOnly: a print run: one job on one printer, from its start to its result."""

from typing import Any, ClassVar, FrozenSet, Optional

from pydantic import StrictBool, StrictInt, StrictStr

from formlabs_web_api.models._base import DateTime, Model, Number, ReadOnly
from formlabs_web_api.models.basic_user import BasicUser
from formlabs_web_api.models.derived import PrintRunDerived
from formlabs_web_api.models.harvest_status_enum import HarvestStatusEnum
from formlabs_web_api.models.print_run_note import PrintRunNote
from formlabs_web_api.models.print_run_success import PrintRunSuccess
from formlabs_web_api.models.print_thumbnail_serializer_only_thumbnail import (
    PrintThumbnailSerializerOnlyThumbnail,
)
from formlabs_web_api.models.printer_group import PrinterGroup
from formlabs_web_api.models.status_enum import StatusEnum


class MyPrintRunReadOnly(PrintRunDerived, Model):
    """A print run: one job on one printer, from its start to its result."""

    secret_fields: ClassVar[FrozenSet[str]] = frozenset(["post_print_photo_url"])
    guid: StrictStr
    """Id of the print, unique and stable."""
    name: StrictStr
    """Name of the job, often that of its file or of its parts."""
    printer: ReadOnly[StrictStr]
    """Serial of the printer."""
    status: ReadOnly[StatusEnum]
    """State of the print. Some prints stay PRINTING forever in the history."""
    using_open_mode: ReadOnly[Optional[StrictBool]]
    """Whether the print runs in open mode; not reported by Form 4."""
    z_height_offset_mm: ReadOnly[Optional[Number]]
    """Offset of the print's height, in mm."""
    print_started_at: ReadOnly[Optional[DateTime]]
    """When the print started."""
    print_finished_at: ReadOnly[Optional[DateTime]] = None
    """When the print ended. One millisecond after the Unix epoch means that the time is unknown
    (observed on Form 4 and Form 4L)."""
    layer_count: ReadOnly[StrictInt]
    """Layers of the print."""
    volume_ml: ReadOnly[Number]
    """Volume of resin or powder of the print, in ml."""
    material: ReadOnly[Optional[StrictStr]]
    """Code of the material, for instance FLGPCL05."""
    layer_thickness_mm: ReadOnly[Number]
    """Thickness of a layer, in mm."""
    currently_printing_layer: ReadOnly[StrictInt]
    """Layer last reported, counted from 0; -1 was observed while preheating. It may stop increasing
    while the print goes on."""
    estimated_duration_ms: ReadOnly[StrictInt]
    """Estimated duration of the whole print, in ms."""
    elapsed_duration_ms: ReadOnly[StrictInt]
    """Time printed when progress was last reported, in ms."""
    estimated_time_remaining_ms: ReadOnly[StrictInt]
    """Estimated time left when progress was last reported, in ms."""
    created_at: ReadOnly[DateTime]
    """When the service made this record; months after the print when it was uploaded late."""
    print_run_success: ReadOnly[Optional[PrintRunSuccess]]
    """Rating of the print; null without a rating. Aborted prints are never rated."""
    firmware_version: ReadOnly[Optional[StrictStr]]
    """Firmware the print ran on."""
    cartridge: ReadOnly[Optional[StrictStr]]
    """Serial of the cartridge printed from; unset on Form 3L, which fills the front and back
    ones."""
    front_cartridge: ReadOnly[Optional[StrictStr]]
    """Serial of the cartridge in the front slot."""
    back_cartridge: ReadOnly[Optional[StrictStr]]
    """Serial of the cartridge in the back slot."""
    tank: ReadOnly[Optional[StrictStr]]
    """Serial of the resin tank."""
    cylinder: ReadOnly[Optional[StrictStr]]
    """Serial of the build chamber, on Fuse printers."""
    note: ReadOnly[Optional[PrintRunNote]]
    """Note of a user on the print."""
    print_thumbnail: ReadOnly[PrintThumbnailSerializerOnlyThumbnail]
    """Preview picture of the print."""
    post_print_photo_url: ReadOnly[Optional[StrictStr]]
    """Address of a photo taken after the print."""
    user: ReadOnly[Optional[BasicUser]]
    """User who started the print; null if unknown."""
    user_custom_label: ReadOnly[StrictStr]
    """Label a user gave the print; usually blank."""
    group: ReadOnly[Optional[PrinterGroup]]
    """Printer group the print belongs to."""
    adaptive_thickness: ReadOnly[StrictBool]
    """Whether the layers differ in thickness."""
    message: ReadOnly[Optional[StrictStr]]
    """Message of the printer on this print; missing or blank without a message."""
    print_job: ReadOnly[Optional[StrictStr]]
    """Id of the print job."""
    material_name: ReadOnly[StrictStr]
    """Name of the material, for instance Clear V5. It may change over time; the code does not."""
    print_settings_name: ReadOnly[StrictStr]
    """Name of the print settings; may be blank."""
    print_settings_code: ReadOnly[StrictStr]
    """Code of the print settings, for instance DEFAULT; may be blank."""
    form_auto_serial: ReadOnly[Optional[StrictStr]]
    """Serial of the Form Auto on the printer, or the word DISCONNECTED."""
    form_auto_fw_version: ReadOnly[Optional[StrictStr]]
    """Firmware of the Form Auto on the printer, or the word NONE; may be blank."""
    harvest_status: ReadOnly[Optional[HarvestStatusEnum]]
    """Progress of the automatic removal of the print."""
    print_intent: ReadOnly[Optional[Any]] = None
    """Origin of the print: missing, null, an id, or an object with the time and place from which it
    was started."""
