"""Each variant of every operation, over real sockets: its request and its return value."""

from __future__ import annotations

import inspect
import json
import urllib.parse
from datetime import datetime, timedelta, timezone
from email import message_from_bytes
from pathlib import Path
from typing import Any, Dict, List, Tuple, Type

import pytest
import urllib3

import formlabs_web_api
from formlabs_web_api import (
    ApiClient,
    ApiException,
    ApiResponse,
    BadRequestException,
    ConflictException,
    ForbiddenException,
    NotFoundException,
    PrinterGroupsApi,
    PrintsApi,
    RateLimitException,
    ServiceException,
    UnauthorizedException,
    UnprocessableEntityException,
    models,
)
from test.support.loopback import Loopback
from test.support.operations import (
    BY_NAME,
    FORM,
    GROUP,
    LISTED,
    OPERATIONS,
    PAGED,
    SPELLINGS,
    WITH_BODY,
    Operation,
    data_of,
)

MULTIPART = "multipart/form-data"

each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=str)
each_spelling = pytest.mark.parametrize(
    "spelling", SPELLINGS, ids=["plain", "with_http_info", "without_preload_content"]
)

ERRORS: Dict[int, Type[ApiException]] = {
    302: ApiException,
    400: BadRequestException,
    401: UnauthorizedException,
    403: ForbiddenException,
    404: NotFoundException,
    409: ConflictException,
    418: ApiException,
    422: UnprocessableEntityException,
    429: RateLimitException,
    500: ServiceException,
    502: ServiceException,
    503: ServiceException,
}


def finish(given: Any) -> None:
    """Read a raw response to its end, as a program does, so that its connection is free again."""
    if isinstance(given, urllib3.HTTPResponse):
        given.read()


def all_methods() -> List[Tuple[str, str]]:
    apis = [getattr(formlabs_web_api.api, name) for name in formlabs_web_api.api.__all__]
    return [
        (api.__name__, name)
        for api in apis
        if inspect.isclass(api)
        for name in vars(api)
        if not name.startswith("_")
    ]


def test_table_of_operations_is_complete() -> None:
    spelled = {name for _, name in all_methods()}
    plain = {
        name[: -len("_with_http_info")] for name in spelled if name.endswith("_with_http_info")
    }
    assert plain == set(BY_NAME)
    assert len(plain) == 18
    for spelling in SPELLINGS:
        assert {name + spelling for name in plain} <= spelled


# Requests received by the server


@each_spelling
@each_operation
def test_each_operation_sends_the_documented_request(
    service: Loopback, client: ApiClient, operation: Operation, spelling: str
) -> None:
    service.reply(operation.status, operation.body)
    finish(operation.call(client, spelling))
    asked = service.last
    assert (asked.method, asked.target) == (operation.method, operation.path)
    assert asked.headers.get("accept") == ("application/json" if operation.accept else None)
    assert asked.headers.get("content-type") == operation.content_type
    token = "Bearer token-of-a-test" if operation.secured else None
    assert asked.headers.get("authorization") == token
    assert asked.headers["user-agent"].startswith("formlabs_web_api/0.8.1")
    assert asked.headers["accept-encoding"] == "gzip"
    if operation.sends is None:
        assert asked.body == b""
    else:
        assert (asked.form if operation.form else asked.json) == operation.sends
    assert len(service.asked) == 1


@each_operation
def test_arguments_by_name_and_by_position_send_the_same(
    service: Loopback, client: ApiClient, operation: Operation
) -> None:
    service.reply(operation.status, operation.body)
    operation.call(client)
    operation.spelled(client)(**dict(zip(operation.names, operation.arguments)))
    first, second = service.asked
    assert (first.target, first.body) == (second.target, second.body)


@each_operation
def test_variants_of_an_operation_share_arguments_and_docstring(operation: Operation) -> None:
    plain, info, raw = (
        getattr(getattr(formlabs_web_api, operation.api), operation.name + one) for one in SPELLINGS
    )
    common = list(inspect.signature(plain).parameters.values())
    assert common == list(inspect.signature(info).parameters.values())
    assert common == list(inspect.signature(raw).parameters.values())
    assert plain.__doc__ == info.__doc__ == raw.__doc__
    assert tuple(one.name for one in common[1 : 1 + len(operation.names)]) == operation.names
    given = inspect.signature(plain).return_annotation
    assert inspect.signature(info).return_annotation == ApiResponse[given]
    assert inspect.signature(raw).return_annotation is urllib3.HTTPResponse


