"""Methods of the client that scripts for the official package use, and closing a client."""

from __future__ import annotations

import json
import os
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional

import pytest

from formlabs_web_api import (
    ApiClient,
    ApiException,
    ApiResponse,
    ApiValueError,
    Configuration,
    NotFoundException,
    PrinterGroupsApi,
    PrintsApi,
    ResponseException,
    models,
)
from test.support.loopback import Loopback
from test.support.operations import GROUP, OPERATIONS, data_of, text_of

PRINTS = "/developer/v1/prints/"
BEARER = ["bearerAuth"]


# A call built from its parts, as by generated code


def test_param_serialize_and_call_api_send_a_request(service: Loopback, client: ApiClient) -> None:
    service.reply(200, data_of("prints"))
    parts = client.param_serialize(
        method="GET",
        resource_path="/developer/v1/printers/{printer_serial}/prints/",
        path_params={"printer_serial": "a/b"},
        query_params=[("page", 2), ("machine_type_id", ["FORM-4-0", "FRML-4-0"])],
        header_params={"Accept": "application/json"},
        body=None,
        post_params=[],
        files={},
        auth_settings=BEARER,
        collection_formats={"machine_type_id": "multi"},
        _host=None,
        _request_auth=None,
    )
    method, url, headers, body, fields = parts
    query = "page=2&machine_type_id=FORM-4-0&machine_type_id=FRML-4-0"
    assert method == "GET"
    assert url == f"{service.url}/developer/v1/printers/a%2Fb/prints/?{query}"
    assert headers["Accept"] == "application/json"
    assert headers["Authorization"] == "Bearer token-of-a-test"
    assert (body, fields) == (None, [])
    response = client.call_api(*parts, _request_timeout=5)
    assert response.data is None or response.data == response.read()
    response.read()
    answer = client.response_deserialize(
        response_data=response,
        response_types_map={"200": "PaginatedPrintRunWithFleetControlDataList"},
    )
    assert isinstance(answer, ApiResponse)
    assert isinstance(answer.data, models.PaginatedPrintRunWithFleetControlDataList)
    assert service.last.query == query


def test_param_serialize_and_call_api_send_a_form_with_files(
    service: Loopback, client: ApiClient, tmp_path: Path
) -> None:
    service.reply(200, {})
    file = tmp_path / "note.txt"
    file.write_bytes(b"content of the file")
    parts = client.param_serialize(
        "POST",
        "/upload/",
        header_params={"Content-Type": "multipart/form-data"},
        post_params=[("name", "x"), ("tags", ["a", "b"])],
        files={"note": str(file)},
        collection_formats={"tags": "csv"},
    )
    assert parts[4] == [
        ("name", "x"),
        ("tags", "a,b"),
        ("note", ("note.txt", b"content of the file", "text/plain")),
    ]
    client.call_api(*parts).read()
    assert b"content of the file" in service.last.body
    assert service.last.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert "authorization" not in service.last.headers


def test_host_of_one_call_can_be_overridden(client: ApiClient) -> None:
    def url_of() -> str:
        return client.param_serialize("GET", PRINTS, _host="https://other.example.com")[1]

    assert url_of() == "https://other.example.com" + PRINTS
    client.configuration.ignore_operation_servers = True
    assert url_of() == client.configuration.host + PRINTS


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_path_argument_with_dot_segments_is_refused(client: ApiClient, value: str) -> None:
    with pytest.raises(ApiValueError, match="group_id"):
        client.param_serialize("DELETE", "/groups/{group_id}/", {"group_id": value})


def test_param_serialize_does_not_change_its_arguments(client: ApiClient) -> None:
    headers = {"Accept": "application/json"}
    query: List[Any] = [("page", 1)]
    client.param_serialize(
        "GET", PRINTS, query_params=query, header_params=headers, auth_settings=BEARER
    )
    assert headers == {"Accept": "application/json"}
    assert query == [("page", 1)]
    assert "Authorization" not in client.default_headers


