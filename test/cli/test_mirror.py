"""``sync``, and commands that read a mirror with ``--from``."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any, Dict, List

import pytest

from formlabs_web_api.cli.commands import watch
from formlabs_web_api.sandbox import Sandbox
from test.cli.conftest import Run

pytest.importorskip("sqlalchemy")
pytest.importorskip("alembic")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/fleet.db"


def rows(text: str) -> List[Dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_sync_writes_the_counts_of_changes_in_each_table(run: Run, url: str) -> None:
    ran = run("sync", url)
    assert ran.code == 0
    assert "print_runs: 400 new\n" in ran.out
    assert "0 changed, 0 unchanged, 0 deleted" in ran.err
    again = run("sync", url, "--json", "--only", "tanks,cartridges")
    assert json.loads(again.out)["tables"]["tanks"]["new"] == 0


def test_sync_verify_exits_with_1_if_a_row_differs(run: Run, url: str, tmp_path: Path) -> None:
    import sqlite3

    assert run("sync", url, "--verify").code == 0
    connection = sqlite3.connect(tmp_path / "fleet.db")
    connection.execute("DELETE FROM groups")
    connection.commit()
    connection.close()
    ran = run("sync", url, "--only", "tanks", "--verify")
    assert ran.code == 1
    assert "missing in the mirror" in ran.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "moons"], "'moons' cannot be mirrored; name printers, tanks"),
        (["--every", "5m", "--full"], "leave out --full and --verify"),
        (["--every", "soon"], "is not a duration"),
    ],
)
def test_invalid_sync_option_is_refused(
    arguments: List[str], message: str, run: Run, url: str
) -> None:
    ran = run("sync", url, *arguments)
    assert ran.code == 2
    assert message in ran.err


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("fleet.db", "malformed"),
        ("mysql://host/x", "mysql"),
        ("sqlite:////no/where.db", "no/where"),
    ],
)
def test_error_names_an_unusable_mirror_address(address: str, message: str, run: Run) -> None:
    ran = run("sync", address, "--only", "tanks")
    assert ran.code == 1
    assert message in ran.err


def test_sync_every_repeats_until_it_is_stopped(
    run: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: List[float] = []

    def pause(stop: Any, seconds: float) -> bool:
        pauses.append(seconds)
        return len(pauses) == 3

    monkeypatch.setattr(watch.StopRequest, "pause", pause)
    ran = run("sync", url, "--every", "5m", "--only", "tanks", "--json")
    assert ran.code == 0
    assert len(ran.out.splitlines()) == 3
    assert all(0 < seconds <= 300 for seconds in pauses)


def test_export_from_a_mirror_has_the_rows_of_the_service(
    run: Run, url: str, sandbox: Sandbox
) -> None:
    run("sync", url)
    for key, arguments in (
        ("guid", ["prints"]),
        ("guid", ["prints", "--status", "finished", "--printer", "snugtapir", "--since", "60d"]),
        ("guid", ["prints", "--outcome", "success", "--model", "form 4", "--name", "a"]),
        ("id", ["events", "--printer", "snugtapir", "--until", "2026-05-20"]),
        ("serial", ["tanks"]),
        ("serial", ["cartridges"]),
        ("id", ["groups"]),
    ):
        service = rows(run("export", *arguments).out)
        sandbox.forget_requests()
        mirrored = rows(run("export", *arguments, "--from", url).out)
        assert not sandbox.requests
        assert sorted(row[key] for row in mirrored) == sorted(row[key] for row in service)
        assert mirrored, arguments
        assert list(mirrored[0]) == list(service[0])


def test_report_from_a_mirror_needs_no_service(
    run: Run, url: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib")
    run("sync", url)
    sandbox.forget_requests()
    target = tmp_path / "usage.json"
    ran = run("report", "usage", "--from", url, "-o", str(target), "--zone", "UTC")
    assert ran.code == 0, ran.err
    assert not sandbox.requests
    assert json.loads(target.read_text(encoding="utf-8"))


def test_error_names_a_missing_mirror_file(run: Run, url: str) -> None:
    ran = run("export", "prints", "--from", url)
    assert ran.code == 1
    assert "does not exist; run sync first" in ran.err
