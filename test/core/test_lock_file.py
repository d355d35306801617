"""A lock on a file is held by one, and released by the end of its process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from formlabs_web_api._util.lock_file import LockFile, LockTakenError

_HOLDER = """
import sys
from formlabs_web_api._util.lock_file import LockFile
lock = LockFile(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


def test_held_lock_is_refused_until_it_is_released(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    lock = LockFile(path)
    with pytest.raises(LockTakenError):
        LockFile(path)
    lock.release()
    lock.release()
    LockFile(path).release()


def test_killed_process_releases_its_lock(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    command = [sys.executable, "-c", _HOLDER, path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        with pytest.raises(LockTakenError):
            LockFile(path)
        holder.kill()
    LockFile(path).release()


def test_file_that_cannot_be_locked_is_not_taken_for_a_held_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text("not a database, but long enough to be one" * 40, encoding="utf-8")
    with pytest.raises(OSError, match="not a database") as caught:
        LockFile(str(path))
    assert not isinstance(caught.value, LockTakenError)


@pytest.mark.skipif(os.name == "nt", reason="permissions are not those of POSIX")
def test_lock_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    LockFile(str(path)).release()
    assert path.stat().st_mode & 0o077 == 0
