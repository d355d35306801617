"""A program in a pseudo-terminal: its output, and typed input."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
from typing import Dict, List

_ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[=>])")
_LONGEST = 60.0
"""Seconds a test waits for something before it fails."""


class Terminal:
    """A program that runs in a terminal of a given size."""

    def __init__(
        self, command: List[str], environment: Dict[str, str], columns: int, lines: int
    ) -> None:
        self._side, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.process = subprocess.Popen(
            command,
            stdin=other,
            stdout=other,
            stderr=other,
            env=environment,
            start_new_session=True,
        )
        os.close(other)
        self.raw = ""
        """All it has written, with escape sequences."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def text(self) -> str:
        """The output so far, without escape sequences."""
        return _ESCAPES.sub("", self.raw).replace("\r\n", "\n")

    def wait_for(self, text: str) -> None:
        """Read until the program has written a text."""
        while text not in self.text:
            assert self._read(), f"it ended without {text!r}: {self.text}"

    def type(self, keys: str) -> None:
        os.write(self._side, keys.encode())

    def end(self) -> int:
        """Read until the program ends; return its exit code."""
        while self._read():
            pass
        return self.process.wait(_LONGEST)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._side)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._side], [], [], _LONGEST)
        assert ready, f"it is silent: {self.text}"
        try:
            data = os.read(self._side, 65_536)
        except OSError:  # how Linux reports that the other side is closed
            return False
        self.raw += self._decoder.decode(data)
        return bool(data)
