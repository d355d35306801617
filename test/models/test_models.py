"""Models: response bodies become typed objects without loss."""

from __future__ import annotations

import ast
import copy
import json
import logging
import math
import pickle
from datetime import datetime, timezone
from typing import Any, Dict, List, Optional

import pytest
from dateutil.parser import isoparse
from pydantic import Field, StrictStr, ValidationError

from formlabs_web_api import ApiClient, PrinterGroupsApi, PrintersApi, models
from formlabs_web_api._core.response import parse_body
from formlabs_web_api._core.serialization import plain
from formlabs_web_api.models._base import DateTime, Model, ReadOnly, RequestModel, read_only_names
from formlabs_web_api.models._reading import Drift
from test.support.loopback import Loopback
from test.support.operations import BY_NAME, OPERATIONS, data_of, text_of

BODIES: Dict[str, Any] = {
    "cartridges": models.PaginatedCartridgeList,
    "events": models.PaginatedUserEventReadOnlyList,
    "group": models.Workgroup,
    "group_created": models.NewWorkgroup,
    "groups": List[models.Workgroup],
    "member": models.WorkgroupMembership,
    "printer": models.DeveloperAPIMyPrinter,
    "printers": List[models.DeveloperAPIMyPrinter],
    "prints": models.PaginatedPrintRunWithFleetControlDataList,
    "queue": List[models.DeveloperAPIMyCloudQueueItems],
    "tanks": models.PaginatedTankList,
    "token": models.RequestAnAccessToken200Response,
    "token_refused": models.RequestAnAccessToken400Response,
    "token_with_refresh": models.RequestAnAccessToken200Response,
}
each_body = pytest.mark.parametrize("name", BODIES)
each_mode = pytest.mark.parametrize("strict", [False, True], ids=["tolerant", "strict"])


def is_same(sent: Any, given: Any) -> bool:
    """Return True if ``given`` is all of ``sent``; date-times are compared as instants."""
    if isinstance(given, datetime):
        return isinstance(sent, datetime) or given == isoparse(sent)
    if isinstance(sent, dict):
        return (
            isinstance(given, dict)
            and sent.keys() == given.keys()
            and all(is_same(sent[key], given[key]) for key in sent)
        )
    if isinstance(sent, list):
        return (
            isinstance(given, list) and len(sent) == len(given) and all(map(is_same, sent, given))
        )
    if isinstance(sent, float) and math.isnan(sent):
        return isinstance(given, float) and math.isnan(given)
    if isinstance(sent, (bool, int, float)):
        return type(sent) is type(given) and bool(sent == given)
    return bool(sent == given)


def to_dicts(value: Any) -> Any:
    return [one.to_dict() for one in value] if isinstance(value, list) else value.to_dict()


def models_in(value: Any) -> List[Model]:
    """Every model in ``value``, itself included."""
    found: List[Model] = []
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, Model):
            found.append(one)
            for part in vars(one).values():
                found += models_in(part)
        elif isinstance(one, list):
            found += models_in(one)
    return found


# Documented fields


@each_mode
@each_body
def test_to_dict_returns_everything_that_was_received(name: str, strict: bool) -> None:
    drift = Drift()
    read = parse_body(text_of(name), BODIES[name], strict, drift)
    assert is_same(data_of(name), to_dicts(read))
    assert list(drift) == []


@each_body
def test_model_round_trips_through_json_and_dict(name: str) -> None:
    read = parse_body(text_of(name), BODIES[name], False)
    for one in read if isinstance(read, list) else [read]:
        assert type(one).from_dict(one.to_dict()) == one
        assert type(one).from_json(one.to_json()) == one
        assert type(one).from_dict(json.loads(one.to_json())) == one
        assert is_same(json.loads(one.to_json()), one.to_dict())


@each_body
def test_every_nested_model_can_be_copied_and_pickled(name: str) -> None:
    found = models_in(parse_body(text_of(name), BODIES[name], False))
    assert found
    for one in found:
        for twin in (
            pickle.loads(pickle.dumps(one)),
            copy.copy(one),
            copy.deepcopy(one),
            one.model_copy(deep=True),
        ):
            assert type(twin) is type(one)
            assert twin == one
            assert twin.to_dict() == one.to_dict()
            assert twin.to_json() == one.to_json()


@each_body
def test_every_nested_model_has_a_repr_and_display(name: str) -> None:
    for one in models_in(parse_body(text_of(name), BODIES[name], False)):
        assert type(one).__name__ in repr(one)
        assert one.to_str().startswith("{")
        assert "\n" not in repr(one)