@pytest.mark.parametrize(
    ("api", "name"), [(api, name) for api, name in all_methods() if name.endswith("_iter")]
)
def test_iterator_has_its_own_docstring_with_its_arguments(api: str, name: str) -> None:
    owner = getattr(formlabs_web_api, api)
    method, pages = getattr(owner, name), getattr(owner, name.replace("_iter", "_pages"))
    plain = name[: -len("_iter")]
    assert method.__doc__.startswith(f"Iterate over the items on all pages of :meth:`{plain}`.")
    assert pages.__doc__.startswith(f"Return the pages of :meth:`{plain}`, each")
    source = Path(inspect.getfile(owner)).read_text(encoding="utf-8")
    summary = method.__doc__.partition("\n")[0]
    assert f'"""{summary}' in source  # for editors, which do not run the code
    for parameter in inspect.signature(method).parameters:
        assert (
            parameter == "self" or parameter.startswith("_") or f"{parameter}: " in method.__doc__
        )


@pytest.mark.parametrize(("api", "name"), all_methods())
def test_signature_shows_plain_types(api: str, name: str) -> None:
    method = getattr(getattr(formlabs_web_api, api), name)
    shown = str(inspect.signature(method))
    assert "Annotated" not in shown
    assert "AfterValidator" not in shown
    assert len(shown) < 1100


EASTERN = timezone(timedelta(hours=-4))
MOMENT = datetime(2026, 6, 5, 8, 30, 15, 250, EASTERN)
MOMENT_SENT = "2026-06-05T08:30:15.000250-0400"

PRINT_FILTERS: Dict[str, Tuple[Any, List[str]]] = {
    "var_date": (MOMENT, [MOMENT_SENT]),
    "date__gt": ("2026-06-05T08:30:15Z", ["2026-06-05T08:30:15.000000+0000"]),
    "date__lt": ("2026-06-05 08:30:15.5+02:00", ["2026-06-05T08:30:15.500000+0200"]),
    "machine_type_id": (["FRML-4-0", "FORM-4-0"], ["FRML-4-0", "FORM-4-0"]),
    "material": ("FLGPCL05", ["FLGPCL05"]),
    "name": ("50 % Käfer & Co + ?#/=", ["50 % Käfer & Co + ?#/="]),
    "page": (2, ["2"]),
    "per_page": (100, ["100"]),
    "printer": ("Form4-PlainWalrus", ["Form4-PlainWalrus"]),
    "status": ("FINISHED", ["FINISHED"]),
}
EVENT_FILTERS: Dict[str, Tuple[Any, List[str]]] = {
    **{name: PRINT_FILTERS[name] for name in ("date__gt", "date__lt", "page", "per_page")},
    "cartridge": ("04a1b2c3d4e501", ["04a1b2c3d4e501"]),
    "print_run": ("00000000-0000-4000-8000-770000000001", ["00000000-0000-4000-8000-770000000001"]),
    "printer": ("ModestStoat", ["ModestStoat"]),
    "tank": ("4c-00000b000101", ["4c-00000b000101"]),
    "type": ("PRINT_FINISHED", ["PRINT_FINISHED"]),
}
PAGE_FILTERS = {name: PRINT_FILTERS[name] for name in ("page", "per_page")}
FILTERS = {
    "prints_list": PRINT_FILTERS,
    "printers_prints_list": PRINT_FILTERS,
    "events_list": EVENT_FILTERS,
    "tanks_list": PAGE_FILTERS,
    "cartridges_list": PAGE_FILTERS,
    "printers_list": PAGE_FILTERS,
    "groups_list": PAGE_FILTERS,
}
ON_THE_WIRE = {"var_date": "date"}


@pytest.mark.parametrize(
    ("name", "argument"), [(name, one) for name in FILTERS for one in FILTERS[name]]
)
def test_filter_is_sent_as_given(
    service: Loopback, client: ApiClient, name: str, argument: str
) -> None:
    operation = BY_NAME[name]
    given, expected = FILTERS[name][argument]
    service.reply(200, operation.body)
    operation.call(client, **{argument: given})
    wire_name = ON_THE_WIRE.get(argument, argument)
    assert service.last.path == operation.path
    assert service.last.arguments == [(wire_name, text) for text in expected]


