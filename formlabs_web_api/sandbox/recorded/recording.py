"""Parse a recording file into the rows of each listing."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, Dict, List, Union

from formlabs_web_api._util.json import is_array, is_nested_deeper, is_object
from formlabs_web_api._util.recording_format import FORMAT, MAX_DEPTH, VERSION
from formlabs_web_api.sandbox.http.rows import Row
from formlabs_web_api.sandbox.instants import Instant, read

_PATH = re.compile(r"/developer/v1/(?:printers/[^/]+/)?(\w+)/|/developer/v1/groups/([^/]+)/queue/")


class Recording:
    """The rows of each listing, unchanged; queues by the id of their group."""

    def __init__(self, at: Instant) -> None:
        self.at = at
        self.printers: List[Row] = []
        self.prints: List[Row] = []
        self.tanks: List[Row] = []
        self.cartridges: List[Row] = []
        self.events: List[Row] = []
        self.groups: List[Row] = []
        self.queues: Dict[str, List[Row]] = {}


def read_recording(path: Union[str, os.PathLike[str]]) -> Recording:
    """Parse a recording file.

    Raises:
        OSError: the file cannot be read.
        ValueError: the file is not a recording, or has another version of the format.
    """
    try:
        document: Any = json.loads(Path(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise ValueError(f"{os.fspath(path)} is not a recording: it is not JSON") from None
    if is_nested_deeper(document, MAX_DEPTH):
        raise ValueError(f"{os.fspath(path)} is not a recording: it is nested too deeply")
    if not is_object(document) or document.get("format") != FORMAT:
        raise ValueError(f"{os.fspath(path)} is not a recording: its format is not {FORMAT!r}")
    if document.get("version") != VERSION:
        raise ValueError(
            f"{os.fspath(path)} has version {document.get('version')} of the format,"
            f" this sandbox reads {VERSION}"
        )
    try:
        recording = Recording(read(str(document.get("recorded_at"))))
    except ValueError:
        raise ValueError(f"{os.fspath(path)} has no valid recorded_at") from None
    seen: Dict[str, Any] = {}
    answers = document.get("answers")
    for answer in filter(is_object, answers if is_array(answers) else ()):
        where = _PATH.fullmatch(str(answer.get("path")))
        if where is None or answer.get("status") != 200:
            continue
        kind, group_id = where.groups()
        rows = _rows(answer.get("body"))
        if group_id is not None:
            recording.queues[group_id] = rows
        elif isinstance(getattr(recording, kind, None), list):
            mine: List[Row] = getattr(recording, kind)
            # A listing is recorded in pages, and in each shape that it has.
            mine.extend(row for row in rows if seen.setdefault(_key(kind, row), row) is row)
    return recording


def _rows(body: Any) -> List[Row]:
    rows = body.get("results") if is_object(body) else body
    return list(filter(is_object, rows)) if is_array(rows) else []


def _key(kind: str, row: Row) -> str:
    names = {"prints": "guid", "events": "id", "groups": "id"}
    key = row.get(names.get(kind, "serial"))
    return f"{kind} {id(row) if key is None else json.dumps(key)}"
