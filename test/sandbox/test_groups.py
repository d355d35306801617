"""Groups over HTTP: create, change and delete them, their members and printers; rights."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Tuple
from urllib.parse import urlencode
from uuid import UUID

import pytest
import urllib3

from formlabs_web_api.sandbox import Sandbox
from test.sandbox.caller import Caller
from test.sandbox.conftest import NOW

GROUP = (
    "id name remote_print_enabled_override created_at memberships printers invitations "
    "has_fleet_control has_fleet_control_updated_by settings"
)


def problem(response: urllib3.BaseHTTPResponse) -> Tuple[int, Any]:
    return response.status, json.loads(response.data)


def mine(caller: Caller) -> Dict[str, Any]:
    """The group that the account administers, alone."""
    group: Dict[str, Any] = caller.get("/groups/")[0]
    return group


def theirs(caller: Caller) -> Dict[str, Any]:
    """A group of which the account is a member, without rights."""
    group: Dict[str, Any] = caller.get("/groups/")[1]
    return group


def test_generated_fleet_has_groups_with_members_and_printers(reader: Caller) -> None:
    first, second = reader.get("/groups/")
    assert " ".join(first) == GROUP
    assert [member["is_admin"] for member in first["memberships"]].count(True) == 1
    assert len(first["invitations"]) == 2
    assert len(first["printers"]) > 5
    assert second["remote_print_enabled_override"] is None
    for row in reader.get("/printers/"):
        groups = [group["id"] for group in (first, second) if row["serial"] in group["printers"]]
        assert groups == ([] if row["group"] is None else [row["group"]["id"]])
    assert None in [row["group"] for row in reader.get("/printers/")]


def test_generated_fleet_has_queues_with_documented_fields(reader: Caller) -> None:
    items = reader.get(f"/groups/{mine(reader)['id']}/queue/")
    assert len(items) == 3
    assert " ".join(items[0]) == (
        "id name volume_ml material_name created_at username allowed_machine_type_ids "
        "estimated_duration_ms"
    )
    assert None in [item["estimated_duration_ms"] for item in items]
    assert not any(" V" in item["material_name"] for item in items)
    assert len(reader.get(f"/groups/{theirs(reader)['id']}/queue/")) == 1


@pytest.mark.parametrize("kind", ["json", "form", "multipart"])
def test_a_group_is_created_renamed_and_deleted(caller: Caller, kind: str) -> None:
    def send(method: str, path: str, fields: Dict[str, str]) -> urllib3.BaseHTTPResponse:
        if kind == "json":
            return caller(method, path, fields)
        if kind == "multipart":
            return caller(method, path, fields=fields)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return caller(method, path, urlencode(fields), headers=headers)

    made = send("POST", "/groups/", {"name": "Prüfstand"})
    row = json.loads(made.data)
    assert made.status == 201
    assert " ".join(row) == "id name created_at has_fleet_control has_fleet_control_updated_by"
    assert UUID(row["id"])
    path = f"/groups/{row['id']}/"
    changed = send("PATCH", path, {"name": "Halle 2", "remote_print_enabled_override": "true"})
    assert changed.status == 200
    assert json.loads(changed.data) == caller.get("/groups/")[-1]
    assert json.loads(changed.data)["name"] == "Halle 2"
    assert json.loads(changed.data)["remote_print_enabled_override"] is True
    assert caller("PATCH", path).status == 200
    gone = caller("DELETE", path)
    assert (gone.status, gone.data) == (204, b"")
    assert caller("DELETE", path).status == 404
    assert len(caller.get("/groups/")) == 2


def test_null_clears_the_override_and_keeps_the_name(caller: Caller) -> None:
    group = mine(caller)
    path = f"/groups/{group['id']}/"
    body = {"name": None, "remote_print_enabled_override": None}
    changed = json.loads(caller("PATCH", path, body).data)
    assert changed == {**group, "remote_print_enabled_override": None}


def test_printers_of_a_deleted_group_have_no_group(caller: Caller) -> None:
    group = mine(caller)
    caller("DELETE", f"/groups/{group['id']}/")
    for row in caller.get("/printers/"):
        assert row["group"] is None or row["group"]["id"] != group["id"]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"name": ["This field is required."]}),
        ({"name": None}, {"name": ["This field may not be null."]}),
        ({"name": ""}, {"name": ["This field may not be blank."]}),
        ({"name": 7}, {"name": ["Not a valid string."]}),
        ({"name": "x" * 41}, {"name": ["Ensure this field has no more than 40 characters."]}),
        (
            ["name"],
            {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]},
        ),
        (b'{"name": "\\ud800"}', {"name": ["Not a valid string."]}),
    ],
)
def test_an_invalid_body_is_answered_with_reasons_by_field(
    reader: Caller, body: Any, errors: Dict[str, Any]
) -> None:
    assert problem(reader("POST", "/groups/", body)) == (400, errors)


@pytest.mark.parametrize("text", ["{", '{"name": NaN}', "[" * 100_000, b"\xff"])
def test_broken_json_is_a_parse_error(reader: Caller, text: Any) -> None:
    status, body = problem(reader("POST", "/groups/", text))
    assert status == 400
    assert body["detail"].startswith("JSON parse error - ")


@pytest.mark.parametrize(
    ("content_type", "text"),
    [
        ("multipart/form-data; boundary=here", "--nowhere"),
        ("multipart/form-data", "--here"),
        (
            "multipart/form-data; boundary=here; charset=none-such",
            '--here\r\nContent-Disposition: form-data; name="user"\r\n\r\nx\r\n--here--\r\n',
        ),
        ("application/x-www-form-urlencoded", "%ff%ff=%ff&&==&name"),
    ],
)
def test_a_broken_form_is_a_bad_request(reader: Caller, content_type: str, text: str) -> None:
    status, body = problem(reader("POST", "/groups/", text, headers={"Content-Type": content_type}))
    assert status == 400
    assert list(body) in (["detail"], ["name"])


def test_another_media_type_is_not_supported(reader: Caller) -> None:
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    assert problem(reader("POST", "/groups/", "name=x", headers=headers)) == (
        415,
        {"detail": 'Unsupported media type "text/plain" in request.'},
    )


def test_known_users_join_and_others_are_invited(caller: Caller) -> None:
    path = f"/groups/{mine(caller)['id']}/members/"
    joined = caller("POST", path, {"user": "priya", "is_admin": True})
    assert problem(joined) == (
        201,
        {
            "is_admin": True,
            "user": "priya",
            "email": "priya@example.com",
            "first_name": "Priya",
            "last_name": "Raman",
        },
    )
    by_mail = caller("POST", path, {"user": "tomas.ib@example.com"})
    assert json.loads(by_mail.data)["user"] == "tomas.ib"
    invited = caller("POST", path, {"user": "new@example.com"})
    assert problem(invited) == (
        201,
        {
            "is_admin": False,
            "user": "new@example.com",
            "email": "new@example.com",
            "first_name": "",
            "last_name": "",
        },
    )
    group = mine(caller)
    assert {"email": "new@example.com", "is_admin": False} in group["invitations"]
    assert {"priya", "tomas.ib"} <= {member["user"] for member in group["memberships"]}
    for again in ("priya", "priya@example.com", "new@example.com"):
        status, body = problem(caller("POST", path, {"user": again}))
        assert (status, list(body)) == (400, ["user"])
    assert problem(caller("POST", path, {"user": "stranger"}))[0] == 400
    assert problem(caller("POST", path, {"user": "priya", "is_admin": "maybe"}))[0] == 400


def test_members_are_promoted_and_removed_and_invitations_withdrawn(caller: Caller) -> None:
    path = f"/groups/{mine(caller)['id']}/members/"
    promoted = caller("PUT", path, {"user": "jonas_b", "is_admin": True})
    assert promoted.status == 200
    assert json.loads(promoted.data)["is_admin"] is True
    assert caller("PUT", path, {"user": "nadia@example.com", "is_admin": True}).status == 200
    assert {"email": "nadia@example.com", "is_admin": True} in mine(caller)["invitations"]
    for user in ("aiko.tanabe", "nadia@example.com"):
        gone = caller("DELETE", path, {"user": user})
        assert (gone.status, gone.data) == (204, b"")
    assert "nadia@example.com" not in json.dumps(mine(caller))
    for method in ("PUT", "DELETE"):
        status, body = problem(caller(method, path, {"user": "aiko.tanabe"}))
        assert (status, list(body)) == (400, ["user"])
        assert problem(caller(method, path))[1] == {"user": ["This field is required."]}


def test_the_last_administrator_cannot_be_removed(caller: Caller) -> None:
    path = f"/groups/{mine(caller)['id']}/members/"
    for refused in (
        caller("DELETE", path, {"user": "mira.santos"}),
        caller("PUT", path, {"user": "mira.santos", "is_admin": False}),
        caller("PUT", path, {"user": "mira.santos@example.com"}),
    ):
        assert problem(refused) == (400, {"user": ["A group needs at least one administrator."]})
    caller("PUT", path, {"user": "jonas_b", "is_admin": True})
    assert caller("PUT", path, {"user": "mira.santos", "is_admin": False}).status == 200
    assert caller("DELETE", path, {"user": "jonas_b"}).status == 403


def test_a_group_is_invisible_after_leaving_it(caller: Caller) -> None:
    group = mine(caller)
    path = f"/groups/{group['id']}/members/"
    caller("PUT", path, {"user": "jonas_b", "is_admin": True})
    assert caller("DELETE", path, {"user": "mira.santos"}).status == 204
    assert group["id"] not in [row["id"] for row in caller.get("/groups/")]
    assert caller("GET", f"/groups/{group['id']}/queue/").status == 404


def test_a_member_without_rights_may_only_read_a_group(reader: Caller) -> None:
    group = theirs(reader)["id"]
    refused = {"detail": "You do not have permission to perform this action."}
    for method, path, body in (
        ("PATCH", f"/groups/{group}/", {"name": "x"}),
        ("DELETE", f"/groups/{group}/", None),
        ("POST", f"/groups/{group}/members/", {"user": "zoe+lab"}),
        ("PUT", f"/groups/{group}/members/", {"user": "priya"}),
        ("DELETE", f"/groups/{group}/members/", {"user": "priya"}),
        ("POST", "/groups/bulk-add-printers/", {"target_group": group, "printers": []}),
    ):
        assert problem(reader(method, path, body)) == (403, refused)


def test_move_of_printers_moves_all_or_no_printer(caller: Caller) -> None:
    made = json.loads(caller("POST", "/groups/", {"name": "Line 2"}).data)["id"]
    loose = [row["serial"] for row in caller.get("/printers/") if row["group"] is None]
    wanted = [*mine(caller)["printers"][:2], *loose]
    path = "/groups/bulk-add-printers/"
    body = {"target_group": made, "printers": [*wanted, "NoSuchPrinter"]}
    assert problem(caller("POST", path, body)) == (
        400,
        {"printers": ["There is no printer NoSuchPrinter."]},
    )
    assert caller.get("/groups/")[-1]["printers"] == []
    body["printers"] = [*wanted, theirs(caller)["printers"][0]]
    assert caller("POST", path, body).status == 403
    assert caller.get("/groups/")[-1]["printers"] == []
    done = caller("POST", path, {"target_group": made.replace("-", ""), "printers": wanted})
    assert (done.status, done.data) == (200, b"")
    assert sorted(caller.get("/groups/")[-1]["printers"]) == sorted(wanted)
    assert not set(wanted) & set(mine(caller)["printers"])
    assert caller.get(f"/printers/{wanted[0]}/")["group"] == {"id": made, "name": "Line 2"}


def test_printers_in_a_form_are_the_repeated_field(caller: Caller) -> None:
    made = json.loads(caller("POST", "/groups/", {"name": "Line 2"}).data)["id"]
    wanted = mine(caller)["printers"][:2]
    form = urlencode({"target_group": made, "printers": wanted}, doseq=True)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert caller("POST", "/groups/bulk-add-printers/", form, headers=headers).status == 200
    assert caller.get("/groups/")[-1]["printers"] == wanted


@pytest.mark.parametrize(
    ("body", "status", "names"),
    [
        ({}, 400, {"target_group", "printers"}),
        ({"target_group": "x", "printers": "Form4-X"}, 400, {"target_group", "printers"}),
        ({"target_group": None, "printers": [3]}, 400, {"target_group", "printers"}),
        (
            {"target_group": "00000000-0000-4000-8000-000000000000", "printers": []},
            404,
            {"detail"},
        ),
    ],
)
def test_an_invalid_move_of_printers_is_answered_with_reasons(
    reader: Caller, body: Any, status: int, names: Any
) -> None:
    answered, errors = problem(reader("POST", "/groups/bulk-add-printers/", body))
    assert (answered, set(errors)) == (status, names)


def impossible_jobs(sandbox: Sandbox) -> List[str]:
    world = sandbox.world
    world.settle()
    found: List[str] = []
    for group in world.groups.mine():
        types = {
            world.printers[serial].kind.machine_type_id for serial in world.groups.printers(group)
        }
        found += [item.name for item in group.queue if not types & set(item.machine_type_ids)]
    return found


@pytest.mark.parametrize("printers", [1, 3, 4, 8, 12, 40])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_queues_hold_only_jobs_that_their_printers_can_take(seed: int, printers: int) -> None:
    sandbox = Sandbox(seed=seed, now=NOW, printers=printers, prints=2 * printers)
    for _ in range(4):
        assert impossible_jobs(sandbox) == []
        sandbox.advance(days=8)


def test_jobs_leave_the_queue_with_the_last_printer_that_can_take_them() -> None:
    sandbox = Sandbox(seed=1, now=NOW)
    world = sandbox.world
    group = next(group for group in world.groups.mine() if group.queue)
    other = world.groups.create("Other")
    queued = len(group.queue)
    for serial in world.groups.printers(group):
        world.groups.move_printers(other, [serial])
        assert impossible_jobs(sandbox) == []
    assert queued > 0
    assert group.queue == ()
