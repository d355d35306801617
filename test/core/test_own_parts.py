"""Programs replace parts of the client, as clients of the OpenAPI Generator allow."""

from __future__ import annotations

import pickle
from functools import partial
from types import SimpleNamespace
from typing import Any, Callable, Dict, List, Optional
from unittest import mock

import pytest
import urllib3
from urllib3 import connectionpool

import formlabs_web_api
from formlabs_web_api import ApiClient, ApiResponse, Configuration, PrinterGroupsApi, TanksApi
from formlabs_web_api.rest import RESTClientObject, RESTResponse
from test.support.loopback import Loopback
from test.support.operations import OPERATIONS, data_of

SPELLINGS = ["", "_with_http_info", "_without_preload_content"]


class Signing(ApiClient):
    """``call_api`` with exactly the signature of the official package."""

    def call_api(  # type: ignore[override]
        self,
        method: str,
        url: str,
        header_params: Any = None,
        body: Any = None,
        post_params: Any = None,
        _request_timeout: Any = None,
    ) -> RESTResponse:
        headers = {**header_params, "X-Signature": "signed"}
        return super().call_api(method, url, headers, body, post_params, _request_timeout)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_replaced_call_api_is_used(service: Loopback, spelling: str) -> None:
    service.reply(503)
    configuration = Configuration(host=service.url, access_token="t")
    with Signing(configuration) as client:
        listing = getattr(TanksApi(client), f"tanks_list{spelling}")
        if spelling == "_without_preload_content":
            assert listing(_retries=0).status == 503
        else:
            with pytest.raises(formlabs_web_api.ServiceException):
                listing(_retries=0)
    assert len(service.asked) == 1  # so the call's own setting of retries was used
    assert service.last.headers["x-signature"] == "signed"


OVERRIDDEN = [
    "call_api",
    "param_serialize",
    "response_deserialize",
    "update_params_for_auth",
    "sanitize_for_serialization",
    "select_header_accept",
    "select_header_content_type",
]


@pytest.mark.parametrize("name", OVERRIDDEN)
@pytest.mark.parametrize("replacement", ["subclass", "instance attribute", "mock.patch"])
def test_overridden_official_helper_is_called_by_every_operation(
    service: Loopback, name: str, replacement: str
) -> None:
    service.reply(201, data_of("group_created"))
    official = getattr(ApiClient, name)
    called: List[str] = []

    def own(self: ApiClient, *args: Any, **named: Any) -> Any:
        called.append(name)
        return official(self, *args, **named)

    kind = type("Own", (ApiClient,), {name: own} if replacement == "subclass" else {})
    with kind(Configuration(host=service.url, access_token="t")) as client:
        if replacement == "instance attribute":
            setattr(client, name, partial(own, client))
        with mock.patch.object(ApiClient, name, own if replacement == "mock.patch" else official):
            created = PrinterGroupsApi(client).groups_create({"name": "x"})
    assert created.id
    assert called


def test_overridden_auth_settings_authorize_a_call(service: Loopback) -> None:
    class Renewing(Configuration):
        def auth_settings(self) -> Any:
            setting = super().auth_settings()
            setting["bearerAuth"]["value"] = "Bearer renewed"
            return setting

    service.reply(200, b"[]")
    with ApiClient(Renewing(host=service.url, access_token="t")) as client:
        TanksApi(client).tanks_list()
    assert service.last.headers["authorization"] == "Bearer renewed"


class KeywordsOnly(ApiClient):
    def param_serialize(self, **named: Any) -> Any:  # type: ignore[override]
        return super().param_serialize(**named)


def test_replaced_param_serialize_is_used(service: Loopback) -> None:
    service.reply(200, b"[]")
    with KeywordsOnly(Configuration(host=service.url, access_token="t")) as client:
        assert TanksApi(client).tanks_list().results == []