@pytest.mark.parametrize(
    ("types", "status", "expected"),
    [
        ({"200": "NewWorkgroup"}, 200, models.NewWorkgroup),
        ({"201": "NewWorkgroup"}, 200, models.NewWorkgroup),
        ({"2XX": "NewWorkgroup"}, 202, models.NewWorkgroup),
        ({"200": models.NewWorkgroup}, 200, models.NewWorkgroup),
        ({"200": "object"}, 200, dict),
        ({"200": "Dict[str, object]"}, 200, dict),
        ({"200": "str"}, 200, str),
        ({"200": "bytearray"}, 200, bytes),
        ({"200": None}, 200, type(None)),
        ({}, 200, type(None)),
        (None, 200, type(None)),
    ],
)
def test_response_type_is_selected_by_status(
    service: Loopback,
    client: ApiClient,
    types: Optional[Mapping[str, Any]],
    status: int,
    expected: type,
) -> None:
    service.reply(status, data_of("group_created"))
    response = client.call_api(*client.param_serialize("GET", "/any/"))
    answer = client.response_deserialize(response, types)
    assert type(answer.data) is expected
    assert answer.status_code == status
    assert answer.raw_data == json.dumps(data_of("group_created")).encode()


def test_response_deserialize_raises_for_an_error_status(
    service: Loopback, client: ApiClient
) -> None:
    service.reply(404, {"error": "not there"})
    response = client.call_api(*client.param_serialize("GET", "/any/"))
    for types in ({"404": "RequestAnAccessToken401Response"}, {"4XX": "object"}):
        with pytest.raises(NotFoundException) as caught:
            client.response_deserialize(response, types)
        assert caught.value.data is not None
        assert caught.value.body == '{"error": "not there"}'


# Types by name


@pytest.mark.parametrize(
    ("text", "kind", "content_type", "expected"),
    [
        ("5", "int", "application/json", 5),
        ("5", "float", "application/json", 5.0),
        ('"5"', "int", "application/json", 5),
        ('"five"', "int", "application/json", "five"),
        ("true", "bool", "application/json", True),
        ('"x"', "str", "application/json; charset=utf-8", "x"),
        ("x", "str", "text/plain", "x"),
        ("x", "str", "text/html; charset=utf-8", "x"),
        ("x", "str", None, "x"),
        ("[1]", "object", None, [1]),
        ("", "str", "application/json", ""),
        ("null", "Workgroup", "application/json", None),
        ("[1, 2]", "List[int]", "application/json", [1, 2]),
        ('{"a": 1}', "Dict[str, int]", "application/problem+json", {"a": 1}),
        ('{"a": [1]}', "Dict[str, List[int]]", "application/json", {"a": [1]}),
        ('"2026-06-05"', "date", "application/json", date(2026, 6, 5)),
        (
            '"2026-06-05T12:00:00Z"',
            "datetime",
            "application/json",
            datetime(2026, 6, 5, 12, tzinfo=timezone.utc),
        ),
        ('"1.50"', "decimal", "application/json", Decimal("1.50")),
        ('"PRINTING"', "StatusEnum", "application/json", models.StatusEnum.PRINTING),
        ('"SINTERING"', "StatusEnum", "application/json", "SINTERING"),
    ],
)
def test_deserialize_returns_builtin_types(
    client: ApiClient, text: str, kind: str, content_type: Optional[str], expected: Any
) -> None:
    assert client.deserialize(text, kind, content_type) == expected


def test_deserialize_returns_models(client: ApiClient) -> None:
    groups = client.deserialize(text_of("groups").decode(), "List[Workgroup]", "application/json")
    assert [type(one) for one in groups] == [models.Workgroup] * len(data_of("groups"))
    named = client.deserialize('{"a": {"name": "x"}}', "Dict[str, Workgroup]", "application/json")
    assert isinstance(named["a"], models.Workgroup)


def test_deserialize_refuses_unknown_types_and_invalid_values(client: ApiClient) -> None:
    with pytest.raises(ApiException, match="image/png"):
        client.deserialize("x", "str", "image/png")
    with pytest.raises(AttributeError, match="no type 'Wrokgroup'"):
        client.deserialize("{}", "Wrokgroup", "application/json")
    for kind in ("date", "datetime"):
        with pytest.raises(ApiException, match="yesterday"):
            client.deserialize('"yesterday"', kind, "application/json")


# The helpers


