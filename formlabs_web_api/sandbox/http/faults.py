"""What goes wrong on purpose: rules that say which requests fail, how, and how often."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from formlabs_web_api._util.json import is_mapping

API = "/developer/v1"

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t\x20-\x7e\xa0-\xff]*")
_BROKEN = ("reset", "cut", "stall", "garbage")
FAULT_PARTS = (
    *("path", "method", "times", "after", "latency", "status", "headers", "body"),
    *_BROKEN,
)
"""What :meth:`Faults.add` takes."""


@dataclass(frozen=True)
class Fault:
    """One rule; see :meth:`Faults.add`."""

    path: str
    method: Optional[str]
    times: Optional[int]
    after: int
    latency: float
    status: Optional[int]
    headers: Mapping[str, str]
    body: Any
    reset: bool
    cut: bool
    stall: bool
    garbage: bool

    def fits(self, method: str, path: str) -> bool:
        """Whether a request is of those it is for."""
        return fits(self.path, self.method, method, path)

    def answer(self) -> Tuple[int, Dict[str, str], bytes]:
        """Status, headers and body of the answer in place of the true one."""
        status = self.status or 200
        body, kind = self.body, "application/json"
        if body is None:
            body = {"detail": f"{_phrase(status)}."}
        if isinstance(body, (str, bytes)):
            kind = "text/html; charset=utf-8"
            content = body.encode() if isinstance(body, str) else body
        else:
            content = json.dumps(body).encode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        return status, {"content-type": kind, **headers}, content

    def described(self) -> Dict[str, Any]:
        """It as JSON, without what it says nothing about."""
        return {
            name: value.decode("utf-8", "replace") if isinstance(value, bytes) else value
            for name, value in asdict(self).items()
            if value not in (None, False, 0, {})
        }


class Faults:
    """The rules in force; the first one that fits a request, and has not run out, is followed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: List[Fault] = []
        self._met: List[int] = []

    def add(
        self,
        path: str = "*",
        method: Optional[str] = None,
        *,
        times: Optional[int] = None,
        after: int = 0,
        latency: float = 0.0,
        status: Optional[int] = None,
        headers: Optional[Mapping[str, str]] = None,
        body: Any = None,
        reset: bool = False,
        cut: bool = False,
        stall: bool = False,
        garbage: bool = False,
    ) -> Fault:
        """Let requests fail, or only take their time.

        Args:
            path: for which paths, with ``*`` for any text and ``?`` for any character; with the
                API's ``/developer/v1`` or without: ``/printers/*``. The query does not count.
            method: for which method; without it, for all.
            times: for how many requests; without it, for all.
            after: how many requests that fit are answered truly before.
            latency: seconds of real time to wait first.
            status: answer this instead of the truth, without doing what was asked.
            headers: of that answer, for instance ``{"Retry-After": "2"}``.
            body: of that answer: what JSON can say, or text or bytes to send as they are (as HTML,
                unless ``headers`` say otherwise). Without it, an object with a ``detail``.
            reset: close the connection at once, without an answer.
            cut: do what was asked, but send the answer only to the middle of its body.
            stall: do what was asked, send the answer to the middle of its body, and then nothing
                more, with the connection open.
            garbage: answer something that is no HTTP.

        Raises:
            ValueError: it would do nothing, or two things at once, or a value is out of range.
            TypeError: a value is of another type.
        """
        fault = Fault(
            path=_text("path", path),
            method=None if method is None else _text("method", method).upper(),
            times=None if times is None else _whole("times", times, 1),
            after=_whole("after", after, 0),
            latency=_seconds("latency", latency),
            status=None if status is None else _whole("status", status, 200, 599),
            headers=_texts("headers", headers or {}),
            body=body,
            **{
                name: _truth(name, value)
                for name, value in zip(_BROKEN, (reset, cut, stall, garbage))
            },
        )
        outcomes = [name for name in ("status", *_BROKEN) if getattr(fault, name)]
        if len(outcomes) > 1:
            raise ValueError(f"a fault does one thing, not {' and '.join(outcomes)}")
        if not outcomes and not fault.latency:
            raise ValueError(f"a fault needs latency, status, {', '.join(_BROKEN[:-1])} or garbage")
        if fault.status is None and (fault.headers or body is not None):
            raise ValueError("headers and body are those of an answer: give its status too")
        fault.answer()
        with self._lock:
            self._faults.append(fault)
            self._met.append(0)
        return fault

    def clear(self) -> None:
        """From now on nothing goes wrong."""
        with self._lock:
            self._faults, self._met = [], []

    def meet(self, method: str, path: str) -> Optional[Fault]:
        """The fault that a request meets; it is counted."""
        with self._lock:
            for index, fault in enumerate(self._faults):
                if not fault.fits(method, path):
                    continue
                met = self._met[index] - fault.after
                if fault.times is not None and met >= fault.times:
                    continue
                self._met[index] += 1
                if met >= 0:
                    return fault
        return None

    def __iter__(self) -> Iterator[Fault]:
        with self._lock:
            return iter(list(self._faults))

    def __len__(self) -> int:
        return len(self._faults)


def fits(pattern: str, wanted: Optional[str], method: str, path: str) -> bool:
    """Whether a request has a path that fits a pattern, and the method, if one is wanted."""
    if wanted is not None and wanted.upper() != method:
        return False
    if fnmatchcase(path, pattern):
        return True
    return path.startswith(API) and fnmatchcase(path[len(API) :], pattern)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Made up on purpose"


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text, not {value!r}")
    return value


def _truth(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be true or false, not {value!r}")
    return value


def _texts(name: str, value: Any) -> Dict[str, str]:
    if not is_mapping(value):
        raise TypeError(f"{name} must be names with texts, not {value!r}")
    texts = {_text(name, key): _text(name, text) for key, text in value.items()}
    for line in map(": ".join, texts.items()):
        if not _HEADER.fullmatch(line):
            raise ValueError(f"{line!r} is no header")
    return texts


def _whole(name: str, value: Any, least: int, most: Optional[int] = None) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be a whole number, not {value!r}")
    if value < least or (most is not None and value > most):
        limits = f"{least} or more" if most is None else f"{least} to {most}"
        raise ValueError(f"{name} must be {limits}, not {value}")
    return value


def _seconds(name: str, value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number of seconds, not {value!r}")
    if not 0 <= value < float("inf"):
        raise ValueError(f"{name} must be 0 seconds or more, not {value}")
    return value
