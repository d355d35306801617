"""urllib3's log and frames of this client's requests, without what a query may hold.

urllib3 logs the target of each request at DEBUG, with the token or signature in its query, and
turns it into plain text that shows in tracebacks with local variables.
"""

from __future__ import annotations

import logging
import threading
from typing import Any, Optional

from formlabs_web_api._util.secrets import REDACTED

_WIRE_PACKAGES = frozenset({"urllib3", "http", "ssl", "socket"})


class _Sending(threading.local):
    is_ours = False


_sending = _Sending()


class _QueryFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        # Lines about requests of other parts of the program stay as they are.
        if _sending.is_ours and isinstance(record.args, tuple):
            record.args = tuple(_without_query(arg) for arg in record.args)
        return True


class HiddenQueries:
    """Redacts queries in urllib3's log, and drops urllib3's frames from exceptions.

    The frames of a signal handler that raises within urllib3 stay.
    """

    __slots__ = ("_before",)

    def __enter__(self) -> None:
        self._before = _sending.is_ours
        _sending.is_ours = True

    def __exit__(self, kind: object, error: Optional[BaseException], traceback: object) -> None:
        _sending.is_ours = self._before
        if error is not None:
            _drop_wire_frames(error)


def _without_query(arg: object) -> object:
    if isinstance(arg, str) and "?" in arg:
        return f"{arg.partition('?')[0]}?{REDACTED}"
    return arg


def _drop_wire_frames(error: BaseException) -> None:
    last: Any = error.__traceback__  # the frame above, which is kept
    while last is not None:
        following = last.tb_next
        while following is not None and _is_of_wire(following):
            following = following.tb_next
        last.tb_next = following
        last = following


def _is_of_wire(entry: Any) -> bool:
    module: str = entry.tb_frame.f_globals.get("__name__", "")
    return module.partition(".")[0] in _WIRE_PACKAGES


logging.getLogger("urllib3.connectionpool").addFilter(_QueryFilter())
