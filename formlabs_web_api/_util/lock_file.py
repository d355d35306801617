"""A lock on a file that the end of its process releases, however the process ends."""

from __future__ import annotations

import os
import sqlite3

from formlabs_web_api._util.files import open_no_follow


class LockTakenError(OSError):
    """Another process, or another object of this one, holds the lock."""


class LockFile:
    """A lock that is held until :meth:`release`.

    It is a transaction of SQLite on a file of its own: one beside the file that it guards, whose
    owner may open and close that one. A forked child does not keep it.

    Args:
        path: The file; created for this user alone if it does not exist.

    Raises:
        LockTakenError: The lock is held already.
        OSError: The file cannot be opened for writing, is a symbolic link, or cannot be locked.
    """

    def __init__(self, path: str) -> None:
        os.close(open_no_follow(path, os.O_RDWR | os.O_CREAT))
        self._holder = sqlite3.connect(
            path, timeout=0.0, isolation_level=None, check_same_thread=False
        )
        try:
            self._holder.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            self._holder.close()
            is_taken = "locked" in str(error)
            raise (LockTakenError if is_taken else OSError)(f"{path}: {error}") from None

    def release(self) -> None:
        """Release the lock; releasing twice does no harm."""
        self._holder.close()
