"""urllib3's log and frames of this client's requests, without what a query may hold.

urllib3 logs the target of each request at DEBUG, with the token or signature in its query, and
turns it into plain text that shows in tracebacks with local variables.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from typing import Any, Generator

from formlabs_web_api._util.secrets import REDACTED

_WIRE_PACKAGES = frozenset({"urllib3", "http", "ssl", "socket"})
_sending = threading.local()


class _QueryFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        # Lines about requests of other parts of the program stay as they are.
        if getattr(_sending, "is_ours", False) and isinstance(record.args, tuple):
            record.args = tuple(_without_query(arg) for arg in record.args)
        return True


@contextmanager
def hidden_queries() -> Generator[None, None, None]:
    """Redact queries in urllib3's log, and drop urllib3's frames from exceptions.

    The frames of a signal handler that raises within urllib3 stay.
    """
    before = getattr(_sending, "is_ours", False)
    _sending.is_ours = True
    try:
        yield
    except BaseException as error:
        _drop_wire_frames(error)
        raise
    finally:
        _sending.is_ours = before


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
