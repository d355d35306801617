"""Files that are written completely or not at all, and files opened without following links."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, BinaryIO, Generator, Optional, TextIO, Union

Path = Union[str, "os.PathLike[str]"]

_NO_FOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
_FLAGS: int = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | _NO_FOLLOW


@contextmanager
def replacement(
    path: Path, mode: Optional[int] = None, fsync: bool = False
) -> Generator[str, None, None]:
    """Yield the path of an empty draft, which replaces a file at the end.

    The draft lies in the same folder, under a random name, so that no link can wait there. It is
    removed after an exception. A symbolic link is replaced, not followed.

    Args:
        path: The file to create or replace.
        mode: Permissions of the new file, in force from its first byte on; if omitted, those of the
            replaced file, or the default.
        fsync: True to force the data to the disk before the file is replaced.

    Raises:
        OSError: The file cannot be written.
    """
    target = os.path.abspath(path)
    draft = os.path.join(os.path.dirname(target), f".{secrets.token_hex(8)}.part")
    permissions = _permissions(target) if mode is None else mode
    created = 0o666 if permissions is None else permissions | stat.S_IWUSR
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _FLAGS, created))
    try:
        yield draft
        if permissions is not None:
            os.chmod(draft, permissions)
        if fsync:
            _fsync(draft)
        os.replace(draft, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)
        raise


@contextmanager
def atomic_write(
    path: Path, mode: Optional[int] = None, fsync: bool = False
) -> Generator[BinaryIO, None, None]:
    """Write a file completely or not at all; arguments and errors as of :func:`replacement`."""
    with replacement(path, mode, fsync) as draft, open(draft, "wb") as file:
        yield file


@contextmanager
def atomic_write_text(
    path: Path, mode: Optional[int] = None, fsync: bool = False
) -> Generator[TextIO, None, None]:
    """Write a UTF-8 text file, which a user named, completely or not at all.

    Line ends are written as given. A link is followed, since the user chose it; a pipe or a device
    is written to directly. Otherwise as :func:`replacement`.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        with open(path, "w", encoding="utf-8", newline="") as file:
            yield file
        return
    target = os.path.realpath(path)
    draft_of_target = replacement(target, mode, fsync)
    with draft_of_target as draft, open(draft, "w", encoding="utf-8", newline="") as file:
        yield file


def open_no_follow(path: Path, flags: int, mode: int = 0o600) -> int:
    """Open a regular file that is not a symbolic link, and return its descriptor.

    Somebody who may write into the folder could otherwise lead the file elsewhere.

    Args:
        path: The file.
        flags: As for :func:`os.open`, such as ``os.O_RDWR | os.O_CREAT``.
        mode: Permissions of a file that is created.

    Raises:
        OSError: The file cannot be opened, is a symbolic link, or is not a regular file.
    """
    if not _NO_FOLLOW and os.path.islink(path):
        raise OSError(f"{os.fspath(path)} is a symbolic link")
    # Non-blocking: opening a FIFO would wait for its other end.
    descriptor = os.open(path, flags | _FLAGS | getattr(os, "O_NONBLOCK", 0), mode)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{os.fspath(path)} is not a regular file")
    return descriptor


def open_locked(path: Path, mode: int = 0o600) -> BinaryIO:
    """Open a file to read and write, create it if necessary, and lock it until it is closed.

    Raises:
        BlockingIOError: Another process has locked the file.
        OSError: As :func:`open_no_follow`.
    """
    while True:
        file = os.fdopen(open_no_follow(path, os.O_RDWR | os.O_CREAT, mode), "r+b")
        try:
            _lock(file)
            # The process that held the lock may have removed the file before it was locked here.
            if os.fstat(file.fileno()).st_nlink:
                return file
        except BaseException:
            file.close()
            raise
        file.close()


_LOCKED_BYTE = 1 << 40
"""Windows locks byte ranges, which others then cannot read: this one is beyond any content."""


def _lock(file: BinaryIO) -> None:
    try:
        fcntl: Any = import_module("fcntl")
    except ImportError:
        msvcrt: Any = import_module("msvcrt")
        file.seek(_LOCKED_BYTE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError(*error.args) from error
        file.seek(0)
        return
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def describe_unwritable(path: Path, error: OSError) -> str:
    """Return a sentence for a file that cannot be written, with the remedy."""
    reason = "it is a link" if os.path.islink(path) else error.strerror or str(error)
    return (
        f"{os.fspath(path)} cannot be written ({reason}); name a file in a folder that"
        " exists and where this user may write"
    )


def _permissions(target: str) -> Optional[int]:
    """Return the permissions of a regular file; None if it does not exist."""
    with suppress(OSError):
        status = os.lstat(target)
        if stat.S_ISREG(status.st_mode):
            return stat.S_IMODE(status.st_mode)
    return None


def _fsync(path: str) -> None:
    descriptor = os.open(path, os.O_RDWR | _FLAGS)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
