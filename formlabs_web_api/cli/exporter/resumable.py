"""A file that is written in steps under another name, and can be continued after a kill.

While ``prints.csv`` is written, ``prints.csv.part`` contains the rows so far and
``prints.csv.part.json`` the number of valid bytes and the parameters of the export. The second file
is replaced atomically after each page, so that an export can be continued at any time.
"""

from __future__ import annotations

import json
import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any, Callable, Dict, Optional

from formlabs_web_api._util.files import atomic_write_text, open_locked, open_no_follow, replacement
from formlabs_web_api.cli.failures import Failure


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

    def __init__(self, target: Path, asked: Dict[str, object], now: datetime, fresh: bool) -> None:
        asked = json.loads(json.dumps(asked))  # in the types of a file that is read again
        self.target = target
        self.part = target.with_name(f"{target.name}.part")
        self._state_path = target.with_name(f"{target.name}.part.json")
        try:
            self._file = open_locked(self.part, 0o666)
        except BlockingIOError:
            raise Failure(f"{self.part}: another export is writing it") from None
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

    def keep(self, **state: object) -> None:
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
        from formlabs_web_api.paging import MAX_RESUME_AGE

        age = now.timestamp() - self._state_path.stat().st_mtime
        return age < MAX_RESUME_AGE.total_seconds()
