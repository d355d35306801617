"""The 18 operations: the call, its request and its parsed response."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import formlabs_web_api
from formlabs_web_api import ApiClient

SPELLINGS = ("", "_with_http_info", "_without_preload_content")
FORM = "application/x-www-form-urlencoded"
GROUP = "00000000-0000-4000-8000-770000009001"
SERIAL = "Form4-PlainWalrus"

_DATA = Path(__file__).parent / "data"


def text_of(name: str) -> bytes:
    """Return the text of a file of ``test/data``."""
    return (_DATA / f"{name}.json").read_bytes()


def data_of(name: str) -> Any:
    """Return the parsed JSON of a file of ``test/data``."""
    return json.loads(text_of(name))


@dataclass(frozen=True)
class Operation:
    """An operation, the arguments of its test call, and the expected request and response."""

    api: str
    name: str
    method: str
    path: str
    """As it arrives."""
    arguments: Tuple[Any, ...] = ()
    """By position, in the order of the documentation."""
    names: Tuple[str, ...] = ()
    """The names of these arguments."""
    sends: Optional[Dict[str, Any]] = None
    """The body that arrives."""
    answer: Optional[str] = None
    """Name of the data it is answered with; None: a success without a body."""
    returns: str = "NoneType"
    status: int = 200
    accept: bool = True
    form: bool = False
    errors: Dict[int, str] = field(default_factory=dict)
    """Statuses whose body is described, and the name of its model."""

    def __str__(self) -> str:
        return self.name

    @property
    def secured(self) -> bool:
        return self.api != "AuthenticationApi"

    @property
    def body(self) -> bytes:
        return text_of(self.answer) if self.answer else b""

    @property
    def content_type(self) -> Optional[str]:
        if self.sends is None:
            return None
        return FORM if self.form else "application/json"

    def spelled(self, client: ApiClient, spelling: str = "") -> Any:
        """The method of a client's API class."""
        return getattr(getattr(formlabs_web_api, self.api)(client), self.name + spelling)

    def call(self, client: ApiClient, spelling: str = "", **more: Any) -> Any:
        return self.spelled(client, spelling)(*self.arguments, **more)


def _credentials(first: str, value: str) -> Dict[str, Any]:
    return {
        "names": (first, "client_id", "client_secret"),
        "arguments": (value, "id-of-an-app", "secret-of-an-app"),
        "sends": {first: value, "client_id": "id-of-an-app", "client_secret": "secret-of-an-app"},
        "form": True,
    }


def _group_body(argument: str, body: Dict[str, Any]) -> Dict[str, Any]:
    return {"arguments": (GROUP, body), "names": ("group_id", argument), "sends": body}


_V1 = "/developer/v1"
_MEMBERS = f"{_V1}/groups/{GROUP}/members/"
_PRINTS = "PaginatedPrintRunWithFleetControlDataList"
_MEMBER = "developer_api_group_membership"

