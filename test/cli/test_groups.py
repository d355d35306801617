"""``groups``: the changes that the service receives."""

from __future__ import annotations

import json

import pytest

from formlabs_web_api.sandbox import Sandbox
from test.cli.conftest import Run

WORKSHOP = "Prototype Workshop"


def groups(run: Run) -> dict[str, dict[str, object]]:
    return {one["name"]: one for one in json.loads(run("groups", "list", "--json").out)}


def test_group_is_created_renamed_and_deleted(run_own: Run) -> None:
    made = run_own("groups", "create", "Night shift")
    assert (made.code, made.err) == (0, "")
    assert groups(run_own)["Night shift"]["id"] == made.out.strip()
    renamed = run_own("groups", "rename", "night SHIFT", "Day shift")
    assert (renamed.out, renamed.err) == ("", '"Night shift" is now "Day shift".\n')
    assert "Day shift" in groups(run_own)
    deleted = run_own("groups", "delete", made.out.strip(), "--yes")
    assert (deleted.code, deleted.err) == (0, '"Day shift" is deleted.\n')
    assert "Day shift" not in groups(run_own)


def test_group_name_that_exists_is_refused_with_the_id_of_the_group(run_own: Run) -> None:
    before = groups(run_own)
    ran = run_own("groups", "create", WORKSHOP.upper())
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f'Error: a group "{WORKSHOP.upper()}" exists already: {before[WORKSHOP]["id"]}\n'
    )
    assert groups(run_own) == before
    ran = run_own("groups", "create", "")
    assert (ran.code, ran.err) == (2, "Error: name: it must not be empty\n")


def test_json_of_a_change_is_the_response_or_null(run_own: Run) -> None:
    moved = run_own("groups", "add-printers", WORKSHOP, "SnugTapir", "--json")
    removed = run_own("groups", "remove", WORKSHOP, "jonas_b@example.com", "--yes", "--json")
    deleted = run_own("groups", "delete", WORKSHOP, "--yes", "--json")
    for ran in (moved, removed, deleted):
        assert (ran.code, ran.out, ran.err) == (0, "null\n", "")


def test_program_options_may_follow_the_groups_command(run: Run) -> None:
    assert run("groups", "--json", "list").out == run("groups", "list", "--json").out
    assert run("groups", "--sandbox", "list").code == 0
    assert run("export", "--quiet", "groups").code == 0
    assert run("token", "--config", "no-such.ini", "get").code == 2


def test_members_are_invited_promoted_and_removed(run_own: Run) -> None:
    invited = run_own(
        "groups", "invite", WORKSHOP, "dana@example.com", "eli@example.com", "--admin"
    )
    assert invited.code == 0
    assert invited.err.count("is invited to") == 2
    invitations = groups(run_own)[WORKSHOP]["invitations"]
    assert {"email": "dana@example.com", "is_admin": True} in invitations  # type: ignore[operator]
    promoted = run_own("groups", "promote", WORKSHOP, "jonas_b@example.com", "--json")
    assert json.loads(promoted.out)["is_admin"] is True
    removed = run_own("groups", "remove", WORKSHOP, "jonas_b@example.com", "-y", "-q")
    assert (removed.code, removed.out, removed.err) == (0, "", "")
    assert "jonas_b@example.com" not in json.dumps(groups(run_own)[WORKSHOP])


def test_failed_invitation_does_not_stop_the_others(run_own: Run) -> None:
    ran = run_own("groups", "invite", WORKSHOP, "no address", "dana@example.com")
    assert ran.code == 1
    assert "Error: no address: 400 " in ran.err
    assert ran.err.endswith("Error: 1 of 2 could not be invited\n")
    assert "dana@example.com" in json.dumps(groups(run_own)[WORKSHOP])


def test_printers_are_moved_by_their_names_in_tables(run_own: Run) -> None:
    run_own("groups", "create", "Night shift")
    moved = run_own("groups", "add-printers", "Night shift", "snugtapir", "TidyWombat")
    assert moved.err == 'SnugTapir, Form4-TidyWombat moved to "Night shift".\n'
    assert groups(run_own)["Night shift"]["printers"] == ["Form4-TidyWombat", "SnugTapir"]


@pytest.mark.parametrize(
    "command", [["delete", WORKSHOP], ["remove", WORKSHOP, "jonas_b@example.com"]]
)
def test_group_is_not_deleted_without_a_terminal_or_yes(
    command: list[str], run_own: Run, own_sandbox: Sandbox
) -> None:
    ran = run_own("groups", *command, stdin="y\n")
    assert ran.code == 2
    assert ran.err.endswith("? Standard input is not a terminal; --yes confirms\n")
    assert ran.err.startswith("Error: ")
    assert ran.err.count("\n") == 1
    assert not [one for one in own_sandbox.requests if one.method == "DELETE"]


def test_error_for_an_unknown_group_lists_the_existing_groups(run: Run) -> None:
    ran = run("groups", "queue", "Workshop")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f'Error: no printer group "Workshop" (did you mean {WORKSHOP}?)\n'
    assert "there are Model Foundry, Prototype Workshop" in run("groups", "queue", "xyz").err


def test_ambiguous_group_name_is_refused(run_own: Run) -> None:
    first = run_own("groups", "create", "Twins").out.strip()
    second = run_own("groups", "create", "Other").out.strip()
    run_own("groups", "rename", second, "Twins")
    ids = {first, second}
    ran = run_own("groups", "delete", "Twins", "--yes")
    assert ran.code == 1
    assert all(one in ran.err for one in ids)
    assert run_own("groups", "delete", ids.pop(), "--yes").code == 0