def test_every_documented_field_has_its_type() -> None:
    (first, *_) = printers = [
        models.DeveloperAPIMyPrinter.from_dict(row) for row in data_of("printers")
    ]
    assert first is not None
    status = first.printer_status
    assert isinstance(status, models.MyDeepPrinterStatus)
    assert isinstance(status.ready_to_print, models.ReadyToPrintEnum)
    assert isinstance(status.last_pinged_at, datetime)
    assert status.last_pinged_at.tzinfo is not None
    assert isinstance(status.current_print_run, models.MyPrintRunReadOnly)
    assert isinstance(first.cartridge_status, models.PrinterCartridgeStatus)
    kinds = {type(one.cartridge_status) for one in printers if one is not None}
    assert kinds == {models.PrinterCartridgeStatus, list}
    finished = status.current_print_run.print_finished_at
    assert finished == datetime(1970, 1, 1, 0, 0, 0, 1000, timezone.utc)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://example.com/1.png?X-Amz-Date=1&X-Amz-Signature=EXAMPLE", "***"),
        ("Photo: https://example.com/1.png?X-Amz-Signature=EXAMPLE", "Photo: ***"),
        ("http://example.com/?access_token=EXAMPLE and so on", "*** and so on"),
        ("HTTPS://example.com/?a=b c&SIG=EXAMPLE", "HTTPS://example.com/?a=b ***"),
        ('<a href="https://example.com/#token=EXAMPLE">', '<a href="***">'),
        ("https://example.com/?page=2", "https://example.com/?page=2"),
        ("https://example.com/?design=EXAMPLE", "https://example.com/?design=EXAMPLE"),
        ("what? token=EXAMPLE", "what? token=EXAMPLE"),
    ],
)
def test_signed_address_is_redacted_in_any_field(address: str, shown: str) -> None:
    sent = {"email": address, "odd": {"a": [address]}}
    invitation = models.GroupInvitation.from_dict(sent)
    assert invitation is not None
    assert ast.literal_eval(invitation.to_str()) == {"email": shown, "odd": {"a": [shown]}}
    for text in (str(invitation), repr(invitation)):
        assert ("EXAMPLE" in text) is ("EXAMPLE" in shown)
    assert invitation.to_dict() == sent
    assert json.loads(invitation.to_json()) == sent


@pytest.mark.parametrize("part", ["https://", "?token", "://?", "a.", " ", "?a=1&"])
def test_redaction_of_a_long_text_is_fast(part: str) -> None:
    text = "https://" + part * 200_000
    cell = models.GroupInvitation.from_dict({"email": text})
    assert cell is not None
    assert text[:1000] in cell.to_str().replace("'\n '", "")


def test_int_and_float_are_not_converted() -> None:
    text = '{"volume_ml": 1000, "id": 1, "guid": "g", "prepared_scene": "s"}'
    for sent in ("1000", "1000.0", "1e3", "0.1", "12345678901234567890123"):
        part = models.PrintPart.from_json(text.replace("1000", sent))
        assert part is not None
        assert is_same(json.loads(sent), part.volume_ml)


@pytest.mark.parametrize("text", ["5", "1717243200", "2026-06-05", "", "soon", "T12:00", "99:99"])
def test_text_that_is_not_a_date_time_is_kept_as_text(text: str) -> None:
    group = models.NewWorkgroup.from_dict({"id": "1", "name": "x", "created_at": text})
    assert group is not None
    assert group.created_at == text
    assert group.to_dict()["created_at"] == text


# Undescribed fields


def test_an_undescribed_field_is_kept() -> None:
    sent = {**data_of("group"), "colour": "teal", "site": {"floor": [1, None]}}
    group = models.Workgroup.from_dict(sent)
    assert group is not None
    assert group.colour == "teal"  # type: ignore[attr-defined]
    assert is_same(sent, group.to_dict())
    assert is_same(sent, json.loads(group.to_json()))
    assert "teal" in group.to_str()


@pytest.mark.parametrize(
    "key", ["copy", "json", "self", "model_fields", "__dict__", "", "to_dict", "\ud83d"], ids=ascii
)
def test_a_field_may_have_any_name(key: str) -> None:
    for sent in ({"email": "x", key: 1}, {"email": 5, key: {"a": 1}}):
        invitation = models.GroupInvitation.from_dict(sent)
        assert invitation is not None
        assert invitation.to_dict() == sent
        assert models.GroupInvitation.from_json(invitation.to_json()) == invitation
        assert pickle.loads(pickle.dumps(invitation)) == invitation