def test_sanitize_for_serialization_returns_json_types(client: ApiClient) -> None:
    clean = client.sanitize_for_serialization
    moment = datetime(2026, 6, 5, 12, 30, tzinfo=timezone.utc)
    for same in (None, "x", 5, 1.5, True, b"x"):
        assert clean(same) is same
    assert clean(moment) == "2026-06-05T12:30:00+00:00"
    assert clean(date(2026, 6, 5)) == "2026-06-05"
    assert clean(Decimal("1.50")) == "1.50"
    assert clean(models.StatusEnum.PRINTING) == "PRINTING"
    assert type(clean(models.StatusEnum.PRINTING)) is str
    assert clean((1, moment)) == (1, "2026-06-05T12:30:00+00:00")
    assert clean({"a": [moment, {"b": None}]}) == {"a": ["2026-06-05T12:30:00+00:00", {"b": None}]}
    body = models.DeveloperAPIGroupMembershipCreateRequest(user="gesa@example.com")
    assert clean([body]) == [{"user": "gesa@example.com"}]


def test_read_only_fields_are_not_sent(client: ApiClient) -> None:
    group = models.Workgroup.from_dict(data_of("group"))
    assert client.sanitize_for_serialization(group).keys() == {
        "name",
        "remote_print_enabled_override",
        "has_fleet_control",
        "has_fleet_control_updated_by",
    }


@pytest.mark.parametrize(
    ("how", "pairs", "query"),
    [
        ("multi", [("k", "a b"), ("k", "c")], "k=a%20b&k=c"),
        ("csv", [("k", "a b,c")], "k=a%20b,c"),
        ("ssv", [("k", "a b c")], "k=a%20b c"),
        ("tsv", [("k", "a b\tc")], "k=a%20b\tc"),
        ("pipes", [("k", "a b|c")], "k=a%20b|c"),
    ],
)
def test_collection_formats_join_or_repeat_lists(
    client: ApiClient, how: str, pairs: List[Any], query: str
) -> None:
    for given in ([("k", ["a b", "c"])], {"k": ["a b", "c"]}):
        assert client.parameters_to_tuples(given, {"k": how}) == pairs
        assert client.parameters_to_url_query(given, {"k": how}) == query


def test_query_values_are_encoded(client: ApiClient) -> None:
    given = {"yes": True, "no": False, "n": 5, "x": 1.5, "o": {"a": 1}, "t": "ä&=+"}
    assert client.parameters_to_url_query(given, None) == (
        "yes=true&no=false&n=5&x=1.5&o=%7B%22a%22%3A%201%7D&t=%C3%A4%26%3D%2B"
    )
    assert client.parameters_to_tuples({"a": 1}, None) == [("a", 1)]


def test_files_parameters_accepts_paths_bytes_and_pairs(client: ApiClient, tmp_path: Path) -> None:
    file = tmp_path / "part.png"
    file.write_bytes(b"p")
    assert client.files_parameters({"a": str(file), "b": b"raw", "c": ("n.json", b"{}")}) == [
        ("a", ("part.png", b"p", "image/png")),
        ("b", ("b", b"raw", "application/octet-stream")),
        ("c", ("n.json", b"{}", "application/json")),
    ]
    assert client.files_parameters({"a": [b"1", b"2"]}) == [
        ("a", ("a", b"1", "application/octet-stream")),
        ("a", ("a", b"2", "application/octet-stream")),
    ]


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ([], None),
        (["text/plain"], "text/plain"),
        (["text/plain", "application/json"], "application/json"),
        (["text/plain", "Application/JSON; charset=utf-8"], "Application/JSON; charset=utf-8"),
        (["text/csv", "application/problem+json"], "application/problem+json"),
        (["text/csv", "text/html"], "text/csv"),
    ],
)
def test_json_content_type_is_preferred(
    client: ApiClient, offered: List[str], chosen: Optional[str]
) -> None:
    assert client.select_header_accept(offered) == chosen
    assert client.select_header_content_type(offered) == chosen


AUTHORIZATIONS: List[Any] = [
    ({"in": "header", "key": "X-Key", "value": "v"}, {"X-Key": "v"}, []),
    ({"in": "query", "key": "key", "value": "v"}, {}, [("key", "v")]),
    ({"in": "cookie", "key": "session", "value": "v"}, {"Cookie": "v"}, []),
]


@pytest.mark.parametrize(("setting", "in_headers", "in_query"), AUTHORIZATIONS)
def test_update_params_for_auth_sets_headers_and_queries(
    client: ApiClient, setting: Dict[str, str], in_headers: Dict[str, str], in_query: List[Any]
) -> None:
    headers: Dict[str, Any] = {}
    queries: List[Any] = []
    client.update_params_for_auth(headers, queries, BEARER, PRINTS, "GET", None, setting)
    assert (headers, queries) == (in_headers, in_query)


