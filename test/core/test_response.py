"""Decoding of response bodies, and the errors of bodies that cannot be decoded."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, List

import pytest
from pydantic import ValidationError
from urllib3 import HTTPResponse

from formlabs_web_api import ApiClient, ApiException, ResponseException
from formlabs_web_api.rest import RESTResponse
from test.support.loopback import Loopback
from test.support.operations import BY_NAME, LISTED, OPERATIONS, PAGED, Operation, data_of

WITH_ANSWER = [one for one in OPERATIONS if one.answer]
MODELS = [one for one in WITH_ANSWER if one not in LISTED and one not in PAGED and one.secured]
"""Operations whose response is a single object."""

HTML = b"<!DOCTYPE html>\n<html><title>Maintenance</title></html>"

NO_JSON: Dict[str, bytes] = {
    "empty": b"",
    "blank": b" \r\n\t",
    "HTML": HTML,
    "text": b"upstream connect error",
    "cut": b'{"count": 2, "results": [{"serial": "Form4-Pl',
    "cut number": b'{"count": -',
    "two": b"{}{}",
    "bytes": b"\xff\xfe\x00",
    "nested too deeply": b"[" * 20_000,
    "nested too deeply in an object": b'{"results": ' + b'{"a": ' * 20_000,
}
OTHER_BODIES: Dict[str, bytes] = {
    "null": b"null",
    "number": b"5",
    "text": b'"text"',
    "bool": b"true",
    "detail": b'{"detail": "Maintenance."}',
    "error": b'{"error": "invalid", "error_description": "x"}',
}

each_mode = pytest.mark.parametrize("strict", [False, True], ids=["tolerant", "strict"])
each_answer = pytest.mark.parametrize("operation", WITH_ANSWER, ids=str)


def refusal(client: ApiClient, operation: Operation) -> ApiException:
    with pytest.raises(ResponseException) as caught:
        operation.call(client)
    return caught.value


@each_mode
@each_answer
def test_body_that_is_not_json_is_a_response_exception(
    service: Loopback,
    client_of: Callable[..., ApiClient],
    operation: Operation,
    strict: bool,
) -> None:
    client = client_of(strict_responses=strict, retries=False)
    for body in NO_JSON.values():
        service.forget()
        service.reply(200, body, Content_Type="text/html", X_Request_Id="r-1")
        error = refusal(client, operation)
        assert error.status == 200
        assert error.body == body.decode("utf-8", "replace")
        assert error.headers is not None
        assert error.headers["x-request-id"] == "r-1"
        assert "the body is" in str(error)
        assert len(str(error)) < 300
    assert len(service.asked) == len(NO_JSON)


@pytest.mark.parametrize(("name", "message"), [("HTML", "an HTML page"), ("empty", "empty")])
def test_response_exception_describes_the_body(
    service: Loopback, client: ApiClient, name: str, message: str
) -> None:
    service.reply(200, NO_JSON[name])
    assert message in str(refusal(client, BY_NAME["prints_list"]))


@pytest.mark.parametrize("name", OTHER_BODIES)
@each_answer
def test_body_of_another_type_is_a_response_exception(
    service: Loopback, client: ApiClient, operation: Operation, name: str
) -> None:
    service.reply(200, OTHER_BODIES[name])
    error = refusal(client, operation)
    assert (error.status, error.body) == (200, OTHER_BODIES[name].decode())


@pytest.mark.parametrize("name", ["null", "number", "text", "bool"])
@each_answer
def test_body_of_another_type_is_an_error_in_strict_mode(
    service: Loopback, client_of: Callable[..., ApiClient], operation: Operation, name: str
) -> None:
    service.reply(200, OTHER_BODIES[name])
    with pytest.raises((ValidationError, ResponseException)):
        operation.call(client_of(strict_responses=True))


@pytest.mark.parametrize("operation", MODELS, ids=str)
def test_list_in_place_of_an_object_is_an_error(
    service: Loopback, client: ApiClient, operation: Operation
) -> None:
    service.reply(200, [data_of(str(operation.answer))])
    error = refusal(client, operation)
    assert "a JSON array, not the" in str(error)


@pytest.mark.parametrize("operation", [*LISTED, *PAGED], ids=str)
def test_envelope_without_results_is_not_an_empty_list(
    service: Loopback, client: ApiClient, operation: Operation
) -> None:
    service.reply(200, {})
    refusal(client, operation)
    service.reply(200, {"count": 0, "next": None})
    refusal(client, operation)


@pytest.mark.parametrize("envelope", [False, True])
@pytest.mark.parametrize("operation", [*LISTED, *PAGED], ids=str)
def test_envelope_with_empty_results_is_an_empty_list(
    service: Loopback, client: ApiClient, operation: Operation, envelope: bool
) -> None:
    service.reply(200, {"count": 0, "results": []} if envelope else [])
    given = operation.call(client)
    assert (given if operation in LISTED else given.results) == []


@pytest.mark.parametrize("rows", [{"a": 1}, "xyz", 5, True])
@pytest.mark.parametrize("operation", [*LISTED, *PAGED], ids=str)
def test_results_that_are_not_a_list_are_an_error(
    service: Loopback, client: ApiClient, operation: Operation, rows: Any
) -> None:
    service.reply(200, {"count": 1, "results": rows})
    with pytest.raises(ResponseException) as caught:
        operation.call(client)
    assert json.loads(caught.value.body or "")["results"] == rows


@pytest.mark.parametrize("operation", [*LISTED, *PAGED], ids=str)
def test_null_results_are_no_rows_unless_detail_explains_an_error(
    service: Loopback, client: ApiClient, operation: Operation
) -> None:
    service.reply(200, {"count": 0, "results": None})
    given = operation.call(client)
    assert not (given if operation in LISTED else given.results)
    service.forget()
    service.reply(200, {"detail": "boom", "results": None})
    with pytest.raises(ResponseException):
        operation.call(client)


@pytest.mark.parametrize("operation", LISTED, ids=str)
def test_other_fields_of_an_envelope_are_kept(
    service: Loopback, client: ApiClient, operation: Operation
) -> None:
    service.reply(200, {"count": 0, "results": [], "page": 3, "schema": "v2"})
    assert operation.call(client).more == {"page": 3, "schema": "v2"}


@pytest.mark.parametrize("name", ["printers_retrieve", "groups_create", "groups_partial_update"])
def test_empty_object_is_not_a_printer_or_group(
    service: Loopback, client: ApiClient, name: str
) -> None:
    service.reply(200, {})
    with pytest.raises(ResponseException, match="JSON object, not the"):
        BY_NAME[name].call(client)


def test_values_in_a_dict_are_read_tolerantly_too(client: ApiClient) -> None:
    response = RESTResponse(HTTPResponse(b'{"a": {"id": 1, "new": 2}}', status=200))
    data = client.response_deserialize(response, {"200": "Dict[str, Workgroup]"}).data
    assert data["a"].to_dict() == {"id": 1, "new": 2}


def test_leading_white_space_of_a_body_is_ignored(service: Loopback, client: ApiClient) -> None:
    for name in ("groups", "tanks"):
        data = data_of(name)
        rows = data if isinstance(data, list) else data["results"]
        for body in (rows, {"count": 2, "results": rows}):
            service.forget()
            service.reply(200, b" \r\n" * 50 + json.dumps(body).encode())
            assert BY_NAME[f"{name}_list"].call(client)


@each_mode
@each_answer
def test_body_is_parsed_whatever_its_content_type(
    service: Loopback, client_of: Callable[..., ApiClient], operation: Operation, strict: bool
) -> None:
    client = client_of(strict_responses=strict)
    for content_type in ("application/json; charset=utf-8", "text/plain", ""):
        service.forget()
        service.reply(200, operation.body, Content_Type=content_type)
        assert operation.call(client)


@pytest.mark.parametrize("status", [400, 404, 500])
@pytest.mark.parametrize("name", NO_JSON)
def test_error_keeps_its_body_whatever_its_type(
    service: Loopback, client: ApiClient, status: int, name: str
) -> None:
    service.reply(status, NO_JSON[name])
    for operation in (BY_NAME["prints_list"], BY_NAME["request_an_access_token"]):
        with pytest.raises(ApiException) as caught:
            operation.call(client)
        assert caught.value.status == status
        assert caught.value.body == NO_JSON[name].decode("utf-8", "replace")
        assert caught.value.data is None


# Strict mode


def test_strict_mode_names_the_field_that_does_not_fit(
    service: Loopback, client_of: Callable[..., ApiClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    prints = data_of("prints")
    prints["results"][1]["layer_count"] = "many"
    service.reply(200, prints)
    operation = BY_NAME["prints_list"]
    tolerant = operation.call(client_of())
    assert tolerant.results[1].layer_count == "many"
    strict = client_of(strict_responses=True)
    monkeypatch.setenv("FORMLABS_WEB_API_STRICT", "1")
    for client in (strict, client_of()):
        with pytest.raises(ValidationError) as caught:
            operation.call(client)
        places: List[Any] = [line["loc"] for line in caught.value.errors()]
        assert places == [("results", 1, "layer_count")]
    assert operation.call(client_of(strict_responses=False)).results[1].layer_count == "many"