@pytest.mark.parametrize("name", FILTERS)
def test_filters_given_as_none_are_not_sent(
    service: Loopback, client: ApiClient, name: str
) -> None:
    operation, filters = BY_NAME[name], FILTERS[name]
    service.reply(200, operation.body)
    operation.call(client, **{argument: given for argument, (given, _) in filters.items()})
    operation.call(client, **dict.fromkeys(filters))
    everything, nothing = service.asked
    expected = [
        (ON_THE_WIRE.get(n, n), text) for n, (_, texts) in filters.items() for text in texts
    ]
    assert sorted(everything.arguments) == sorted(expected)
    assert nothing.query == ""


def test_query_is_percent_encoded(service: Loopback, client: ApiClient) -> None:
    service.reply(200, data_of("prints"))
    PrintsApi(client).prints_list(name="Käfer & Co", date__gt=MOMENT, machine_type_id=["b", "a"])
    pairs = {
        "name=K%C3%A4fer%20%26%20Co",
        "date__gt=2026-06-05T08%3A30%3A15.000250-0400",
        "machine_type_id=b&machine_type_id=a",
    }
    assert all(pair in service.last.query for pair in pairs)
    assert len(service.last.query) == len("&".join(pairs))


@pytest.mark.parametrize("name", ["groups_destroy", "printers_retrieve", "printers_prints_list"])
@pytest.mark.parametrize(
    "given", ["Form4-PlainWalrus", "a/b", "a b", "ü%20?#&=+", "...", "a/../b", " "]
)
def test_path_argument_stays_one_segment(
    service: Loopback, client: ApiClient, name: str, given: str
) -> None:
    operation = BY_NAME[name]
    service.reply(operation.status, operation.body)
    operation.spelled(client)(given)
    ours = operation.path.replace(operation.arguments[0], urllib.parse.quote(given, safe=""))
    assert service.last.target == ours


# Return values


def check_data(operation: Operation, data: Any) -> None:
    """Check that ``data`` is the complete documented result of the operation."""
    expected = getattr(models, operation.returns, type(None))
    if operation in LISTED:
        rows = data_of(str(operation.answer))
        assert isinstance(data, list)
        assert len(data) == len(rows)
        assert {type(one) for one in data} == {expected}
    else:
        assert type(data) is expected
    if operation in PAGED:
        page = data_of(str(operation.answer))
        assert len(data.results) == len(page["results"])
        assert (data.count, data.next) == (page["count"], page["next"])


@each_operation
def test_plain_operation_returns_the_data(
    service: Loopback, client: ApiClient, operation: Operation
) -> None:
    service.reply(operation.status, operation.body, Content_Type="application/json")
    check_data(operation, operation.call(client))


@each_operation
def test_with_http_info_returns_status_headers_and_bytes(
    service: Loopback, client: ApiClient, operation: Operation
) -> None:
    service.reply(operation.status, operation.body, X_Request_Id="r-1")
    answer = operation.call(client, "_with_http_info")
    assert isinstance(answer, ApiResponse)
    assert answer.status_code == operation.status
    assert type(answer.headers) is dict
    assert answer.headers["X-Request-Id"] == "r-1"
    assert answer.raw_data == operation.body
    check_data(operation, answer.data)


@pytest.mark.parametrize("status", [200, 404, 503])
@each_operation
def test_without_preload_content_returns_an_unread_response(
    service: Loopback, client: ApiClient, operation: Operation, status: int
) -> None:
    service.reply(status, b'{"some": "answer"}', X_Request_Id="r-1")
    answer = operation.call(client, "_without_preload_content")
    assert isinstance(answer, urllib3.HTTPResponse)
    assert answer.status == status
    assert answer.headers["x-request-id"] == "r-1"
    assert not answer.isclosed()
    assert answer.read() == b'{"some": "answer"}'


def test_raw_response_can_be_read_at_once_or_streamed(service: Loopback, client: ApiClient) -> None:
    service.reply(200, b"0123456789")
    prints = PrintsApi(client)
    assert prints.prints_list_without_preload_content().data == b"0123456789"
    assert list(prints.prints_list_without_preload_content().stream(4)) == [b"0123", b"4567", b"89"]