ODD: List[Any] = [
    "\ud83d",
    "half an emoji \ud83d in a name",
    10**400,
    -(10**30),
    1.7976931348623157e308,
    float("inf"),
    float("nan"),
    "\x00",
    {"a": [{"b": None}]},
    [],
    {},
]


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:30])
@pytest.mark.parametrize("field", ["serial", "odd"])
def test_unexpected_values_round_trip(value: Any, field: str) -> None:
    sent = {**data_of("tanks")["results"][0], field: value}
    tank = models.Tank.from_json(json.dumps(sent))
    assert tank is not None
    assert is_same(sent, tank.to_dict())
    assert is_same(sent, json.loads(tank.to_json()))
    again = models.Tank.from_json(tank.to_json())
    assert again is not None
    assert is_same(sent, again.to_dict())


def test_deeply_nested_value_is_kept() -> None:
    text = '{"serial": "s", "odd": ' + "[" * 400 + "]" * 400 + "}"
    cell = models.FormCell.from_json(text)
    assert cell is not None
    assert json.dumps(cell.to_dict()) == json.dumps(json.loads(text))
    assert json.loads(cell.to_json()) == json.loads(text)


def test_missing_field_is_none() -> None:
    group = models.Workgroup.from_dict({"name": "x"})
    assert group is not None
    assert (group.id, group.created_at, group.settings) == (None, None, None)
    assert group.to_dict() == {"name": "x"}
    assert group.to_json() == '{"name":"x"}'


