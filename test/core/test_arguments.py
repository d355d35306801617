"""An invalid argument is refused by name before a request is sent."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any, Dict, List, Tuple

import pytest
from pydantic import ValidationError

from formlabs_web_api import ApiClient, PrinterGroupsApi, PrintersApi, PrintsApi, models
from test.support.loopback import Loopback
from test.support.operations import (
    BY_NAME,
    GROUP,
    OPERATIONS,
    SPELLINGS,
    WITH_BODY,
    Operation,
    data_of,
)

each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=str)


def complaint_of(service: Loopback, call: Any, *arguments: Any, **named: Any) -> ValidationError:
    """The error of a call that sends no request."""
    with pytest.raises(ValidationError) as caught:
        call(*arguments, **named)
    assert service.asked == []
    assert isinstance(caught.value, ValueError)
    return caught.value


def named_by(error: ValidationError) -> List[str]:
    return [".".join(map(str, line["loc"])) for line in error.errors()]


@pytest.mark.parametrize("spelling", SPELLINGS)
@each_operation
def test_unknown_argument_is_refused_by_name(
    service: Loopback, client: ApiClient, operation: Operation, spelling: str
) -> None:
    call = operation.spelled(client, spelling)
    error = complaint_of(service, call, *operation.arguments, pagee=2)
    assert named_by(error) == ["pagee"]
    assert "Unexpected keyword argument" in str(error)
    assert error.title == f"{operation.api}.{operation.name}{spelling}"


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.names], ids=str)
def test_missing_argument_is_refused_by_name(
    service: Loopback, client: ApiClient, operation: Operation
) -> None:
    error = complaint_of(service, operation.spelled(client))
    required = operation.names[:1] if "destroy" in operation.name else operation.names
    assert set(named_by(error)) <= set(required)
    assert operation.names[0] in named_by(error)
    assert "Missing required argument" in str(error)


@each_operation
def test_too_many_positional_arguments_are_refused(
    service: Loopback, client: ApiClient, operation: Operation
) -> None:
    error = complaint_of(service, operation.spelled(client), *range(30))
    assert "Unexpected positional argument" in str(error)


WRONG: Dict[str, List[Any]] = {
    "page": ["2", 2.5, True, [2], 0, -1],
    "per_page": ["100", b"100", 0, -100],
    "material": [5, ["FLGPCL05"], "half \ud83d"],
    "name": [7],
    "printer": [7, b"ModestStoat"],
    "status": [["FINISHED"]],
    "machine_type_id": ["FORM-4-0", [4], ("FORM-4-0", 4)],
    "var_date": [
        "yesterday",
        "2026-13-01T00:00:00Z",
        "2026-02-30",
        "05/06/2026",
        "",
        [1],
        {},
        "5",
        b"5",
        True,
    ],
    "date__gt": ["not a date-time", "2026-06-05T25:00:00"],
    "date__lt": ["2026-06-05T12:00:00+99:00"],
    "_request_timeout": [0, -1, "5", True, (1, 0), (1,), (1, 2, 3), float("nan"), {}],
    "_request_auth": ["Bearer x", [("in", "header")], {5: "x"}],
    "_headers": ["X-Trace: 1", [("X-Trace", "1")], {5: "x"}],
    "_deadline": [0, -1, "5", True, float("nan")],
    "_content_type": [5, b"application/json"],
    "_host_index": [1, -1, "0", None],
}


@pytest.mark.parametrize(
    ("argument", "value"), [(name, value) for name in WRONG for value in WRONG[name]], ids=repr
)
def test_invalid_value_is_refused_by_name(
    service: Loopback, client: ApiClient, argument: str, value: Any
) -> None:
    named = {argument: value}
    error = complaint_of(service, PrintsApi(client).prints_list, **named)
    assert {line["loc"][0] for line in error.errors()} == {argument}


@pytest.mark.parametrize(("position", "name"), [(0, "var_date"), (6, "page"), (9, "status")])
def test_invalid_value_by_position_is_refused_by_name(
    service: Loopback, client: ApiClient, position: int, name: str
) -> None:
    arguments: List[Any] = [None] * position + [["wrong"]]
    error = complaint_of(service, PrintsApi(client).prints_list, *arguments)
    assert named_by(error) == [name]


IN_A_PATH: List[Tuple[str, str]] = [
    ("printers_retrieve", "printer_serial"),
    ("printers_prints_list", "printer_serial"),
    ("groups_destroy", "group_id"),
    ("groups_members_create", "group_id"),
    ("groups_members_destroy", "group_id"),
    ("groups_members_update", "group_id"),
    ("groups_partial_update", "group_id"),
    ("groups_queue_list", "group_id"),
]


@pytest.mark.parametrize("value", ["", ".", "..", 7, None, b"ModestStoat"], ids=repr)
@pytest.mark.parametrize(("name", "argument"), IN_A_PATH)
def test_invalid_path_segment_is_refused_by_name(
    service: Loopback, client: ApiClient, name: str, argument: str, value: Any
) -> None:
    operation = BY_NAME[name]
    call = operation.spelled(client)
    by_position = complaint_of(service, call, value, *operation.arguments[1:])
    by_name = complaint_of(
        service, call, **{**dict(zip(operation.names, operation.arguments)), argument: value}
    )
    assert named_by(by_position) == named_by(by_name) == [argument]


# Bodies


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_body_of_another_model_is_refused(
    service: Loopback, client: ApiClient, operation: Operation
) -> None:
    argument = operation.names[-1]
    call, others = operation.spelled(client), operation.arguments[:-1]
    for wrong in (models.BasicUser(id=1, username="x"), "name", 5, [{"name": "x"}]):
        assert named_by(complaint_of(service, call, *others, wrong)) == [argument]


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_body_with_an_unknown_key_is_refused_with_the_key(
    service: Loopback, client: ApiClient, operation: Operation
) -> None:
    argument = operation.names[-1]
    error = complaint_of(
        service,
        operation.spelled(client),
        *operation.arguments[:-1],
        **{argument: {**(operation.sends or {}), "is_amdin": True}},
    )
    assert named_by(error) == [f"{argument}.is_amdin"]


WRONG_BODIES: List[Tuple[str, Dict[str, Any], str]] = [
    ("groups_create", {}, "name"),
    ("groups_create", {"name": ""}, "name"),
    ("groups_create", {"name": None}, "name"),
    ("groups_create", {"name": 5}, "name"),
    ("groups_partial_update", {"name": ""}, "name"),
    (
        "groups_partial_update",
        {"remote_print_enabled_override": True},
        "remote_print_enabled_override",
    ),
    ("groups_members_create", {"is_admin": True}, "user"),
    ("groups_members_create", {"user": "gesa@example.com", "is_admin": "yes"}, "is_admin"),
    ("groups_members_create", {"user": "gesa@example.com", "is_admin": 1}, "is_admin"),
    ("groups_members_update", {"user": ""}, "user"),
    ("groups_members_destroy", {}, "user"),
    ("groups_bulk_add_printers_create", {"printers": []}, "target_group"),
    ("groups_bulk_add_printers_create", {"target_group": GROUP}, "printers"),
    (
        "groups_bulk_add_printers_create",
        {"target_group": GROUP, "printers": "ModestStoat"},
        "printers",
    ),
]


@pytest.mark.parametrize(("name", "body", "field"), WRONG_BODIES)
def test_invalid_field_of_a_body_is_refused_with_the_field(
    service: Loopback, client: ApiClient, name: str, body: Dict[str, Any], field: str
) -> None:
    operation = BY_NAME[name]
    call = operation.spelled(client)
    error = complaint_of(service, call, *operation.arguments[:-1], body)
    assert named_by(error) == [f"{operation.names[-1]}.{field}"]


# Valid arguments


def test_timeout_may_be_an_int_a_float_or_a_pair(service: Loopback, client: ApiClient) -> None:
    service.reply(200, data_of("prints"))
    for timeout in (5, 0.5, (1, 2.5), float("inf"), 1e12, None):
        PrintsApi(client).prints_list(_request_timeout=timeout)
    assert len(service.asked) == 6


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("2026-06-05T12:00:00Z", "2026-06-05T12:00:00.000000+0000"),
        ("2026-06-05T12:00:00.25-04:00", "2026-06-05T12:00:00.250000-0400"),
        (datetime(2026, 6, 5, 12, tzinfo=timezone.utc), "2026-06-05T12:00:00.000000+0000"),
        (
            datetime(2026, 6, 5, 12, tzinfo=timezone(timedelta(hours=5, minutes=30))),
            "2026-06-05T12:00:00.000000+0530",
        ),
        (datetime(33, 6, 5, 12, tzinfo=timezone.utc), "0033-06-05T12:00:00.000000+0000"),
    ],
)
def test_date_time_may_be_text_or_a_datetime(
    service: Loopback, client: ApiClient, given: Any, sent: str
) -> None:
    service.reply(200, data_of("prints"))
    PrintsApi(client).prints_list(date__gt=given)
    assert service.last.arguments == [("date__gt", sent)]


@pytest.mark.parametrize(
    "naive", [datetime(2026, 1, 5, 12), datetime(2026, 6, 5, 12), "2026-06-05T12:00:00"]
)
def test_date_time_without_an_offset_is_local_time(
    service: Loopback, client: ApiClient, naive: Any
) -> None:
    service.reply(200, data_of("prints"))
    PrintsApi(client).prints_list(date__gt=naive)
    moment = datetime.fromisoformat(naive) if isinstance(naive, str) else naive
    ((_, sent),) = service.last.arguments
    assert datetime.strptime(sent, "%Y-%m-%dT%H:%M:%S.%f%z") == moment.astimezone()


@pytest.mark.parametrize("naive", [datetime.min, datetime.max, date(1, 1, 1)])
def test_datetime_min_and_max_can_be_sent(service: Loopback, client: ApiClient, naive: Any) -> None:
    """``datetime.min`` has no local time west of Greenwich; "since ever" is still understood."""
    service.reply(200, data_of("prints"))
    PrintsApi(client).prints_list(date__gt=naive)
    ((_, sent),) = service.last.arguments
    assert sent.startswith(naive.strftime("%Y").zfill(4))


def test_datetime_format_is_configurable(service: Loopback, client: ApiClient) -> None:
    service.reply(200, data_of("prints"))
    client.configuration.datetime_format = "%d.%m.%Y %H:%M %z"
    PrintsApi(client).prints_list(date__gt=datetime(2026, 6, 5, 12, tzinfo=timezone.utc))
    assert service.last.query == "date__gt=05.06.2026%2012%3A00%20%2B0000"


def test_path_segments_are_validated_without_client_side_validation(
    service: Loopback, client: ApiClient
) -> None:
    client.client_side_validation = client.configuration.client_side_validation = False
    complaint_of(service, PrintersApi(client).printers_retrieve, "..")


def test_invalid_assignment_to_a_request_model_is_refused(
    service: Loopback, client: ApiClient
) -> None:
    body = models.PartialWorkGroupRequest(name="Spätschicht")
    with pytest.raises(ValidationError, match="name"):
        body.name = ""
    assert body.name == "Spätschicht"
    service.reply(201, data_of("group_created"))
    PrinterGroupsApi(client).groups_create(body)
    assert service.last.json == {"name": "Spätschicht"}


# What the text of an error shows


@pytest.mark.parametrize("secret", ["a-token-by-mistake", b"a-token-by-mistake"])
def test_error_for_a_misspelled_argument_does_not_show_its_value(
    service: Loopback, client: ApiClient, secret: Any
) -> None:
    for call in (client.tanks.list, client.tanks.iter, client.printers.list):
        named: Dict[str, Any] = {"access_token": secret, "_headers": secret}
        error = complaint_of(service, call, **named)
        assert set(named_by(error)) >= {"access_token"}
        assert "a-token-by-mistake" not in f"{error!s}{error!r}{error.errors()!r}"


def test_error_shows_a_number_and_hides_a_text(service: Loopback, client: ApiClient) -> None:
    assert "input_value=-1" in str(complaint_of(service, client.tanks.list, page=-1))
    assert "'2'" not in str(complaint_of(service, client.tanks.list, page="2"))


@pytest.mark.parametrize("spelling", ["_iter", "_pages"])
def test_error_of_a_listing_names_the_method_that_was_called(
    service: Loopback, client: ApiClient, spelling: str
) -> None:
    call = getattr(PrintsApi(client), f"prints_list{spelling}")
    assert complaint_of(service, call, page=2).title == f"PrintsApi.prints_list{spelling}"


# Values of pandas and numpy


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_pandas_timestamp_is_sent_as_the_same_moment(
    service: Loopback, client: ApiClient, zone: Any
) -> None:
    pandas = pytest.importorskip("pandas")
    service.reply(200, data_of("prints"))
    client.prints.list(date__gt=pandas.Timestamp("2026-06-05T12:00:00.123456789", tz=zone))
    plain = datetime(2026, 6, 5, 12, 0, 0, 123456)
    client.prints.list(date__gt=plain if zone is None else plain.replace(tzinfo=_BERLIN_IN_JUNE))
    first, second = service.asked
    assert first.query == second.query


_BERLIN_IN_JUNE = timezone(timedelta(hours=2))


def test_nat_is_refused_with_the_name_of_the_argument(service: Loopback, client: ApiClient) -> None:
    pandas = pytest.importorskip("pandas")
    error = complaint_of(service, client.prints.list, date__gt=pandas.NaT)
    assert named_by(error) == ["date__gt"]
    assert "NaT is not a date-time" in str(error)


def test_datetime_of_numpy_is_sent_as_local_time(service: Loopback, client: ApiClient) -> None:
    numpy = pytest.importorskip("numpy")
    error = complaint_of(service, client.prints.list, date__gt=numpy.datetime64("NaT", "us"))
    assert "NaT is not a date-time" in str(error)
    service.reply(200, {"count": 0, "next": None, "results": []})
    for text in ("2026-06-05", "2026-06-05T08:30:00.123456789"):
        client.prints.list(date__gt=numpy.datetime64(text))
        by_numpy = service.last.query
        client.prints.list(date__gt=datetime.fromisoformat(text[:26]))
        assert by_numpy == service.last.query


def test_a_numpy_integer_is_sent_as_a_number(service: Loopback, client: ApiClient) -> None:
    numpy = pytest.importorskip("numpy")
    service.reply(200, {"count": 0, "next": None, "results": []})
    client.prints.list(page=numpy.int64(2), per_page=numpy.uint8(7))
    assert service.last.arguments == [("page", "2"), ("per_page", "7")]
    assert list(client.prints.iter(limit=numpy.int32(3), prefetch=numpy.int64(0))) == []


def test_an_offset_with_seconds_is_sent_in_utc(service: Loopback, client: ApiClient) -> None:
    service.reply(200, data_of("prints"))
    mean_time = timezone(-timedelta(hours=4, minutes=56, seconds=2))
    client.prints.list(date__gt=datetime(1883, 11, 18, 12, tzinfo=mean_time))
    assert service.last.arguments == [("date__gt", "1883-11-18T16:56:02.000000+0000")]