def test_update_params_for_auth_uses_the_configuration(client: ApiClient) -> None:
    headers: Dict[str, Any] = {}
    for settings in ([], None, ["another"]):
        client.update_params_for_auth(headers, [], settings, PRINTS, "GET", None)
        assert headers == {}
    client.update_params_for_auth(headers, [], BEARER, PRINTS, "GET", None)
    assert headers == {"Authorization": "Bearer token-of-a-test"}


@pytest.mark.parametrize(
    "setting",
    [
        {"in": "body", "key": "k", "value": "hush"},
        {"key": "k", "value": "hush"},
        {"in": "header", "key": "k"},
        {"in": "header", "value": "hush"},
        {"in": "query", "value": "hush"},
        {"in": "cookie"},
    ],
)
def test_invalid_request_auth_is_refused_without_showing_it(
    service: Loopback, client: ApiClient, setting: Dict[str, Any]
) -> None:
    with pytest.raises(ApiValueError) as caught:
        PrintsApi(client).prints_list(_request_auth=setting)
    assert "hush" not in str(caught.value)
    assert service.asked == []


# Headers of every call


def test_default_headers_are_sent(service: Loopback, client: ApiClient) -> None:
    service.reply(200, data_of("prints"))
    client.set_default_header("X-Trace", "1")
    client.set_default_header("x-trace", "2")
    client.user_agent = "my-program/1.0"
    assert client.user_agent == client.default_headers["User-Agent"] == "my-program/1.0"
    PrintsApi(client).prints_list()
    assert service.last.headers["x-trace"] == "2"
    assert service.last.headers["user-agent"] == "my-program/1.0"
    assert "X-Trace" not in client.default_headers


def test_header_and_cookie_of_the_constructor_are_sent(service: Loopback) -> None:
    service.reply(200, data_of("prints"))
    configuration = Configuration(host=service.url, access_token="t")
    with ApiClient(configuration, "X-Trace", "1", "session=2") as client:
        assert client.cookie == "session=2"
        PrintsApi(client).prints_list()
        assert service.last.headers["x-trace"] == "1"
        assert service.last.headers["cookie"] == "session=2"
        PrintsApi(client).prints_list(_headers={"COOKIE": "session=3"})
        assert service.last.headers["cookie"] == "session=3"
    assert (
        ApiClient(configuration, header_name="X-Trace", header_value="1").default_headers["X-Trace"]
        == "1"
    )


def test_headers_of_one_call_take_precedence_in_any_case(
    service: Loopback, client: ApiClient
) -> None:
    service.reply(200, data_of("prints"))
    client.set_default_header("X-Trace", "default")
    given = {"x-TRACE": "mine", "ACCEPT": "text/csv", "user-agent": "mine", "X-Number": 5}
    PrintsApi(client).prints_list(_headers=given)
    sent = service.last.headers
    assert (sent["x-trace"], sent["accept"], sent["user-agent"]) == ("mine", "text/csv", "mine")
    assert sent["x-number"] == "5"
    PrintsApi(client).prints_list()
    assert service.last.headers["x-trace"] == "default"
    assert given == {"x-TRACE": "mine", "ACCEPT": "text/csv", "user-agent": "mine", "X-Number": 5}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Trace", "hush\r\nX-Other: 1"),
        ("X-Trace", "hush\n"),
        ("X-Trace", "hush\x00"),
        ("X-Trace", "hush \u20ac"),
        ("X-Trace", None),
        ("X-Trace", ["hush"]),
        ("X-Trace", b"hush\n"),
        ("X Trace", "hush"),
        ("X-Trace:", "hush"),
        ("X-Träce", "hush"),
        ("", "hush"),
    ],
)
def test_invalid_header_is_refused_without_its_value(
    service: Loopback, client: ApiClient, name: str, value: Any
) -> None:
    with pytest.raises(ApiValueError) as caught:
        PrintsApi(client).prints_list(_headers={name: value})
    assert repr(name) in str(caught.value)
    assert "hush" not in str(caught.value)
    assert service.asked == []


# Closing


def test_call_on_a_closed_client_raises(service: Loopback) -> None:
    service.reply(200, data_of("prints"))
    with ApiClient(Configuration(host=service.url, access_token="t")) as client:
        PrintsApi(client).prints_list()
        assert "closed" not in repr(client)
    assert "closed" in repr(client)
    with pytest.raises(ApiValueError, match="closed"):
        PrintsApi(client).prints_list()
    client.close()
    assert len(service.asked) == 1


