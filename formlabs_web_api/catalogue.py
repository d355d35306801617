"""Names of printer types and materials by code; a code that is not listed is its own name.

Codes are stable identifiers; names are for people. Several codes share a name, and one code had
several names over time, so group and join by code. Prefer the ``material_name`` of a print, which
the service provides, over the names listed here.

Sources: machine types from observation 1.5, materials from observation 1.8. A code that is known
from users' programs only is listed without a version, because its last two digits are not always
the version that is sold; a code for which those programs disagree is not listed.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Mapping, Optional, Tuple

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
"""``machine_type_id`` to the name on the machine; FRML-4-0 is also the Form 4BL's code."""

MATERIALS: Mapping[str, str] = MappingProxyType(
    {
        # Names from the service.
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
        # Names from users' programs.
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
"""Material code to name."""

_FORM_4_FAMILY = ("FORM-4-", "FRML-4-")
_VERSION = re.compile(r"(?<!\s)\s+V\d+(\.\d+)*$")


def machine_name(code: Optional[str]) -> str:
    """Return the name of a printer type, ``Form 4`` for FORM-4-0; the code if it is not listed.

    The name of a value that is not a string (in an undocumented response) is empty.
    """
    return MACHINE_TYPES.get(_text(code), _text(code))


def material_name(code: Optional[str]) -> str:
    """Return the name of a material, ``Clear V5`` for FLGPCL05; the code if it is not listed.

    The name of a value that is not a string is empty.
    """
    return MATERIALS.get(_text(code), _text(code))


def machine_codes(name: str) -> Tuple[str, ...]:
    """Return the codes of a printer type, for the filter ``machine_type_id``; may be empty."""
    return tuple(code for code, listed in MACHINE_TYPES.items() if listed == name)


def material_codes(name: str) -> Tuple[str, ...]:
    """Return the codes of a material name, with or without a version; may be empty.

    ``Tough 2000`` returns the codes of every version, ``Tough 2000 V2`` those of the second.
    """
    return tuple(
        code for code, listed in MATERIALS.items() if name in (listed, without_version(listed))
    )


def without_version(name: str) -> str:
    """Return a material's name as in print queues: ``Nylon 12 GF`` for ``Nylon 12 GF V1``."""
    return _VERSION.sub("", _text(name))


def is_form_4_family(code: Optional[str]) -> bool:
    """Return True if a code is that of a Form 4 or one of its variants."""
    return _text(code).startswith(_FORM_4_FAMILY)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
