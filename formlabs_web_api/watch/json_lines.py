"""Append changes to a file, a line of JSON each."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import Optional

from formlabs_web_api._util.files import open_no_follow
from formlabs_web_api.watch.changes import Change
from formlabs_web_api.watch.sinks import DELIVERED, Delivery, DeliveryResult
from formlabs_web_api.watch.state import StatePath

_BEGINNING = b'{"kind":'
"""How each line begins; what is torn is recognized by it."""
_LONGEST_LINE = 65_536
"""Bytes at the end of the file in which the last line is looked for."""


class JsonLinesSink:
    """Appends each change to a file: one line, one write, on disk before it counts as delivered.

    A file that was moved away, by logrotate for example, is made again. A last line that was torn
    when the process was killed is removed; its change is written again.

    Args:
        path: The file; it is made if it is missing, for its owner only. Links are refused.
        name: Name in the state; the same in every run. None makes one of the path.

    Raises:
        OSError: the file cannot be opened.
    """

    def __init__(self, path: StatePath, *, name: Optional[str] = None) -> None:
        self._path = os.path.abspath(path)
        self._name = name or f"json {self._path}"
        self._file: Optional[int] = self._open()

    @property
    def name(self) -> str:
        """The name under which the state keeps the deliveries."""
        return self._name

    def deliver(self, change: Change) -> Delivery:
        """Append a change; see :meth:`Sink.deliver`."""
        line = json.dumps(change.to_dict(), separators=(",", ":")).encode() + b"\n"
        file = self._current()
        try:
            written = os.write(file, line)
            os.fsync(file)
        except OSError:
            self.close()  # the next one repairs what this one left
            raise
        if written < len(line):
            self.close()
            return Delivery(DeliveryResult.RETRY, f"{written} of {len(line)} bytes were written")
        return DELIVERED

    def close(self) -> None:
        """Close the file; the next delivery opens it again."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def _current(self) -> int:
        """Return the file that is at the path now."""
        if self._file is not None and not _is_at(self._path, self._file):
            self.close()
        if self._file is None:
            self._file = self._open()
        return self._file

    def _open(self) -> int:
        file = open_no_follow(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        try:
            _repair(file)
        except BaseException:
            os.close(file)
            raise
        return file


def _is_at(path: str, file: int) -> bool:
    with suppress(OSError):
        return os.path.samestat(os.stat(path), os.fstat(file))
    return False


def _repair(file: int) -> None:
    """Remove a torn change at the end of a file; terminate any other last line."""
    size = os.lseek(file, 0, os.SEEK_END)
    os.lseek(file, max(0, size - _LONGEST_LINE), os.SEEK_SET)
    last = os.read(file, _LONGEST_LINE).rpartition(b"\n")[2]
    if not last:
        return
    begins_as_change = last[: len(_BEGINNING)] == _BEGINNING[: len(last)]
    if begins_as_change and not _is_json(last):
        os.ftruncate(file, size - len(last))
    else:
        os.write(file, b"\n")


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
