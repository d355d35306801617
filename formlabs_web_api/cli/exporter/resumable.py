"""A file that is written in steps under another name, and can be continued after a kill.

While ``prints.csv`` is written, ``prints.csv.part`` contains the rows so far and
``prints.csv.part.json`` the number of valid bytes and the parameters of the export. The second file
is replaced atomically after each page, so that an export can be continued at any time.
"""

from __future__ import annotations

import json
import os
import shutil
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Callable, Dict, Optional

from formlabs_web_api._util.files import atomic_write_text, open_no_follow, replacement
from formlabs_web_api.cli.failures import Failure

MAX_AGE = timedelta(hours=6)
"""Age up to which an interrupted file is continued; older rows are out of date."""


class Resumable:
    """The file that contains the rows until the export is complete.

    Args:
        target: The file to create.
        asked: The parameters of the export; a file with other parameters is not continued.
        now: The present.
        fresh: True to start again in any case.

    Raises:
        Failure: Another process is writing the file.
        OSError: The file cannot be written.
    """

    def __init__(self, target: Path, asked: Dict[str, Any], now: datetime, fresh: bool) -> None:
        asked = json.loads(json.dumps(asked))  # in the types of a file that is read again
        self.target = target
        self.part = target.with_name(f"{target.name}.part")
        self._state_path = target.with_name(f"{target.name}.part.json")
        self._file = _open_alone(self.part)
        self.state: Dict[str, Any] = {"asked": asked, "started": now.isoformat(), "bytes": 0}
        """Data about the rows so far; :meth:`keep` stores it."""
        self.goes_on = False
        """True if there are rows of an earlier run."""
        before = None if fresh else self._state_before()
        if before is not None and before["asked"] == asked and self._is_recent(now):
            self.state = before
            self.goes_on = True
        self._file.truncate(self.state["bytes"])
        self._file.seek(0, os.SEEK_END)

    def append(self, text: str) -> None:
        """Write rows; they become valid with the next :meth:`keep`."""
        self._file.write(text.encode("utf-8", "replace"))

    def keep(self, **state: Any) -> None:
        """Store the state, so that the next run continues after the rows written so far."""
        self._file.flush()
        self.state.update(state, bytes=self._file.tell())
        with atomic_write_text(self._state_path) as file:
            json.dump(self.state, file)

    def finish(self, make: Optional[Callable[[Path, Path], None]] = None) -> None:
        """Replace the target by the complete file.

        If that fails, for example because another program has opened the target on Windows, the
        rows are kept for the next run.

        Args:
            make: ``make(rows, target)`` writes the target from the rows; None uses the rows as they
                are.
        """
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if make is not None:
            with replacement(self.target) as made:
                make(self.part, Path(made))
        else:
            if self.target.exists():
                shutil.copymode(self.target, self.part)
            self.part.replace(self.target)
        self.remove()

    def remove(self) -> None:
        """Close and remove all files but the target."""
        self._file.close()
        for path in (self._state_path, self.part):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file; a next run can continue it."""
        self._file.close()

    def _state_before(self) -> Optional[Dict[str, Any]]:
        try:
            handle = open_no_follow(self._state_path, os.O_RDONLY)
            with os.fdopen(handle, encoding="utf-8") as file:
                state: Dict[str, Any] = json.load(file)
        except (OSError, ValueError):
            return None
        is_whole = self.part.stat().st_size >= state["bytes"]
        return state if is_whole else None

    def _is_recent(self, now: datetime) -> bool:
        age = now.timestamp() - self._state_path.stat().st_mtime
        return age < MAX_AGE.total_seconds()


def _open_alone(path: Path) -> BinaryIO:
    """Open a file to write to, and lock it against other exports.

    Raises:
        Failure: Another export holds the lock.
    """
    handle = open_no_follow(path, os.O_RDWR | os.O_CREAT, 0o666)
    file = os.fdopen(handle, "r+b")
    try:
        _lock(file)
    except OSError:
        file.close()
        raise Failure(f"{path}: another export is writing it") from None
    return file


_LOCKED_BYTE = 1 << 40
"""Windows locks byte ranges, which others then cannot read: this one is beyond any content."""


def _lock(file: BinaryIO) -> None:
    """Lock a file until it is closed.

    Raises:
        OSError: Another process has locked the file.
    """
    try:
        fcntl: Any = import_module("fcntl")
    except ImportError:
        msvcrt: Any = import_module("msvcrt")
        file.seek(_LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        return
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
