"""Any value of any argument is refused by name or sent well-formed."""

from __future__ import annotations

import inspect
import json
import re
import urllib.parse
import uuid
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest
from pydantic import ValidationError

import formlabs_web_api
from formlabs_web_api import (
    ApiClient,
    ApiException,
    ApiTypeError,
    ApiValueError,
    StatusEnum,
    models,
)
from test.support.loopback import Loopback
from test.support.operations import FORM, OPERATIONS, Operation

VALUES: List[Any] = [
    *(None, True, 0, 1, -1, 2**70, 10**400, 1.5, -1.5, float("nan"), float("inf"), 2j),
    *(
        "",
        " ",
        ".",
        "..",
        "5",
        "1780000000",
        "a/b?c=d&e#f%",
        "Käfer 🐞",
        "half \ud83d",
        "\x00\x1b[",
    ),
    *("line\r\nX-Forged: 1", "2026-06-05", "2026-06-05T08:30:00Z", "x" * 5000),
    *(b"bytes", b"5", bytearray(b"x"), [], [1], ["a", "b"], [None], ["half \ud83d"], (), ("a",)),
    *(
        {"a"},
        {},
        {"a": 1},
        {"name": "x"},
        {1: "x"},
        {"a": object()},
        {"a\r\nb": "x"},
        {"a": "b\nc"},
    ),
    *(datetime(2026, 6, 5), datetime(2026, 6, 5, tzinfo=timezone.utc), datetime.min, datetime.max),
    datetime(1850, 1, 1, tzinfo=timezone(timedelta(hours=-4, minutes=-56, seconds=-2))),
    *(date(2026, 6, 5), timedelta(1), Decimal("2"), Fraction(1, 2), uuid.UUID(int=1), Path("x")),
    *(object(), int, len, Exception("x"), iter("ab"), range(3), StatusEnum.PRINTING),
    *(models.BasicUser(id=1, username="x"), models.PartialWorkGroupRequest(name="x")),
]
IN_WORDS = {"_headers": "cannot be", "_request_auth": "authorization"}
"""How an error names an argument that is also a setting."""
TARGET = re.compile(r"/[A-Za-z0-9._~/%-]*(\?[A-Za-z0-9._~&=%+:,*'()!$@;/?-]*)?")
OFFSET = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d{4}")


def _foreign_values() -> List[Any]:
    values: List[Any] = []
    try:
        import numpy as np
        import pandas as pd
    except ImportError:
        return values
    values += [
        np.int64(2),
        np.int64(-2),
        np.uint8(0),
        np.float64(1.5),
        np.float32("nan"),
        np.bool_(1),
    ]
    values += [np.str_("x"), np.datetime64("2026-06-05"), np.array([1]), np.array(["a"])]
    values += [pd.Timestamp("2026-06-05"), pd.Timestamp("2026-06-05", tz="Europe/Berlin"), pd.NaT]
    return [*values, pd.NA, pd.Series(["a"]), pd.Timedelta(hours=1), pd.DataFrame({"a": [1]})]


def _methods() -> List[Tuple[Operation, str]]:
    spellings = ("", "_pages", "_iter")
    return [
        (operation, spelling)
        for operation in OPERATIONS
        for spelling in spellings
        if hasattr(getattr(formlabs_web_api, operation.api), operation.name + spelling)
    ]


def _call(
    operation: Operation, client: ApiClient, spelling: str, argument: str, value: Any
) -> None:
    arguments: Dict[str, Any] = dict(zip(operation.names, operation.arguments))
    returned = operation.spelled(client, spelling)(**{**arguments, argument: value})
    if spelling:
        next(iter(returned), None)


def _is_well_formed(service: Loopback, operation: Operation) -> bool:
    sent = service.last
    template = operation.path.split("/")
    segments = urllib.parse.urlsplit(sent.target).path.split("/")
    if not TARGET.fullmatch(sent.target) or len(segments) != len(template):
        return False
    if any(part in ("", ".", "..") for part in segments[1:-1]) or "x-forged" in sent.headers:
        return False
    dates = [text for name, text in sent.arguments if name.startswith("date")]
    pages = [text for name, text in sent.arguments if name in ("page", "per_page")]
    if not all(OFFSET.fullmatch(text) for text in dates):
        return False
    if sent.body and sent.headers.get("content-type") != FORM:
        json.loads(sent.body)
    return all(int(text) >= 1 for text in pages)


@pytest.mark.parametrize(("operation", "spelling"), _methods(), ids=lambda one: str(one) or "plain")
def test_every_value_is_refused_by_name_or_sent_well_formed(
    service: Loopback, client: ApiClient, operation: Operation, spelling: str
) -> None:
    body = operation.body if not spelling else b'{"results": []}'
    service.reply(operation.status, body, Content_Type="application/json")
    parameters = list(inspect.signature(operation.spelled(client, spelling)).parameters)
    failed = []
    values = [*VALUES, *_foreign_values()]
    for argument in parameters:
        for value in values:
            before = len(service.asked)
            try:
                _call(operation, client, spelling, argument, value)
            except ValidationError as error:
                named = {str(line["loc"][0]) for line in error.errors()} == {argument}
                fine, outcome = named and len(service.asked) == before, str(error)
            except ApiException as error:
                fine, outcome = argument in str(error) and len(service.asked) == before, str(error)
            except (ApiValueError, ApiTypeError) as error:
                fine, outcome = IN_WORDS.get(argument, "?") in str(error), str(error)
            else:
                fine, outcome = (
                    len(service.asked) > before and _is_well_formed(service, operation),
                    "sent",
                )
            if not fine:
                failed.append(f"{argument}={value!r}: {outcome}")
    assert not failed, "\n".join(failed)
