"""Kinds of printers and their materials, with the differences that were observed live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Optional, Tuple

from formlabs_web_api.sandbox.instants import MILLISECOND, SECOND, Instant

MATERIAL_NAMES: Dict[str, str] = {
    "FLGPCL05": "Clear V5",
    "FLGPGR05": "Grey V5",
    "FLTO2002": "Tough 2000 V2",
    "FLTO2011": "Tough 2000 V2",
    "FLFL8001": "Flexible 80A V1",
    "FLFL8011": "Flexible 80A V1.1",
    "FLELCL01": "Flex 50A V1",
    "FLHTAM02": "High Temp V2",
    "FLRG1002": "Rigid 10K V1.1",
    "FLRG1011": "Rigid 10K V1.1",
    "FLP12G01": "Nylon 12",
}
"""Names by code (observation 1.8); several codes share a name."""

FORMER_MATERIAL_NAMES: Dict[str, str] = {"FLELCL01": "Elastic 50A V1"}
"""Names that older prints still have: one code had several names over time."""


def unversioned(material: str) -> str:
    """Return the name of a material as queues have it, without its version."""
    return MATERIAL_NAMES.get(material, material).rsplit(" V", 1)[0]


@dataclass(frozen=True)
class Kind:
    """A kind of printer; ``Optional`` fields are the values that its rows contain."""

    machine_type_id: str
    family: str
    """``Form 4``, ``Form 3`` or ``Fuse``: the rows of a family share their deviations."""
    serial_prefix: str
    slots: Tuple[str, ...]
    """Names of the cartridge slots; a single slot has none. A Fuse has one, always empty."""
    tank_types: Tuple[str, ...]
    materials: Tuple[str, ...]
    firmware: str
    former_firmware: str
    layer_mm: Tuple[float, ...]
    layer_ms: Tuple[int, int]
    """Shortest and longest time of a layer."""
    layers: Tuple[int, int]
    volume_ml: Tuple[float, float]
    settings: Tuple[Tuple[str, str], ...]
    """Names and codes of print settings."""
    capabilities: Tuple[str, ...]
    open_mode: Optional[bool]
    message: Optional[str]
    form_auto_serial: Optional[str]
    form_auto_firmware: Optional[str]
    harvest_status: Optional[str]

    @property
    def is_form_4(self) -> bool:
        """True for the Form 4 family."""
        return self.family == "Form 4"

    @property
    def grain(self) -> Instant:
        """Resolution of the start and finish times that the printer reports."""
        return MILLISECOND if self.is_form_4 else SECOND

    @property
    def is_fuse(self) -> bool:
        """True for a printer that sinters powder: it has a hopper and a cylinder only."""
        return self.family == "Fuse"

    @property
    def prints_name_both_slots(self) -> bool:
        """True if prints name front and back cartridge (only the Form 3L; not the 4L)."""
        return len(self.slots) == 2 and not self.is_form_4


_FORM_4_CAPABILITIES = (
    "AsymmetricEncryption",
    "BacklightFansInit",
    "CameraReadBuildPlatform",
    "DieselGetStatusV3",
    "FleetControl",
    "OpenMaterialLicense",
)


def _form_4(
    machine_type_id: str,
    serial_prefix: str,
    slots: Tuple[str, ...],
    tank_type: str,
    materials: Tuple[str, ...],
) -> Kind:
    return Kind(
        machine_type_id=machine_type_id,
        family="Form 4",
        serial_prefix=serial_prefix,
        slots=slots,
        tank_types=(tank_type,),
        materials=materials,
        firmware="1.15.2-2913",
        former_firmware="1.15.0-2808",
        layer_mm=(0.05, 0.1, 0.15),
        layer_ms=(4_000, 9_000),
        layers=(240, 3_600),
        volume_ml=(4.0, 180.0),
        settings=(("", ""), ("Default", "DEFAULT")),
        capabilities=_FORM_4_CAPABILITIES,
        open_mode=None,
        message=None,
        form_auto_serial=None,
        form_auto_firmware=None,
        harvest_status=None,
    )


def _form_3(
    machine_type_id: str, slots: Tuple[str, ...], capabilities: Tuple[str, ...], layer_ms: int
) -> Kind:
    return Kind(
        machine_type_id=machine_type_id,
        family="Form 3",
        serial_prefix="",
        slots=slots,
        tank_types=("TANK_TYPE_DAGUERRE_V2", "TANK_TYPE_DAGUERRE_V2_1"),
        materials=("FLFL8001", "FLFL8011", "FLELCL01", "FLHTAM02", "FLRG1002"),
        firmware="2.5.6-2773",
        former_firmware="2.5.4-2673",
        layer_mm=(0.1, 0.05),
        layer_ms=(layer_ms, layer_ms + 20_000),
        layers=(120, 900),
        volume_ml=(6.0, 140.0),
        settings=(("Default", "NEW_DEFAULT"), ("", "")),
        capabilities=capabilities,
        open_mode=False,
        message="",
        form_auto_serial="DISCONNECTED",
        form_auto_firmware="NONE",
        harvest_status="",
    )


FORM_4 = _form_4(
    "FORM-4-0",
    "Form4-",
    slots=("",),
    tank_type="TYPE_DIESEL",
    materials=("FLGPCL05", "FLGPGR05", "FLTO2011", "FLRG1011"),
)
FORM_4L = _form_4(
    "FRML-4-0",
    "Form4L-",
    slots=("FRONT", "BACK"),
    tank_type="TYPE_DIESEL_L",
    materials=("FLTO2002", "FLGPGR05", "FLGPCL05"),
)
_FORM_3_CAPABILITIES = (
    "AsymmetricEncryption",
    "CartridgeSecurity",
    "FleetControl",
    "OpenMaterialLicense",
)
FORM_3 = _form_3("FORM-3-0", ("",), _FORM_3_CAPABILITIES, 26_000)
FORM_3_PLUS = _form_3("FORM-3-2", ("",), _FORM_3_CAPABILITIES, 22_000)
FORM_3L = _form_3("FRML-3-0", ("FRONT", "BACK"), _FORM_4_CAPABILITIES, 34_000)
FUSE_1_PLUS = Kind(
    machine_type_id="FS30-1-0",
    family="Fuse",
    serial_prefix="",
    slots=("",),
    tank_types=(),
    materials=("FLP12G01",),
    firmware="1.24.1-2860",
    former_firmware="1.22.0-2576",
    layer_mm=(0.11,),
    layer_ms=(17_000, 24_000),
    layers=(500, 1_900),
    volume_ml=(120.0, 900.0),
    settings=(("Default", "DEFAULT_V5"),),
    capabilities=("AsymmetricEncryption", "CooldownConfig", "FleetControl"),
    open_mode=False,
    message=None,
    form_auto_serial=None,
    form_auto_firmware="",
    harvest_status="",
)
KINDS: Tuple[Kind, ...] = (FORM_4, FORM_4L, FORM_3_PLUS, FORM_3, FORM_3L, FUSE_1_PLUS)
