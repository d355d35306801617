"""Commands show every row although fields have unexpected values.

The responses are those of the sandbox with one field after the other replaced.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any, Callable, Dict, Iterator, List, Tuple

import pytest

from formlabs_web_api.sandbox import Sandbox
from test.cli.conftest import Ran, Run
from test.cli.test_in_a_pipe import answer as true_answer
from test.support.loopback import Answer, Asked, Loopback

ABSENT = object()
UNEXPECTED_VALUES: Tuple[Any, ...] = (
    ABSENT,
    None,
    "",
    "text",
    "0001-01-01T00:00:00Z",
    -1,
    10**30,
    10**400,
    True,
    [],
    [None, "x"],
    {},
    {"name": ["x"], "id": 5},
)
"""Values that contradict the description of a field."""

Path = Tuple[Any, ...]


def paths_in(data: Any, *parents: Any) -> Iterator[Path]:
    """Yield the paths of all fields of an object, nested ones included."""
    inner = enumerate(data) if isinstance(data, list) else data.items()
    for name, value in inner:
        yield (*parents, name)
        if isinstance(value, (dict, list)):
            yield from paths_in(value, *parents, name)


def with_value(data: Any, path: Path, unexpected: Any) -> Any:
    """Return a copy in which one field has an unexpected value, or is absent."""
    result = deepcopy(data)
    *outer, last = path
    owner = result
    for name in outer:
        owner = owner[name]
    if unexpected is not ABSENT:
        owner[last] = unexpected
    elif isinstance(owner, dict):
        del owner[last]
    return result


def variants_of(data: Any) -> List[Any]:
    """Return copies of an object with each unexpected value in each field, and non-objects."""
    copies = [
        with_value(data, path, unexpected)
        for path in paths_in(data)
        for unexpected in UNEXPECTED_VALUES
    ]
    everywhere = [
        dict.fromkeys(data, unexpected) if unexpected is not ABSENT else {"undescribed": 1}
        for unexpected in UNEXPECTED_VALUES
    ]
    return [*copies, *everywhere, None, 7, "text", [], [None]]


def serve(service: Loopback, bodies: Dict[str, Any]) -> None:
    """Let a service respond with bodies, chosen by the end of the path."""

    def respond(asked: Asked) -> Answer:
        kind = {"Content-Type": "application/json"}
        if asked.path.endswith("/o/token/"):
            return Answer(200, {"access_token": "tok-of-a-test"}, kind)
        found = next((body for end, body in bodies.items() if asked.path.endswith(end)), None)
        is_there = found is not None
        return Answer(200 if is_there else 404, found if is_there else {"detail": "None."}, kind)

    service.answer = respond


def enveloped(rows: List[Any]) -> Dict[str, Any]:
    return {"count": len(rows), "next": None, "previous": None, "results": rows}


@pytest.fixture
def show(
    service: Loopback, bare_run: Run, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, Dict[str, Any]], Ran]:
    """Run a command against a service with these bodies, and return its output."""
    monkeypatch.setenv("FORMLABS_HOST", service.url)
    monkeypatch.setenv("FORMLABS_CLIENT_ID", "an-id-of-a-test")
    monkeypatch.setenv("FORMLABS_CLIENT_SECRET", "a-secret-of-a-test")

    def run(command: str, bodies: Dict[str, Any]) -> Ran:
        serve(service, bodies)
        ran = bare_run(*(word.replace("^", " ") for word in command.split()))
        assert ran.code == 0, ran.err
        assert "Traceback" not in ran.err
        return ran

    return run


VALID = "the good row"


@pytest.fixture
def printers(sandbox: Sandbox) -> List[Any]:
    """A printer that prints, with cartridge and tank; one with two cartridges; one for powder."""
    fleet = true_answer(sandbox, "/printers/")
    by_name = {one["serial"]: one for one in fleet}
    printing = by_name["Form4-TidyWombat"]
    powder = by_name["RobustSalmon"]
    powder["printer_status"]["hopper_material"] = "FLP12G01"
    powder["printer_status"]["current_temperature"] = 170.5
    two = by_name["Form4L-PatientPuffin"]
    for one in (printing, two, powder):
        one["previous_print_run"] = None  # shown nowhere
    for one in (two, powder):
        one["printer_status"]["current_print_run"] = None  # the first one has one
    return [printing, two, powder]


@pytest.mark.parametrize("command", ["status", "printers"])
def test_printers_with_unexpected_values_hide_no_other_row(
    command: str, printers: List[Any], show: Callable[[str, Dict[str, Any]], Ran]
) -> None:
    valid_row = {**printers[0], "alias": VALID, "serial": VALID}
    rows = [variant for one in printers for variant in variants_of(one)]
    assert VALID in show(command, {"/printers/": [*rows, valid_row]}).out


@pytest.mark.parametrize("command", ["status --json", "doctor", "prints --printer x"])
def test_printers_with_unexpected_values_do_not_break_other_commands(
    command: str, printers: List[Any], show: Callable[[str, Dict[str, Any]], Ran]
) -> None:
    rows = variants_of(dict.fromkeys(printers[0]))
    ran = show(command, {"/printers/": rows, "/prints/": enveloped([{}])})
    if "json" in command:
        assert len(json.loads(ran.out)) == len(rows)


@pytest.mark.parametrize("kind", range(3))
def test_printer_with_unexpected_values_can_be_shown(
    kind: int, printers: List[Any], show: Callable[[str, Dict[str, Any]], Ran]
) -> None:
    data = printers[kind]
    leaves = [path for path in paths_in(data) if not isinstance(_at(data, path), (dict, list))]
    inner = [path for path in paths_in(data) if path not in leaves]
    for shift in range(len(UNEXPECTED_VALUES)):
        variant = data
        for number, path in enumerate(leaves):
            unexpected = UNEXPECTED_VALUES[(number + shift) % len(UNEXPECTED_VALUES)]
            variant = with_value(variant, path, unexpected)
        assert "State" in show("printer any", {"/printers/any/": variant}).out
    for path in inner:
        for unexpected in UNEXPECTED_VALUES:
            variant = with_value(data, path, unexpected)
            assert "State" in show("printer any", {"/printers/any/": variant}).out


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("prints --all", "/prints/"),
        ("events --all", "/events/"),
        ("tanks", "/tanks/"),
        ("cartridges", "/cartridges/"),
    ],
)
@pytest.mark.parametrize("more", ["", " --json", " --utc"])
def test_rows_with_unexpected_values_hide_no_other_row(
    command: str,
    path: str,
    more: str,
    sandbox: Sandbox,
    show: Callable[[str, Dict[str, Any]], Ran],
) -> None:
    first = true_answer(sandbox, f"{path}?per_page=1")["results"][0]
    valid_row = {**first, "guid": VALID, "id": -7, "serial": VALID, "name": VALID, "message": VALID}
    rows = [*variants_of(first), valid_row]
    ran = show(command + more, {path: enveloped(rows)})
    assert VALID in ran.out
    if more == " --json":
        assert json.loads(ran.out)[-1] == valid_row


@pytest.mark.parametrize("what", ["prints", "events", "printers", "tanks", "cartridges", "groups"])
def test_rows_with_unexpected_values_are_exported(
    what: str, sandbox: Sandbox, show: Callable[[str, Dict[str, Any]], Ran]
) -> None:
    found = true_answer(sandbox, f"/{what}/")
    first = (found["results"] if isinstance(found, dict) else found)[0]
    valid_row = {**first, "guid": VALID, "serial": VALID, "name": VALID, "message": VALID}
    rows = [*variants_of(first), valid_row]
    assert VALID in show(f"export {what} --format jsonl", {f"/{what}/": enveloped(rows)}).out


def test_groups_with_unexpected_values_hide_no_other_group(
    sandbox: Sandbox, show: Callable[[str, Dict[str, Any]], Ran]
) -> None:
    (first, *_) = true_answer(sandbox, "/groups/")
    valid_row = {**first, "name": VALID, "id": "an-id"}
    rows = [*variants_of(first), valid_row]
    assert VALID in show("groups list", {"/groups/": rows}).out
    queue = [{"name": "a print"}]
    shown = show("groups queue the^good^row", {"/groups/": rows, "/groups/an-id/queue/": queue})
    assert "a print" in shown.out


def test_queue_with_unexpected_values_is_listed_completely(
    sandbox: Sandbox, show: Callable[[str, Dict[str, Any]], Ran]
) -> None:
    (group, *_) = true_answer(sandbox, "/groups/")
    first = true_answer(sandbox, f"/groups/{group['id']}/queue/")[0]
    rows = [*variants_of(first), {**first, "name": VALID}]
    bodies = {"/groups/": [{**group, "id": "an-id", "name": "x"}], "/groups/an-id/queue/": rows}
    assert VALID in show("groups queue x", bodies).out


@pytest.mark.parametrize("field", ["printers", "memberships", "name"])
@pytest.mark.parametrize("unexpected", [None, 5, "text", [None], {}], ids=repr)
def test_group_with_unexpected_values_can_be_deleted_and_renamed(
    field: str, unexpected: Any, sandbox: Sandbox, show: Callable[[str, Dict[str, Any]], Ran]
) -> None:
    (group, *_) = true_answer(sandbox, "/groups/")
    bodies = {"/groups/": [{**group, "id": "an-id", field: unexpected}], "/groups/an-id/": group}
    show("groups rename an-id new", bodies)
    show("groups delete an-id --yes", bodies)


def _at(data: Any, path: Path) -> Any:
    for name in path:
        data = data[name]
    return data