def test_close_closes_the_connections(service: Loopback) -> None:
    service.reply(200, data_of("prints"))
    client = ApiClient(Configuration(host=service.url, access_token="t"))
    raw = PrintsApi(client).prints_list_without_preload_content()
    sock = raw.connection.sock  # type: ignore[union-attr]
    raw.read()
    assert sock is not None
    assert sock.fileno() != -1
    client.close()
    assert sock.fileno() == -1


def test_default_client_is_shared_until_it_is_closed(service: Loopback) -> None:
    service.reply(200, data_of("prints"))
    Configuration.set_default(Configuration(host=service.url, access_token="t"))
    first = ApiClient.get_default()
    assert ApiClient.get_default() is first
    assert PrintsApi().api_client is first
    assert PrintsApi().prints_list().count == data_of("prints")["count"]
    with ApiClient(Configuration(host=service.url, access_token="mine")) as mine:
        ApiClient.set_default(mine)
        PrintsApi().prints_list()
        assert service.last.headers["authorization"] == "Bearer mine"
    first.close()


def test_every_api_class_accepts_a_client(client: ApiClient) -> None:
    for operation in OPERATIONS:
        assert operation.spelled(client).__self__.api_client is client


def test_two_clients_share_no_headers(service: Loopback) -> None:
    configuration = Configuration(host=service.url)
    with ApiClient(configuration) as one, ApiClient(configuration) as other:
        one.set_default_header("X-Trace", "1")
        one.user_agent = "one"
        assert "X-Trace" not in other.default_headers
        assert other.user_agent != "one"
        assert one.drift is not other.drift


def test_class_constants_are_those_of_the_official_client() -> None:
    assert set(ApiClient.PRIMITIVE_TYPES) == {float, bool, bytes, str, int}
    assert ApiClient.NATIVE_TYPES_MAPPING["datetime"] is datetime
    assert ApiClient.NATIVE_TYPES_MAPPING["object"] is object


# Responses that are files

DISPOSITIONS = [
    ('attachment; filename="scene.form"', "scene.form"),
    ("attachment; filename=scene.form", "scene.form"),
    ('attachment; filename="../../scene.form"', "scene.form"),
    ('attachment; filename="/etc/scene.form"', "scene.form"),
    ('attachment; filename="..\\\\..\\\\scene.form"', "scene.form"),
]


def saved(client: ApiClient, service: Loopback, headers: Dict[str, str]) -> str:
    service.reply(200, b"content", **headers)
    response = client.call_api(*client.param_serialize("GET", "/file/"))
    return str(client.response_deserialize(response, {"200": "file"}).data)


@pytest.mark.parametrize(("disposition", "name"), DISPOSITIONS)
def test_downloaded_file_stays_in_its_folder(
    service: Loopback, client: ApiClient, tmp_path: Path, disposition: str, name: str
) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    client.configuration.temp_folder_path = str(folder)
    path = saved(client, service, {"Content_Disposition": disposition})
    assert path == str(folder / name)
    assert (folder / name).read_bytes() == b"content"
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == [folder / name]


@pytest.mark.parametrize(
    "headers",
    [{}, {"Content_Disposition": 'attachment; filename=".."'}, {"Content_Disposition": "inline"}],
)
def test_downloaded_file_without_a_name_gets_one(
    service: Loopback, client: ApiClient, tmp_path: Path, headers: Dict[str, str]
) -> None:
    client.configuration.temp_folder_path = str(tmp_path)
    path = saved(client, service, headers)
    assert os.path.dirname(path) == str(tmp_path)
    assert Path(path).read_bytes() == b"content"


# Other attributes of a client


def test_default_client_set_by_a_script_is_used_by_every_api(
    service: Loopback, client_of: Callable[..., ApiClient]
) -> None:
    service.reply(201, data_of("group_created"))
    service.reply(204)
    client = client_of()
    created = PrinterGroupsApi(client).groups_create({"name": "x"})  # type: ignore[arg-type]
    PrinterGroupsApi(client).groups_destroy(created.id)
    assert service.last.path == f"/developer/v1/groups/{created.id}/"


def test_empty_response_is_an_error_that_names_it(service: Loopback, client: ApiClient) -> None:
    service.reply(200, b"")
    with pytest.raises(ResponseException, match="empty"):
        PrinterGroupsApi(client).groups_queue_list(GROUP)
