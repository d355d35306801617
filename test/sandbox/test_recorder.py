"""A recording contains no personal data, keeps every shape, and can be loaded by a sandbox."""

from __future__ import annotations

import copy
import json
import os
import re
import stat
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Dict, Iterator, List, Set, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formlabs_web_api import (
    ApiClient,
    ApiConnectionException,
    Configuration,
    UnauthorizedException,
    recorder,
)
from formlabs_web_api.recorder.anonymizer import Anonymizer
from formlabs_web_api.sandbox import Sandbox
from formlabs_web_api.sandbox.fleet.build import build_fleet
from formlabs_web_api.sandbox.http.rows import Rows
from formlabs_web_api.sandbox.instants import from_datetime
from test.sandbox.caller import Caller
from test.sandbox.conftest import NOW

LISTS = ("/printers/", "/prints/", "/tanks/", "/cartridges/", "/events/", "/groups/")


def client_of(sandbox: Sandbox, **more: Any) -> ApiClient:
    return ApiClient(
        Configuration(
            host=sandbox.url,
            client_id=sandbox.client_id,
            client_secret=sandbox.client_secret,
            retries=False,
            **more,
        )
    )


@pytest.fixture(scope="module")
def recorded(shared_sandbox: Sandbox) -> Dict[str, Any]:
    with client_of(shared_sandbox) as client, pytest.MonkeyPatch.context() as patch:
        # The same anonymizer each time: the pseudonyms of a printer depend on its serial.
        patch.setattr(
            "formlabs_web_api.recorder.anonymizer.secrets.token_bytes", lambda size: b"k" * size
        )
        patch.setattr(
            "formlabs_web_api.recorder.anonymizer.secrets.randbelow", lambda limit: limit // 2
        )
        recording = recorder.record(client)
    # The sandbox's clock is stopped, far from the clock of this machine.
    assert abs(moment(recording) - NOW) < timedelta(minutes=1)
    recording["recorded_at"] = NOW.isoformat()
    return recording


def moment(recording: Dict[str, Any]) -> datetime:
    return datetime.fromisoformat(recording["recorded_at"])


@pytest.fixture
def loaded(recorded: Dict[str, Any], tmp_path: Path) -> Iterator[Caller]:
    recorder.save(recorded, tmp_path / "fleet.json")
    with Sandbox(load=tmp_path / "fleet.json", speed=0) as sandbox:
        caller = Caller(sandbox)
        yield caller
        caller.pool.clear()


