"""Files are written completely or not at all, and never through a symbolic link."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from formlabs_web_api._util.files import atomic_write, atomic_write_text, open_no_follow

posix = pytest.mark.skipif(os.name != "posix", reason="permissions and links of POSIX")


def test_file_is_replaced_at_the_end_only(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(b"old")
    with atomic_write(path, fsync=True) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    with pytest.raises(TypeError), atomic_write(path) as file:
        file.write("not bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["data"]


@posix
def test_atomic_write_sets_keeps_or_defaults_permissions(tmp_path: Path) -> None:
    def mode(name: str) -> int:
        return stat.S_IMODE((tmp_path / name).stat().st_mode)

    (tmp_path / "plain").write_bytes(b"")
    for name, given in (("given", 0o640), ("default", None), ("given", None)):
        with atomic_write(tmp_path / name, mode=given):
            pass
    assert mode("given") == 0o640
    assert mode("default") == mode("plain")


@posix
def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"precious")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with atomic_write(tmp_path / "link") as file:
        file.write(b"new")
    assert (tmp_path / "elsewhere").read_bytes() == b"precious"
    assert not (tmp_path / "link").is_symlink()


@posix
def test_a_link_a_folder_and_a_fifo_are_not_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "fifo")
    for name in ("link", "dangling", "fifo", "."):
        with pytest.raises(OSError, match=name.strip(".") or "directory"):
            open_no_follow(tmp_path / name, os.O_RDWR | os.O_CREAT)
    assert not (tmp_path / "nothing").exists()
    os.close(open_no_follow(tmp_path / "file", os.O_RDWR))
    os.close(open_no_follow(tmp_path / "new", os.O_RDWR | os.O_CREAT))
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600


def test_temporary_file_is_removed_after_an_exception_or_ctrl_c(tmp_path: Path) -> None:
    def interrupt() -> None:
        with atomic_write_text(tmp_path / "a.csv") as file:
            file.write("new")
            raise KeyboardInterrupt

    (tmp_path / "a.csv").write_text("old")
    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert (tmp_path / "a.csv").read_text() == "old"
    assert os.listdir(tmp_path) == ["a.csv"]


def test_text_is_utf_8_with_line_ends_as_given(tmp_path: Path) -> None:
    with atomic_write_text(tmp_path / "a.csv") as file:
        file.write("ä\r\n")
    assert (tmp_path / "a.csv").read_bytes() == "ä\r\n".encode()


@posix
def test_a_private_file_is_private_from_its_first_byte(tmp_path: Path) -> None:
    with atomic_write_text(tmp_path / "secret", mode=0o600):
        (draft,) = tmp_path.iterdir()
        assert stat.S_IMODE(draft.stat().st_mode) == 0o600


@posix
def test_file_named_by_a_link_is_written_at_the_links_target(
    tmp_path: Path,
) -> None:
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with atomic_write_text(tmp_path / "link") as file:
        file.write("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"


@posix
def test_a_device_is_written_to_directly() -> None:
    with atomic_write_text(os.devnull) as file:
        file.write("x")
    assert not os.path.isfile(os.devnull)