@pytest.mark.parametrize("wrong", [5, "text", [], [{}], True, 1.5], ids=repr)
def test_value_that_is_not_an_object_is_refused_as_a_model(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        models.Workgroup.from_dict(wrong)
    with pytest.raises(ValidationError):
        models.Workgroup.from_json(json.dumps(wrong))


@pytest.mark.parametrize("text", ["", "{", "<html>", '{"a": }', "{}{}"])
def test_text_that_is_not_json_is_refused_as_a_model(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # pydantic's and json's differ
        models.Workgroup.from_json(text)


# Drift


def test_deviations_are_kept_and_logged_once(
    service: Loopback, client: ApiClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "formlabs_web_api")
    printers = data_of("printers")
    for row in printers:
        row["colour"] = "teal"
        row["printer_status"]["camera_status"] = "ASLEEP"
        row["printer_status"]["hopper_level"] = "half"
        del row["firmware_version"]
    service.reply(200, printers)
    for _ in range(3):
        PrintersApi(client).printers_list()
    expected = {
        "DeveloperAPIMyPrinter.colour: undescribed field (string)",
        "CameraStatusEnum: unknown value (ASLEEP)",
        "MyDeepPrinterStatus.hopper_level: unexpected type (string)",
        "DeveloperAPIMyPrinter.firmware_version: missing (nothing)",
    }
    assert set(map(str, client.drift)) == expected
    assert len(client.drift) == len(expected)
    assert len(caplog.records) == len(expected)
    for warning in expected:
        assert warning in caplog.text
        assert warning in repr(client.drift)


def test_response_that_fits_reports_no_deviation(
    service: Loopback, client: ApiClient, caplog: pytest.LogCaptureFixture
) -> None:
    for operation in OPERATIONS:
        service.forget()
        service.reply(operation.status, operation.body)
        operation.call(client)
    assert list(client.drift) == []
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_row_that_is_not_an_object_is_kept_and_reported(
    service: Loopback, client: ApiClient
) -> None:
    service.reply(200, [data_of("group"), "odd", None])
    first, odd, nothing = PrinterGroupsApi(client).groups_list()
    assert isinstance(first, models.Workgroup)
    assert (odd, nothing) == ("odd", None)
    assert [str(one) for one in client.drift] == [
        "Workgroup: unexpected type (string)",
        "Workgroup: unexpected type (null)",
    ]


def test_deviations_of_hostile_responses_are_bounded() -> None:
    drift = Drift()
    sent = {**data_of("group"), **{f"field {n}": n for n in range(5000)}}
    parse_body(json.dumps(sent).encode(), models.Workgroup, False, drift)
    assert 100 <= len(drift) <= 1000


# Methods of the official package's models


def test_request_model_is_built_from_field_names_and_defaults() -> None:
    body = models.DeveloperAPIGroupMembershipCreateRequest(user="gesa@example.com")
    assert (body.user, body.is_admin) == ("gesa@example.com", None)
    assert body.to_dict() == {"user": "gesa@example.com"}
    assert body.to_json() == '{"user":"gesa@example.com"}'
    assert body.to_str() == "{'user': 'gesa@example.com'}"


@pytest.mark.parametrize("name", sorted(one for one in models.__all__ if one[0].isupper()))
def test_every_model_has_the_official_methods(name: str) -> None:
    kind = getattr(models, name)
    if not issubclass(kind, Model):
        return
    assert kind.from_dict(None) is None
    for method in ("to_dict", "to_json", "to_str", "from_dict", "from_json", "model_dump"):
        assert callable(getattr(kind, method))
    assert kind.model_json_schema()["title"] == name
    assert kind.model_config["populate_by_name"]
    assert kind.model_config["validate_assignment"]


def test_null_is_not_a_response_model() -> None:
    assert models.Workgroup.from_json("null") is None
    assert models.Workgroup.from_json(" null\n") is None


def test_equality_is_by_value() -> None:
    one, other = (models.Workgroup.from_dict(data_of("group")) for _ in range(2))
    assert one is not None
    assert one == other
    one.name = "another"
    assert one != other
    assert models.GroupsMembersDestroyRequest(user="x") != models.GroupInvitation(email="x")


def test_assignment_is_validated() -> None:
    group = models.Workgroup.from_dict(data_of("group"))
    assert group is not None
    group.name = "another"
    for name, wrong in (("name", 5), ("created_at", "soon"), ("printers", "x"), ("settings", 5)):
        with pytest.raises(ValidationError, match=name):
            setattr(group, name, wrong)
    assert group.to_dict()["name"] == "another"


def test_model_with_unexpected_parts_accepts_assignment() -> None:
    group = models.Workgroup.from_dict({"name": 5, "created_at": None})
    assert group is not None
    group.name = "x"
    group.has_fleet_control = True
    assert group.to_dict() == {"name": "x", "created_at": None, "has_fleet_control": True}


def test_to_dict_keeps_null_and_omits_missing_fields() -> None:
    sent = data_of("printer")
    printer = models.DeveloperAPIMyPrinter.from_dict(sent)
    assert printer is not None
    assert printer.to_dict()["location"] is None
    assert printer.to_dict().keys() == sent.keys()


# Request models


@pytest.mark.parametrize("name", [one for one in models.__all__ if one.endswith("Request")])
def test_request_models_are_strict_in_every_mode(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = getattr(models, name)
    assert issubclass(kind, RequestModel)
    for mode in ("0", "1"):
        monkeypatch.setenv("FORMLABS_WEB_API_STRICT", mode)
        for field in [*kind.model_fields, "unknown"]:
            with pytest.raises(ValidationError) as caught:
                kind.from_dict({field: 5.5})
            assert field in [line["loc"][0] for line in caught.value.errors()]
            assert field in str(caught.value)
        with pytest.raises(ValidationError):
            kind.from_json("[]")


def test_request_model_error_describes_the_problem() -> None:
    with pytest.raises(ValidationError, match="valid string"):
        models.PartialWorkGroupRequest(name=5)


def test_request_model_can_be_built_from_a_response(service: Loopback, client: ApiClient) -> None:
    """Fields that only the service may set are left out."""
    operation = BY_NAME["groups_members_update"]
    member = models.WorkgroupMembership.from_dict(data_of("member"))
    assert member is not None
    body = {"user": member.email, "is_admin": not member.is_admin}
    service.reply(200, operation.body)
    PrinterGroupsApi(client).groups_members_update("g", body)  # type: ignore[arg-type]
    assert service.last.json == {"user": "finn@example.com", "is_admin": True}


def test_request_leaves_out_fields_marked_read_only():
    class Marked(Model):
        id: ReadOnly[StrictStr]
        created_at: ReadOnly[Optional[DateTime]] = None
        name: StrictStr = Field(alias="displayName")

    model = Marked.from_dict({"id": "1", "created_at": "2026-06-01T08:00:00Z", "displayName": "x"})

    assert read_only_names(Marked) == {"id", "created_at"}
    assert plain(model) == {"displayName": "x"}
    assert model.to_dict()["id"] == "1"
    assert isinstance(model.created_at, datetime)