def shape(value: Any) -> Any:
    """Return the shape of a value: names, types, blanks and nulls."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return "" if value == "" else type(value).__name__


def texts(value: Any) -> Set[str]:
    """Return all texts in a value, and the names of its fields."""
    if isinstance(value, dict):
        return set(value).union(*map(texts, value.values()))
    if isinstance(value, list):
        return set().union(*map(texts, value))
    return {value} if isinstance(value, str) else set()


def bodies(recording: Dict[str, Any], path: str) -> List[Any]:
    return [each["body"] for each in recording["answers"] if each["path"] == "/developer/v1" + path]


# Kept and replaced values


def test_a_recording_contains_no_identifying_text(reader: Caller, recorded: Dict[str, Any]) -> None:
    text = json.dumps(recorded, ensure_ascii=False)
    assert json.loads(text) == recorded
    world = reader.sandbox.world
    secret: Set[str] = set(world.printers)
    secret |= {printer.alias for printer in world.printers.values() if printer.alias}
    for path in LISTS:
        for row in reader.get(path + "?per_page=100")["results"]:
            for name in ("serial", "guid", "email", "lot_number", "thumbnail", "print_job"):
                secret |= {row[name]} if isinstance(row.get(name), str) else set()
    for run in world.prints.select({}).newest(0, 1000):
        secret |= {run.guid, run.name, run.note or run.guid}
        if run.user is not None:
            secret |= {run.user.username, run.user.email, run.user.first_name}
    secret |= {item.serial for item in (*world.cartridges, *world.tanks)}
    secret |= {group.name for group in world.groups.mine()}
    secret |= {group.id for group in world.groups.mine()}
    secret |= {reader.sandbox.client_id, reader.sandbox.client_secret, reader.sandbox.url}
    secret |= {"SANDBOXTHUMBNAILS"}
    assert len(secret) > 600
    assert [one for one in secret if len(one) > 4 and one in text] == []
    assert not secret & texts(recorded)


def test_recording_keeps_shapes_and_harmless_values(
    reader: Caller, recorded: Dict[str, Any]
) -> None:
    (bare, page) = bodies(recorded, "/printers/")
    assert shape(bare) == shape(reader.get("/printers/"))
    assert page["results"] == bare
    rows = [row for body in bodies(recorded, "/prints/") for row in body["results"]]
    live = [
        row
        for number in range(1, 5)
        for row in reader.get(f"/prints/?per_page=100&page={number}")["results"]
    ]
    assert [shape(row) for row in rows] == [shape(row) for row in live]
    for name in (
        "status",
        "material",
        "volume_ml",
        "print_started_at",
        "print_finished_at",
        "firmware_version",
        "print_settings_code",
        "form_auto_serial",
        "layer_count",
        "material_name",
    ):
        assert [row[name] for row in rows] == [row[name] for row in live], name
    statuses = [row["printer_status"] for row in reader.get("/printers/")]
    for name in ("status", "last_pinged_at", "printer_capabilities", "ready_to_print"):
        assert [row["printer_status"][name] for row in bare] == [row[name] for row in statuses]
    assert [row["machine_type_id"] for row in bare] == [
        row["machine_type_id"] for row in reader.get("/printers/")
    ]


def test_recording_keeps_references_between_rows(recorded: Dict[str, Any]) -> None:
    (printers, _) = bodies(recorded, "/printers/")
    serials = {row["serial"] for row in printers}
    assert len(serials) == 12
    runs = [row for body in bodies(recorded, "/prints/") for row in body["results"]]
    assert {row["printer"] for row in runs} == serials
    cartridges = [row for body in bodies(recorded, "/cartridges/") for row in body["results"]]
    assert {row["inside_printer"] for row in cartridges} - {""} <= serials
    for row in printers:
        if row["alias"] is not None:
            assert row["serial"].partition("-")[2] == row["alias"]
            assert row["serial"].startswith("Form4")
    guids = {row["guid"] for row in runs}
    current = [row["printer_status"]["current_print_run"] for row in printers]
    assert {run["guid"] for run in current if run} <= guids
    users = {(run["user"]["id"], run["user"]["username"]) for run in runs if run["user"]}
    assert len({number for number, _ in users}) == len({name for _, name in users}) == len(users)
    (detail,) = [
        each["path"] for each in recorded["answers"] if each["template"] == "/printers/{serial}/"
    ]
    assert detail.split("/")[-2] in serials


def test_two_recordings_use_different_pseudonyms(shared_sandbox: Sandbox) -> None:
    with client_of(shared_sandbox) as client:
        first, second = (recorder.record(client, prints=1, events=1) for _ in range(2))
    serials = [bodies(each, "/printers/")[0][0]["serial"] for each in (first, second)]
    assert serials[0] != serials[1]


IDENTIFYING = (
    *("serial", "alias", "name", "username", "email", "first_name", "note", "guid", "message"),
    *("thumbnail", "inside_printer", "display_name", "something_new", "location", "lot_number"),
)
KNOWN = {
    "status": ["PRINTING", "IDLE", "WAITING_FOR_RESOLUTION"],
    "material": ["FLGPCL05"],
    "machine_type_id": ["FORM-4-0"],
    "created_at": ["2026-06-01T20:57:04.053000-04:00"],
    "firmware_version": ["1.15.2-2913"],
}
identities = st.one_of(
    st.text(min_size=1, max_size=40),
    st.emails(),
    st.uuids().map(str),
    st.from_regex(r"\A(Form4L?-)?[A-Z][a-z]{3,8}[A-Z][a-z]{3,8}\Z"),
    st.from_regex(r"\A(4c-)?[0-9a-f]{12,14}\Z"),
    st.from_regex(r"\Ahttps://[a-z]{3,9}\.example/[a-z]{1,9}\?(Signature|Expires)=[a-z0-9]{4,9}\Z"),
    st.datetimes().map(lambda moment: moment.isoformat() + "-04:00"),
)
rows = st.fixed_dictionaries(
    {name: st.sampled_from(values) for name, values in KNOWN.items()},
    optional={
        **{name: st.one_of(st.none(), identities) for name in IDENTIFYING},
        "user": st.fixed_dictionaries({"id": st.integers(1, 99), "username": identities}),
        "parts": st.lists(
            st.fixed_dictionaries({"name": identities, "volume_ml": st.floats(0, 9)})
        ),
        "by_address": st.dictionaries(st.emails(), st.booleans(), max_size=2),
    },
)


def identifying(value: Any, name: str = "") -> List[str]:
    """Return the texts of a value that identify somebody or something."""
    if isinstance(value, dict):
        emails = [key for key in value if "@" in key]
        inner = [text for key, each in value.items() for text in identifying(each, key)]
        return [*emails, *inner]
    if isinstance(value, list):
        return [text for each in value for text in identifying(each, name)]
    goes = isinstance(value, str) and name not in KNOWN and value.strip()
    return [value] if goes else []


@settings(max_examples=40, deadline=None)
@given(st.lists(rows, max_size=6))
def test_any_text_of_any_unknown_field_is_replaced(answer: List[Dict[str, Any]]) -> None:
    anonymizer = Anonymizer()
    anonymizer.collect(answer)
    anonymized = anonymizer.anonymize(answer)
    public = {text for values in KNOWN.values() for text in values}
    originals = {text for text in identifying(answer) if text not in public}
    left = texts(anonymized) - set(KNOWN) - set(IDENTIFYING) - {"user", "id", "parts", "volume_ml"}
    assert not originals & left
    whole = json.dumps(anonymized, ensure_ascii=False)
    assert not [text for text in originals if len(text) >= 12 and text in whole]
    assert anonymizer.anonymize(answer) == anonymized
    for before, after in zip(answer, anonymized):
        assert {name: after[name] for name in KNOWN} == {name: before[name] for name in KNOWN}
        assert len(after) == len(before)
        assert not {"something_new", "by_address"} & set(after)
        for name in (set(IDENTIFYING) & set(before)) - {"something_new"}:
            assert shape(after[name]) == shape(before[name])


@given(st.lists(identities, min_size=2, max_size=40, unique=True))
def test_different_texts_have_different_pseudonyms(values: List[str]) -> None:
    anonymizer = Anonymizer()
    anonymizer.collect(values, "name")
    anonymized = anonymizer.anonymize(values, "name")
    assert len(set(anonymized)) == len(values)


def test_there_are_enough_pseudonyms_for_short_texts() -> None:
    letters = [*"abcdefghijklmnopqrstuvwxyz0123456789", "aa", "ab", "-", "é"]
    anonymizer = Anonymizer()
    anonymizer.collect(letters, "name")
    made = anonymizer.anonymize(letters, "name")
    assert len(set(made)) == len(letters)
    assert not set(made) & set(letters)


ANIMAL = "[A-Z][a-z]{4}[A-Z][a-z]{4}"
HEX = "[0-9A-F]"


@pytest.mark.parametrize(
    ("name", "text", "like"),
    [
        ("serial", "Form4-QuietOtter", f"Form4-{ANIMAL}"),
        ("serial", "4c-0a1b2c3d4e5f", r"4c-[0-9a-f]{12}"),
        ("serial", "04a1b2c3d4e501", r"[0-9a-f]{14}"),
        ("cylinder", "BC-FS1-120V-01234", r"BC-FS1-120V-[0-9]{5}"),
        (
            "guid",
            "0A1B2C3D-0000-4000-8000-000000000001",
            rf"{HEX}{{8}}(-{HEX}{{4}}){{3}}-{HEX}{{12}}",
        ),
        ("email", "ana.b@labs.example", r"[a-z]{8}@example\.com"),
        ("name", "bracket_v7 (2)", r"[a-z]{7}_[a-z][0-9] \([0-9]\)"),
        ("name", "Gehäuse", r"[A-Z][a-z]{2}[àéîøüßñçłğ][a-z]{3}"),
        ("name", "歯車", r"[一-鿿]{2}"),
        ("name", "🙂", r"[★●▲■◆♥☀☂]"),
        ("name", "---", r"[-_.~]{3}"),
        (
            "thumbnail",
            "https://s3.example/a.png?Signature=aB1&Expires=17",
            r"https://recorded\.example\.com/[a-z]{12}\?Signature=[a-z][A-Z][0-9]&Expires=[0-9]{2}",
        ),
        (
            "next",
            "https://proxy.example/acme/developer/v1/prints/?page=2&printer=QuietOtter",
            rf"https://api\.example\.com/developer/v1/prints/\?page=2&printer={ANIMAL}",
        ),
        (
            "next",
            "https://api.formlabs.com/developer/v1/printers/QuietOtter/prints/?page=2",
            rf"https://api\.example\.com/developer/v1/printers/{ANIMAL}/prints/\?page=2",
        ),
        ("born_on", "1988-02-29T07:00:00Z", r"(19|20)\d\d-\d\d-\d\dT07:00:00Z"),
        ("status", "Ana's printer", r"[A-Z][a-z]{2}'[a-z] [a-z]{7}"),
        ("material_name", "Ana's secret blend", r"[A-Z][a-z]{2}'[a-z] [a-z]{6} [a-z]{5}"),
        ("print_settings_name", "Ana fast", r"[A-Z][a-z]{2} [a-z]{4}"),
        ("form_auto_serial", "FormAuto7", r"[A-Z][a-z]{3}[A-Z][a-z]{3}[0-9]"),
    ],
)
def test_a_pseudonym_has_the_shape_of_the_text(name: str, text: str, like: str) -> None:
    anonymizer = Anonymizer()
    anonymizer.collect(text, name)
    made = anonymizer.anonymize(text, name)
    assert re.fullmatch(like, made), made
    assert made != text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("status", "WAITING_FOR_RESOLUTION"),
        ("material_name", "Tough 2000 V2"),
        ("material_name", "Nylon 12 GF"),
        ("firmware_version", "1.15.2-2913"),
        ("form_auto_fw_version", "NONE"),
        ("form_auto_serial", "DISCONNECTED"),
        ("printernet_capabilities", "PROTOCOL_METHOD_PAUSE"),
        ("print_finished_at", "1969-12-31T19:00:00.001000-05:00"),
        ("first_fill_date", "2026-05-19"),
        ("detail", "Not found."),
        ("name", ""),
        ("name", "  "),
    ],
)
def test_a_harmless_text_of_a_known_field_stays(name: str, text: str) -> None:
    assert Anonymizer().anonymize(text, name) == text


def test_a_known_field_keeps_its_name_even_if_a_value_equals_it() -> None:
    row = {"username": "status", "status": "IDLE", "name": "volume_ml", "volume_ml": 1.5, "Ana7": 3}
    anonymizer = Anonymizer()
    anonymizer.collect([row, {"name": "Ana7"}])
    made = anonymizer.anonymize(row)
    assert list(made)[:4] == list(row)[:4]
    assert (made["status"], made["volume_ml"]) == ("IDLE", 1.5)
    assert "Ana7" not in made


def anonymized(value: Any, name: str = "") -> Any:
    anonymizer = Anonymizer()
    anonymizer.collect(value, name)
    return anonymizer.anonymize(value, name)


def test_numbers_of_known_fields_stay_and_ids_are_replaced_consistently() -> None:
    row = {"id": 77, "author": 77, "has_fleet_control_updated_by": 78, "layer_count": 77}
    made = anonymized({**row, "is_admin": True, "volume_ml": 1e3, "group": None})
    assert made["id"] == made["author"] not in (77, made["has_fleet_control_updated_by"])
    assert (made["layer_count"], made["volume_ml"], made["is_admin"]) == (77, 1000.0, True)


@pytest.mark.parametrize("number", [4915112345678, -77, 52.520008, 1.5e300, 2.5e-7, 1e22])
@pytest.mark.parametrize("name", ["phone", "serial", "latitude", "note", "id"])
def test_a_number_of_an_unknown_field_is_replaced(name: str, number: float) -> None:
    made = list(anonymized({name: number, "x": [number]}).values())
    assert made[0] == made[1][0] != number
    assert type(made[0]) is type(number)


@pytest.mark.parametrize("name", ["layer_count", "page", "count", "elapsed_duration_ms"])
def test_number_larger_than_a_known_field_has_is_replaced(name: str) -> None:
    for telephone in (491511234567, -491511234567, 491511234567.5):
        assert Anonymizer().anonymize({name: telephone})[name] != telephone


def test_text_of_300_000_characters_is_replaced_by_one_of_its_length() -> None:
    text = "secret " * 43_000
    made = Anonymizer().anonymize({"name": text})["name"]
    assert len(made) == len(text)
    assert "secret" not in made[:700]


@pytest.mark.parametrize("number", [0, 1, -1, True, False, 0.0])
def test_a_flag_of_an_unknown_field_stays(number: float) -> None:
    assert list(anonymized({"is_something": number}).values()) == [number]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *[(name, "KOWALCZYK") for name in ("status", "type", "tank_type", "material", "action")],
        *[(name, "Kowalczyk") for name in ("printer_capabilities", "camera_status", "detail")],
        ("machine_type_id", "ACME-1-0"),
        ("firmware_version", "0151-23456789"),
        ("mechanical_version", "4711"),
        ("content-type", "application/kowalczyk"),
        ("printernet_capabilities", "PROTOCOL_METHOD_KOWALCZYK"),
        ("created_at", "Kowalczyk 2026"),
    ],
)
def test_an_unknown_word_is_replaced_even_in_a_known_field(name: str, text: str) -> None:
    made = anonymized(text, name)
    assert made != text
    assert "kowalczyk" not in made.lower()


def test_a_key_that_is_not_a_known_field_is_replaced_everywhere() -> None:
    row = {"AnnaKowalczyk": {"is_admin": True}, "members": {"a-kowalczyk": 5}}
    made = anonymized([row, {"name": "AnnaKowalczyk"}])
    assert "kowalczyk" not in json.dumps(made).lower()
    assert made[1]["name"] in made[0]
    assert shape(next(iter(made[0].values()))) == {"is_admin": "bool"}


def test_no_pseudonym_is_the_name_of_a_known_field() -> None:
    made = anonymized({f"{a}{b}": 5 for a in "abcdefgh" for b in "abcdefgh"})
    assert len(made) == 64
    assert "id" not in made


# Failures while recording


def test_error_responses_are_recorded(caller: Caller, sandbox: Sandbox) -> None:
    name = "kowalczykowska"  # too long to occur in a pseudonym by chance
    sandbox.faults.add("/events/", status=403, body={"detail": f"Not for {name}@labs.example!"})
    sandbox.faults.add("/tanks/", status=502, body=f"<html>{name}'s proxy</html>")
    sandbox.faults.add("/groups/", status=429, headers={"Retry-After": "3600"})
    with client_of(sandbox) as client:
        recording = recorder.record(client)
    by_path = {each["path"][13:]: each for each in recording["answers"]}
    assert by_path["/events/"]["status"] == 403
    assert list(by_path["/events/"]["body"]) == ["detail"]
    assert by_path["/tanks/"] == {
        "method": "GET",
        "template": "/tanks/",
        "path": "/developer/v1/tanks/",
        "query": {"page": "1", "per_page": "100"},
        "status": 502,
        "headers": {"content-type": "text/html; charset=utf-8"},
        "body": None,
        "no_json_but_bytes": 35,
    }
    assert by_path["/groups/"]["headers"]["retry-after"] == "3600"
    assert name not in json.dumps(recording).lower()


@pytest.mark.parametrize("depth", [101, 5_000, 100_000])
def test_a_body_that_is_nested_too_deeply_is_recorded_by_its_size(
    sandbox: Sandbox, depth: int
) -> None:
    body = "[" * depth + "]" * depth
    headers = {"Content-Type": "application/json"}
    sandbox.faults.add("/events/", status=200, body=body, headers=headers)
    with client_of(sandbox) as client:
        recording = recorder.record(client, prints=1, events=1)
    (events,) = [each for each in recording["answers"] if each["template"] == "/events/"]
    assert (events["body"], events["no_json_but_bytes"]) == (None, 2 * depth)


def test_a_listing_with_ever_new_rows_is_recorded_up_to_a_bound(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "_MAX_PAGES", 7)
    for number in range(20):
        body = {"count": 9, "next": "https://x.example/", "results": [{"serial": f"x{number}"}]}
        sandbox.faults.add("/tanks/", status=200, body=body, times=1)
        sandbox.faults.add("/prints/", status=200, body={**body, "results": []}, times=1)
    with client_of(sandbox) as client:
        recorder.record(client, events=1)
    assert len(sandbox.requests_to("/tanks/")) == 7
    assert len(sandbox.requests_to("/prints/")) == 1


def test_recording_stops_reading_a_listing_that_repeats_rows(sandbox: Sandbox) -> None:
    body = {"count": 9, "next": "https://api.example.com/x/?page=2", "results": [{"serial": "x"}]}
    sandbox.faults.add("/tanks/", status=200, body=body)
    with client_of(sandbox) as client:
        recorder.record(client, prints=1, events=1)
    assert len(sandbox.requests_to("/tanks/")) == 2


def test_refused_credentials_and_a_broken_connection_raise(sandbox: Sandbox) -> None:
    configuration = Configuration(host=sandbox.url, access_token="wrong", retries=False)
    with ApiClient(configuration) as client, pytest.raises(UnauthorizedException):
        recorder.record(client)
    sandbox.faults.add("/tanks/", reset=True)
    with client_of(sandbox) as client, pytest.raises(ApiConnectionException):
        recorder.record(client)


def test_a_recording_is_saved_completely_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "fleet.json"
    recorder.save({"answers": ["é"]}, path)
    assert json.loads(path.read_text("utf-8")) == {"answers": ["é"]}
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(TypeError):
        recorder.save({"answers": {1, 2}}, path)
    assert json.loads(path.read_text("utf-8")) == {"answers": ["é"]}
    assert os.listdir(tmp_path) == ["fleet.json"]


# A sandbox loaded from a recording


def test_loaded_sandbox_serves_the_recorded_responses(
    loaded: Caller, recorded: Dict[str, Any]
) -> None:
    assert without_pictures(loaded.get("/printers/")) == without_pictures(
        bodies(recorded, "/printers/")[0]
    )
    for path in ("/prints/", "/tanks/", "/cartridges/", "/events/"):
        rows = [row for body in bodies(recorded, path) for row in body["results"]]
        got: List[Any] = []
        for number in range(1, -(-len(rows) // 100) + 1):
            page = loaded.get(f"{path}?per_page=100&page={number}")
            assert page["count"] == len(rows)
            got += page["results"]
        assert by_key(without_pictures(got)) == by_key(without_pictures(rows))
    groups = loaded.get("/groups/")
    assert groups == bodies(recorded, "/groups/")[0]
    for group in groups:
        queue = f"/groups/{group['id']}/queue/"
        assert [loaded.get(queue)] == bodies(recorded, queue)


def without_pictures(value: Any) -> Any:
    """Return the value without the addresses that the sandbox signs again."""
    text = json.dumps(value)
    names = ("https://recorded.example.com/", "http://127.0.0.1", "http://pictures.example.com/")
    strings = [one for one in texts(value) if one.startswith(names)]
    for one in strings:
        text = text.replace(json.dumps(one), '"picture"')
    return json.loads(text)


def by_key(rows: List[Any]) -> List[Tuple[str, Any]]:
    keys = ("guid", "id", "serial")
    return sorted((str(next(row[key] for key in keys if key in row)), row) for row in rows)


def test_a_loaded_sandbox_is_queried_and_changed_like_any_other(loaded: Caller) -> None:
    finished = loaded.get("/prints/?status=FINISHED&per_page=1")
    assert finished["count"] > 100
    run = finished["results"][0]
    named = loaded.get(f"/prints/?name={run['name'][:6]}&printer={run['printer']}")
    assert run["guid"] in [row["guid"] for row in named["results"]]
    picture = loaded.pool.request("GET", run["print_thumbnail"]["thumbnail"])
    assert picture.status == 200
    group = loaded.get("/groups/")[0]
    changed = loaded("PATCH", f"/groups/{group['id']}/", {"name": "Renamed"})
    assert changed.status == 200
    assert json.loads(changed.data) == {**group, "name": "Renamed"}
    assert loaded("POST", "/groups/", {"name": "Another"}).status == 201


def test_a_loaded_fleet_continues_and_keeps_its_shapes(loaded: Caller) -> None:
    before = loaded.get("/printers/")
    prints = loaded.get("/prints/")["count"]
    run = next(
        row["printer_status"]["current_print_run"]
        for row in before
        if row["printer_status"]["status"] == "PRINTING"
    )
    loaded.sandbox.advance(minutes=20)
    after = {
        (row["printer_status"]["current_print_run"] or {}).get("guid"): row
        for row in loaded.get("/printers/")
    }[run["guid"]]
    now = after["printer_status"]["current_print_run"]
    assert now["currently_printing_layer"] > run["currently_printing_layer"]
    assert now == {
        **now,
        **{name: run[name] for name in ("name", "user", "print_job", "created_at")},
    }
    loaded.sandbox.advance(days=10)
    loaded.headers["Authorization"] = f"Bearer {loaded.token()}"
    rows = loaded.get("/printers/")
    assert [list(row) for row in rows] == [list(row) for row in before]
    assert [row["serial"] for row in rows] == [row["serial"] for row in before]
    assert loaded.get("/prints/")["count"] > prints + 50
    (over,) = [
        row
        for number in range(1, 6)
        for row in loaded.get(f"/prints/?per_page=100&page={number}")["results"]
        if row["guid"] == run["guid"]
    ]
    assert over["status"] == "FINISHED"
    loaded.sandbox.reset()
    loaded.headers["Authorization"] = f"Bearer {loaded.token()}"
    assert without_pictures(loaded.get("/printers/")) == without_pictures(before)


def test_a_recording_of_a_loaded_sandbox_has_the_same_shapes(
    loaded: Caller, recorded: Dict[str, Any]
) -> None:
    with client_of(loaded.sandbox) as client:
        again = recorder.record(client)
    assert sorted(each["template"] for each in again["answers"]) == sorted(
        each["template"] for each in recorded["answers"]
    )
    for first, second in zip(recorded["answers"], again["answers"]):
        assert shape(by_name(second)) == shape(by_name(first))


def by_name(answer: Dict[str, Any]) -> Any:
    """Return a body with its rows in an order that does not depend on names and ids."""
    body = answer["body"]
    if answer["template"] == "/events/":
        return len(body["results"])
    return body


def recording_of(path: Path, *answers: Tuple[str, Any]) -> Path:
    document = {
        "format": recorder.FORMAT,
        "version": recorder.VERSION,
        "recorded_at": NOW.isoformat(),
        "answers": [
            {"path": "/developer/v1" + each, "status": 200, "body": body} for each, body in answers
        ],
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(), inner)),
    max_leaves=6,
)


def rows_of_a_fleet() -> Dict[str, List[Any]]:
    fleet = build_fleet(1, from_datetime(NOW), printers=8, prints=16)
    write = Rows(from_datetime(NOW), "http://pictures.example.com/{}".format)
    members = fleet.users[:5]
    return {
        "printers": [write.printer(printer) for printer in fleet.printers],
        "prints": [write.print_(run) for run in fleet.prints],
        "tanks": [write.tank(tank) for tank in fleet.tanks],
        "cartridges": [write.cartridge(cartridge) for cartridge in fleet.cartridges],
        "events": [write.event(event) for event in fleet.events],
        "groups": [write.group(fleet.groups[0], members, [fleet.printers[0].serial])],
    }


def listed(value: Any) -> List[Any]:
    return value if isinstance(value, list) else []


ROWS = rows_of_a_fleet()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_recording_can_be_loaded_and_continued(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Any value may be missing or replaced by another one."""
    lists: Any = copy.deepcopy(ROWS)
    for _ in range(data.draw(st.integers(1, 25))):
        name = data.draw(st.sampled_from(sorted(lists)))
        inside, key = lists, name
        while isinstance(inside[key], (dict, list)) and inside[key] and data.draw(st.booleans()):
            inside = inside[key]
            keys = sorted(inside) if isinstance(inside, dict) else range(len(inside))
            key = data.draw(st.sampled_from(keys))
        inside[key] = data.draw(json_values)
    path = tmp_path_factory.getbasetemp() / "odd.json"
    recording_of(path, *((f"/{name}/", rows) for name, rows in lists.items()))
    sandbox = Sandbox(load=path, speed=0)
    rows = Rows(sandbox.world.clock(), "http://pictures.example.com/{}".format)
    recorded_rows = [row for row in listed(lists["printers"]) if isinstance(row, dict)]
    serials = [row.get("serial") for row in recorded_rows]
    if len({serial for serial in serials if isinstance(serial, str) and serial}) == len(serials):
        now = [rows.printer(printer) for printer in sandbox.world.printers.values()]
        assert without_pictures(now) == without_pictures(recorded_rows)
    sandbox.advance(days=3)


