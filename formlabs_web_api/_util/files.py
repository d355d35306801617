"""Files that are written completely or not at all, and files opened without following links."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import contextmanager, suppress
from typing import BinaryIO, Generator, Optional, Union

Path = Union[str, "os.PathLike[str]"]

_NO_FOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
_FLAGS: int = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | _NO_FOLLOW


@contextmanager
def atomic_write(
    path: Path, mode: Optional[int] = None, fsync: bool = False
) -> Generator[BinaryIO, None, None]:
    """Write a file completely or not at all; a file that is there is replaced at the end.

    The draft lies in the same folder, under a random name, and is removed after an exception. A
    symbolic link is replaced, not followed.

    Args:
        path: the file to write.
        mode: permissions of the new file; if omitted, those of the replaced file, or the default.
        fsync: whether to force the data to the disk before the file is replaced.

    Raises:
        OSError: the file cannot be written.
    """
    target = os.path.abspath(path)
    draft = f"{target}.{secrets.token_hex(8)}.part"
    permissions = _permissions(target) if mode is None else mode
    created = 0o666 if permissions is None else permissions
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _FLAGS, created)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            if fsync:
                file.flush()
                os.fsync(file.fileno())
        if permissions is not None:
            os.chmod(draft, permissions)
        os.replace(draft, target)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(draft)
        raise


def open_no_follow(path: Path, flags: int, mode: int = 0o600) -> int:
    """Open a regular file that is not a symbolic link, and return its descriptor.

    Somebody who may write into the folder could otherwise lead the file elsewhere.

    Args:
        path: the file.
        flags: as for :func:`os.open`, such as ``os.O_RDWR | os.O_CREAT``.
        mode: permissions of a file that is created.

    Raises:
        OSError: the file cannot be opened, is a symbolic link, or is no regular file.
    """
    if not _NO_FOLLOW and os.path.islink(path):
        raise OSError(f"{os.fspath(path)} is a symbolic link")
    # Non-blocking: opening a FIFO would wait for its other end.
    descriptor = os.open(path, flags | _FLAGS | getattr(os, "O_NONBLOCK", 0), mode)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{os.fspath(path)} is not a regular file")
    return descriptor


def _permissions(target: str) -> Optional[int]:
    """Return the permissions of a regular file; None where there is none."""
    with suppress(OSError):
        status = os.lstat(target)
        if stat.S_ISREG(status.st_mode):
            return stat.S_IMODE(status.st_mode)
    return None
