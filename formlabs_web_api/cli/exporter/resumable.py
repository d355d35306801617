"""A file that is written bit by bit under another name, and goes on where it was killed.

Beside ``prints.csv`` there are, while it is written, ``prints.csv.part`` with the rows so far and
``prints.csv.part.json``, which says how many bytes of it count and what they are. The second is
replaced in one go after each page, so that at any moment both together are good to go on from.
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

GOES_ON_WITHIN = timedelta(hours=6)
"""For so long an interrupted file can be continued; then what it has is too old to be added to."""


class Resumable:
    """The file that rows are written to until it is whole.

    Args:
        target: The file that is wanted.
        asked: What is asked for; a file begun for anything else is not continued.
        now: The present.
        fresh: Whether to start again in any case.

    Raises:
        Failure: another process is writing it.
        OSError: it cannot be written.
    """

    def __init__(self, target: Path, asked: Dict[str, Any], now: datetime, fresh: bool) -> None:
        asked = json.loads(json.dumps(asked))  # as it will be read again
        self.target = target
        self.part = target.with_name(f"{target.name}.part")
        self._state_path = target.with_name(f"{target.name}.part.json")
        self._file = _open_alone(self.part)
        self.state: Dict[str, Any] = {"asked": asked, "started": now.isoformat(), "bytes": 0}
        """What is known of the rows so far; kept with them by :meth:`keep`."""
        self.goes_on = False
        """Whether there are rows of an earlier run."""
        before = None if fresh else self._state_before()
        if before is not None and before["asked"] == asked and self._is_recent(now):
            self.state = before
            self.goes_on = True
        self._file.truncate(self.state["bytes"])
        self._file.seek(0, os.SEEK_END)

    def append(self, text: str) -> None:
        """Write rows; they count from the next :meth:`keep` on."""
        self._file.write(text.encode("utf-8", "replace"))

    def keep(self, **state: Any) -> None:
        """Make what was written so far what a next run would go on from."""
        self._file.flush()
        self.state.update(state, bytes=self._file.tell())
        with atomic_write_text(self._state_path) as file:
            json.dump(self.state, file)

    def finish(self, make: Optional[Callable[[Path, Path], None]] = None) -> None:
        """Put the complete file in its place.

        If that fails, because another program holds the target open on Windows for example, the
        rows stay for the next run.

        Args:
            make: ``make(rows, target)`` writes the target from the rows; None: the rows are it.
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
        """Leave nothing of it."""
        self._file.close()
        for path in (self._state_path, self.part):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Leave it for a next run, or what :meth:`remove` left."""
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
        return age < GOES_ON_WITHIN.total_seconds()


def _open_alone(path: Path) -> BinaryIO:
    """Open a file to write to, and lock it against other exports.

    Raises:
        Failure: another export holds the lock.
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
"""Windows locks ranges of bytes, and nobody else may read them: this one is beyond any content."""


def _lock(file: BinaryIO) -> None:
    """Lock a file until it is closed.

    Raises:
        OSError: another process has locked it.
    """
    try:
        fcntl: Any = import_module("fcntl")
    except ImportError:
        msvcrt: Any = import_module("msvcrt")
        file.seek(_LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        return
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
