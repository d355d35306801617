"""What a recording may contain: fields, values and numbers that are known to identify nobody.

The lists hold what the service documents or was observed to send. Whatever is not in them is
replaced, so a new value of the service is replaced too: it keeps its shape, not its meaning.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Any, Dict, FrozenSet, Iterable, Pattern

from pydantic import BaseModel

from formlabs_web_api import catalogue, models

_FIRMWARE = re.compile(r"[0-9]{1,2}\.[0-9]{1,3}\.[0-9]{1,3}(-[0-9]{1,5})?|NONE")
_DATE_TIME = re.compile(
    r"(19|20)\d{2}-\d{2}-\d{2}"
    r"([Tt ]\d{2}:\d{2}(:\d{2}([.,]\d{1,6})?)?([Zz]|[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)
_COUNT = re.compile(r"[0-9]{1,6}")
_MEDIA_TYPE = re.compile(
    r"(application/(problem\+)?json|application/(xml|octet-stream)|text/(html|plain|xml))"
    r"(; ?charset=(utf-8|iso-8859-1|us-ascii))?",
    re.IGNORECASE,
)
_THROTTLED = r"Request was throttled\. Expected available in [0-9]{1,6} seconds?\."


def _one_of(texts: Iterable[str], *patterns: str) -> Pattern[str]:
    return re.compile("|".join((*map(re.escape, texts), *patterns)))


def _documented_words() -> FrozenSet[str]:
    """Return all values of the documented enums."""
    documented = [getattr(models, name) for name in dir(models)]
    enums = [kind for kind in documented if isinstance(kind, type) and issubclass(kind, Enum)]
    return frozenset(str(member.value) for kind in enums for member in kind)


_WORDS = _one_of(
    [
        *sorted(_documented_words()),
        # Statuses of printers and prints.
        *("IDLE", "PRIMED", "CHECK_PRINTER", "OFFLINE", "UNKNOWN", "PRINTING", "PREHEAT"),
        *("PAUSED", "PAUSING", "FINISHED", "ABORTED", "ABORTING", "ERROR", "QUEUED", "PREPRINT"),
        *("PRECOAT", "POSTCOAT", "WAITING_FOR_RESOLUTION"),
        # Types of events (observation 1.9).
        *("RESIN_LOW", "PRINT_START", "PRINT_FINISHED", "PRINT_ABORTED", "PRINT_ERROR"),
        *("PRINT_PAUSED", "PRINT_RESUMED", "PRINT_RESOLUTION_REQUEST", "PRINT_RESOLUTION"),
        *("MANY_PRINT_ERRORS", "PRINTER_REGISTERED", "PRINTER_DEREGISTERED", "PRINTING_REPORT"),
        *("GROUP_INVITATION", "AUTO_ADD_USER_TO_GROUP", "USER_REMOVED_FROM_GROUP"),
        *("YEAR_IN_REVIEW_EMAIL", "REMOTE_JOB_EXPIRED", "PRINT_NOTIFICATION", "FUSE_EMAIL_VOTING"),
        *("PASSWORD_RESET",),
        # Consumables, ratings, groups and other words (observations 1.4 to 1.10).
        *("CARTRIDGE_V1", "CARTRIDGE_V2", "TYPE_DIESEL", "TYPE_DIESEL_L"),
        *("TANK_TYPE_DAGUERRE_V2", "TANK_TYPE_DAGUERRE_V2_1", "FRONT", "BACK"),
        *("SUCCESS", "FAILURE", "DISABLED", "NORMAL", "UNATTENDED", "REMOTE"),
        *("ENABLED", "DISCONNECTED"),
    ]
)
_MATERIAL_CODES = _one_of(catalogue.MATERIALS)
_MACHINE_TYPES = _one_of([*catalogue.MACHINE_TYPES, "UNKNOWN"])
_MATERIAL_NAMES = _one_of(
    spelling
    for name in (*catalogue.MATERIALS.values(), "Elastic 50A V1", "Nylon 12 GF V1")
    for spelling in (name, catalogue.without_version(name))
)
_CAPABILITIES = _one_of(
    (
        *("AsymmetricEncryption", "BacklightFansInit", "CameraReadBuildPlatform"),
        *("CartridgeSecurity", "CooldownConfig", "DieselGetStatusV3", "FleetControl"),
        *("OpenMaterialLicense", "PROTOCOL_METHOD_PAUSE", "PROTOCOL_METHOD_STATUS"),
    )
)
_DETAILS = _one_of(
    (
        "Authentication credentials were not provided.",
        "You do not have permission to perform this action.",
        "Not found.",
        "Invalid page.",
    ),
    _THROTTLED,
)

TEXTS: Dict[str, Pattern[str]] = {
    **dict.fromkeys(
        (
            *("status", "type", "action", "print_run_success", "harvest_status", "update_mode"),
            *("consumable_type", "tank_type", "cartridge_slot", "rotation", "initiated_on"),
            *("build_platform_contents", "tank_mixer_state", "ready_to_print", "camera_status"),
        ),
        _WORDS,
    ),
    **dict.fromkeys(("material", "hopper_material", "MaterialCode"), _MATERIAL_CODES),
    **dict.fromkeys(("machine_type_id", "allowed_machine_type_ids"), _MACHINE_TYPES),
    **dict.fromkeys(("firmware_version", "form_auto_fw_version"), _FIRMWARE),
    "mechanical_version": re.compile("[0-9]{1,2}"),
    **dict.fromkeys(("printer_capabilities", "printernet_capabilities"), _CAPABILITIES),
    **dict.fromkeys(
        (
            *("created_at", "updated_at", "last_modified", "last_pinged_at", "print_started_at"),
            *("print_finished_at", "last_printer_cooldown_started", "first_fill_date"),
            *("last_print_date", "manufacture_date"),
        ),
        _DATE_TIME,
    ),
    "material_name": _MATERIAL_NAMES,
    "print_settings_name": _one_of(("Default",)),
    "print_settings_code": _one_of(("DEFAULT", "NEW_DEFAULT", "DEFAULT_V5")),
    "form_auto_serial": _one_of(("DISCONNECTED",)),
    "detail": _DETAILS,
    "page": _COUNT,
    "per_page": _COUNT,
    "content-type": _MEDIA_TYPE,
    "retry-after": _COUNT,
}
"""Fields whose texts may stay, if they match."""

NUMBERS = frozenset(
    (
        *("count", "page", "per_page", "layer_count", "currently_printing_layer", "volume_ml"),
        *("estimated_duration_ms", "elapsed_duration_ms", "estimated_time_remaining_ms"),
        *("layer_thickness_mm", "z_height_offset_mm", "start_layer", "end_layer"),
        *("initial_volume_ml", "volume_dispensed_ml", "dispense_count", "write_count"),
        *("print_time_ms", "layers_printed", "hopper_level", "material_credit"),
        *("current_temperature", "total_print_time_ms", "total_number_of_prints"),
        *("LayerThickness_um", "OuterBoundaryOffsetCorrection_mm"),
    )
)
"""Fields whose numbers may stay, unless they are larger than any that was observed."""

_LARGEST_NUMBER = 10**7
_LARGEST_MILLISECONDS = 10**11
"""Three years; a larger number may be that of a telephone or an account."""

_UNDOCUMENTED_FIELDS = (
    *("count", "next", "previous", "results", "detail", "error", "error_description"),
    *(
        "non_field_errors",
        "page",
        "per_page",
        "content-type",
        "retry-after",
        "estimated_duration_ms",
    ),
    *("initiated_on", "MaterialCode", "LayerThickness_um", "OuterBoundaryOffsetCorrection_mm"),
    *("total_print_time_ms", "total_number_of_prints", "probably_finished", "feedback"),
    *("last_dispense_at", "date", "date__gt", "date__lt", "serial", "group_id", "print_intent"),
    *("AWSAccessKeyId", "Signature", "Expires", "X-Amz-Algorithm", "X-Amz-Credential"),
    *("X-Amz-Date", "X-Amz-Expires", "X-Amz-Security-Token", "X-Amz-Signature"),
    *("X-Amz-SignedHeaders", "response-content-type", "x-id"),
)


def known_fields() -> FrozenSet[str]:
    """Return the names of all fields that are documented or were observed."""
    documented: Iterable[Any] = [getattr(models, name) for name in dir(models)]
    kinds = [kind for kind in documented if isinstance(kind, type) and issubclass(kind, BaseModel)]
    fields = (name for kind in kinds for name in kind.model_fields)
    return frozenset((*fields, *_UNDOCUMENTED_FIELDS))


def may_stay(name: str, text: str) -> bool:
    """Return True if a text of a field is known to identify nobody."""
    if not text.strip():
        return True
    pattern = TEXTS.get(name)
    return pattern is not None and pattern.fullmatch(text) is not None


def may_stay_number(name: str, number: float) -> bool:
    """Return True if a number of a field is known to identify nobody."""
    largest = _LARGEST_MILLISECONDS if name.endswith("_ms") else _LARGEST_NUMBER
    return name in NUMBERS and abs(number) < largest