OPERATIONS: List[Operation] = [
    Operation(
        "AuthenticationApi",
        "request_an_access_token",
        "POST",
        f"{_V1}/o/token/",
        **_credentials("grant_type", "client_credentials"),
        answer="token",
        returns="RequestAnAccessToken200Response",
        errors={400: "RequestAnAccessToken400Response", 401: "RequestAnAccessToken401Response"},
    ),
    Operation(
        "AuthenticationApi",
        "revoke_an_access_token",
        "POST",
        f"{_V1}/o/revoke_token/",
        **_credentials("token", "token-to-revoke"),
        errors={401: "RequestAnAccessToken401Response"},
    ),
    Operation(
        "CartridgesApi",
        "cartridges_list",
        "GET",
        f"{_V1}/cartridges/",
        answer="cartridges",
        returns="PaginatedCartridgeList",
    ),
    Operation(
        "EventsApi",
        "events_list",
        "GET",
        f"{_V1}/events/",
        answer="events",
        returns="PaginatedUserEventReadOnlyList",
    ),
    Operation(
        "PrinterGroupsApi",
        "groups_bulk_add_printers_create",
        "POST",
        f"{_V1}/groups/bulk-add-printers/",
        ({"target_group": GROUP, "printers": [SERIAL, "ModestStoat"]},),
        ("developer_api_groups_bulk_add_printers_request",),
        {"target_group": GROUP, "printers": [SERIAL, "ModestStoat"]},
        accept=False,
    ),
    Operation(
        "PrinterGroupsApi",
        "groups_create",
        "POST",
        f"{_V1}/groups/",
        ({"name": "Nachtschicht Käfer"},),
        ("partial_work_group_request",),
        {"name": "Nachtschicht Käfer"},
        answer="group_created",
        returns="NewWorkgroup",
        status=201,
    ),
    Operation(
        "PrinterGroupsApi",
        "groups_destroy",
        "DELETE",
        f"{_V1}/groups/{GROUP}/",
        (GROUP,),
        ("group_id",),
        status=204,
        accept=False,
    ),
    Operation(
        "PrinterGroupsApi",
        "groups_list",
        "GET",
        f"{_V1}/groups/",
        answer="groups",
        returns="Workgroup",
    ),
    Operation(
        "PrinterGroupsApi",
        "groups_members_create",
        "POST",
        _MEMBERS,
        **_group_body(f"{_MEMBER}_create_request", {"user": "hugo@example.com", "is_admin": False}),
        answer="member",
        returns="WorkgroupMembership",
        status=201,
    ),
    Operation(
        "PrinterGroupsApi",
        "groups_members_destroy",
        "DELETE",
        _MEMBERS,
        **_group_body("groups_members_destroy_request", {"user": "hugo@example.com"}),
        status=204,
        accept=False,
    ),
    Operation(
        "PrinterGroupsApi",
        "groups_members_update",
        "PUT",
        _MEMBERS,
        **_group_body(f"{_MEMBER}_update_request", {"user": "hugo@example.com", "is_admin": True}),
        answer="member",
        returns="WorkgroupMembership",
    ),
    Operation(
        "PrinterGroupsApi",
        "groups_partial_update",
        "PATCH",
        f"{_V1}/groups/{GROUP}/",
        **_group_body("patched_partial_work_group_request", {"name": "Tagschicht"}),
        answer="group",
        returns="Workgroup",
    ),
    Operation(
        "PrinterGroupsApi",
        "groups_queue_list",
        "GET",
        f"{_V1}/groups/{GROUP}/queue/",
        (GROUP,),
        ("group_id",),
        answer="queue",
        returns="DeveloperAPIMyCloudQueueItems",
    ),
    Operation(
        "PrintersApi",
        "printers_list",
        "GET",
        f"{_V1}/printers/",
        answer="printers",
        returns="DeveloperAPIMyPrinter",
    ),
    Operation(
        "PrintersApi",
        "printers_retrieve",
        "GET",
        f"{_V1}/printers/{SERIAL}/",
        (SERIAL,),
        ("printer_serial",),
        answer="printer",
        returns="DeveloperAPIMyPrinter",
    ),
    Operation(
        "PrintsApi",
        "printers_prints_list",
        "GET",
        f"{_V1}/printers/{SERIAL}/prints/",
        (SERIAL,),
        ("printer_serial",),
        answer="prints",
        returns=_PRINTS,
    ),
    Operation(
        "PrintsApi",
        "prints_list",
        "GET",
        f"{_V1}/prints/",
        answer="prints",
        returns=_PRINTS,
    ),
    Operation(
        "TanksApi",
        "tanks_list",
        "GET",
        f"{_V1}/tanks/",
        answer="tanks",
        returns="PaginatedTankList",
    ),
]

BY_NAME = {operation.name: operation for operation in OPERATIONS}
WITH_BODY = [one for one in OPERATIONS if one.sends is not None and not one.form]
LISTED = [one for one in OPERATIONS if one.answer and isinstance(data_of(one.answer), list)]
"""Operations that are answered with a bare list."""
PAGED = [one for one in OPERATIONS if one.returns.startswith("Paginated")]