@pytest.mark.parametrize(
    "response",
    [
        SimpleNamespace(status=200, reason="OK", headers={}, data=b"[]"),
        urllib3.HTTPResponse(b"[]", status=200),
    ],
    ids=["of nothing", "of urllib3"],
)
def test_response_created_by_a_program_is_decoded(
    monkeypatch: pytest.MonkeyPatch, response: Any
) -> None:
    monkeypatch.setattr(ApiClient, "call_api", lambda *args, **named: RESTResponse(response))
    assert RESTResponse(response).read() == b"[]"
    with ApiClient(Configuration(access_token="t")) as client:
        assert TanksApi(client).tanks_list_with_http_info().raw_data == b"[]"


def test_rest_client_uses_the_classes_of_the_rest_module(monkeypatch: pytest.MonkeyPatch) -> None:
    class Mine(RESTClientObject):
        pass

    monkeypatch.setattr("formlabs_web_api.rest.RESTClientObject", Mine)
    assert isinstance(ApiClient(Configuration(access_token="t")).rest_client, Mine)


def test_connection_class_put_into_urllib3_is_used(
    service: Loopback, client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Programs that record and replay the requests of tests replace it."""
    asked: List[str] = []

    class Recorder(urllib3.connection.HTTPConnection):
        def request(self, method: str, url: str, *args: Any, **named: Any) -> None:
            asked.append(f"{method} {url}")
            super().request(method, url, *args, **named)

    monkeypatch.setattr(connectionpool.HTTPConnectionPool, "ConnectionCls", Recorder)
    service.reply(200, b"[]")
    TanksApi(client).tanks_list()
    assert asked == ["GET /developer/v1/tanks/"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_api_response_can_be_pickled(service: Loopback, client: ApiClient, operation: Any) -> None:
    service.reply(operation.status, operation.body)
    answer = operation.call(client, "_with_http_info")
    assert type(answer) is ApiResponse
    twin = pickle.loads(pickle.dumps(answer))
    assert (twin.status_code, twin.headers, twin.data) == (
        answer.status_code,
        answer.headers,
        answer.data,
    )


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("fields", "sent"), [({"ab": "1"}, b"ab=1"), ({"a": "1", "bc": "2"}, b"a=1&bc=2"), ({}, b"")]
)
def test_form_fields_may_be_a_dict(
    service: Loopback, client: ApiClient, fields: Dict[str, str], sent: bytes
) -> None:
    client.call_api("POST", f"{service.url}/x", {"Content-Type": FORM}, None, fields)
    assert service.last.body == sent


@pytest.mark.parametrize("name", ["Accept", "accept"])
def test_default_header_takes_precedence_over_that_of_the_operation(
    service: Loopback, client: ApiClient, name: str
) -> None:
    service.reply(200, b"[]")
    client.set_default_header(name, "application/vnd.mine+json")
    TanksApi(client).tanks_list()
    assert service.last.headers["accept"] == "application/vnd.mine+json"
    TanksApi(client).tanks_list(_headers={"Accept": "text/json"})
    assert service.last.headers["accept"] == "text/json"


def test_content_type_without_an_encoder_is_refused(service: Loopback, client: ApiClient) -> None:
    with pytest.raises(formlabs_web_api.ApiException, match="text/plain") as caught:
        PrinterGroupsApi(client).groups_create({"name": "x"}, _content_type="text/plain")  # type: ignore[arg-type]
    assert (caught.value.status, caught.value.attempts) == (0, 0)
    assert service.asked == []


@pytest.mark.parametrize("maxsize", [None, 1])
def test_pool_size_is_that_of_the_configuration(
    service: Loopback, client_of: Callable[..., ApiClient], maxsize: Optional[int]
) -> None:
    configuration = Configuration(host=service.url, access_token="t")
    configuration.connection_pool_maxsize = maxsize
    service.reply(200, b"[]")
    with ApiClient(configuration) as client:
        TanksApi(client).tanks_list()


def test_star_import_defines_no_common_name() -> None:
    names: Dict[str, Any] = {}
    exec("from formlabs_web_api import *", names)
    assert "retry" not in names
    assert names["RetryPolicy"] is formlabs_web_api.RetryPolicy