@pytest.mark.parametrize("status", ERRORS)
@each_operation
def test_error_status_selects_the_exception_class(
    service: Loopback, client: ApiClient, operation: Operation, status: int
) -> None:
    body = {"detail": "No, for this reason."}
    service.reply(status, body, X_Request_Id="r-1")
    for spelling in SPELLINGS[:2]:
        with pytest.raises(ApiException) as caught:
            operation.call(client_again(client), spelling)
        error = caught.value
        assert type(error) is ERRORS[status]
        assert error.status == status
        assert error.reason is not None
        assert error.body == json.dumps(body)
        assert error.headers is not None
        assert error.headers["x-REQUEST-id"] == "r-1"
        assert (error.data is None) is (status not in operation.errors)
    assert len(service.asked) == 2


def client_again(client: ApiClient) -> ApiClient:
    """A client with the same settings that no 429 has paused yet."""
    fresh = ApiClient(client.configuration)
    fresh.rest_client = client.rest_client
    return fresh


@pytest.mark.parametrize(
    ("name", "status"), [(one.name, status) for one in OPERATIONS for status in one.errors]
)
def test_described_error_body_is_parsed_into_its_model(
    service: Loopback, client: ApiClient, name: str, status: int
) -> None:
    operation = BY_NAME[name]
    service.reply(status, data_of("token_refused"))
    with pytest.raises(ERRORS[status]) as caught:
        operation.call(client)
    data = caught.value.data
    assert isinstance(data, getattr(models, operation.errors[status]))
    assert data.error == "invalid_grant"
    assert data.to_dict() == data_of("token_refused")


@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize(
    "operation", [one for one in OPERATIONS if one.answer and one.method != "GET"], ids=str
)
def test_any_2xx_body_is_parsed_like_the_documented_one(
    service: Loopback, client: ApiClient, operation: Operation, status: int
) -> None:
    service.reply(status, operation.body)
    answer = operation.call(client, "_with_http_info")
    assert answer.status_code == status
    check_data(operation, answer.data)


@each_operation
def test_204_returns_none(service: Loopback, client: ApiClient, operation: Operation) -> None:
    service.reply(204)
    assert operation.call(client) is None


@pytest.mark.parametrize("operation", LISTED, ids=str)
def test_documented_list_in_an_envelope_is_parsed(
    service: Loopback, client: ApiClient, operation: Operation
) -> None:
    rows = data_of(str(operation.answer))
    service.reply(200, {"count": 40, "next": "/next", "previous": None, "results": rows})
    given = operation.call(client)
    check_data(operation, given)
    assert (given.total, given.next, given.previous) == (40, "/next", None)


@pytest.mark.parametrize("operation", PAGED, ids=str)
def test_documented_envelope_as_a_bare_list_is_parsed(
    service: Loopback, client: ApiClient, operation: Operation
) -> None:
    rows = data_of(str(operation.answer))["results"]
    service.reply(200, rows)
    page = operation.call(client)
    assert type(page) is getattr(models, operation.returns)
    assert [row.to_dict().keys() for row in page.results] == [row.keys() for row in rows]
    assert (page.count, page.next, page.previous) == (len(rows), None, None)


# Bodies

REQUEST_MODELS = {
    "groups_bulk_add_printers_create": "DeveloperAPIGroupsBulkAddPrintersRequest",
    "groups_create": "PartialWorkGroupRequest",
    "groups_members_create": "DeveloperAPIGroupMembershipCreateRequest",
    "groups_members_destroy": "GroupsMembersDestroyRequest",
    "groups_members_update": "DeveloperAPIGroupMembershipUpdateRequest",
    "groups_partial_update": "PatchedPartialWorkGroupRequest",
}


def as_model(operation: Operation) -> Any:
    model = getattr(models, REQUEST_MODELS[operation.name]).from_dict(operation.sends)
    return {operation.names[-1]: model}


def form_fields(body: Dict[str, Any]) -> List[Tuple[str, str]]:
    """Return the form fields with the content of ``body``."""
    return [
        (name, text if isinstance(text, str) else json.dumps(text))
        for name, value in body.items()
        for text in (value if isinstance(value, list) else [value])
    ]


