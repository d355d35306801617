"""Names of printer types and materials by their codes; a code that is not listed names itself.

Codes are what the service sorts by and what stays; names are for people. Several codes share a
name, and one code had several names over time, so group and join by code. A print carries the name
that the service gives its material (``material_name``); that one is to be preferred.

Sources: machine types from observation 1.5, materials from observation 1.8. Where a code is known
from the programs of users only, its name stands here without a version, because the code's last two
digits are not always the version that is sold; where those programs differ, it is left out.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any, Mapping, Optional, Tuple

MACHINE_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "FORM-1-0": "Form 1",
        "FORM-1-1": "Form 1+",
        "FORM-2-0": "Form 2",
        "FORM-2-1": "Form 2.1",
        "FORM-3-0": "Form 3",
        "FORM-3-1": "Form 3",
        "DGJR-1-0": "Form 3",
        "FORM-3-2": "Form 3+",
        "FRMB-3-0": "Form 3B",
        "FRMB-3-1": "Form 3B+",
        "FRML-3-0": "Form 3L",
        "DGSR-1-0": "Form 3L",
        "FRBL-3-0": "Form 3BL",
        "FORM-4-0": "Form 4",
        "FRML-4-0": "Form 4L",
        "PILK-1-0": "Fuse 1",
        "PILK-1-1": "Fuse 1",
        "FS30-1-0": "Fuse 1+ 30W",
        "FS30-1-1": "Fuse 1+ 30W",
        "FUSX-1-0": "Fuse X1",
        "SIFT-1": "Fuse Sift",
        "SIFT-1-0": "Fuse Sift",
        "SIFT-1-1": "Fuse Sift",
        "CURL-1-0": "Cure L",
        "CURL-1-1": "Cure L",
        "WSHL-1-0": "Wash L",
    }
)
"""``machine_type_id`` to the name on the machine; FRML-4-0 stands for the Form 4BL too."""

MATERIALS: Mapping[str, str] = MappingProxyType(
    {
        # Named so by the service itself.
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
        # From programs of users.
        "FLGPWH05": "White",
        "FLGPBK05": "Black",
        "FLGPCL04": "Clear",
        "FLGPBK04": "Black",
        "FLFL8002": "Flexible 80A",
        "FLRGWH01": "Rigid 4000",
        "FLRG4001": "Rigid 4000",
        "FLTO1001": "Tough 1000",
        "FLTO1002": "Tough 1000",
        "FLTO1501": "Tough 1500",
        "FLTO1502": "Tough 1500",
        "FLESD001": "ESD",
        "FLSI4001": "Silicone 40A",
        "FLFAMD01": "Fast Model",
        "FLPRMD01": "Precision Model",
        "FLFRGR01": "Flame Retardant",
        "FLCW4001": "Castable Wax 40",
        "FLP11B01": "Nylon 11",
        "FLOPEN01": "Open Material",
    }
)
"""Code of a material to its name."""

_FORM_4_FAMILY = ("FORM-4-", "FRML-4-")
_VERSION = re.compile(r"(?<!\s)\s+V\d+(\.\d+)*$")


def machine_name(code: Optional[str]) -> str:
    """Name of a printer type, ``Form 4`` for FORM-4-0; the code itself if it is not listed.

    A value that is not text, which only an undocumented response can hold, has no name.
    """
    return MACHINE_TYPES.get(_text(code), _text(code))


def material_name(code: Optional[str]) -> str:
    """Name of a material, ``Clear V5`` for FLGPCL05; the code itself if it is not listed.

    A value that is not text has no name.
    """
    return MATERIALS.get(_text(code), _text(code))


def machine_codes(name: str) -> Tuple[str, ...]:
    """The codes of a printer type, as ``machine_type_id`` of a filter takes them; maybe none."""
    return tuple(code for code, listed in MACHINE_TYPES.items() if listed == name)


def material_codes(name: str) -> Tuple[str, ...]:
    """The codes that go by a name, with or without its version; maybe none.

    ``Tough 2000`` gives the codes of every version, ``Tough 2000 V2`` those of the second.
    """
    return tuple(
        code for code, listed in MATERIALS.items() if name in (listed, without_version(listed))
    )


def without_version(name: str) -> str:
    """A material's name as print queues have it: ``Nylon 12 GF`` of ``Nylon 12 GF V1``."""
    return _VERSION.sub("", _text(name))


def is_form_4_family(code: Optional[str]) -> bool:
    """Whether a printer type is a Form 4 or a sister of it, by its code."""
    return _text(code).startswith(_FORM_4_FAMILY)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
