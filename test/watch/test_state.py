"""The state of a watcher: files that are refused, and records after a restart."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, List

import pytest

from formlabs_web_api import ApiClient, Configuration
from formlabs_web_api.watch import WatchStateError
from formlabs_web_api.watch.records import (
    CartridgeRecord,
    FleetUpdate,
    PrinterRecord,
    Repeats,
    RunRecord,
)
from formlabs_web_api.watch.state import VERSION, State

POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")


def open_state(path: Path, account: str = "an account", **options: Any) -> State:
    return State(path, account, **options)


def test_records_are_equal_after_the_state_is_reopened(tmp_path: Path) -> None:
    update = FleetUpdate()
    update.printers["A"] = PrinterRecord("A", "1.0", True, slots={"": "c1"}, tank="t1")
    update.runs["g"] = RunRecord("g", "A", "PRINTING", 1.5, 2.5)
    update.runs["h"] = RunRecord("h", "A", "FINISHED", 1.5, 2.5, has_ended=True, rating="SUCCESS")
    update.cartridges["c1"] = CartridgeRecord("c1", True, False, 3.5)
    update.repeats["evt_x"] = Repeats(2, 1.5)
    update.times["polled"] = 4.5
    state = open_state(tmp_path / "state.db")
    with state.transaction() as database:
        state.store(database, update)
    state.close()
    state = open_state(tmp_path / "state.db")
    fleet = state.load()
    assert fleet.printers == update.printers
    assert fleet.runs == update.runs
    assert fleet.open_runs == {"g"}
    assert (fleet.cartridges, fleet.repeats, fleet.times) == (
        *(update.cartridges, update.repeats, update.times),
    )
    gone = FleetUpdate()
    gone.forgotten_runs.append("g")
    with state.transaction() as database:
        state.store(database, gone)
    assert state.load().runs.keys() == {"h"}
    state.close()


def test_a_second_watcher_is_refused_until_the_first_is_closed(tmp_path: Path) -> None:
    first = open_state(tmp_path / "state.db")
    with pytest.raises(WatchStateError, match="in use by another watcher"):
        open_state(tmp_path / "state.db")
    first.close()
    open_state(tmp_path / "state.db").close()


def test_a_second_process_is_refused_and_a_killed_one_leaves_no_lock(tmp_path: Path) -> None:
    path = str(tmp_path / "state.db")
    program = (
        "import sys; from formlabs_web_api.watch.state import State\n"
        "state = State(sys.argv[1], 'an account'); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(WatchStateError, match="in use by another watcher"):
            open_state(Path(path))
        open_state(Path(path), shared=True).close()  # as `watch log` does meanwhile
        other.kill()
        other.wait()
    open_state(Path(path)).close()


def test_the_state_of_another_account_is_refused(tmp_path: Path) -> None:
    open_state(tmp_path / "state.db", "one").close()
    with pytest.raises(WatchStateError, match=r"state of another account.*account="):
        open_state(tmp_path / "state.db", "two")
    open_state(tmp_path / "state.db", "one").close()


def test_state_belongs_to_the_client_id_unless_an_account_is_given(tmp_path: Path) -> None:
    def client(client_id: str) -> ApiClient:
        return ApiClient(
            Configuration(
                host="http://127.0.0.1:9", client_id=client_id, client_secret="not a secret"
            )
        )

    with client("former") as before, client("present") as after:
        before.watch(state=tmp_path / "state.db").close()
        with pytest.raises(WatchStateError, match="another account"):
            after.watch(state=tmp_path / "state.db")
        after.watch(state=tmp_path / "state.db", account="former").close()


def test_the_client_id_is_not_in_the_file(tmp_path: Path) -> None:
    open_state(tmp_path / "state.db", "a-client-id").close()
    assert b"a-client-id" not in (tmp_path / "state.db").read_bytes()


def test_state_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    open_state(tmp_path / "state.db").close()
    database = sqlite3.connect(tmp_path / "state.db")
    database.execute(f"PRAGMA user_version={VERSION + 1}")
    database.close()
    with pytest.raises(WatchStateError, match=r"newer version.*upgrade"):
        open_state(tmp_path / "state.db")


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "state.db")
    database.execute("CREATE TABLE orders (id)")
    database.close()
    content = (tmp_path / "state.db").read_bytes()
    with pytest.raises(WatchStateError, match="another program"):
        open_state(tmp_path / "state.db")
    assert (tmp_path / "state.db").read_bytes() == content


@pytest.mark.parametrize("content", [b'{"seen": {}}' * 99, b"SQLite format 3\0cut off"])
def test_a_file_that_is_not_a_database_is_refused_and_left_alone(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "state.db").write_bytes(content)
    with pytest.raises(WatchStateError, match="cannot be used as the state of a watcher"):
        open_state(tmp_path / "state.db")
    assert (tmp_path / "state.db").read_bytes() == content


def test_missing_folder_of_the_state_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WatchStateError, match=r"cannot be written \(No such file"):
        open_state(tmp_path / "none" / "state.db")


def test_folder_in_place_of_the_state_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "state.db").mkdir()
    with pytest.raises(WatchStateError, match="cannot be written"):
        open_state(tmp_path / "state.db")


@POSIX
@pytest.mark.parametrize("name", ["state.db", "state.db.lock"])
def test_symbolic_link_in_place_of_a_state_file_is_refused(tmp_path: Path, name: str) -> None:
    target = tmp_path / "target"
    (tmp_path / name).symlink_to(target)
    with pytest.raises(WatchStateError, match="is a link"):
        open_state(tmp_path / "state.db")
    assert not target.exists()


@POSIX
def test_only_the_owner_may_read_the_state_file(tmp_path: Path) -> None:
    former = os.umask(0)
    try:
        state = open_state(tmp_path / "state.db")
    finally:
        os.umask(former)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    state.close()
    assert set(modes) >= {"state.db", "state.db.lock"}
    assert set(modes.values()) == {0o600}


def test_failed_transaction_leaves_the_state_unchanged(tmp_path: Path) -> None:
    state = open_state(tmp_path / "state.db")
    update = FleetUpdate()
    update.times["polled"] = 1.0

    def store_and_fail() -> None:
        with state.transaction() as database:
            state.store(database, update)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store_and_fail()
    assert state.load().is_new
    state.close()


def test_shared_opening_of_a_missing_state_creates_no_file(tmp_path: Path) -> None:
    with pytest.raises(WatchStateError, match="does not exist"):
        open_state(tmp_path / "state.db", shared=True)
    assert not list(tmp_path.iterdir())


class Crash(BaseException):
    """Raised where the process is killed."""


class CrashingDatabase:
    """A connection that ends the process at its n-th statement."""

    def __init__(self, connection: sqlite3.Connection, statements: int) -> None:
        self._connection = connection
        self._left = statements

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, *arguments: Any) -> Any:
        return self._run(self._connection.execute, arguments)

    def executemany(self, *arguments: Any) -> Any:
        return self._run(self._connection.executemany, arguments)

    def _run(self, method: Callable[..., Any], arguments: Any) -> Any:
        if self._left == 0:
            raise Crash  # from now on: there is no rollback, and no commit, after a kill
        self._left -= 1
        return method(*arguments)


def test_crash_at_any_statement_of_a_poll_leaves_the_state_unchanged(tmp_path: Path) -> None:
    pytest.importorskip("uvicorn", reason="the extra sandbox is not installed")
    from test.watch.fleets import client_of, fleet_of

    def keys_of(client: ApiClient, path: Path) -> List[str]:
        with client.watch(state=path) as watcher:
            return [change.key for change in watcher.poll()]

    with fleet_of(printers=6) as sandbox, client_of(sandbox) as client:
        baseline = tmp_path / "baseline.db"
        keys_of(client, baseline)
        sandbox.advance(hours=5)
        shutil.copy(baseline, tmp_path / "undisturbed.db")
        expected = keys_of(client, tmp_path / "undisturbed.db")
        assert len(expected) > 5
        crashes = 0
        while True:
            path = tmp_path / f"{crashes}.db"
            shutil.copy(baseline, path)
            watcher: Any = client.watch(state=path)
            watcher._state._database = CrashingDatabase(watcher._state._database, crashes)
            try:
                watcher.poll()
            except Crash:
                crashes += 1
            else:
                break
            finally:
                watcher._close(acknowledge=False)
            assert keys_of(client, path) == expected
        assert crashes > 10
