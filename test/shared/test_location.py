"""Which files may hold shared state, and how a file that may not is refused."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from formlabs_web_api._util.secrets import HiddenText
from formlabs_web_api.shared import location
from formlabs_web_api.shared.location import account_key, default_file, prepare_file, sqlite_file
from formlabs_web_api.shared.store import SharedStateError

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")


@posix
def test_new_file_can_be_read_by_its_user_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        prepare_file(tmp_path / "state")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o600


@posix
def test_permissions_of_an_existing_file_are_narrowed(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.touch(mode=0o644)
    path.chmod(0o644)
    prepare_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SharedStateError, match=r"folder .*missing does not exist"):
        prepare_file(tmp_path / "missing" / "state")


@posix
def test_symbolic_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").symlink_to(tmp_path / "other")
    with pytest.raises(SharedStateError, match="symbolic link"):
        prepare_file(tmp_path / "state")
    assert not (tmp_path / "other").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs chown")
def test_file_of_another_user_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.touch()
    os.chown(path, 1, 1)
    with pytest.raises(SharedStateError, match="belongs to another user"):
        prepare_file(path)


def test_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SharedStateError, match=r"cannot be written|not a regular file"):
        prepare_file(tmp_path)


def test_file_on_a_read_only_file_system_is_refused_with_the_other_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "open", refuse)
    wrong = r"state cannot be written \(Read-only file system\); name a file in a folder"
    with pytest.raises(SharedStateError, match=wrong):
        prepare_file(tmp_path / "state")


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_network_file_system_is_refused_with_the_other_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(location, "_file_system", lambda folder: kind)
    with pytest.raises(SharedStateError, match=rf"network file system \({kind}\).*redis://"):
        prepare_file(tmp_path / "state")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///state.sqlite3", "state.sqlite3"),
        ("sqlite:////var/lib/state.sqlite3", "/var/lib/state.sqlite3"),
        ("sqlite:///with%20blank", "with blank"),
    ],
)
def test_sqlite_address_names_a_file(url: str, path: str) -> None:
    assert sqlite_file(url) == Path(path)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite://host/x", "sqlite:///x?y=1"])
def test_sqlite_address_without_a_file_is_refused(url: str) -> None:
    with pytest.raises(SharedStateError, match="names no file") as caught:
        sqlite_file(HiddenText(url))
    assert url in str(caught.value)


def test_default_file_differs_by_host_and_account_and_hides_the_client_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    names = {
        default_file(account_key(host, account)).name
        for host in ("api.formlabs.com", "127.0.0.1:1")
        for account in ("my-client-id", "other")
    }
    assert len(names) == 4
    assert not any("my-client-id" in name for name in names)