def test_undocumented_rows_are_served_verbatim(tmp_path: Path) -> None:
    printer = {
        "serial": "NovelNarwhal",
        "machine_type_id": "FORM-9-9",
        "printer_status": {"status": "DREAMING", "current_print_run": None, "mood": ["calm"]},
        "cartridge_status": ["04a1b2c3d4e501", None],
        "tank_status": None,
        "invented": {"a": [1, 2.5, "b"]},
    }
    run = {"guid": "g-1", "printer": "GoneGibbon", "material": "FLZZZZ99", "print_thumbnail": None}
    path = recording_of(tmp_path / "odd.json", ("/printers/", [printer]), ("/prints/", [run]))
    with Sandbox(load=path, speed=0) as sandbox:
        caller = Caller(sandbox)
        assert caller.get("/printers/") == [printer]
        assert caller.get("/prints/")["results"] == [run]
        assert caller.get("/prints/?material=FLZZZZ99")["count"] == 1
        sandbox.advance(days=30)
        caller.headers["Authorization"] = f"Bearer {caller.token()}"
        (row,) = caller.get("/printers/")
        assert list(row) == list(printer)
        assert row["invented"] == printer["invented"]
        assert caller.get("/prints/")["count"] > 1
        caller.pool.clear()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("not JSON", "it is not JSON"),
        ("[]", "its format is not"),
        ('{"format": "something else"}', "its format is not"),
        (
            '{"format": "formlabs_web_api recording", "version": 2}',
            "version 2 of the format, this sandbox reads 1",
        ),
        ('{"format": "formlabs_web_api recording", "version": 1}', "no valid recorded_at"),
    ],
)
def test_a_file_that_is_not_a_recording_is_refused(
    tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "fleet.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=message) as raised:
        Sandbox(load=path)
    assert str(path) in str(raised.value)
    with pytest.raises(FileNotFoundError):
        Sandbox(load=tmp_path / "none.json")
