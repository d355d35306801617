"""Rules that make requests fail on purpose: which requests, how, and how often."""

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
_WITHOUT_BODY = frozenset((204, 304))
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
        """Return True if the rule applies to a request."""
        return fits(self.path, self.method, method, path)

    @property
    def has_forbidden_body(self) -> bool:
        """True if HTTP allows no body with this status, and the rule has one all the same."""
        return self.status in _WITHOUT_BODY and self.body is not None

    def answer(self) -> Tuple[int, Dict[str, str], bytes]:
        """Return status, headers and body of the answer in place of the true one."""
        status = self.status or 200
        body, kind = self.body, "application/json"
        headers = {name.lower(): value for name, value in self.headers.items()}
        if body is None and status in _WITHOUT_BODY:
            return status, headers, b""
        if body is None:
            body = {"detail": f"{_phrase(status)}."}
        if isinstance(body, (str, bytes)):
            kind = "text/html; charset=utf-8"
            content = body.encode() if isinstance(body, str) else body
        else:
            try:
                content = json.dumps(body).encode()
            except RecursionError:
                raise ValueError("body is nested too deeply, or contains itself") from None
        return status, {"content-type": kind, **headers}, content

    def to_json(self) -> Dict[str, Any]:
        """Return the rule as a JSON object, without fields that have their default."""
        return {
            name: value.decode("utf-8", "replace") if isinstance(value, bytes) else value
            for name, value in asdict(self).items()
            if value not in (None, False, 0, {})
        }


class Faults:
    """The active rules; the first one that applies to a request and is not used up wins."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: List[Fault] = []
        self._matches: List[int] = []

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
        body: object = None,
        reset: bool = False,
        cut: bool = False,
        stall: bool = False,
        garbage: bool = False,
    ) -> Fault:
        """Make requests fail, or only take longer.

        Args:
            path: path of the requests, where ``*`` matches any text and ``?`` any character; with
                or without the API's ``/developer/v1``: ``/printers/*``. The query is ignored.
            method: HTTP method of the requests; any if omitted.
            times: number of requests that fail; all if omitted.
            after: number of matching requests that succeed before.
            latency: seconds of real time to wait first.
            status: answer with this status, without performing the operation.
            headers: headers of that answer, for instance ``{"Retry-After": "2"}``.
            body: body of that answer: a JSON value, or text or bytes that are sent unchanged (as
                HTML, unless ``headers`` has another ``Content-Type``). An object with a ``detail``
                if omitted. With status 204 or 304, which have no body in HTTP, it is sent all the
                same, as a broken gateway does, and the connection is closed.
            reset: reset the connection at once, without an answer.
            cut: perform the operation, but close the connection in the middle of the answer's body.
            stall: perform the operation, send half of the answer's body, and then nothing more,
                with the connection open.
            garbage: answer with bytes that are not HTTP.

        Raises:
            ValueError: the rule has no effect, or two, or a value is out of range.
            TypeError: a value has a wrong type.
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
            raise ValueError(f"a fault has one effect, not {' and '.join(outcomes)}")
        if not outcomes and not fault.latency:
            raise ValueError(f"a fault needs latency, status, {', '.join(_BROKEN[:-1])} or garbage")
        if fault.status is None and (fault.headers or body is not None):
            raise ValueError("headers and body belong to an answer: give its status, too")
        fault.answer()
        with self._lock:
            self._faults.append(fault)
            self._matches.append(0)
        return fault

    def clear(self) -> None:
        """Remove all rules."""
        with self._lock:
            self._faults, self._matches = [], []

    def match(self, method: str, path: str) -> Optional[Fault]:
        """Return the rule that a request has to follow, if any, and count the request."""
        with self._lock:
            for index, fault in enumerate(self._faults):
                if not fault.fits(method, path):
                    continue
                turn = self._matches[index] - fault.after
                if fault.times is not None and turn >= fault.times:
                    continue
                self._matches[index] += 1
                if turn >= 0:
                    return fault
        return None

    def __iter__(self) -> Iterator[Fault]:
        with self._lock:
            return iter(list(self._faults))

    def __len__(self) -> int:
        return len(self._faults)


def fits(pattern: str, wanted: Optional[str], method: str, path: str) -> bool:
    """Return True if a request's path matches a pattern, and its method the one wanted, if any."""
    if wanted is not None and wanted.upper() != method:
        return False
    if fnmatchcase(path, pattern):
        return True
    return path.startswith(API) and fnmatchcase(path[len(API) :], pattern)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Injected Fault"


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, not {value!r}")
    return value


def _truth(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be true or false, not {value!r}")
    return value


def _texts(name: str, value: Any) -> Dict[str, str]:
    if not is_mapping(value):
        raise TypeError(f"{name} must be an object of strings, not {value!r}")
    texts = {_text(name, key): _text(name, text) for key, text in value.items()}
    for line in map(": ".join, texts.items()):
        if not _HEADER.fullmatch(line):
            raise ValueError(f"{line!r} is not a valid header")
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
