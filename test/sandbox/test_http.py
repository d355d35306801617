"""HTTP: authorization, paths, shapes and errors as on the live service."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from typing import Any, Dict, List, Set
from urllib.parse import quote

import pytest
import urllib3

from formlabs_web_api.sandbox import Sandbox
from test.sandbox.caller import API, Caller
from test.sandbox.conftest import NOW

LISTS = ["/prints/", "/events/", "/tanks/", "/cartridges/"]
READS = [*LISTS, "/printers/", "/groups/"]


def problem(response: urllib3.BaseHTTPResponse) -> Any:
    assert response.headers["Content-Type"] == "application/json"
    return json.loads(response.data)


# Tokens


def test_a_token_lasts_a_day(caller: Caller, sandbox: Sandbox) -> None:
    response = caller.form(
        "/o/token/",
        grant_type="client_credentials",
        client_id=sandbox.client_id,
        client_secret=sandbox.client_secret,
    )
    body = json.loads(response.data)
    assert list(body) == ["access_token", "expires_in", "token_type", "scope"]
    assert (body["expires_in"], body["token_type"], body["scope"]) == (
        86_400,
        "Bearer",
        "developer-api",
    )
    sandbox.advance(hours=23, minutes=59)
    assert caller("GET", "/tanks/").status == 200
    sandbox.advance(minutes=1)
    refused = caller("GET", "/tanks/")
    assert refused.status == 401
    assert "invalid_token" in refused.headers["WWW-Authenticate"]


def test_the_lifetime_of_a_token_can_be_chosen() -> None:
    with Sandbox(now=NOW, token_lifetime=30) as sandbox:
        caller = Caller(sandbox)
        assert caller("GET", "/tanks/").status == 200
        sandbox.advance(seconds=30)
        assert caller("GET", "/tanks/").status == 401
        caller.pool.clear()


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"grant_type": "authorization_code"}, 400, "unsupported_grant_type"),
        ({"grant_type": None}, 400, "invalid_request"),
        ({"client_id": None}, 400, "invalid_request"),
        ({"client_secret": ""}, 400, "invalid_request"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "wröng"}, 401, "invalid_client"),
    ],
)
def test_a_wrong_token_call_is_an_oauth_error(
    reader: Caller, changes: Dict[str, Any], status: int, error: str
) -> None:
    fields = {
        "grant_type": "client_credentials",
        "client_id": reader.sandbox.client_id,
        "client_secret": reader.sandbox.client_secret,
        **changes,
    }
    given = {name: value for name, value in fields.items() if value is not None}
    response = reader.form("/o/token/", **given)
    assert response.status == status
    assert problem(response)["error"] == error
    assert ("error_description" in problem(response)) == (status == 400)


def basic(user: str, password: str) -> Dict[str, str]:
    encoded = b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {encoded}"}


def test_client_credentials_may_come_as_http_basic(reader: Caller) -> None:
    sandbox = reader.sandbox
    right = basic(sandbox.client_id, sandbox.client_secret)
    for headers, more, status in (
        (right, "", 200),
        (right, f"&client_id={sandbox.client_id}", 200),
        (right, "&client_id=other", 401),
        (basic(sandbox.client_id, "wrong"), "", 401),
        ({"Authorization": "Basic ?"}, "", 401),
        ({"Authorization": "Basic /////w=="}, "", 401),
        ({"Authorization": ""}, "", 400),
    ):
        headers = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        body = "grant_type=client_credentials" + more
        answer = reader("POST", "/o/token/", body, headers=headers)
        assert answer.status == status, (headers, more)
        if status == 200:
            token = json.loads(answer.data)["access_token"]
            revoked = reader("POST", "/o/revoke_token/", f"token={token}", headers=headers)
            assert revoked.status == 200


def test_the_password_grant_gives_a_token_and_a_refresh_token(reader: Caller) -> None:
    sandbox = reader.sandbox
    fields = {
        "grant_type": "password",
        "client_id": sandbox.client_id,
        "username": sandbox.username,
        "password": sandbox.password,
    }
    answer = json.loads(reader.form("/o/token/", **fields).data)
    assert list(answer)[-1] == "refresh_token"
    assert reader("GET", "/tanks/", headers=bearer(answer)).status == 200
    assert reader.form("/o/token/", **fields, client_secret=sandbox.client_secret).status == 200
    assert reader.form("/o/token/", **fields, client_secret="wrong").status == 401
    wrong = reader.form("/o/token/", **{**fields, "password": "wrong"})
    assert (wrong.status, problem(wrong)["error"]) == (400, "invalid_grant")
    assert problem(reader.form("/o/token/", grant_type="password"))["error"] == "invalid_request"


def test_a_refresh_token_renews_an_access_token_once(reader: Caller) -> None:
    sandbox = reader.sandbox
    client = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret}
    user = {"username": sandbox.username, "password": sandbox.password}
    first = json.loads(reader.form("/o/token/", grant_type="password", **client, **user).data)
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], **client}
    second = json.loads(reader.form("/o/token/", **refresh).data)
    assert reader("GET", "/tanks/", headers=bearer(second)).status == 200
    assert reader("GET", "/tanks/", headers=bearer(first)).status == 401
    again = reader.form("/o/token/", **refresh)
    assert (again.status, problem(again)["error"]) == (400, "invalid_grant")
    assert reader.form("/o/revoke_token/", token=second["refresh_token"], **client).status == 200
    assert reader("GET", "/tanks/", headers=bearer(second)).status == 401


def bearer(answer: Dict[str, Any]) -> Dict[str, str]:
    return {"Authorization": f"Bearer {answer['access_token']}"}


def test_a_token_call_in_json_is_refused(reader: Caller) -> None:
    body = {
        "grant_type": "client_credentials",
        "client_id": reader.sandbox.client_id,
        "client_secret": reader.sandbox.client_secret,
    }
    response = reader("POST", "/o/token/", body)
    assert (response.status, problem(response)["error"]) == (400, "invalid_request")


def test_a_revoked_token_is_refused(caller: Caller, sandbox: Sandbox) -> None:
    token = caller.token()
    client = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret}
    headers = {"Authorization": f"Bearer {token}"}
    wrong = caller.form("/o/revoke_token/", token=token, client_id="x", client_secret="y")
    assert (wrong.status, problem(wrong)) == (401, {"error": "invalid_client"})
    assert caller("GET", "/tanks/", headers=headers).status == 200
    revoked = caller.form("/o/revoke_token/", token=token, **client)
    assert (revoked.status, revoked.data) == (200, b"")
    assert caller("GET", "/tanks/", headers=headers).status == 401
    assert caller("GET", "/tanks/").status == 200
    assert caller.form("/o/revoke_token/", token="unknown", **client).status == 200
    assert caller.form("/o/revoke_token/", **client).status == 400


@pytest.mark.parametrize("path", [*READS, "/printers/x/", "/printers/x/prints/"])
def test_every_read_needs_a_token(reader: Caller, path: str) -> None:
    for value in ("", "Basic eA==", "Bearer", f"Bearer {reader.sandbox.client_secret}"):
        response = reader("GET", path, headers={"Authorization": value})
        assert response.status == 401
        assert problem(response) == {"detail": "Authentication credentials were not provided."}
        assert response.headers["WWW-Authenticate"].startswith('Bearer realm="api"')


def test_bearer_may_be_in_lower_case(reader: Caller) -> None:
    small = {"Authorization": reader.headers["Authorization"].replace("Bearer", "bearer")}
    assert reader("GET", "/tanks/", headers=small).status == 200


# Lists


@pytest.mark.parametrize("path", LISTS)
def test_listings_have_envelopes_and_next_links(reader: Caller, path: str) -> None:
    page = reader.get(path + "?per_page=100")
    assert list(page) == ["count", "next", "previous", "results"]
    rows: List[Any] = list(page["results"])
    while page["next"] is not None:
        assert page["next"].startswith(reader.sandbox.url)
        page = reader.get(page["next"])
        rows += page["results"]
    assert len(rows) == page["count"]
    keys: Set[str] = {str(row.get("guid") or row.get("id") or row["serial"]) for row in rows}
    assert len(keys) == len(rows)
    assert len(reader.get(path)["results"]) == 20


@pytest.mark.parametrize("path", ["/printers/", "/groups/"])
def test_printers_and_groups_are_bare_lists_unless_a_page_is_requested(
    reader: Caller, path: str
) -> None:
    bare = reader.get(path)
    assert isinstance(bare, list)
    assert reader.get(path + "?per_page=100") == {
        "count": len(bare),
        "next": None,
        "previous": None,
        "results": bare,
    }
    page = reader.get(path + "?page=2&per_page=1")
    assert page["results"] == bare[1:2]
    assert page["previous"] == f"{reader.sandbox.url}{API}{path}?per_page=1"


def test_a_filter_is_applied_and_unknown_parameters_are_not(reader: Caller) -> None:
    query = "status=ERROR&machine_type_id=FORM-4-0&machine_type_id=FRML-4-0"
    found = reader.get(f"/prints/?{query}&sort=name&limit=3")
    serials = {
        row["serial"]
        for row in reader.get("/printers/")
        if row["machine_type_id"] in ("FORM-4-0", "FRML-4-0")
    }
    assert 0 < found["count"] < 400
    assert all(row["status"] == "ERROR" and row["printer"] in serials for row in found["results"])
    assert len(found["results"]) == min(20, found["count"])


def test_dates_in_the_format_of_the_official_client_are_parsed(reader: Caller) -> None:
    middle = reader.get("/prints/?page=10")["results"][0]["created_at"]
    moment = quote(middle[:-3] + middle[-2:], safe="")
    found = reader.get(f"/prints/?date__lt={moment}&per_page=1")
    assert found["count"] == 400 - 181
    response = reader("GET", "/events/?date__gt=soon")
    assert (response.status, problem(response)) == (400, {"date__gt": ["Enter a valid date/time."]})


def test_printer_and_prints_of_a_printer_are_served(reader: Caller) -> None:
    for printer in reader.get("/printers/"):
        serial = printer["serial"]
        assert reader.get(f"/printers/{serial}/")["serial"] == serial
        prints = reader.get(f"/printers/{serial}/prints/")
        assert {row["printer"] for row in prints["results"]} == {serial}
        assert prints == {**reader.get(f"/prints/?printer={serial}"), "next": prints["next"]}
        dates = [row["created_at"] for row in prints["results"]]
        assert dates == sorted(dates, reverse=True)


@pytest.mark.parametrize(
    "path",
    [
        "/printers/NoSuchPrinter/",
        "/printers/NoSuchPrinter/prints/",
        "/printers/a%2Fb/",
        "/groups/no-uuid/queue/",
        "/groups/00000000-0000-4000-8000-000000000000/queue/",
        "/nothing/",
        "/nothing",
    ],
)
def test_unknown_objects_are_404(reader: Caller, path: str) -> None:
    response = reader("GET", path)
    assert (response.status, problem(response)) == (404, {"detail": "Not found."})


def test_a_page_past_the_end_is_404(reader: Caller) -> None:
    response = reader("GET", "/prints/?page=21")
    assert (response.status, problem(response)) == (404, {"detail": "Invalid page."})


def test_a_missing_slash_is_redirected_for_reads_only(reader: Caller) -> None:
    response = reader("GET", "/prints?status=ERROR&name=%C3%B6")
    assert response.status == 301
    expected = f"{reader.sandbox.url}{API}/prints/?status=ERROR&name=%C3%B6"
    assert response.headers["Location"] == expected
    assert reader("POST", "/groups", {"name": "x"}).status == 404


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/prints/", "GET, HEAD, OPTIONS"),
        ("DELETE", "/groups/", "GET, POST, HEAD, OPTIONS"),
        ("GET", "/groups/bulk-add-printers/", "POST, OPTIONS"),
        ("GET", "/groups/x/members/", "POST, PUT, DELETE, OPTIONS"),
        ("GET", "/o/token/", "POST, OPTIONS"),
        ("BREW", "/tanks/", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_wrong_method_is_405(reader: Caller, method: str, path: str, allow: str) -> None:
    response = reader(method, path)
    assert (response.status, problem(response)) == (
        405,
        {"detail": f'Method "{method}" not allowed.'},
    )
    assert sorted(response.headers["Allow"].split(", ")) == sorted(allow.split(", "))


def test_head_and_options_requests_are_answered(reader: Caller) -> None:
    head = reader("HEAD", "/prints/")
    assert (head.status, head.data) == (200, b"")
    assert int(head.headers["Content-Length"]) == len(reader("GET", "/prints/").data)
    options = reader("OPTIONS", "/prints/")
    assert (options.status, options.headers["Allow"]) == (200, "GET, HEAD, OPTIONS")


def test_answers_are_compressed_on_request(reader: Caller) -> None:
    zipped = reader("GET", "/prints/", headers={"Accept-Encoding": "gzip"}, decode_content=False)
    assert zipped.headers["Content-Encoding"] == "gzip"
    plain = reader("GET", "/prints/", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(zipped.data) == plain.data


# Limits


def test_the_hourly_limit_applies_to_the_user() -> None:
    with Sandbox(now=NOW, limit_per_hour=3) as sandbox:
        caller = Caller(sandbox)
        assert [caller("GET", "/tanks/").status for _ in range(3)] == [200, 200, 200]
        sandbox.advance(minutes=20)
        for _ in range(2):
            refused = caller("GET", "/tanks/")
            assert refused.status == 429
            assert refused.headers["Retry-After"] == "2400"
            assert problem(refused) == {
                "detail": "Request was throttled. Expected available in 2400 seconds."
            }
        sandbox.advance(seconds=2399)
        assert caller("GET", "/tanks/").headers["Retry-After"] == "1"
        sandbox.advance(seconds=1)
        assert caller("GET", "/tanks/").status == 200
        caller.pool.clear()


def test_the_limit_per_second_counts_token_calls() -> None:
    with Sandbox(now=NOW, limit_per_second=2) as sandbox:
        caller = Caller(sandbox)
        assert [caller("GET", "/tanks/").status for _ in range(3)] == [200, 429, 429]
        sandbox.advance(seconds=1)
        assert caller("GET", "/tanks/").status == 200
        caller.pool.clear()


@pytest.mark.parametrize("name", ["limit_per_hour", "limit_per_second"])
def test_a_limit_below_one_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Sandbox(**{name: 0})  # type: ignore[arg-type]


# Thumbnails


def test_thumbnail_url_needs_its_signature_and_no_token(caller: Caller, sandbox: Sandbox) -> None:
    row = caller.get("/prints/?per_page=1")["results"][0]
    address = row["print_thumbnail"]["thumbnail"]
    assert address.startswith(sandbox.url)
    pool = caller.pool
    picture = pool.request("GET", address)
    assert (picture.status, picture.headers["Content-Type"]) == (200, "image/png")
    assert picture.data.startswith(b"\x89PNG\r\n\x1a\n")
    assert pool.request("GET", address, headers=caller.headers).status == 400
    assert pool.request("GET", address.replace("Signature=", "Signature=0")).status == 403
    assert pool.request("GET", address.partition("?")[0]).status == 403
    sandbox.advance(hours=1)
    later = caller.get("/prints/?per_page=1")["results"][0]
    assert later["guid"] == row["guid"]
    assert later["print_thumbnail"]["thumbnail"] != address
    sandbox.advance(hours=1)
    assert pool.request("GET", address).status == 403