def multipart_fields(content_type: str, body: bytes) -> List[Tuple[str, str]]:
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    parts: Any = message.get_payload()
    return [
        (
            part.get_param("name", header="content-disposition"),
            part.get_payload(decode=True).decode(),
        )
        for part in parts
    ]


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_a_body_is_a_dict_or_a_model(
    service: Loopback, client: ApiClient, operation: Operation
) -> None:
    service.reply(operation.status, operation.body)
    operation.call(client)
    operation.spelled(client)(*operation.arguments[:-1], **as_model(operation))
    from_dict, from_model = service.asked
    assert from_dict.body == from_model.body == json.dumps(operation.sends).encode("ascii")
    assert from_dict.headers["content-type"] == from_model.headers["content-type"]


@pytest.mark.parametrize("given_as", ["dict", "model"])
@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_a_body_may_be_sent_as_a_form(
    service: Loopback, client: ApiClient, operation: Operation, given_as: str
) -> None:
    service.reply(operation.status, operation.body)
    expected = form_fields(operation.sends or {})
    for content_type in (FORM, MULTIPART):
        if given_as == "dict":
            operation.call(client, _content_type=content_type)
        else:
            body = as_model(operation)
            operation.spelled(client)(*operation.arguments[:-1], _content_type=content_type, **body)
    form, multipart = service.asked
    assert form.headers["content-type"] == FORM
    assert urllib.parse.parse_qsl(form.body.decode("ascii"), keep_blank_values=True) == expected
    assert multipart.headers["content-type"].startswith(f"{MULTIPART}; boundary=")
    assert multipart_fields(multipart.headers["content-type"], multipart.body) == expected


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.form], ids=str)
def test_token_calls_send_json_with_content_type_json(
    service: Loopback, client: ApiClient, operation: Operation
) -> None:
    service.reply(operation.status, operation.body)
    operation.call(client, _content_type="application/json")
    assert service.last.headers["content-type"] == "application/json"
    assert service.last.json == operation.sends


@pytest.mark.parametrize("name", ["groups_partial_update", "groups_members_destroy"])
def test_optional_body_may_be_omitted(service: Loopback, client: ApiClient, name: str) -> None:
    operation = BY_NAME[name]
    service.reply(operation.status, operation.body)
    operation.spelled(client)(GROUP)
    assert service.last.body == b""
    assert service.last.headers["content-type"] == "application/json"


def test_none_in_a_body_is_sent_and_an_omitted_key_is_not(
    service: Loopback, client: ApiClient
) -> None:
    service.reply(200, data_of("group"))
    groups = PrinterGroupsApi(client)
    groups.groups_partial_update(GROUP, {"name": None})  # type: ignore[typeddict-item]
    groups.groups_partial_update(GROUP, {"name": "x"})
    groups.groups_partial_update(
        GROUP, models.PatchedPartialWorkGroupRequest(remote_print_enabled_override=None)
    )
    sent = [asked.json for asked in service.asked]
    assert sent == [{"name": None}, {"name": "x"}, {"remote_print_enabled_override": None}]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("groups_members_create", models.DeveloperAPIGroupMembershipCreateRequest),
        ("groups_members_update", models.DeveloperAPIGroupMembershipUpdateRequest),
    ],
)
def test_none_for_a_field_that_cannot_be_null_is_not_sent(
    service: Loopback, client: ApiClient, name: str, kind: Any
) -> None:
    operation = BY_NAME[name]
    service.reply(operation.status, operation.body)
    content = {"user": "dana@example.com", "is_admin": None}
    assigned = kind(user="dana@example.com", is_admin=True)
    assigned.is_admin = None
    for body in (content, kind(**content), kind.from_dict(content), assigned):
        operation.spelled(client)(GROUP, body)
        assert service.last.json == {"user": "dana@example.com"}


def test_json_body_is_sent_in_ascii(service: Loopback, client: ApiClient) -> None:
    service.reply(201, data_of("group_created"))
    PrinterGroupsApi(client).groups_create({"name": "Käfer 🐞"})
    assert service.last.body == rb'{"name": "K\u00e4fer \ud83d\udc1e"}'


@each_operation
def test_content_type_is_sent_only_with_a_body(
    service: Loopback, client: ApiClient, operation: Operation
) -> None:
    service.reply(operation.status, operation.body)
    operation.call(client, _content_type="application/json")
    sent = service.last.headers.get("content-type")
    assert sent == ("application/json" if operation.sends else None)
